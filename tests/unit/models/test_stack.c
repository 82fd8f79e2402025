/* Plain networks: the layers that a list gives, their numbers beside those of an architecture in C, and InfantPain's count.
 */
#include "support/support.h"
#include "grimace/models.h"
#include "grimace/plan.h"
#include "models/layer_list.h"

#include <string.h>

static gr_model_options options_of(const char *layers, int64_t size)
{
    return (gr_model_options){
        .backbone = "layers", .head = "linear", .size = size, .channels = 3, .classes = 2, .layers = layers};
}

static gr_model *make(const gr_model_options *options)
{
    gr_model *model;
    gr_error err = {0};
    if (gr_model_create(options, &model, &err) != GR_OK)
        fail_msg("%s", err.text);
    return model;
}

static void maps_shrink_as_keras_says(void **state)
{
    (void)state;
    static const struct {
        const char *layers, *value;
        int64_t height, width, channels;
    } cases[] = {
        {"[{conv: 4}, {flatten: {}}]", "layers.1", 15, 15, 4},
        {"[{conv: 4, pad: same, stride: 2}, {flatten: {}}]", "layers.1", 9, 9, 4},
        {"[{conv: 4, kernel: 4, pad: same}, {flatten: {}}]", "layers.1", 17, 17, 4},
        {"[{conv: 4, kernel: [5, 2], pad: same, stride: [1, 3]}, {flatten: {}}]", "layers.1", 17, 6, 4},
        {"[{conv: 4, pad: 2, dilation: 2}, {flatten: {}}]", "layers.1", 17, 17, 4},
        {"[{pool: max}, {flatten: {}}]", "layers.1", 8, 8, 3},
        {"[{pool: avg, pad: same}, {flatten: {}}]", "layers.1", 9, 9, 3},
        {"[{pool: max, size: 3, stride: 2, pad: same}, {flatten: {}}]", "layers.1", 9, 9, 3},
        {"[{pool: max, size: 3, stride: 1, pad: same}, {flatten: {}}]", "layers.1", 17, 17, 3},
        {"[{pool: max, size: [2, 4], stride: 1, pad: same}, {flatten: {}}]", "layers.1", 17, 17, 3},
        {"[{pool: avg, size: 1, stride: [2, 3], pad: same}, {flatten: {}}]", "layers.1", 9, 6, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gr_model_options options = options_of(cases[i].layers, 17);
        gr_model *model = make(&options);
        gr_value *value = gr_graph_find(model->graph, cases[i].value);
        assert_non_null(value);
        gr_shape got = gr_value_shape(value), want = gr_shape4(1, cases[i].height, cases[i].width, cases[i].channels);
        if (!gr_shape_equal(&got, &want))
            fail_msg("%s gives %lld x %lld x %lld", cases[i].layers, (long long)got.dim[1], (long long)got.dim[2],
                     (long long)got.dim[3]);
        gr_model_destroy(model);
    }
}

/* Copies parameter i of one network to parameter i of another: the two have the same layers. */
static void copy(const gr_model *from, const gr_params *a, const gr_model *to, gr_params *b)
{
    assert_int_equal(gr_graph_parameter_count(from->graph), gr_graph_parameter_count(to->graph));
    for (int i = 0; i < gr_graph_parameter_count(from->graph); i++) {
        const gr_parameter *p = gr_graph_parameter(from->graph, i), *q = gr_graph_parameter(to->graph, i);
        assert_int_equal(p->count, q->count);
        memcpy(b->values + q->offset, a->values + p->offset, p->count * sizeof(float));
    }
}

static void infer(const gr_model *model, gr_params *params, float out[4])
{
    gr_plan_options options = {.batch = 2, .keep = (const gr_value *const[]){model->logits}, .keep_count = 1};
    gr_plan *plan;
    gr_error err = {0};
    gr_workspace *workspace = gr_workspace_create();
    if (gr_plan_compile(model->graph, params, workspace, &options, &plan, &err) != GR_OK)
        fail_msg("%s", err.text);
    float *image = gr_plan_data(plan, model->image);
    for (int i = 0; i < 2 * 32 * 32 * 3; i++)
        image[i] = (float)((i * 37) % 101) / 50.0f - 1.0f;
    gr_plan_forward(plan, 1, 0);
    memcpy(out, gr_plan_data(plan, model->logits), 4 * sizeof *out);
    gr_plan_destroy(plan);
    gr_workspace_destroy(workspace);
}

/* BlackMice's network with borders of one pixel is the architecture of that name, to the bit. */
static void a_list_computes_as_the_architecture(void **state)
{
    (void)state;
    gr_model_options list =
        options_of("[{conv: 32, pad: 1, act: relu}, {pool: max}, {conv: 32, pad: same, act: relu}, {pool: max},"
                   " {conv: 64, pad: same}, {act: relu}, {pool: max}, {flatten: {}},"
                   " {dense: 128, act: relu}, {dense: 128, act: relu}, {dropout: 0}]",
                   32);
    gr_model_options named = {.backbone = "blackmice_cnn", .head = "linear", .size = 32, .channels = 3, .classes = 2};
    gr_model *a = make(&named), *b = make(&list);
    gr_params *x, *y;
    gr_error err = {0};
    float want[4], got[4];
    assert_int_equal(gr_params_create(a->graph, 5, false, &x, &err), GR_OK);
    assert_int_equal(gr_params_create(b->graph, 6, false, &y, &err), GR_OK);
    copy(a, x, b, y);
    infer(a, x, want);
    infer(b, y, got);
    assert_memory_equal(want, got, sizeof want);
    assert_string_equal(gr_graph_parameter(b->graph, 0)->name, "layers.1.weight");
    assert_string_equal(gr_value_name(b->features), "layers.7");
    assert_true(gr_model_before_head("layers.9.bias") && !gr_model_before_head("classifier.bias"));
    gr_params_destroy(x);
    gr_params_destroy(y);
    gr_model_destroy(a);
    gr_model_destroy(b);
}

static void lists_read_back_as_they_were_put(void **state)
{
    (void)state;
    static const char text[] =
        "[{conv: 8, kernel: [3, 1], stride: 2, pad: same, groups: 1, act: silu, bias: false, init: torch}, "
        "{batch_norm: {}, eps: 0.001, momentum: 0.01}, {pool: avg, size: 3, pad: [1, 0]}, {dropout: 0.5}, "
        "{global_pool: max}, {dense: 4, act: leaky_relu, slope: 0.3}, {act: relu6}, {act: hard_sigmoid, slope: 0.2}]";
    static gr_stack_layer layers[GR_STACK_MOST];
    gr_arena *arena = gr_arena_create();
    const gr_yaml *root;
    gr_error err = {0};
    int count, line;
    gr_text out = {0};
    assert_int_equal(gr_yaml_parse(NULL, text, strlen(text), arena, &root, &err), GR_OK);
    assert_int_equal(gr_stack_read(root, layers, &count, &line, &err), GR_OK);
    gr_stack_put(layers, count, &out);
    assert_string_equal(out.data, text);
    gr_text_free(&out);
    gr_arena_destroy(arena);
}

/* PyTorch begins at 1/4 and Keras at 0, and both learn the slopes by themselves: of a map's channels, of a vector's numbers. */
static void slopes_begin_as_their_library_has_them(void **state)
{
    (void)state;
    static const char *const inits[] = {NULL, "glorot_uniform"};
    static const char *const names[] = {"layers.1.prelu.weight", "layers.3.weight"};
    for (int i = 0; i < 2; i++) {
        gr_model_options options = options_of("[{conv: 4, act: prelu}, {flatten: {}}, {act: prelu}]", 6);
        options.init = inits[i];
        gr_model *model = make(&options);
        gr_params *params;
        gr_error err = {0};
        assert_int_equal(gr_params_create(model->graph, 1, false, &params, &err), GR_OK);
        int found = 0;
        for (int p = 0; p < gr_graph_parameter_count(model->graph); p++) {
            const gr_parameter *param = gr_graph_parameter(model->graph, p);
            if (found == 2 || strcmp(param->name, names[found]) != 0)
                continue;
            assert_int_equal(param->count, found == 0 ? 4 : 4 * 4 * 4);
            for (size_t n = 0; n < param->count; n++)
                assert_true(params->values[param->offset + n] == (i == 0 ? 0.25f : 0.0f));
            found++;
        }
        assert_int_equal(found, 2);
        gr_params_destroy(params);
        gr_model_destroy(model);
    }
}

/* "The resulting architecture had 10 230 274 trainable parameters" (InfantPain, chapter 4): the config's network has as
 * many. */
static void infantpain_trains_as_many_numbers_as_its_thesis_says(void **state)
{
    (void)state;
    static const int hidden[] = {2048, 1024};
    gr_model_options options = {.backbone = "vgg16",
                                .head = "mlp",
                                .size = 224,
                                .channels = 3,
                                .classes = 2,
                                .mlp = {.pool = "avg", .hidden = hidden, .hidden_count = 2, .dropout = 0.5}};
    gr_model *model = make(&options);
    assert_int_equal(gr_graph_freeze_first(model->graph, 15), 15);
    size_t trained = 0;
    for (int i = 0; i < gr_graph_parameter_count(model->graph); i++)
        trained += gr_graph_parameter(model->graph, i)->frozen ? 0 : gr_graph_parameter(model->graph, i)->count;
    assert_int_equal(trained, 10230274);
    gr_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_shrink_as_keras_says),
        cmocka_unit_test(a_list_computes_as_the_architecture),
        cmocka_unit_test(lists_read_back_as_they_were_put),
        cmocka_unit_test(slopes_begin_as_their_library_has_them),
        cmocka_unit_test(infantpain_trains_as_many_numbers_as_its_thesis_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
