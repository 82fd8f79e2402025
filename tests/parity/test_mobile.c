/* The mobile networks and their operators against torchvision's numbers (make_mobile.py). Weights go in under torchvision's own
 * names, so that a state_dict of torchvision is known to fill the whole model. */
#include "support/parity.h"
#include "ops/ops.h"

#include <stdio.h>
#include <string.h>

enum { SIZE = 64, CLASSES = 3 };

static gr_weights *reference;

static bool matches(const char *key, const char *suffix, const float *got, double limit)
{
    return test_parity_matches(reference, key, suffix, got, limit);
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

static gr_model_options options_of(int which)
{
    return (gr_model_options){.backbone = networks[which].backbone, .head = "linear", .size = SIZE, .channels = 3,
                              .classes = CLASSES, .width = networks[which].width};
}

static void inference_gives_torchvisions_logits(void **state)
{
    (void)state;
    bool good = true;
    for (int i = 0; i < 2 * NETWORKS; i++) {
        gr_model_options options = options_of(i / 2);
        gr_model *model = test_parity_model(&options);
        const gr_value *keep[] = {model->logits};
        test_run run = test_compile(model->graph, NULL, keep, 1, 2, i % 2);
        test_parity_fill(model, &options, run.params);
        test_fill(gr_plan_data(run.plan, model->image), 2 * SIZE * SIZE * 3, 1, 1.0f);
        gr_plan_refresh(run.plan);
        gr_plan_forward(run.plan, 0, 0);
        good = matches(networks[i / 2].key, "logits", gr_plan_data(run.plan, model->logits), 1e-4) && good;
        test_run_destroy(&run);
        gr_model_destroy(model);
    }
    assert_true(good);
}

static bool training_agrees(int which, bool fusion)
{
    const char *key = networks[which].key;
    gr_error err = {0};
    gr_model_options options = options_of(which);
    gr_model *model = test_parity_model(&options);
    gr_loss_options loss = {0};
    assert_int_equal(gr_model_add_loss(model, &loss, &err), GR_OK);
    test_parity_never_drop(model->graph);
    test_run run = test_compile(model->graph, model->loss, NULL, 0, 8, fusion);
    test_parity_fill(model, &options, run.params);
    test_fill(gr_plan_data(run.plan, model->image), 8 * SIZE * SIZE * 3, 1, 1.0f);
    for (int32_t i = 0; i < 8; i++)
        ((int32_t *)gr_plan_data(run.plan, model->labels))[i] = i % CLASSES;
    gr_plan_forward(run.plan, 1, 0);
    bool good = matches(key, "loss", gr_plan_data(run.plan, model->loss), 1e-4);
    gr_plan_backward(run.plan);
    good = test_parity_gradients(reference, key, model, &options, run.params, true, 1e-4) && good;
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

static bool operators_agree(void)
{
    static const char *const names[] = {"relu6", "hard_sigmoid", "hard_swish", "silu", "shuffle", "split", "scale"};
    bool good = true;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        good = operator_agrees(names[i]) && good;
    return good;
}

static void operators_agree_with_pytorch(void **state)
{
    (void)state;
    assert_true(test_with_every_isa(operators_agree));
}

static int read_reference(void **state)
{
    (void)state;
    reference = test_parity_open("tests/parity/mobile.safetensors");
    return reference != NULL ? 0 : -1;
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
