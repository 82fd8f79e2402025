/* Keras's tensors as make_keras_models.py and make_keras_applications.py describe them. */
#include "support/keras_layers.h"
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"

enum { LINE = 200 };

static const float MEAN[3] = {0.485f, 0.456f, 0.406f}, STD[3] = {0.229f, 0.224f, 0.225f}; /* of a layer `normalization` */

char *keras_listing(const char *name)
{
    char *text, path[LINE];
    size_t size;
    gr_error err = {0};
    snprintf(path, sizeof path, "tests/parity/keras/%s", name);
    if (gr_file_read(path, 1 << 20, &text, &size, &err) != GR_OK)
        fail_msg("%s", err.text);
    return text;
}

typedef struct maker {
    gr_weights *weights;
    const keras_network *network;
    bool old;
    keras_numbers numbers;
} maker;

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

/* A layer's name in the file: "NAME2 NAME3" is a line where they differ. */
static const char *name_in_file(const maker *m, const char *layer, char name[LINE])
{
    char line[LINE], other[LINE];
    for (const char *at = m->network->names2; at != NULL && next_line(&at, line);)
        if (sscanf(line, "%199s %199s", name, other) == 2 && strcmp(other, layer) == 0)
            return name;
    return layer;
}

static void add(const maker *m, const char *layer, const char *variable, gr_shape shape)
{
    gr_error err = {0};
    gr_tensor tensor;
    char name[2 * LINE];
    assert_int_equal(gr_tensor_create(&tensor, GR_F32, &shape, &err), GR_OK);
    float *data = tensor.data, scale = 0.1f, offset = 0.0f;
    int64_t count = gr_shape_elements(&shape);
    if (strcmp(variable, "mean") == 0 || strcmp(variable, "variance") == 0) {
        for (int64_t k = 0; k < count; k++)
            data[k] = variable[0] == 'm' ? MEAN[k] : STD[k] * STD[k];
        scale = 0.0f;
    } else if (shape.rank > 1) {
        int64_t fan_in =
            strcmp(variable, "depthwise_kernel") == 0 ? shape.dim[0] * shape.dim[1] : count / shape.dim[shape.rank - 1];
        scale = (float)sqrt(m->network->gain / (double)fan_in);
    } else if (strcmp(variable, "moving_variance") == 0 || strcmp(variable, "gamma") == 0) {
        scale = variable[0] == 'g' ? 0.2f : 0.5f;
        offset = 1.0f;
    }
    for (int64_t k = 0; m->numbers == KERAS_FILLED && scale > 0.0f && k < count; k++)
        data[k] = scale * test_number(stream(layer, variable), (uint32_t)k) + offset;
    char room[LINE];
    if (m->old)
        snprintf(name, sizeof name, "%s/%s_%s_1:0", layer, layer, old_name(variable));
    else
        snprintf(name, sizeof name, "%s/%s:0", name_in_file(m, layer, room), variable);
    assert_int_equal(gr_weights_take(m->weights, name, &tensor, &err), GR_OK);
}

static void add_norm(const maker *m, const char *layer, bool scale, int64_t channels)
{
    static const char *const variables[] = {"gamma", "beta", "moving_mean", "moving_variance"};
    for (int i = scale ? 0 : 1; i < 4; i++)
        add(m, layer, variables[i], gr_shape1(channels));
}

/* The tensors of one line of layers.txt; `layer` is its name in the file. */
static void add_layer(const maker *m, char kind, const char *layer, const long long d[4])
{
    gr_shape full = gr_shape4(d[0], d[1], d[2], d[3]);
    switch (kind) {
    case 'c':
    case 'k':
        add(m, layer, "kernel", full);
        if (kind == 'c')
            add(m, layer, "bias", gr_shape1(d[3]));
        break;
    case 'd': add(m, layer, "depthwise_kernel", full); break;
    case 'S':
        add(m, layer, "depthwise_kernel", gr_shape4(d[0], d[1], d[2], 1));
        add(m, layer, "pointwise_kernel", gr_shape4(1, 1, d[2], d[3]));
        break;
    case 'n':
    case 's': add_norm(m, layer, kind == 'n', d[0]); break;
    case 'D':
        add(m, layer, "kernel", gr_shape2(d[0], d[1]));
        add(m, layer, "bias", gr_shape1(d[1]));
        break;
    case 'N':
        add(m, layer, "mean", gr_shape1(d[0]));
        add(m, layer, "variance", gr_shape1(d[0]));
        break;
    default: fail_msg("layers.txt: kind %c", kind);
    }
}

keras_network keras_find(const char *listing, const char *name)
{
    keras_network n = {.names2 = NULL};
    char line[LINE];
    for (const char *at = listing; next_line(&at, line);) {
        if (sscanf(line, "network %39s %39s %lf %d %lf", n.name, n.backbone, &n.width, &n.size, &n.gain) != 5 ||
            strcmp(n.name, name) != 0)
            continue;
        n.layers = at;
        return n;
    }
    fail_msg("layers.txt lacks %s; run make_keras_models.py", name);
    return n;
}

gr_weights *keras_weights(const keras_network *n, bool old, keras_numbers numbers)
{
    const maker m = {gr_weights_create(), n, old, numbers};
    gr_error err = {0};
    char line[LINE], layer[LINE], kind;
    assert_non_null(m.weights);
    for (const char *at = n->layers; next_line(&at, line) && !gr_starts_with(line, "network ");) {
        long long d[4] = {0};
        assert_true(sscanf(line, "%c %s %lld %lld %lld %lld", &kind, layer, d, d + 1, d + 2, d + 3) >= 3);
        add_layer(&m, kind, layer, d);
    }
    assert_int_equal(gr_weights_set_note(m.weights, "format", "keras", &err), GR_OK);
    return m.weights;
}

gr_weights *keras_within(gr_weights *weights, const char *prefix)
{
    gr_weights *inner = gr_weights_create();
    gr_error err = {0};
    assert_non_null(inner);
    for (int i = 0; i < gr_weights_count(weights); i++) {
        char name[LINE];
        snprintf(name, sizeof name, "%s/%s", prefix, gr_weights_name(weights, i));
        assert_int_equal(gr_weights_take(inner, name, gr_weights_at(weights, i), &err), GR_OK);
    }
    gr_weights_destroy(weights);
    return inner;
}

gr_model_options keras_options(const keras_network *n)
{
    return (gr_model_options){.backbone = n->backbone,
                              .head = "linear",
                              .size = n->size,
                              .channels = 3,
                              .classes = KERAS_CLASSES,
                              .width = n->width,
                              .variant = "keras"};
}
