/* Which Keras files fill which backbone, what is said of them, and which are refused: a network that would not be Keras's
 * never loads in silence. The numbers that come out are judged by tests/parity/test_keras.c. */
#include "support/folder.h"
#include "support/keras_layers.h"
#include "support/support.h"

#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "grimace/config.h"
#include "config/config.h"
#include "learners/network.h"

static char *listing;
static gr_text said;

static void hear(void *ctx, const char *sentence)
{
    (void)ctx;
    gr_text_printf(&said, "%s\n", sentence);
}

/* Translates (and destroys) `keras` for the model of `options`; what is heard is in `said`. GIVES the model, and *ours. */
static gr_model *translate(const gr_model_options *options, gr_weights *keras, gr_weights **ours, gr_status *status,
                           gr_error *err)
{
    gr_model *model;
    gr_error bad = {0};
    gr_text_free(&said);
    if (gr_model_create(options, &model, &bad) != GR_OK)
        fail_msg("%s", bad.text);
    *status = gr_weights_from_keras(options, model, keras, ours, hear, NULL, err);
    assert_true((*status == GR_OK) == (*ours != NULL));
    gr_weights_destroy(keras);
    return model;
}

/* The same, and imports. */
static gr_status load(const gr_model_options *options, gr_weights *keras, gr_error *err)
{
    gr_params *params = NULL;
    gr_weights *ours;
    gr_status status;
    gr_model *model = translate(options, keras, &ours, &status, err);
    if (status == GR_OK)
        status = gr_params_create(model->graph, 1, false, &params, err);
    if (status == GR_OK)
        status = gr_model_import(model, params, ours, hear, NULL, err);
    gr_weights_destroy(ours);
    gr_params_destroy(params);
    gr_model_destroy(model);
    return status;
}

static bool heard(const char *words)
{
    return said.data != NULL && strstr(said.data, words) != NULL;
}

/* Every parameter gets a tensor, and nothing is left. */
static void fills(const gr_model_options *options, gr_weights *keras)
{
    gr_error err = {0};
    gr_weights *ours;
    gr_status status;
    gr_model *model = translate(options, keras, &ours, &status, &err);
    if (status != GR_OK)
        fail_msg("%s: %s", options->backbone, err.text);
    assert_int_equal(gr_weights_count(ours), gr_graph_parameter_count(model->graph));
    for (int i = 0; i < gr_weights_count(ours); i++)
        assert_non_null(gr_weights_find(ours, gr_graph_parameter(model->graph, i)->name));
    gr_weights_destroy(ours);
    gr_model_destroy(model);
}

static void refuses(const gr_model_options *options, gr_weights *keras, const char *words)
{
    gr_error err = {0};
    gr_weights *ours;
    gr_status status;
    gr_model_destroy(translate(options, keras, &ours, &status, &err));
    if (status != GR_INVALID || strstr(err.text, words) == NULL)
        fail_msg("%s, for \"%s\": %s", options->backbone, words, status == GR_OK ? said.data : err.text);
    gr_weights_destroy(ours);
}

static void add(gr_weights *weights, const char *name, gr_shape shape, float value)
{
    gr_error err = {0};
    gr_tensor tensor;
    assert_int_equal(gr_tensor_create(&tensor, GR_F32, &shape, &err), GR_OK);
    for (int64_t i = 0; i < gr_shape_elements(&shape); i++)
        ((float *)tensor.data)[i] = value;
    assert_int_equal(gr_weights_take(weights, name, &tensor, &err), GR_OK);
}

/* ---- what loads ---- */

static void every_network_is_filled_whole(void **state)
{
    (void)state;
    static const char *const names[] = {"resnet50",     "resnet50_old",        "resnet101",       "inception_v3",
                                        "mobilenet_v2", "mobilenet_v2_narrow", "efficientnet_b0", "nasnet_mobile"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        keras_network n = keras_find(listing, names[i]);
        gr_model_options options = keras_options(&n);
        fills(&options, keras_weights(&n, false, KERAS_EMPTY));
        fills(&options, keras_within(keras_weights(&n, false, KERAS_EMPTY), "model_1"));
    }
}

static void images_are_spoken_of(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        {"resnet50_old", "BGR pixels less 103.939, 116.779, 123.68"},
        {"vgg_face", "BGR pixels less 93.594, 104.7624, 129.1863"},
        {"mobilenet_v2_narrow", "data.image.mean [0.5, 0.5, 0.5]"},
        {"efficientnet_b0", "ImageNet's normalisation, the default"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        keras_network n = keras_find(listing, names[i][0]);
        gr_model_options options = keras_options(&n);
        if (strcmp(n.backbone, "vgg16") == 0)
            options.head = "painseeker"; /* without the large dense layers */
        gr_error err = {0};
        gr_weights *ours;
        gr_status status;
        gr_model_destroy(translate(&options, keras_weights(&n, false, KERAS_EMPTY), &ours, &status, &err));
        assert_int_equal(status, GR_OK);
        gr_weights_destroy(ours);
        if (!heard(names[i][1]))
            fail_msg("%s: %s", names[i][0], said.data);
        assert_true(heard("an eps of 1e-3") == (i == 0));
    }
}

static void a_normalization_layer_is_spoken_of(void **state)
{
    (void)state;
    keras_network n = keras_find(listing, "efficientnet_b0");
    gr_model_options options = keras_options(&n);
    gr_weights *keras = gr_weights_create(), *layers = keras_weights(&n, false, KERAS_EMPTY);
    gr_error err = {0};
    add(keras, "normalization/mean:0", gr_shape1(3), 0.5f);
    add(keras, "normalization/variance:0", gr_shape1(3), 0.0625f);
    add(keras, "normalization/count:0", gr_shape_make(0, NULL), 0.0f);
    for (int i = 0; i < gr_weights_count(layers); i++)
        assert_int_equal(gr_weights_take(keras, gr_weights_name(layers, i), gr_weights_at(layers, i), &err), GR_OK);
    gr_weights_destroy(layers);
    fills(&options, keras);
    assert_true(heard("data.image.mean [0.5, 0.5, 0.5] and data.image.std [0.25, 0.25, 0.25]"));
}

/* fc1 stands on a map of [7,7,512] flattened in Keras's order; ours is flattened as [512,7,7]. */
static void vggs_dense_layers_are_reordered(void **state)
{
    (void)state;
    enum { C = 512, PIXELS = 49, WIDTH = 4096 };
    keras_network n = keras_find(listing, "vgg16");
    gr_model_options options = keras_options(&n);
    gr_weights *keras = keras_weights(&n, false, KERAS_EMPTY), *ours;
    gr_error err = {0};
    gr_tensor fc1;
    assert_int_equal(gr_tensor_create(&fc1, GR_F32, &(gr_shape){.rank = 2, .dim = {C * PIXELS, WIDTH}}, &err), GR_OK);
    const int64_t places[][3] = {
        {0, 0, 0}, {48, 511, 4095}, {1, 2, 3}, {13, 500, 17}, {30, 0, 16}}; /* pixel, channel, output */
    for (int64_t i = 0; i < 5; i++)
        ((float *)fc1.data)[(places[i][0] * C + places[i][1]) * WIDTH + places[i][2]] = (float)(i + 1);
    assert_int_equal(gr_weights_take(keras, "fc1/kernel:0", &fc1, &err), GR_OK);
    add(keras, "fc1/bias:0", gr_shape1(WIDTH), 2.0f);
    add(keras, "fc2/kernel:0", gr_shape2(WIDTH, WIDTH), 0.5f);
    add(keras, "fc2/bias:0", gr_shape1(WIDTH), 3.0f);
    gr_status status;
    gr_model_destroy(translate(&options, keras, &ours, &status, &err));
    if (status != GR_OK)
        fail_msg("%s", err.text);
    const gr_tensor *dense = gr_weights_find(ours, "backbone.classifier.0.weight");
    for (int64_t i = 0; i < 5; i++)
        assert_true(((float *)dense->data)[places[i][2] * C * PIXELS + places[i][1] * PIXELS + places[i][0]] ==
                    (float)(i + 1));
    assert_true(((float *)gr_weights_find(ours, "backbone.classifier.0.bias")->data)[7] == 2.0f);
    assert_true(((float *)gr_weights_find(ours, "backbone.classifier.3.weight")->data)[7] == 0.5f);
    assert_true(((float *)gr_weights_find(ours, "backbone.classifier.3.bias")->data)[7] == 3.0f);
    gr_weights_destroy(ours);
}

static void heads_differ(void **state)
{
    (void)state;
    gr_error err = {0};
    keras_network n = keras_find(listing, "mobilenet_v2_narrow");
    gr_model_options options = keras_options(&n);
    options.classes = 5;
    assert_int_equal(load(&options, keras_weights(&n, false, KERAS_EMPTY), &err), GR_OK);
    assert_true(heard("of another shape: classifier.weight ([3, 1280] in the file, [5, 1280] in the model)"));
    gr_weights *keras = keras_weights(&n, false, KERAS_EMPTY);
    add(keras, "dense_7/kernel:0", gr_shape2(3, 2), 0.0f);
    options.classes = KERAS_CLASSES;
    assert_int_equal(load(&options, keras, &err), GR_OK);
    assert_true(heard("left out: dense_7/kernel:0, which the model does not have"));
}

/* Scores and ordered classes have last layers of their own. */
static void tasks_differ(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"scores", "of another shape: classifier.weight ([3, 1280] in the file, [1, 1280] in the model), classifier.bias"},
        {"ordinal", "not in the file: classifier.thresholds"},
    };
    keras_network n = keras_find(listing, "mobilenet_v2_narrow");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gr_error err = {0};
        gr_model_options options = keras_options(&n);
        options.task = cases[i][0];
        assert_int_equal(load(&options, keras_weights(&n, false, KERAS_EMPTY), &err), GR_OK);
        if (!heard(cases[i][1]))
            fail_msg("%s", said.data);
    }
}

/* ---- what does not ---- */

static void other_networks_are_refused(void **state)
{
    (void)state;
    keras_network r50 = keras_find(listing, "resnet50"), r101 = keras_find(listing, "resnet101"),
                  narrow = keras_find(listing, "mobilenet_v2_narrow"), wide = keras_find(listing, "mobilenet_v2"),
                  inception = keras_find(listing, "inception_v3");
    gr_model_options options = keras_options(&r50);
    refuses(&options, keras_weights(&r101, false, KERAS_EMPTY), "holds another network");
    refuses(&options, keras_weights(&narrow, false, KERAS_EMPTY), "holds Keras's mobilenet_v2; a file of resnet50, or");
    options = keras_options(&r101);
    refuses(&options, keras_weights(&r50, false, KERAS_EMPTY), "lacks the layer conv4_block7_1_conv of Keras's resnet101");
    options = keras_options(&wide);
    refuses(&options, keras_weights(&narrow, false, KERAS_EMPTY), "Conv1/kernel:0 is [3, 3, 3, 16], Keras's mobilenet_v2");
    options = keras_options(&inception);
    gr_weights *none = gr_weights_create();
    refuses(&options, none, "none of its layers is called as keras.applications calls the first of inception_v3");
}

static void torchvisions_variant_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"resnet50", "resnet50_old", "inception_v3", "mobilenet_v2_narrow",
                                        "efficientnet_b0"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        keras_network n = keras_find(listing, names[i]);
        gr_model_options options = keras_options(&n);
        options.variant = i % 2 == 0 ? NULL : "torchvision";
        refuses(&options, keras_weights(&n, false, KERAS_EMPTY), "model.variant keras would be right");
    }
}

static void unclear_files_are_refused(void **state)
{
    (void)state;
    keras_network n = keras_find(listing, "mobilenet_v2_narrow");
    gr_model_options options = keras_options(&n);
    gr_weights *keras = keras_weights(&n, false, KERAS_EMPTY);
    add(keras, "twin/Conv1/kernel:0", gr_shape4(3, 3, 3, 16), 0.0f);
    refuses(&options, keras, "has two layers of one name: twin/Conv1/kernel:0");
    keras = keras_within(keras_weights(&n, false, KERAS_EMPTY), "m");
    gr_weights *between = gr_weights_create();
    add(between, "m/preact_bn/gamma:0", gr_shape1(3), 0.0f);
    gr_error err = {0};
    for (int i = 0; i < gr_weights_count(keras); i++)
        assert_int_equal(gr_weights_take(between, gr_weights_name(keras, i), gr_weights_at(keras, i), &err), GR_OK);
    gr_weights_destroy(keras);
    refuses(&options, between, "has m/preact_bn/gamma:0 among its layers");
    gr_model *model;
    options.backbone = "resnet18";
    options.width = 1;
    assert_int_equal(gr_model_create(&options, &model, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "resnet18 is not among Keras's networks here"));
    options.variant = "kera";
    err = (gr_error){0};
    assert_int_equal(gr_model_create(&options, &model, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "did you mean 'keras'?"));
}

/* ---- from a file to a run's network ---- */

static void write_names(hid_t object, const char *attribute, const char *const *names, size_t count)
{
    size_t longest = 1;
    for (size_t i = 0; i < count; i++)
        longest = strlen(names[i]) > longest ? strlen(names[i]) : longest;
    char *text = gr_alloc(count, longest);
    assert_non_null(text);
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * longest, names[i], strlen(names[i]));
    hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate_simple(1, (hsize_t[]){count}, NULL);
    H5Tset_size(type, longest);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    hid_t list = H5Acreate2(object, attribute, type, space, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Awrite(list, type, text) >= 0);
    H5Aclose(list);
    H5Sclose(space);
    H5Tclose(type);
    gr_free(text);
}

static void write_dataset(hid_t group, const char *name, const gr_tensor *tensor)
{
    hsize_t extent[4];
    for (int d = 0; d < tensor->shape.rank; d++)
        extent[d] = (hsize_t)tensor->shape.dim[d];
    hid_t space = H5Screate_simple(tensor->shape.rank, extent, NULL), links = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    hid_t data = H5Dcreate2(group, name, H5T_IEEE_F32LE, space, links, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Dwrite(data, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, tensor->data) >= 0);
    H5Dclose(data);
    H5Pclose(links);
    H5Sclose(space);
}

/* One group a layer, "LAYER/VARIABLE:0" in it, as Keras's save_weights lays it out. */
static void write_file(const char *path, const gr_weights *weights)
{
    enum { MOST = 400, EACH = 8 };
    char layers[MOST][64];
    const char *names[MOST], *own[EACH];
    size_t count = 0;
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(file >= 0);
    for (int i = 0; i < gr_weights_count(weights);) {
        size_t length = strcspn(gr_weights_name(weights, i), "/"), variables = 0;
        assert_true(count < MOST && length < sizeof layers[0]);
        snprintf(layers[count], sizeof layers[0], "%.*s", (int)length, gr_weights_name(weights, i));
        hid_t group = H5Gcreate2(file, layers[count], H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        for (; i < gr_weights_count(weights); i++) {
            const char *name = gr_weights_name(weights, i);
            if (strncmp(name, layers[count], length) != 0 || name[length] != '/')
                break;
            own[variables++] = name;
            write_dataset(group, name, gr_weights_at((gr_weights *)weights, i));
        }
        write_names(group, "weight_names", own, variables);
        H5Gclose(group);
        names[count] = layers[count];
        count++;
    }
    write_names(file, "layer_names", names, count);
    H5Fclose(file);
}

/* The network that a run with this config and these weights begins with, as a model file. */
static gr_status pretrain(const char *yaml, const char *path, const char *more, gr_weights **out, gr_error *err)
{
    gr_config *config = NULL;
    gr_network network = {0};
    char pretrained[200];
    snprintf(pretrained, sizeof pretrained, "model.pretrained=%s", path);
    const char *overrides[] = {"model.backbone=mobilenet_v2", "model.width=0.35", "data.image.size=75", pretrained, more};
    static const char *const classes[] = {"a", "b", "c"};
    gr_status status = gr_config_load(yaml, overrides, 5, &config, err);
    gr_text_free(&said);
    gr_recipe recipe = {0};
    const gr_outputs outputs = {.classes = KERAS_CLASSES, .labels = 1};
    if (status == GR_OK) {
        recipe = gr_config_recipe(config);
        status = gr_network_create(&recipe, outputs, NULL, false, &network, err);
    }
    if (status == GR_OK)
        status = gr_network_pretrain(&recipe, &network, hear, NULL, err);
    if (status == GR_OK) {
        gr_card card = gr_network_card(&recipe, outputs, classes);
        status = gr_network_export(&network, &card, out, err);
    }
    gr_network_destroy(&network);
    gr_config_destroy(config);
    return status;
}

static void a_file_makes_a_network_and_its_card(void **state)
{
    (void)state;
    char folder[TEST_TEMP], path[300], model[300], yaml[300];
    assert_non_null(test_temp_folder(folder, "keras"));
    snprintf(path, sizeof path, "%s/w.h5", folder);
    snprintf(model, sizeof model, "%s/m.safetensors", folder);
    snprintf(yaml, sizeof yaml, "%s/c.yaml", folder);
    keras_network n = keras_find(listing, "mobilenet_v2_narrow");
    gr_weights *keras = keras_weights(&n, false, KERAS_FILLED), *out, *again;
    gr_error err = {0};
    write_file(path, keras);
    assert_int_equal(gr_file_write(yaml, "seed: 1\n", 8, &err), GR_OK);
    if (pretrain(yaml, path, "threads=1", &out, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_true(heard("loaded: 262 of the model's 262 tensors"));
    const gr_tensor *ours = gr_weights_find(out, "backbone.features.1.conv.0.0.weight");
    const gr_tensor *theirs = gr_weights_find(keras, "expanded_conv_depthwise/depthwise_kernel:0");
    for (int64_t c = 0; c < 16; c++) /* [3,3,C,1] there, [C,1,3,3] here */
        for (int64_t t = 0; t < 9; t++)
            assert_true(((float *)ours->data)[c * 9 + t] == ((float *)theirs->data)[t * 16 + c]);
    assert_int_equal(gr_weights_write(model, out, &err), GR_OK);
    gr_weights_destroy(out);
    assert_int_equal(pretrain(yaml, path, "model.variant=torchvision", &out, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "w.h5: was written by Keras, whose mobilenet_v2 pads unevenly"));
    err = (gr_error){0};
    /* The card of the model that came of it says the same. */
    assert_int_equal(pretrain(yaml, model, "threads=1", &again, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "m.safetensors: holds Keras's variant of mobilenet_v2"));
    err = (gr_error){0};
    assert_int_equal(pretrain(yaml, model, "model.variant=keras", &again, &err), GR_OK);
    assert_false(heard("does not say"));
    gr_weights_destroy(again);
    gr_weights_destroy(keras);
    unlink(path);
    unlink(model);
    unlink(yaml);
    rmdir(folder);
}

static int set_up(void **state)
{
    (void)state;
    listing = keras_listing("layers.txt");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    gr_text_free(&said);
    gr_free(listing);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_network_is_filled_whole),       cmocka_unit_test(images_are_spoken_of),
        cmocka_unit_test(a_normalization_layer_is_spoken_of),  cmocka_unit_test(heads_differ),
        cmocka_unit_test(vggs_dense_layers_are_reordered),     cmocka_unit_test(other_networks_are_refused),
        cmocka_unit_test(torchvisions_variant_is_refused),     cmocka_unit_test(unclear_files_are_refused),
        cmocka_unit_test(a_file_makes_a_network_and_its_card), cmocka_unit_test(tasks_differ),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
