/* How models of Keras's are made, in their own JSON: as model.layers has them, and beside model.layers. */
#include "support/support.h"
#include "models/keras_compare.h"
#include "models/models.h"

#include <stdlib.h>
#include <string.h>

#define INPUT "{'class_name': 'InputLayer', 'config': {'name': 'image', 'batch_shape': [null, 16, 16, 3]}}"
#define LAYER(kind, config) "{'class_name': '" kind "', 'config': {'name': 'it'" config "}}"
#define CONV ", 'filters': 4, 'kernel_size': [3, 3]"
#define TOP LAYER("GlobalAveragePooling2D", "") ", " LAYER("Dense", ", 'units': 3, 'activation': 'softmax'")

/* A file that says so; ' stands for ". GIVES it. */
static gr_weights *file_of(const char *config, const char *version)
{
    gr_weights *keras = gr_weights_create();
    gr_error err = {0};
    char *text = strdup(config);
    assert_non_null(text);
    for (char *c = text; *c != '\0'; c++)
        *c = *c == '\'' ? '"' : *c;
    assert_int_equal(gr_weights_set_note(keras, "format", "keras", &err), GR_OK);
    assert_int_equal(gr_weights_set_note(keras, "keras_config", text, &err), GR_OK);
    assert_int_equal(gr_weights_set_note(keras, "keras_version", version, &err), GR_OK);
    free(text);
    return keras;
}

static gr_weights *sequential(const char *layers, const char *version)
{
    static char text[1 << 14];
    snprintf(text, sizeof text, "{'class_name': 'Sequential', 'config': {'name': 's', 'layers': [" INPUT ", %s]}}", layers);
    return file_of(text, version);
}

/* ---- as model.layers has them ------------------------------------------------------------------------------------------- */

/* TAKES keras: `words` is in its listing, or in the sentence that refuses it. */
static void listed(gr_weights *keras, gr_status want, const char *words)
{
    char *text = NULL;
    gr_error err = {0};
    gr_status status = gr_keras_listing(keras, "own.keras", &text, &err);
    const char *got = status == GR_OK ? text : err.text;
    if (status != want || strstr(got, words) == NULL)
        fail_msg("expected %s in:\n%s", words, got);
    free(text);
    gr_weights_destroy(keras);
}

static void layers_are_told_as_a_list(void **state)
{
    (void)state;
    static const struct {
        const char *layers, *version, *words;
    } cases[] = {
        {LAYER("Conv2D", CONV ", 'strides': [2, 2], 'padding': 'same', 'activation': 'relu', 'use_bias': false"), "3.15.1",
         "\n    - {conv: 4, kernel: 3, stride: 2, pad: same, act: relu, bias: false} # it (Conv2D)\n"},
        {LAYER("Conv2D", CONV ", 'dilation_rate': [2, 1], 'groups': 3"), "3.0.0",
         "- {conv: 4, kernel: 3, dilation: [2, 1], groups: 3}"},
        {LAYER("Conv2D", CONV ", 'activation': {'class_name': 'LeakyReLU', 'config': {'negative_slope': 0.1}}"), "3.0.0",
         "act: leaky_relu, slope: 0.1"},
        {LAYER("DepthwiseConv2D", ", 'kernel_size': [3, 3], 'depth_multiplier': 2"), "2.15.0", "- {conv: 6, kernel: 3, groups: 3}"},
        {LAYER("SeparableConv2D", CONV ", 'depth_multiplier': 2, 'activation': 'tanh'"), "2.15.0",
         "- {conv: 6, kernel: 3, groups: 3, bias: false} # it (SeparableConv2D)\n    - {conv: 4, kernel: 1, act: tanh}"},
        {LAYER("ZeroPadding2D", ", 'padding': [[1, 1], [2, 2]]") ", " LAYER("Conv2D", CONV), "2.15.0", "kernel: 3, pad: [1, 2]}"},
        {LAYER("ReLU", "") ", " LAYER("Dropout", ", 'rate': 0.5") ", " LAYER("ZeroPadding2D", ", 'padding': 1") ", "
         LAYER("MaxPooling2D", ", 'pool_size': 3"), "3.1.0", "- {pool: max, size: 3, pad: 1}"},
        {LAYER("ZeroPadding2D", ", 'padding': [[0, 1], [0, 1]]") ", " LAYER("Conv2D", CONV ", 'strides': 2"), "2.15.0",
         "stride: 2, pad: same}"},
        {LAYER("BatchNormalization", ", 'axis': [3], 'epsilon': 0.0010000000474974513, 'momentum': 0.9"), "2.15.0",
         "eps: 0.001000000047497451"},
        {LAYER("BatchNormalization", ", 'axis': -1, 'epsilon': 0.01, 'momentum': 0.9"), "2.15.0", "eps: 0.01, momentum: 0.1}"},
        {LAYER("MaxPooling2D", ", 'pool_size': [3, 2], 'strides': null"), "3.1.0", "- {pool: max, size: [3, 2]}"},
        {LAYER("AveragePooling2D", ", 'pool_size': 3, 'strides': 1, 'padding': 'same'"), "3.1.0",
         "- {pool: avg, size: 3, stride: 1, pad: same}"},
        {LAYER("Activation", ", 'activation': 'hard_sigmoid'"), "2.15.0", "- {act: hard_sigmoid, slope: 0.2}"},
        {LAYER("Activation", ", 'activation': 'hard_sigmoid'"), "3.15.1", "- {act: hard_sigmoid} "},
        {LAYER("Activation", ", 'activation': {'class_name': 'function', 'config': 'relu6'}"), "2.15.0", "- {act: relu6}"},
        {LAYER("Activation", ", 'activation': 'swish'"), "2.15.0", "- {act: silu}"},
        {LAYER("ReLU", ", 'max_value': 6.0"), "2.10.0", "- {act: relu6}"},
        {LAYER("ReLU", ", 'max_value': null, 'negative_slope': [0.0]"), "2.10.0", "- {act: relu}"},
        {LAYER("LeakyReLU", ", 'alpha': {'class_name': 'ndarray', 'value': 0.25}"), "2.3.0", "- {act: leaky_relu, slope: 0.25}"},
        {LAYER("Rescaling", ", 'scale': 0.00784313725490196, 'offset': -1"), "3.15.1",
         "size: 16, channels: 3, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5]} # it (Rescaling)"},
        {LAYER("Rescaling", ", 'scale': 0.00392156862745098") ", " LAYER("Normalization",
         ", 'mean': [0.5, 0.25, 0], 'variance': 0.25"),
         "3.15.1", "mean: [0.5, 0.25, 0], std: [0.5, 0.5, 0.5]} # it (Normalization)"},
        {LAYER("RandomFlip", "") ", " LAYER("SpatialDropout2D", ", 'rate': 0.1"), "3.15.1",
         "# in training alone acts it (RandomFlip), it (SpatialDropout2D)\n"},
        {LAYER("Conv2D", CONV ", 'kernel_regularizer': {'class_name': 'L2', 'config': {'l2': 0.01}}"), "2.15.0",
         "\n  penalty:\n    - {layers: [layers.1.weight], l2: 0.01}\n"},
        {LAYER("Conv2D", CONV), "2.15.0", "# its last layer, it (Dense) of 3 and softmax, is the task's own\nsemantics: keras2\n"},
        {LAYER("Resizing", ", 'height': 16, 'width': 16"), "3.1.0", "semantics: keras3\n"},
        {LAYER("PReLU", ", 'shared_axes': [1, 2], 'alpha_regularizer': {'class_name': 'L1', 'config': {'l1': 0.5}}"), "3.1.0",
         "- {act: prelu} # it (PReLU)\n    - {global_pool: avg} # it (GlobalAveragePooling2D)\n  penalty:\n    - {layers: "
         "[layers.1.weight], l1: 0.5}\n"},
        {"{'class_name': 'Rescaling', 'config': {'name': 'layers.1.steeper', 'scale': 1.2, 'offset': 0.0}}, "
         LAYER("Activation", ", 'activation': 'hard_sigmoid'"), "3.15.1",
         "mean: [0, 0, 0], std: [1, 1, 1]} # pixels / 255, for the file does not say how its images were prepared\nmodel:\n  "
         "layers:\n    - {act: hard_sigmoid, slope: 0.2} # it (Activation)\n"}, /* an export of ours */
        {"{'class_name': 'Rescaling', 'config': {'name': 'mine', 'scale': 0.00784313725490196, 'offset': 0.0}}, "
         LAYER("Activation", ", 'activation': 'hard_sigmoid'"), "3.15.1",
         "std: [0.5, 0.5, 0.5]} # mine (Rescaling)\nmodel:\n  layers:\n    - {act: hard_sigmoid} # it (Activation)\n"},
        {"{'class_name': 'Functional', 'config': {'name': 'in', 'layers': ["
         "{'class_name': 'ReLU', 'name': 'b', 'config': {'name': 'b'}, 'inbound_nodes': [[['a', 0, 0, {}]]]},"
         "{'class_name': 'InputLayer', 'name': 'i', 'config': {'name': 'i'}, 'inbound_nodes': []},"
         "{'class_name': 'Conv2D', 'name': 'a', 'config': {'name': 'a'" CONV "}, 'inbound_nodes': "
         "[{'args': [{'class_name': '__keras_tensor__', 'config': {'keras_history': ['i', 0, 0]}}], 'kwargs': {}}]}]}}",
         "3.1.0", "- {conv: 4, kernel: 3} # in/a (Conv2D)\n    - {act: relu} # in/b (ReLU)\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char all[4096];
        snprintf(all, sizeof all, "%s, " TOP, cases[i].layers);
        listed(sequential(all, cases[i].version), GR_OK, cases[i].words);
    }
}

static void what_a_list_has_not_is_refused_by_its_name(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {LAYER("Lambda", ", 'function': 'x'"), "has a layer it (Lambda), which is none of model.layers (a custom layer"},
        {LAYER("Mine>Scale", ""), "has a layer it (Mine>Scale), which is none of"},
        {"{'class_name': 'MyModel', 'config': {'name': 'it', 'layers': []}}", "has a layer it (MyModel), which is none of"},
        {LAYER("Conv2D", CONV ", 'activation': 'mine'"), "has a layer it (Conv2D) with the activation mine, which is none of"},
        {LAYER("Conv2D", CONV ", 'activation': {'class_name': '__lambda__', 'config': {'value': 'x'}}"),
         "the activation __lambda__"},
        {LAYER("Conv2D", CONV ", 'data_format': 'channels_first'"), "has a layer it (Conv2D) with the data format channels_first"},
        {LAYER("Conv2D", CONV ", 'padding': 'causal'"), "has a layer it (Conv2D) with another padding than valid and same"},
        {LAYER("Conv2D", ", 'filters': 4, 'kernel_size': 'x'"), "has a layer it (Conv2D) of an unknown window"},
        {LAYER("DepthwiseConv2D", ", 'kernel_size': 3, 'depth_multiplier': 1e300"),
         "has a layer it (DepthwiseConv2D) of images whose"},
        {LAYER("ZeroPadding2D", ", 'padding': 9223372036854775807"), "has a layer it (ZeroPadding2D) of an unknown border"},
        {LAYER("ReLU", ", 'max_value': 4"), "has a layer it (ReLU) with settings other than those"},
        {LAYER("LeakyReLU", ", 'alpha': 1.5"), "has a layer it (LeakyReLU) with settings other than those"},
        {LAYER("BatchNormalization", ", 'axis': 1"), "has a layer it (BatchNormalization) of another axis than the last"},
        {LAYER("Resizing", ", 'height': 32, 'width': 32"), "has a layer it (Resizing) to another size"},
        {LAYER("GlobalAveragePooling2D", ", 'keepdims': true"), "has a layer it (GlobalAveragePooling2D) with keepdims"},
        {LAYER("Dense", ", 'units': 3"), "has a layer it (Dense) of a map's pixels"},
        {LAYER("ZeroPadding2D", ", 'padding': 1") ", " LAYER("ReLU", ""),
         "has a layer it (ZeroPadding2D) that is not in front of a"},
        {LAYER("ZeroPadding2D", ", 'padding': [[0, 2], [0, 2]]") ", " LAYER("Conv2D", CONV), "(ZeroPadding2D) whose border is not"},
        {LAYER("ZeroPadding2D", ", 'padding': 1") ", " LAYER("MaxPooling2D", ""), "has a layer it (MaxPooling2D) behind a border"},
        {LAYER("Conv2D", CONV) ", " LAYER("Rescaling", ", 'scale': 2, 'offset': 1"),
         "has a layer it (Rescaling) that is not in front"},
        {LAYER("PReLU", ""), "has a layer it (PReLU) with other shared_axes than [1, 2], which model.layers"},
        {LAYER("PReLU", ", 'shared_axes': [1, 2, 3]"), "has a layer it (PReLU) with other shared_axes"},
        {LAYER("Flatten", "") ", " LAYER("PReLU", ", 'shared_axes': [1]"),
         "has a layer it (PReLU) with shared_axes behind a vector"},
        {LAYER("Conv2D", CONV ", 'activation': {'class_name': 'PReLU', 'config': {'shared_axes': [1, 2]}}"),
         "has a layer it (Conv2D) with the activation PReLU, which is none of model.layers"},
        {LAYER("Conv2D", CONV ", 'activation': 'softmax'"), "has a softmax in its midst, in it (Conv2D)"},
        {"{'class_name': 'Functional', 'config': {'layers': ["
         "{'class_name': 'InputLayer', 'name': 'i', 'config': {}, 'inbound_nodes': []},"
         "{'class_name': 'ReLU', 'name': 'a', 'config': {}, 'inbound_nodes': [[['i', 0, 0, {}]]]},"
         "{'class_name': 'Add', 'name': 'b', 'config': {}, 'inbound_nodes': [[['i', 0, 0, {}], ['a', 0, 0, {}]]]}]}}",
         "is no plain sequence: its layer b (Add) reads 2 layers, i and a among them"},
        {"{'class_name': 'Functional', 'config': {'layers': ["
         "{'class_name': 'InputLayer', 'name': 'i', 'config': {}, 'inbound_nodes': []},"
         "{'class_name': 'ReLU', 'name': 'a', 'config': {}, 'inbound_nodes': [[['i', 0, 0, {}]]]},"
         "{'class_name': 'ELU', 'name': 'b', 'config': {}, 'inbound_nodes': [[['i', 0, 0, {}]]]}]}}",
         "is no plain sequence: its layers a and b both read i"},
        {"{'class_name': 'Functional', 'config': {'layers': ["
         "{'class_name': 'ReLU', 'name': 'a', 'config': {}, 'inbound_nodes': [[['a', 0, 0, {}]]]}]}}",
         "is no plain sequence: 0 of its 1 layers follow one another"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char all[4096];
        snprintf(all, sizeof all, "%s, " TOP, cases[i][0]);
        listed(sequential(all, "3.15.1"), GR_INVALID, cases[i][1]);
    }
}

static void what_says_nothing_is_refused(void **state)
{
    (void)state;
    listed(file_of("{'class_name': 'MyModel', 'config': {}}", "3.15.1"), GR_INVALID, "does not say how its layers follow");
    listed(file_of("{'class_name': 'Sequential', 'config': [", "3.15.1"), GR_INVALID, "does not say how its layers follow");
    listed(file_of("{'class_name': 'Sequential', 'config': []}", "1.2.2"), GR_INVALID, "does not say how its layers follow");
    listed(gr_weights_create(), GR_INVALID, "is no file of Keras's; what model.save(");
}

/* ---- beside model.layers ------------------------------------------------------------------------------------------------ */

typedef struct pair {
    const char *layers, *list, *words; /* words: NULL: it is the same network */
    const char *task;
    int64_t classes;
} pair;

static void compare(const pair *p)
{
    gr_model_options options = {.backbone = "layers",
                                .head = "linear",
                                .size = 16,
                                .channels = 3,
                                .task = p->task,
                                .classes = p->classes > 0 ? p->classes : 3,
                                .layers = p->list};
    gr_model *model;
    gr_error err = {0};
    bool known;
    gr_weights *keras = sequential(p->layers, "3.15.1");
    if (gr_model_create(&options, &model, &err) != GR_OK)
        fail_msg("%s: %s", p->list, err.text);
    gr_status status = gr_keras_compare(&options, model, keras, &known, &err);
    assert_true(known);
    if (status != (p->words != NULL ? GR_INVALID : GR_OK) || (p->words != NULL && strstr(err.text, p->words) == NULL))
        fail_msg("%s: %s", p->list, err.text);
    gr_model_destroy(model);
    gr_weights_destroy(keras);
}

#define SMALL LAYER("Conv2D", CONV ", 'activation': 'relu'") ", " LAYER("MaxPooling2D", "") ", "
#define STEEP LAYER("LeakyReLU", ", 'negative_slope': 0.30000001192092896") ", "
#define NORM LAYER("BatchNormalization", ", 'epsilon': 0.001") ", "

static void the_same_network_is_one_however_it_is_written(void **state)
{
    (void)state;
    static const pair pairs[] = {
        {SMALL TOP, "[{conv: 4, act: relu}, {pool: max}, {global_pool: avg}]", NULL, NULL, 0},
        {SMALL TOP,
         "[{conv: 4}, {dropout: 0.3}, {act: relu}, {pool: max, size: 2, stride: 2, pad: 0}, {global_pool: avg}]", NULL, NULL, 0},
        {SMALL LAYER("Dropout", ", 'rate': 0.5") ", " TOP, "[{conv: 4, act: relu}, {pool: max}, {global_pool: avg}]", NULL,
         NULL, 0},
        {SMALL LAYER("GlobalAveragePooling2D", ""), "[{conv: 4, act: relu}, {pool: max}, {global_pool: avg}]", NULL, NULL, 0},
        {SMALL TOP, "[{conv: 4, act: relu}, {pool: max}, {global_pool: avg}]", NULL, "scores", 2},
        {LAYER("Conv2D", CONV ", 'padding': 'same'") ", " TOP, "[{conv: 4, pad: 1}, {global_pool: avg}]", NULL, NULL, 0},
        {STEEP TOP, "[{act: leaky_relu, slope: 0.3}, {global_pool: avg}]", NULL, NULL, 0},
        {LAYER("Conv2D", CONV) ", " LAYER("PReLU", ", 'shared_axes': [1, 2]") ", " TOP,
         "[{conv: 4, act: prelu}, {global_pool: avg}]", NULL, NULL, 0},
        {NORM TOP, "[{batch_norm: {}, eps: 0.001, momentum: 0.5}, {global_pool: avg}]", NULL, NULL, 0},
        {LAYER("Conv2D", CONV ", 'use_bias': false") ", " TOP, "[{conv: 4}, {global_pool: avg}]", NULL, NULL, 0},
        {LAYER("Rescaling", ", 'scale': 0.5") ", " LAYER("RandomZoom", "") ", " TOP, "[{global_pool: avg}]", NULL, NULL, 0},
        {LAYER("GlobalAveragePooling2D", "") ", " LAYER("Dense", ", 'units': 3") ", " LAYER("Softmax", ""), "[{global_pool: avg}]",
         NULL, NULL, 0},
        {LAYER("GlobalAveragePooling2D", "") ", " LAYER("Dense", ", 'units': 1, 'activation': 'sigmoid'"), "[{global_pool: avg}]",
         NULL, NULL, 2}, /* taken as two */
        {LAYER("GlobalAveragePooling2D", "") ", " LAYER("Dense", ", 'units': 7, 'activation': 'sigmoid'"), "[{global_pool: avg}]",
         NULL, NULL, 2}, /* of another shape: not loaded */
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        compare(&pairs[i]);
}

static void what_computes_something_else_is_refused_by_its_name(void **state)
{
    (void)state;
    static const pair pairs[] = {
        {SMALL TOP, "[{conv: 4, act: tanh}, {pool: max}, {global_pool: avg}]",
         "its layer it (Conv2D) is {conv: 4, kernel: 3, act: relu}, and layer 1 of model.layers is {conv: 4, kernel: 3, act: "
         "tanh}: the "
         "file's would be right", NULL, 0},
        {SMALL TOP, "[{conv: 4}, {pool: max}, {global_pool: avg}]",
         "its layer it (Conv2D) is {conv: 4, kernel: 3, act: relu}, and layer 1 of model.layers is {conv: 4, kernel: 3}", NULL, 0},
        {LAYER("Conv2D", CONV) ", " TOP, "[{conv: 4, act: relu}, {global_pool: avg}]",
         "it (Conv2D) is {conv: 4, kernel: 3}, and layer 1 of model.layers is {conv: 4, kernel: 3, act: relu}", NULL, 0},
        {SMALL TOP, "[{conv: 4, pad: same, act: relu}, {pool: max}, {global_pool: avg}]",
         "is {conv: 4, kernel: 3, pad: same", NULL, 0},
        {SMALL TOP, "[{conv: 4, stride: 2, act: relu}, {pool: max}, {global_pool: avg}]",
         "is {conv: 4, kernel: 3, stride: 2", NULL, 0},
        {SMALL TOP, "[{conv: 4, bias: false, act: relu}, {pool: max}, {global_pool: avg}]", "act: relu, bias: false}", NULL, 0},
        {SMALL TOP, "[{conv: 4, act: relu}, {pool: avg}, {global_pool: avg}]",
         "its layer it (MaxPooling2D) is {pool: max, size: 2}, and layer 2 of model.layers is {pool: avg, size: 2}", NULL, 0},
        {SMALL TOP, "[{conv: 4, act: relu}, {pool: max, stride: 1}, {global_pool: avg}]",
         "is {pool: max, size: 2, stride: 1}", NULL, 0},
        {SMALL TOP, "[{conv: 4, act: relu}, {pool: max}, {global_pool: max}]",
         "layer 3 of model.layers is {global_pool: max}", NULL, 0},
        {SMALL TOP, "[{conv: 4, act: relu}, {pool: max}, {flatten: {}}]", "layer 3 of model.layers is {flatten: {}}", NULL, 0},
        {SMALL TOP, "[{conv: 4, act: relu}, {global_pool: avg}]",
         "its layer it (MaxPooling2D) is {pool: max, size: 2}, and layer 2 of model.layers is {global_pool: avg}", NULL, 0},
        {STEEP TOP, "[{act: leaky_relu, slope: 0.2}, {global_pool: avg}]",
         "and layer 1 of model.layers is {act: leaky_relu, slope: 0.2}: the file's", NULL, 0},
        {STEEP TOP, "[{act: prelu}, {global_pool: avg}]", "}, and layer 1 of model.layers is {act: prelu}: the file's", NULL,
         0},
        {NORM TOP, "[{batch_norm: {}}, {global_pool: avg}]",
         "its layer it (BatchNormalization) is {batch_norm: {}, eps: 0.001}, and layer 1 of model.layers is {batch_norm: {}, "
         "eps: 1.0e-05}",
         NULL, 0},
        {TOP, "[{global_pool: avg}, {act: relu}]",
         "its layer it (Dense) is {dense: 3, act: softmax}, and layer 2 of model.layers is {act: relu}", NULL, 0},
        {LAYER("GlobalAveragePooling2D", ""), "[{global_pool: avg}, {act: relu}]",
         "ends where layer 2 of model.layers is {act: relu}",
         NULL, 0},
        {LAYER("GlobalAveragePooling2D", "") ", " LAYER("ReLU", ""), "[{global_pool: avg}]",
         "goes on with its layer it (ReLU), which is {act: relu}, where model.layers ends", NULL, 0},
        {LAYER("GlobalAveragePooling2D", "") ", " LAYER("Dense", ", 'units': 3, 'activation': 'sigmoid'"), "[{global_pool: avg}]",
         "its last layer it (Dense) gives its answer by sigmoid, and the task classes gives it by softmax", NULL, 0},
        {LAYER("GlobalAveragePooling2D", "") ", " LAYER("Dense", ", 'units': 1, 'activation': 'sigmoid'"), "[{global_pool: avg}]",
         "gives its answer by sigmoid, and the task scores gives it without an activation", "scores", 0},
        {LAYER("GlobalAveragePooling2D", "") ", " LAYER("Dense", ", 'units': 1, 'activation': 'tanh'"), "[{global_pool: avg}]",
         "gives its answer by tanh, and the task classes gives it by softmax", NULL, 2},
        {LAYER("Add", "") ", " TOP, "[{global_pool: avg}]", "has a layer it (Add), which is none of model.layers", NULL, 0},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        compare(&pairs[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_are_told_as_a_list),
        cmocka_unit_test(what_a_list_has_not_is_refused_by_its_name),
        cmocka_unit_test(what_says_nothing_is_refused),
        cmocka_unit_test(the_same_network_is_one_however_it_is_written),
        cmocka_unit_test(what_computes_something_else_is_refused_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
