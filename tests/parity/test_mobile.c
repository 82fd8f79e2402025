/* The mobile networks and their operators against torchvision's numbers (make_mobile.py). Weights go in under torchvision's own
 * names, so that a state_dict of torchvision is known to fill the whole model. */
#include "support/parity.h"
#include "ops/ops.h"

#include <stdio.h>
#include <string.h>

enum { SIZE = 64, CLASSES = 3 };

static bool matches(const char *key, const char *suffix, const float *got, double limit)
{
    return test_parity_matches(test_parity_reference(), key, suffix, got, limit);
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

static void networks_give_torchvisions_logits_and_gradients(void **state)
{
    (void)state;
    bool good = true;
    for (int i = 0; i < NETWORKS; i++) {
        gr_model_options options = options_of(i);
        test_subject s = test_parity_subject(networks[i].key, &options, &(gr_loss_options){0}, true);
        for (int fusion = 0; fusion < 2; fusion++)
            good = test_parity_inference(&s, fusion) && good;
        for (int fusion = 0; fusion < 2; fusion++) /* last, since it moves running statistics */
            good = test_parity_training(&s, 8, true, fusion) && good;
        test_parity_subject_free(&s);
    }
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

static const struct {
    const char *name;
    gr_value *(*build)(gr_graph *g, gr_value *x, const char *name);
} activations[] = {{"hard_sigmoid", gr_hard_sigmoid}, {"hard_swish", gr_hard_swish}, {"silu", gr_silu}, {"tanh", gr_tanh},
                   {"elu", gr_elu}, {"selu", gr_selu}, {"gelu", gr_gelu}, {"softplus", gr_softplus}, {"softsign", gr_softsign},
                   {"mish", gr_mish}};
enum { ACTIVATIONS = sizeof activations / sizeof activations[0] };

static gr_value *build(gr_graph *g, const char *name, gr_value *x, gr_value *s)
{
    gr_value *rest;
    for (int i = 0; i < ACTIVATIONS; i++)
        if (strcmp(name, activations[i].name) == 0)
            return activations[i].build(g, times(g, x, 5), "op");
    if (strcmp(name, "relu6") == 0)
        return gr_relu6(g, times(g, x, 8), "op");
    if (strcmp(name, "leaky_relu") == 0)
        return gr_leaky_relu(g, times(g, x, 5), "op", 0.3);
    if (strcmp(name, "prelu") == 0)
        return gr_prelu(g, x, "op");
    if (strcmp(name, "steep_sigmoid") == 0)
        return gr_steep_sigmoid(g, times(g, x, 5), "op", 0.2);
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
    if (strcmp(name, "prelu") == 0)
        good = matches(key, "da", run.params->gradients + gr_graph_parameter(g, 0)->offset, 2e-5) && good;
    test_run_destroy(&run);
    gr_graph_destroy(g);
    return good;
}

static bool operators_agree(void)
{
    static const char *const names[] = {"relu6", "leaky_relu", "prelu", "steep_sigmoid", "shuffle", "split", "scale"};
    bool good = true;
    for (int i = 0; i < ACTIVATIONS; i++)
        good = operator_agrees(activations[i].name) && good;
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
    return test_parity_begin("tests/parity/mobile.safetensors");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_give_torchvisions_logits_and_gradients),
        cmocka_unit_test(operators_agree_with_pytorch),
    };
    return cmocka_run_group_tests_name("parity of mobile networks", tests, read_reference, test_parity_end);
}
