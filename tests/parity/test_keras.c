/* Files of Keras in, Keras's logits out: the layers and logits of make_keras_models.py. Weights are made here under Keras's
 * names and in its layouts, as gr_weights_read gives them; tests/unit/test_keras.c is about files. */
#include "support/support.h"
#include "grimace/models.h"
#include "grimace/weights.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

enum { CLASSES = 3, BATCH = 2, LINE = 200 };

typedef struct network {
    char name[40], backbone[40];
    double width, gain;
    int size;
    const char *layers; /* where its lines begin */
} network;

static char *layers_text;
static gr_weights *logits;

/* FNV-1a, 32 bits, as make_keras_models.py. */
static uint32_t stream(const char *layer, const char *variable)
{
    const char *parts[] = {layer, "/", variable};
    uint32_t h = 2166136261u;
    for (int i = 0; i < 3; i++)
        for (const char *c = parts[i]; *c != '\0'; c++)
            h = (h ^ (unsigned char)*c) * 16777619u;
    return h;
}

/* Keras 1's name of a variable: "conv1_W". */
static const char *old_name(const char *variable)
{
    static const char *const names[][2] = {
        {"kernel", "W"}, {"bias", "b"}, {"moving_mean", "running_mean"}, {"moving_variance", "running_std"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i][0], variable) == 0)
            return names[i][1];
    return variable;
}

static void add(gr_weights *weights, const network *n, const char *layer, const char *variable, bool old, gr_shape shape)
{
    gr_error err = {0};
    gr_tensor tensor;
    char name[LINE];
    assert_int_equal(gr_tensor_create(&tensor, GR_F32, &shape, &err), GR_OK);
    float *data = tensor.data, scale = 0.1f, offset = 0.0f;
    int64_t count = gr_shape_elements(&shape);
    if (shape.rank > 1) {
        int64_t fan_in =
            strcmp(variable, "depthwise_kernel") == 0 ? shape.dim[0] * shape.dim[1] : count / shape.dim[shape.rank - 1];
        scale = (float)sqrt(n->gain / (double)fan_in);
    } else if (strcmp(variable, "moving_variance") == 0 || strcmp(variable, "gamma") == 0) {
        scale = variable[0] == 'g' ? 0.2f : 0.5f;
        offset = 1.0f;
    }
    for (int64_t k = 0; k < count; k++)
        data[k] = scale * test_number(stream(layer, variable), (uint32_t)k) + offset;
    if (old)
        snprintf(name, sizeof name, "%s/%s_%s_1:0", layer, layer, old_name(variable));
    else
        snprintf(name, sizeof name, "%s/%s:0", layer, variable);
    assert_int_equal(gr_weights_take(weights, name, &tensor, &err), GR_OK);
}

static void add_norm(gr_weights *weights, const network *n, const char *layer, bool scale, bool old, int64_t channels)
{
    static const char *const variables[] = {"gamma", "beta", "moving_mean", "moving_variance"};
    for (int i = scale ? 0 : 1; i < 4; i++)
        add(weights, n, layer, variables[i], old, gr_shape1(channels));
}

/* The tensors of one line of layers.txt; `layer` is its name in the file. */
static void add_layer(gr_weights *weights, const network *n, char kind, const char *layer, bool old, const long long d[4])
{
    gr_shape full = gr_shape4(d[0], d[1], d[2], d[3]);
    switch (kind) {
    case 'c':
    case 'k':
        add(weights, n, layer, "kernel", old, full);
        if (kind == 'c')
            add(weights, n, layer, "bias", old, gr_shape1(d[3]));
        break;
    case 'd': add(weights, n, layer, "depthwise_kernel", old, full); break;
    case 'S':
        add(weights, n, layer, "depthwise_kernel", old, gr_shape4(d[0], d[1], d[2], 1));
        add(weights, n, layer, "pointwise_kernel", old, gr_shape4(1, 1, d[2], d[3]));
        break;
    case 'n':
    case 's': add_norm(weights, n, layer, kind == 'n', old, d[0]); break;
    case 'D':
        add(weights, n, layer, "kernel", old, gr_shape2(d[0], d[1]));
        add(weights, n, layer, "bias", old, gr_shape1(d[1]));
        break;
    default: fail_msg("layers.txt: kind %c", kind);
    }
}

static bool next_line(const char **at, char line[LINE])
{
    size_t length = strcspn(*at, "\n");
    if (length == 0 || length >= LINE)
        return false;
    memcpy(line, *at, length);
    line[length] = '\0';
    *at += length + 1;
    return true;
}

static network find_network(const char *name)
{
    network n;
    char line[LINE];
    for (const char *at = layers_text; next_line(&at, line);) {
        if (sscanf(line, "network %39s %39s %lf %d %lf", n.name, n.backbone, &n.width, &n.size, &n.gain) != 5 ||
            strcmp(n.name, name) != 0)
            continue;
        n.layers = at;
        return n;
    }
    fail_msg("layers.txt lacks %s; run make_keras_models.py", name);
    return n;
}

/* What gr_weights_read gives for a file with the layers of `n`. */
static gr_weights *keras_weights(const network *n, bool old)
{
    gr_weights *weights = gr_weights_create();
    gr_error err = {0};
    char line[LINE], layer[LINE], kind;
    assert_non_null(weights);
    for (const char *at = n->layers; next_line(&at, line) && !gr_starts_with(line, "network ");) {
        long long d[4] = {0};
        assert_true(sscanf(line, "%c %s %lld %lld %lld %lld", &kind, layer, d, d + 1, d + 2, d + 3) >= 3);
        add_layer(weights, n, kind, layer, old, d);
    }
    assert_int_equal(gr_weights_set_note(weights, "format", "keras", &err), GR_OK);
    return weights;
}

static gr_model_options options_of(const network *n)
{
    return (gr_model_options){.backbone = n->backbone,
                              .head = "linear",
                              .size = n->size,
                              .channels = 3,
                              .classes = CLASSES,
                              .width = n->width,
                              .variant = "keras"};
}

static void hear(void *ctx, const char *sentence)
{
    gr_buffer_printf(ctx, "%s\n", sentence);
}

/* Translates and imports; what was said is in *said. */
static void load(const network *n, const gr_model *model, gr_params *params, gr_weights *keras, gr_buffer *said)
{
    gr_error err = {0};
    gr_weights *ours;
    gr_model_options options = options_of(n);
    if (gr_weights_from_keras(&options, model, keras, &ours, hear, said, &err) != GR_OK)
        fail_msg("%s: %s", n->name, err.text);
    if (gr_model_import(model, params, ours, hear, said, &err) != GR_OK)
        fail_msg("%s: %s", n->name, err.text);
    gr_weights_destroy(ours);
}

/* `layers` and `result` are names of layers.txt: networks of other sizes share layers. */
static bool gives_keras_logits(const char *layers, const char *result, const char *head, bool old)
{
    gr_error err = {0};
    gr_model *model;
    network n = find_network(layers);
    n.size = find_network(result).size;
    gr_model_options options = options_of(&n);
    options.head = head;
    if (gr_model_create(&options, &model, &err) != GR_OK)
        fail_msg("%s", err.text);
    const gr_value *keep[] = {model->logits};
    test_run run = test_compile(model->graph, NULL, keep, 1, BATCH, true);
    gr_buffer said = {0};
    gr_weights *keras = keras_weights(&n, old);
    load(&n, model, run.params, keras, &said);
    gr_weights_destroy(keras);
    if (strstr(said.data, "not in the file") != NULL || strstr(said.data, "left out") != NULL ||
        strstr(said.data, "of another shape") != NULL)
        fail_msg("%s: %s", layers, said.data);
    test_fill(gr_plan_data(run.plan, model->image), (int64_t)BATCH * n.size * n.size * 3, 1, 1.0f);
    gr_plan_refresh(run.plan);
    gr_plan_forward(run.plan, 0, 0);
    const gr_tensor *want = gr_weights_find(logits, result);
    assert_non_null(want);
    bool good = test_close(gr_plan_data(run.plan, model->logits), want->data, (int64_t)BATCH * CLASSES, 1e-4);
    if (!good)
        print_message("  %s\n", result);
    gr_buffer_free(&said);
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
    bool good = gives_keras_logits("vgg16", "vgg16", "linear", true);
    assert_true(gives_keras_logits("vgg_face", "vgg_face", "mlp", false) && good);
}

static int read_reference(void **state)
{
    (void)state;
    gr_error err = {0};
    size_t size;
    if (gr_weights_read("tests/parity/keras/logits.safetensors", &logits, &err) == GR_OK &&
        gr_file_read("tests/parity/keras/layers.txt", 1 << 20, &layers_text, &size, &err) == GR_OK)
        return 0;
    print_message("%s\n", err.text);
    return -1;
}

static int drop_reference(void **state)
{
    (void)state;
    gr_weights_destroy(logits);
    gr_free(layers_text);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resnets),       cmocka_unit_test(inception_v3), cmocka_unit_test(mobile_networks),
        cmocka_unit_test(nasnet_mobile), cmocka_unit_test(vggs),
    };
    return cmocka_run_group_tests_name("parity of Keras's networks", tests, read_reference, drop_reference);
}
