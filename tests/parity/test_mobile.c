/* The mobile networks and their operators against torchvision's numbers (make_mobile.py). Weights go in under torchvision's own
 * names, so that a state_dict of torchvision is known to fill the whole model. */
#include "support/support.h"
#include "grimace/models.h"
#include "grimace/weights.h"
#include "ops/ops.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 64, CLASSES = 3 };

static gr_weights *reference;

static const gr_tensor *want(const char *key, const char *suffix)
{
    char name[64];
    snprintf(name, sizeof name, "%s.%s", key, suffix);
    const gr_tensor *tensor = gr_weights_find(reference, name);
    if (tensor == NULL)
        fail_msg("mobile.safetensors lacks %s; run make_mobile.py", name);
    return tensor;
}

static bool matches(const char *key, const char *suffix, const float *got, double limit)
{
    const gr_tensor *tensor = want(key, suffix);
    if (test_close(got, tensor->data, gr_shape_elements(&tensor->shape), limit))
        return true;
    print_message("  %s.%s\n", key, suffix);
    return false;
}

/* FNV-1a, 32 bits, as make_mobile.py. */
static uint32_t stream(const char *name)
{
    uint32_t h = 2166136261u;
    for (; *name != '\0'; name++)
        h = (h ^ (unsigned char)*name) * 16777619u;
    return h;
}

static void fill_tensor(const char *name, gr_tensor *tensor)
{
    int64_t count = gr_shape_elements(&tensor->shape);
    float scale = 0.1f, offset = 0.0f;
    if (gr_ends_with(name, "running_var")) {
        scale = 0.5f;
        offset = 1.0f;
    } else if (tensor->shape.rank > 1) {
        scale = (float)sqrt(3.0 / ((double)count / (double)tensor->shape.dim[0]));
    } else if (gr_ends_with(name, "weight")) {
        scale = 0.2f;
        offset = 1.0f;
    }
    for (int64_t k = 0; k < count; k++)
        ((float *)tensor->data)[k] = scale * test_number(stream(name), (uint32_t)k) + offset;
}

static void only_good_news(void *ctx, const char *sentence)
{
    (void)ctx;
    if (!gr_starts_with(sentence, "loaded: "))
        fail_msg("%s", sentence);
}

static void load_torchvision_names(const gr_model *model, gr_params *params)
{
    gr_error err = {0};
    gr_weights *ours, *theirs = gr_weights_create();
    assert_int_equal(gr_model_export(model, params, &ours, &err), GR_OK);
    for (int i = 0; i < gr_weights_count(ours); i++) {
        const char *name = gr_weights_name(ours, i);
        char bare[96];
        if (gr_starts_with(name, "backbone."))
            snprintf(bare, sizeof bare, "%s", name + strlen("backbone."));
        else
            snprintf(bare, sizeof bare, "%s.%s", model->last_layer, strchr(name, '.') + 1);
        gr_tensor *tensor = gr_weights_at(ours, i);
        fill_tensor(bare, tensor);
        assert_int_equal(gr_weights_take(theirs, bare, tensor, &err), GR_OK);
    }
    assert_int_equal(gr_model_import(model, params, theirs, only_good_news, NULL, &err), GR_OK);
    gr_weights_destroy(ours);
    gr_weights_destroy(theirs);
}

static const struct {
    const char *key, *backbone;
    double width;
} networks[] = {{"mobilenet_v2", "mobilenet_v2", 1},
                {"mobilenet_v2 0.5", "mobilenet_v2", 0.5},
                {"mobilenet_v3_large", "mobilenet_v3_large", 1},
                {"mobilenet_v3_small", "mobilenet_v3_small", 1},
                {"shufflenet_v2 0.5", "shufflenet_v2", 0.5},
                {"shufflenet_v2", "shufflenet_v2", 1},
                {"efficientnet_b0", "efficientnet_b0", 1}};
enum { NETWORKS = sizeof networks / sizeof networks[0] };

static gr_model *make_model(int which)
{
    gr_error err = {0};
    gr_model *model;
    gr_model_options options = {.backbone = networks[which].backbone, .head = "linear", .size = SIZE, .channels = 3,
                                .classes = CLASSES, .width = networks[which].width};
    if (gr_model_create(&options, &model, &err) != GR_OK)
        fail_msg("%s", err.text);
    return model;
}

static void inference_gives_torchvisions_logits(void **state)
{
    (void)state;
    bool good = true;
    for (int i = 0; i < 2 * NETWORKS; i++) {
        gr_model *model = make_model(i / 2);
        const gr_value *keep[] = {model->logits};
        test_run run = test_compile(model->graph, NULL, keep, 1, 2, i % 2);
        load_torchvision_names(model, run.params);
        test_fill(gr_plan_data(run.plan, model->image), 2 * SIZE * SIZE * 3, 1, 1.0f);
        gr_plan_refresh(run.plan);
        gr_plan_forward(run.plan, 0, 0);
        good = matches(networks[i / 2].key, "logits", gr_plan_data(run.plan, model->logits), 1e-4) && good;
        test_run_destroy(&run);
        gr_model_destroy(model);
    }
    assert_true(good);
}

/* Both kinds of dropout keep their rate first in their attribute. */
static void never_drop(gr_graph *g)
{
    for (int o = 0; o < g->op_count; o++)
        if (g->ops[o]->type == &gr_op_dropout || g->ops[o]->type == &gr_op_stochastic_depth)
            *(double *)g->ops[o]->attr = 0.0;
}

static bool training_agrees(int which, bool fusion)
{
    const char *key = networks[which].key;
    gr_error err = {0};
    gr_model *model = make_model(which);
    gr_loss_options loss = {0};
    assert_int_equal(gr_model_add_loss(model, &loss, &err), GR_OK);
    never_drop(model->graph);
    test_run run = test_compile(model->graph, model->loss, NULL, 0, 8, fusion);
    load_torchvision_names(model, run.params);
    test_fill(gr_plan_data(run.plan, model->image), 8 * SIZE * SIZE * 3, 1, 1.0f);
    for (int32_t i = 0; i < 8; i++)
        ((int32_t *)gr_plan_data(run.plan, model->labels))[i] = i % CLASSES;
    gr_plan_forward(run.plan, 1, 0);
    bool good = matches(key, "loss", gr_plan_data(run.plan, model->loss), 1e-4);
    gr_plan_backward(run.plan);
    memcpy(run.params->values, run.params->gradients, run.params->count * sizeof(float));
    gr_weights *gradients;
    assert_int_equal(gr_model_export(model, run.params, &gradients, &err), GR_OK);
    /* float32 through fifty batch norms of few rows each: the limit is for that rounding. */
    good = matches(key, "first", gr_weights_at(gradients, 0)->data, 2e-2) && good;
    good = matches(key, "last", gr_weights_find(gradients, "classifier.bias")->data, 1e-3) && good;
    gr_weights_destroy(gradients);
    test_run_destroy(&run);
    gr_model_destroy(model);
    if (!good)
        print_message("  fusion %d\n", fusion);
    return good;
}

static void training_gives_torchvisions_loss_and_gradients(void **state)
{
    (void)state;
    bool good = true;
    for (int i = 0; i < 2 * NETWORKS; i++)
        good = training_agrees(i / 2, i % 2) && good;
    assert_true(good);
}

/* ---- operators ---- */

enum { N = 2, H = 3, W = 5, C = 6, COUNT = N * H * W * C };

static gr_value *times(gr_graph *g, gr_value *x, int factor)
{
    gr_value *y = x;
    for (int i = 2; i <= factor; i++) {
        char name[16];
        snprintf(name, sizeof name, "times%d", i);
        y = gr_add(g, y, x, name);
    }
    return y;
}

static gr_value *build(gr_graph *g, const char *name, gr_value *x, gr_value *s)
{
    gr_value *rest;
    if (strcmp(name, "relu6") == 0)
        return gr_relu6(g, times(g, x, 8), "op");
    if (strcmp(name, "hard_sigmoid") == 0)
        return gr_hard_sigmoid(g, times(g, x, 5), "op");
    if (strcmp(name, "hard_swish") == 0)
        return gr_hard_swish(g, times(g, x, 5), "op");
    if (strcmp(name, "silu") == 0)
        return gr_silu(g, times(g, x, 5), "op");
    if (strcmp(name, "shuffle") == 0)
        return gr_channel_shuffle(g, x, "op", 3);
    if (strcmp(name, "scale") == 0)
        return gr_scale_channels(g, x, gr_squeeze(g, s, "squeeze"), "op");
    gr_value *first = gr_channel_split(g, x, "split", 4, &rest);
    return gr_concat(g, (gr_value *[]){rest, first}, 2, "op");
}

static bool operator_agrees(const char *name)
{
    char key[32];
    snprintf(key, sizeof key, "op.%s", name);
    gr_graph *g = gr_graph_create();
    gr_value *x = gr_input(g, "x", GR_F32, gr_shape4(1, H, W, C)), *s = gr_input(g, "s", GR_F32, gr_shape4(1, H, W, C));
    gr_value *y = build(g, name, x, s), *r = gr_input(g, "r", GR_F32, gr_shape4(1, H, W, C));
    gr_value *loss = test_dot(g, y, r, "dot");
    const gr_value *keep[] = {x, s, y};
    test_run run = test_compile(g, loss, keep, 3, N, true);
    test_fill(gr_plan_data(run.plan, x), COUNT, 1, 1.0f);
    test_fill(gr_plan_data(run.plan, s), COUNT, 2, 1.0f);
    test_fill(gr_plan_data(run.plan, r), COUNT, 9, 1.0f);
    gr_plan_forward(run.plan, 0, 0);
    bool good = matches(key, "y", gr_plan_data(run.plan, y), 2e-5);
    gr_plan_backward(run.plan);
    good = matches(key, "dx", gr_plan_gradient(run.plan, x), 2e-5) && good;
    if (strcmp(name, "scale") == 0)
        good = matches(key, "ds", gr_plan_gradient(run.plan, s), 2e-5) && good;
    test_run_destroy(&run);
    gr_graph_destroy(g);
    return good;
}

static void operators_agree_with_pytorch(void **state)
{
    (void)state;
    static const char *const names[] = {"relu6", "hard_sigmoid", "hard_swish", "silu", "shuffle", "split", "scale"};
    const gr_kernels *tables[8];
    int sets = gr_kernels_available(tables);
    bool good = true;
    for (int t = 0; t < sets; t++) {
        setenv("GRIMACE_ISA", tables[t]->isa, 1);
        assert_int_equal(gr_kernels_select(NULL), GR_OK);
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            good = operator_agrees(names[i]) && good;
    }
    unsetenv("GRIMACE_ISA");
    assert_int_equal(gr_kernels_select(NULL), GR_OK);
    assert_true(good);
}

static int read_reference(void **state)
{
    (void)state;
    gr_error err = {0};
    if (gr_weights_read("tests/parity/mobile.safetensors", &reference, &err) != GR_OK) {
        print_message("%s\n", err.text);
        return -1;
    }
    return 0;
}

static int drop_reference(void **state)
{
    (void)state;
    gr_weights_destroy(reference);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inference_gives_torchvisions_logits),
        cmocka_unit_test(training_gives_torchvisions_loss_and_gradients),
        cmocka_unit_test(operators_agree_with_pytorch),
    };
    return cmocka_run_group_tests_name("parity of mobile networks", tests, read_reference, drop_reference);
}
