/* Files of Keras in, Keras's logits out: the layers and logits of make_keras_models.py and, from keras.applications itself,
 * make_keras_applications.py. Weights are made here under Keras's
 * names and in its layouts, as gr_weights_read gives them; tests/unit/test_keras.c is about files. */
#include "support/keras_layers.h"
#include "support/parity.h"

#include <stdio.h>
#include <string.h>

#include "base/base.h"

enum { BATCH = 2 };

static char *listing, *applications, *names2;
static gr_weights *application_logits;

static void hear(void *ctx, const char *sentence)
{
    gr_text_printf(ctx, "%s\n", sentence);
}

/* Translates and imports; what was said is in *said. */
static void load(const keras_network *n, const gr_model *model, gr_params *params, gr_weights *keras, gr_text *said)
{
    gr_error err = {0};
    gr_weights *ours;
    gr_model_options options = keras_options(n);
    if (gr_weights_from_keras(&options, model, keras, &ours, hear, said, &err) != GR_OK)
        fail_msg("%s: %s", n->name, err.text);
    if (gr_model_import(model, params, ours, hear, said, &err) != GR_OK)
        fail_msg("%s: %s", n->name, err.text);
    gr_weights_destroy(ours);
}

/* The network's logits of two images, from weights in its names, are the reference's `result`. */
static bool gives_logits(keras_network n, const gr_weights *reference, const char *result, const char *head, bool old)
{
    gr_model_options options = keras_options(&n);
    options.head = head;
    gr_model *model = test_parity_model(&options);
    const gr_value *keep[] = {model->logits};
    test_run run = test_compile(model->graph, NULL, keep, 1, BATCH, true);
    gr_text said = {0};
    gr_weights *keras = keras_weights(&n, old, KERAS_FILLED);
    load(&n, model, run.params, keras, &said);
    gr_weights_destroy(keras);
    if (strstr(said.data, "not in the file") != NULL || strstr(said.data, "left out") != NULL ||
        strstr(said.data, "of another shape") != NULL)
        fail_msg("%s: %s", n.name, said.data);
    test_fill(gr_plan_data(run.plan, model->image), (int64_t)BATCH * n.size * n.size * 3, 1, 1.0f);
    gr_plan_refresh(run.plan);
    gr_plan_forward(run.plan, 0, 0);
    const gr_tensor *want = gr_weights_find(reference, result);
    assert_non_null(want);
    bool good = test_close(gr_plan_data(run.plan, model->logits), want->data, (int64_t)BATCH * KERAS_CLASSES, 1e-4);
    if (!good)
        print_message("  %s\n", result);
    gr_text_free(&said);
    test_run_destroy(&run);
    gr_model_destroy(model);
    return good;
}

/* `layers` and `result` are names of layers.txt: networks of other sizes share layers. */
static bool gives_keras_logits(const char *layers, const char *result, const char *head, bool old)
{
    keras_network n = keras_find(listing, layers);
    n.size = keras_find(listing, result).size;
    return gives_logits(n, test_parity_reference(), result, head, old);
}

/* Likewise of applications.txt; second: with Keras 2's names of layers. */
static bool application(const char *layers, const char *result, bool second)
{
    keras_network n = keras_find(applications, layers);
    n.size = keras_find(applications, result).size;
    n.names2 = second ? names2 : NULL;
    return gives_logits(n, application_logits, result, "linear", false);
}

static void networks_of_keras_itself(void **state)
{
    (void)state;
    static const struct {
        const char *layers, *result;
        bool second;
    } cases[] = {{"mobilenet_v3_small", "mobilenet_v3_small", false},
                 {"mobilenet_v3_small", "mobilenet_v3_small_odd", true},
                 {"mobilenet_v3_small_narrow", "mobilenet_v3_small_narrow", false},
                 {"mobilenet_v3_large", "mobilenet_v3_large", true},
                 {"mobilenet_v3_large_wide", "mobilenet_v3_large_wide", false},
                 {"densenet121", "densenet121", false},
                 {"densenet121", "densenet121_odd", true},
                 {"xception", "xception", false},
                 {"xception", "xception_odd", false},
                 {"efficientnet_b0", "efficientnet_b0", false},
                 {"efficientnet_b0", "efficientnet_b0_odd", false}};
    bool good = true;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        good = application(cases[i].layers, cases[i].result, cases[i].second) && good;
    assert_true(good);
}

static void resnets(void **state)
{
    (void)state;
    bool good = gives_keras_logits("resnet50", "resnet50", "linear", false);
    assert_true(gives_keras_logits("resnet50_old", "resnet50_old", "linear", true) && good);
}

static void inception_v3(void **state)
{
    (void)state;
    assert_true(gives_keras_logits("inception_v3", "inception_v3", "linear", false));
}

static void mobile_networks(void **state)
{
    (void)state;
    bool good = gives_keras_logits("mobilenet_v2", "mobilenet_v2", "linear", false);
    good = gives_keras_logits("mobilenet_v2_narrow", "mobilenet_v2_narrow", "linear", false) && good;
    good = gives_keras_logits("efficientnet_b0", "efficientnet_b0", "linear", false) && good;
    assert_true(gives_keras_logits("efficientnet_b0", "efficientnet_b0_odd", "linear", false) && good);
}

static void nasnet_mobile(void **state)
{
    (void)state;
    bool good = gives_keras_logits("nasnet_mobile", "nasnet_mobile", "linear", false);
    assert_true(gives_keras_logits("nasnet_mobile", "nasnet_mobile_odd", "linear", false) && good);
}

static void vggs(void **state)
{
    (void)state;
    bool good = gives_keras_logits("vgg16", "vgg16", "mlp", true);
    assert_true(gives_keras_logits("vgg_face", "vgg_face", "mlp", false) && good);
}

static int read_reference(void **state)
{
    (void)state;
    listing = keras_listing("layers.txt");
    applications = keras_listing("applications.txt");
    names2 = keras_listing("applications2.txt");
    application_logits = test_parity_open("tests/parity/keras/applications.safetensors");
    return test_parity_begin("tests/parity/keras/logits.safetensors");
}

static int drop_reference(void **state)
{
    gr_free(listing);
    gr_free(applications);
    gr_free(names2);
    gr_weights_destroy(application_logits);
    return test_parity_end(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resnets),       cmocka_unit_test(inception_v3), cmocka_unit_test(mobile_networks),
        cmocka_unit_test(nasnet_mobile), cmocka_unit_test(vggs),
        cmocka_unit_test(networks_of_keras_itself),
    };
    return cmocka_run_group_tests_name("parity of Keras's networks", tests, read_reference, drop_reference);
}
