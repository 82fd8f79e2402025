/* VGG-16, Inception v3, DenseNet-121 and ResNets against torchvision's numbers, NASNet-A mobile against those of an independent
 * implementation (make_networks.py): logits, loss and the gradient by every parameter, with fused and, but for the slowest,
 * single operators. */
#include "support/parity.h"

enum { CLASSES = 3 };

/* As NETWORKS in make_networks.py. */
static const struct {
    const char *key, *backbone;
    int64_t size, batch;
    bool aux, norms, single; /* norms: batch norms see the batch in training; single: with single operators too */
} networks[] = {
    {"resnet18", "resnet18", 64, 8, false, true, true},
    {"resnet50", "resnet50", 64, 8, false, true, true},
    {"vgg16", "vgg16", 32, 2, false, true, false},
    {"inception_v3", "inception_v3", 75, 8, false, false, true},
    {"inception_v3 aux", "inception_v3", 299, 2, true, false, false},
    {"nasnet_mobile", "nasnet_mobile", 75, 4, false, true, true},
    {"densenet121", "densenet121", 64, 4, false, false, true},
};
enum { NETWORKS = sizeof networks / sizeof networks[0], INCEPTION = 3 };

static gr_model_options options_of(int which)
{
    return (gr_model_options){.backbone = networks[which].backbone,
                              .head = "linear",
                              .size = networks[which].size,
                              .channels = 3,
                              .classes = CLASSES,
                              .aux = networks[which].aux};
}

static test_subject make_subject(int which, bool norms)
{
    gr_model_options options = options_of(which);
    return test_parity_subject(networks[which].key, &options, &(gr_loss_options){0}, norms);
}

/* Training comes last, since it moves running statistics. */
static bool network_agrees(int which)
{
    bool norms = networks[which].norms, single = networks[which].single;
    test_subject s = make_subject(which, norms);
    bool good = test_parity_inference(&s, true);
    if (single)
        good = test_parity_inference(&s, false) && good;
    good = test_parity_training(&s, networks[which].batch, norms, true) && good;
    if (single)
        good = test_parity_training(&s, networks[which].batch, norms, false) && good;
    test_parity_subject_free(&s);
    return good;
}

static void networks_give_the_references_logits_and_gradients(void **state)
{
    (void)state;
    bool good = true;
    for (int i = 0; i < NETWORKS; i++)
        good = network_agrees(i) && good;
    assert_true(good);
}

static void inceptions_batch_norms_see_the_batch(void **state)
{
    (void)state;
    int64_t batch = networks[INCEPTION].batch;
    test_subject s = make_subject(INCEPTION, true);
    gr_plan *plan = test_parity_plan(&s, batch, true, true, NULL, 0);
    assert_true(test_parity_loss(&s, plan, batch, "batch_loss"));
    gr_plan_destroy(plan);
    test_parity_subject_free(&s);
}

/* Against keras.applications itself (make_keras_applications.py). */
static void xception_gives_keras_logits_and_gradients(void **state)
{
    gr_weights *const torchvisions = test_parity_swap(test_parity_open("tests/parity/keras/applications.safetensors"));
    (void)state;
    gr_model_options options = {.backbone = "xception", .head = "linear", .size = 71, .channels = 3, .classes = CLASSES};
    test_subject s = test_parity_subject("xception", &options, &(gr_loss_options){0}, false);
    bool good = test_parity_inference(&s, true);
    good = test_parity_inference(&s, false) && good;
    good = test_parity_training(&s, 2, false, true) && good;
    good = test_parity_training(&s, 2, false, false) && good;
    test_parity_subject_free(&s);
    gr_weights_destroy(test_parity_swap(torchvisions));
    assert_true(good);
}

static int read_reference(void **state)
{
    (void)state;
    return test_parity_begin("tests/parity/networks.safetensors");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_give_the_references_logits_and_gradients),
        cmocka_unit_test(xception_gives_keras_logits_and_gradients),
        cmocka_unit_test(inceptions_batch_norms_see_the_batch),
    };
    return cmocka_run_group_tests_name("parity of large networks", tests, read_reference, test_parity_end);
}
