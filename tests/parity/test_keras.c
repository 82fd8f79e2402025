/* Files of Keras in, Keras's logits out: the layers and logits of make_keras_models.py. Weights are made here under Keras's
 * names and in its layouts, as gr_weights_read gives them; tests/unit/test_keras.c is about files. */
#include "support/keras_layers.h"
#include "support/parity.h"

#include <stdio.h>
#include <string.h>

#include "base/base.h"

enum { BATCH = 2 };

static char *listing;

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

/* `layers` and `result` are names of layers.txt: networks of other sizes share layers. */
static bool gives_keras_logits(const char *layers, const char *result, const char *head, bool old)
{
    keras_network n = keras_find(listing, layers);
    n.size = keras_find(listing, result).size;
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
        fail_msg("%s: %s", layers, said.data);
    test_fill(gr_plan_data(run.plan, model->image), (int64_t)BATCH * n.size * n.size * 3, 1, 1.0f);
    gr_plan_refresh(run.plan);
    gr_plan_forward(run.plan, 0, 0);
    const gr_tensor *want = gr_weights_find(test_parity_reference(), result);
    assert_non_null(want);
    bool good = test_close(gr_plan_data(run.plan, model->logits), want->data, (int64_t)BATCH * KERAS_CLASSES, 1e-4);
    if (!good)
        print_message("  %s\n", result);
    gr_text_free(&said);
    test_run_destroy(&run);
    gr_model_destroy(model);
    return good;
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
    listing = keras_listing();
    return test_parity_begin("tests/parity/keras/logits.safetensors");
}

static int drop_reference(void **state)
{
    gr_free(listing);
    return test_parity_end(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resnets),       cmocka_unit_test(inception_v3), cmocka_unit_test(mobile_networks),
        cmocka_unit_test(nasnet_mobile), cmocka_unit_test(vggs),
    };
    return cmocka_run_group_tests_name("parity of Keras's networks", tests, read_reference, drop_reference);
}
