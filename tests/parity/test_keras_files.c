/* Files that Keras 3.15 and 2.15 wrote themselves, of plain networks: their numbers, in each of its formats, give Keras's
 * logits. */
#include "support/parity.h"
#include "grimace/plan.h"
#include "support/support.h"

#include <string.h>

#define FOLDER "tests/parity/keras/"

static const char seq[] =
    "[{conv: 5, act: relu}, {batch_norm: {}, eps: 0.001}, {pool: max}, {conv: 4, stride: 2, pad: same, bias: false}, "
    "{flatten: {}}, {dropout: 0.5}, {dense: 6, act: relu}]";
static const char rest[] =
    "[{conv: 4, kernel: [5, 2], stride: [2, 1], pad: same}, {batch_norm: {}, eps: 0.001}, {act: relu}, "
    "{conv: 4, kernel: 4, stride: 2, pad: same, groups: 4}, {pool: avg, size: 3, stride: 2, pad: same}, "
    "{conv: 6, kernel: 2, pad: same, act: sigmoid}, {pool: max, size: 3, stride: 1, pad: same}, "
    "{global_pool: avg}]";
static const char nest[] = "[{conv: 3, stride: 3, act: relu}, {flatten: {}}, {dense: 4}]";

static const char mixed[] =
    "[{conv: 6}, {conv: 6, groups: 6, pad: same}, {pool: max, size: 2, stride: 1, pad: same}, {conv: 6, groups: 6}, "
    "{pool: avg, size: [2, 4], stride: 1, pad: same}, {conv: 12, kernel: 2, stride: 2, groups: 6, act: relu}, {global_pool: avg}]";

static const char middle[] =
    "[{conv: 3, pad: same, act: relu}, {conv: 3, pad: same}, {batch_norm: {}, eps: 0.001}, {act: relu}, "
    "{conv: 6, groups: 3, pad: same, bias: false}, {conv: 3, kernel: 1}, {conv: 3, pad: same, act: relu}, {global_pool: avg}]";
static const char prelu[] = "[{conv: 4, stride: 2, act: prelu}, {pool: max}, {flatten: {}}, {act: prelu}, {dense: 5, act: prelu}]";

static void infer(const gr_model *model, gr_params *params, float logits[6])
{
    gr_plan_options options = {.batch = 2, .keep = (const gr_value *const[]){model->logits}, .keep_count = 1};
    gr_plan *plan;
    gr_error err = {0};
    gr_workspace *workspace = gr_workspace_create();
    if (gr_plan_compile(model->graph, params, workspace, &options, &plan, &err) != GR_OK)
        fail_msg("%s", err.text);
    float *image = gr_plan_data(plan, model->image);
    for (uint32_t i = 0; i < 2 * 16 * 16 * 3; i++)
        image[i] = test_number(99, i);
    gr_plan_forward(plan, 1, 0);
    memcpy(logits, gr_plan_data(plan, model->logits), 6 * sizeof *logits);
    gr_plan_destroy(plan);
    gr_workspace_destroy(workspace);
}

static bool gives(const char *file, const char *layers, const gr_weights *reference, const char *key)
{
    gr_model_options options = {
        .backbone = "layers", .head = "linear", .size = 16, .channels = 3, .classes = 3, .layers = layers};
    gr_model *model;
    gr_params *params;
    gr_weights *keras = NULL, *ours = NULL;
    gr_error err = {0};
    float logits[6];
    assert_int_equal(gr_model_create(&options, &model, &err), GR_OK);
    assert_int_equal(gr_params_create(model->graph, 1, false, &params, &err), GR_OK);
    if (gr_weights_read(file, &keras, &err) != GR_OK ||
        gr_weights_from_keras(&options, model, keras, &ours, NULL, NULL, &err) != GR_OK ||
        gr_model_import(model, params, ours, NULL, NULL, &err) != GR_OK)
        fail_msg("%s: %s", file, err.text);
    assert_int_equal(gr_weights_count(ours), gr_graph_parameter_count(model->graph));
    infer(model, params, logits);
    bool good = test_parity_matches(reference, key, "logits", logits, 1e-5);
    gr_weights_destroy(keras);
    gr_weights_destroy(ours);
    gr_params_destroy(params);
    gr_model_destroy(model);
    return good;
}

static void every_format_of_every_version_gives_keras_logits(void **state)
{
    (void)state;
    static const char *const versions[] = {"files3", "files2"};
    static const struct {
        const char *ending, *layers, *key;
    } cases[] = {{"_seq.keras", seq, "seq"},
                 {"_seq.weights.h5", seq, "seq"},
                 {"_seq.h5", seq, "seq"},
                 {"_rest.keras", rest, "rest"},
                 {"_nest.keras", nest, "nest"},
                 {"_mixed.keras", mixed, "mixed"},
                 {"_mixed.h5", mixed, "mixed"},
                 {"_middle.keras", middle, "middle"},
                 {"_prelu.keras", prelu, "prelu"},
                 {"_prelu.weights.h5", prelu, "prelu"},
                 {"_prelu.h5", prelu, "prelu"}};
    bool good = true;
    for (int v = 0; v < 2; v++) {
        char path[200];
        snprintf(path, sizeof path, FOLDER "%s.safetensors", versions[v]);
        gr_weights *reference = test_parity_open(path);
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            snprintf(path, sizeof path, FOLDER "%s%s", versions[v], cases[i].ending);
            good = gives(path, cases[i].layers, reference, cases[i].key) && good;
        }
        gr_weights_destroy(reference);
    }
    assert_true(good);
}

/* TAKES keras. */
static void refuses_weights(gr_weights *keras, const char *layers, const char *words)
{
    gr_model_options options = {.backbone = layers != NULL ? "layers" : "resnet18",
                                .head = "linear",
                                .size = 16,
                                .channels = 3,
                                .classes = 3,
                                .layers = layers};
    gr_model *model;
    gr_weights *ours;
    gr_error err = {0};
    assert_int_equal(gr_model_create(&options, &model, &err), GR_OK);
    assert_int_equal(gr_weights_from_keras(&options, model, keras, &ours, NULL, NULL, &err), GR_INVALID);
    if (strstr(err.text, words) == NULL)
        fail_msg("%s lacks %s", err.text, words);
    gr_weights_destroy(keras);
    gr_model_destroy(model);
}

static void refuses(const char *file, const char *layers, const char *words)
{
    gr_weights *keras;
    gr_error err = {0};
    assert_int_equal(gr_weights_read(file, &keras, &err), GR_OK);
    refuses_weights(keras, layers, words);
}

/* Numbers alone, as a .weights.h5 has them: whether a batch norm's first of three is gamma nobody knows. */
static void a_norm_of_three_variables_is_refused_where_its_class_is_all_that_is_known(void **state)
{
    (void)state;
    static const char *const names[] = {"conv2d/kernel:0", "batch_normalization/beta:0", "batch_normalization/moving_mean:0",
                                        "batch_normalization/moving_variance:0", "dense/kernel:0"};
    static const float zeros[1 << 10];
    const gr_shape shapes[] = {gr_shape4(3, 3, 3, 2), gr_shape1(2), gr_shape1(2), gr_shape1(2), gr_shape2(2, 3)};
    gr_weights *keras = gr_weights_create();
    gr_error err = {0};
    assert_int_equal(gr_weights_set_note(keras, "order", "counted", &err), GR_OK);
    for (int i = 0; i < 5; i++)
        assert_int_equal(gr_weights_add(keras, names[i], GR_F32, &shapes[i], zeros, &err), GR_OK);
    refuses_weights(keras, "[{conv: 2}, {batch_norm: {}}, {global_pool: avg}]",
                    "has a batch norm batch_normalization of three variables and does not say whether it lacks gamma or beta");
}

/* Numbers alone again: a separable convolution in front of one of 1x1 to `filters` channels, each kernel full of its own number;
 * Keras has the second first, by the alphabet. GIVES the file. */
static gr_weights *separable_first(int64_t filters)
{
    static const char *const names[] = {"conv2d/kernel:0", "separable_conv2d/depthwise_kernel:0",
                                        "separable_conv2d/pointwise_kernel:0", "dense/kernel:0"};
    static float numbers[4][1 << 8];
    const gr_shape shapes[] = {gr_shape4(1, 1, 3, filters), gr_shape4(3, 3, 3, 1), gr_shape4(1, 1, 3, 3), gr_shape2(filters, 3)};
    gr_weights *keras = gr_weights_create();
    gr_error err = {0};
    assert_int_equal(gr_weights_set_note(keras, "order", "counted", &err), GR_OK);
    for (int i = 0; i < 4; i++) {
        for (int n = 0; n < 1 << 8; n++)
            numbers[i][n] = (float)i + 1.0f;
        assert_int_equal(gr_weights_add(keras, names[i], GR_F32, &shapes[i], numbers[i], &err), GR_OK);
    }
    return keras;
}

static void of_separable_convolutions_the_shapes_tell_which_is_which(void **state)
{
    (void)state;
    gr_model_options options = {.backbone = "layers", .head = "linear", .size = 16, .channels = 3, .classes = 3,
                                .layers = "[{conv: 3, groups: 3}, {conv: 3, kernel: 1}, {conv: 4, kernel: 1}, {global_pool: avg}]"};
    gr_model *model;
    gr_weights *keras = separable_first(4), *ours;
    gr_error err = {0};
    assert_int_equal(gr_model_create(&options, &model, &err), GR_OK);
    if (gr_weights_from_keras(&options, model, keras, &ours, NULL, NULL, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_true(((const float *)gr_weights_find(ours, "layers.1.weight")->data)[0] == 2.0f);
    assert_true(((const float *)gr_weights_find(ours, "layers.2.weight")->data)[0] == 3.0f);
    assert_true(((const float *)gr_weights_find(ours, "layers.3.weight")->data)[0] == 1.0f);
    gr_weights_destroy(keras);
    gr_weights_destroy(ours);
    gr_model_destroy(model);
    refuses_weights(separable_first(3), "[{conv: 3, groups: 3}, {conv: 3, kernel: 1}, {conv: 3, kernel: 1}, {global_pool: avg}]",
                    "does not say which comes first, for layers.2.weight; what model.save");
}

static void other_networks_are_refused(void **state)
{
    (void)state;
    refuses(FOLDER "files3_seq.keras", "[{conv: 5}, {flatten: {}}, {dense: 6}]",
            "[64, 6], and layers.3.weight of model.layers would need [6, 980]");
    refuses(FOLDER "files3_seq.keras",
            "[{conv: 5}, {batch_norm: {}}, {pool: max}, {conv: 4, stride: 2, pad: same}, {flatten: {}}]",
            "has 2 dense layers, and model.layers with its last layer has 1: it holds another network");
    refuses(FOLDER "files3_rest.keras", "[{conv: 4, kernel: [5, 2]}, {batch_norm: {}}, {global_pool: avg}]",
            "[6, 3], and classifier.weight of model.layers would need [3, 4]");
    refuses(FOLDER "files3_middle.weights.h5", middle, "has convolutions in a model within the model and beside it and does not");
    refuses(FOLDER "files3_mixed.weights.h5", mixed, "does not say which comes first, for layers.2.weight; what model.save");
    refuses(FOLDER "files3_nest.keras", seq, "[3, 3, 3, 3], and layers.1.weight of model.layers would need [3, 3, 3, 5]");
    refuses(FOLDER "files3_nest.keras", "[{conv: 3, stride: 3}, {batch_norm: {}}, {flatten: {}}, {dense: 4}]",
            "has 0 batch norms, and model.layers has more: there is none for layers.2.weight");
    refuses(FOLDER "files3_seq.h5", "[{conv: 5, kernel: 5}, {batch_norm: {}}, {conv: 4}, {flatten: {}}, {dense: 6}]",
            "[3, 3, 3, 5], and layers.1.weight of model.layers would need [5, 5, 3, 5]");
    refuses(FOLDER "files2_seq.keras", NULL, "holds no names of layers");
    refuses(FOLDER "files3_prelu.weights.h5",
            "[{conv: 4, stride: 2}, {pool: max}, {flatten: {}}, {act: prelu}, {dense: 5, act: prelu}]",
            "p_re_lu/alpha:0 is [1, 1, 4], and layers.4.weight of model.layers would need [36]");
    refuses(FOLDER "files3_prelu.keras", "[{conv: 4, stride: 2}, {pool: max}, {flatten: {}}, {dense: 5}]",
            "has 3 PReLUs, and model.layers");
    refuses(FOLDER "files3_seq.keras", NULL, "none of its layers is called");
}

/* One output z, whose sigmoid is the second class's probability: softmax of -z / 2 and z / 2. */
static void one_output_by_sigmoid_is_two_classes(void **state)
{
    (void)state;
    gr_model_options options = {.backbone = "layers",
                                .head = "linear",
                                .size = 16,
                                .channels = 3,
                                .classes = 2,
                                .layers = "[{conv: 2, stride: 3, pad: 1}, {act: leaky_relu, slope: 0.1}, {flatten: {}}]"};
    static const char *const files[] = {FOLDER "files3_one.keras", FOLDER "files2_one.keras"};
    for (int f = 0; f < 2; f++) {
        gr_model *model;
        gr_weights *keras, *ours;
        gr_error err = {0};
        double mean[3], std[3];
        bool said;
        assert_int_equal(gr_model_create(&options, &model, &err), GR_OK);
        assert_int_equal(gr_weights_read(files[f], &keras, &err), GR_OK);
        if (gr_weights_from_keras(&options, model, keras, &ours, NULL, NULL, &err) != GR_OK)
            fail_msg("%s: %s", files[f], err.text);
        const gr_tensor *w = gr_weights_find(ours, "classifier.weight"), *b = gr_weights_find(ours, "classifier.bias");
        const float *from = gr_weights_at(keras, gr_weights_count(keras) - 2)->data;
        float bias = *(const float *)gr_weights_at(keras, gr_weights_count(keras) - 1)->data;
        assert_int_equal(w->shape.dim[0], 2);
        for (int i = 0; i < 2 * 6 * 6; i++) { /* Keras flattens [H, W, C] */
            int at = i % 2 * 36 + i / 2;
            assert_true(((const float *)w->data)[at] == -0.5f * from[i] && ((const float *)w->data)[72 + at] == 0.5f * from[i]);
        }
        assert_true(bias != 0.0f && ((const float *)b->data)[0] == -0.5f * bias && ((const float *)b->data)[1] == 0.5f * bias);
        assert_int_equal(gr_keras_pixels(keras, &said, mean, std, &err), GR_OK);
        assert_true(said && mean[0] == 0.5 && mean[2] == 0.5 && std[0] == 0.5 && std[2] == 0.5);
        gr_weights_destroy(keras);
        gr_weights_destroy(ours);
        gr_model_destroy(model);
    }
}

static void a_custom_layer_is_refused_by_its_name(void **state)
{
    (void)state;
    static const char list[] = "[{conv: 2, stride: 3}, {flatten: {}}]";
    refuses(FOLDER "files3_custom.keras", list, "has a layer mine with 0:0, which is none of model.layers (a custom layer");
    refuses(FOLDER "files2_custom.h5", list, "has a layer mine with factor:0, which is none of model.layers (a custom layer");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_of_every_version_gives_keras_logits),
        cmocka_unit_test(of_separable_convolutions_the_shapes_tell_which_is_which),
        cmocka_unit_test(other_networks_are_refused),
        cmocka_unit_test(a_norm_of_three_variables_is_refused_where_its_class_is_all_that_is_known),
        cmocka_unit_test(one_output_by_sigmoid_is_two_classes),
        cmocka_unit_test(a_custom_layer_is_refused_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
