/* Rules of a dense layer by hand, and convolutions against the dense layer that they are. */
#include "explain/relevance_layers.h"

#include <math.h>
#include <string.h>

#include "support/relevance.h"

/* x = (0.5, -0.25, 1) through w = (2, 4, -1), b = 0.5: z = 1 - 1 - 1 + 0.5 = -0.5. */
static void check_dense(const char *rules, const float want[3])
{
    const float x[3] = {0.5f, -0.25f, 1.0f};
    float map[3];
    gr_graph *g = gr_graph_create();
    gr_value *in = gr_input(g, "x", GR_F32, gr_shape2(1, 3)), *y = gr_dense(g, in, "fc", 1, GR_INIT_ZERO);
    gr_params *params = test_relevance_params(g);
    memcpy(test_relevance_parameter(g, params, "fc.weight"), (float[]){2.0f, 4.0f, -1.0f}, 3 * sizeof(float));
    *test_relevance_parameter(g, params, "fc.bias") = 0.5f;
    test_relevance_map(g, params, y, in, rules, 1, x, (float[]){6.0f}, map);
    if (!test_close(map, want, 3, 1e-5))
        fail_msg("%s", rules);
    gr_params_destroy(params);
    gr_graph_destroy(g);
}

static void a_dense_layer_by_hand(void **state)
{
    (void)state;
    check_dense("epsilon:0.5", (float[]){-6.0f, 6.0f, 6.0f});     /* 6 / (-0.5 - 0.5) = -6 times 1, -1, -1 */
    check_dense("alpha_beta:1,0", (float[]){4.0f, 0.0f, 0.0f});   /* 6 / (1 + 0.5) */
    check_dense("alpha_beta:2,1", (float[]){8.0f, -3.0f, -3.0f}); /* less 6 / -2 times -1, -1 */
    check_dense("gamma:1",
                (float[]){-12.0f / 5.0f, 24.0f / 5.0f, 24.0f / 5.0f}); /* below 0: (1, -2, -2) / (-3 + 0.5) times 6 */
    check_dense("flat", (float[]){2.0f, 2.0f, 2.0f});
    check_dense("w2", (float[]){6.0f * 4.0f / 21.25f, 6.0f * 16.0f / 21.25f, 6.0f / 21.25f}); /* the bias has its part */
    check_dense("innvestigate", (float[]){6.0f, 0.0f, 0.0f});
    /* x + 1 and x - 1: (1.5, 0.75) (2, 4) and 0 of -1 */
    check_dense("deep_taylor", (float[]){3.0f, 3.0f, 0.0f});
}

/* The bias alone makes the neuron fire: every input that it sees gets the same. */
static void what_no_input_made_is_spread(void **state)
{
    (void)state;
    float map[12], x[12];
    gr_graph *g = gr_graph_create();
    gr_value *in = gr_input(g, "x", GR_F32, gr_shape4(1, 2, 2, 3));
    gr_value *y = gr_relu(g, gr_conv2d(g, in, "first", (gr_conv2d_args){.out = 4, .kernel = {1, 1}}), "relu");
    y = gr_conv2d(g, y, "conv", (gr_conv2d_args){.out = 1, .kernel = {3, 3}, .pad = {1, 1}, .bias = true});
    y = gr_dense(g, gr_flatten(g, y, "flatten"), "fc", 1, GR_INIT_ZERO);
    gr_params *params = test_relevance_params(g);
    *test_relevance_parameter(g, params, "conv.bias") = 2.0f;
    *test_relevance_parameter(g, params, "fc.weight") = 3.0f;
    test_fill(x, 12, 1, 0.5f);
    test_relevance_map(g, params, y, in, "deep_taylor", 1, x, NULL, map);
    for (int i = 0; i < 12; i++) /* 6 at one pixel of four, which sees all of them */
        assert_true(fabs((double)map[i] - 6.0 / 12.0) < 1e-6);
    gr_params_destroy(params);
    gr_graph_destroy(g);
}

/* A 3x3 convolution of a 3x3 map without padding is a dense layer of 9 C inputs. */
static void check_convolution(const char *rules)
{
    enum { C = 3, OUT = 4, F = 9 * C };
    float x[2 * F], start[2 * OUT], maps[2][2 * F];
    test_fill(x, 2 * F, 1, 1.0f);
    test_fill(start, 2 * OUT, 2, 1.0f);
    for (int kind = 0; kind < 2; kind++) {
        gr_graph *g = gr_graph_create();
        gr_value *in, *y;
        if (kind == 0) {
            in = gr_input(g, "x", GR_F32, gr_shape4(1, 3, 3, C));
            y = gr_conv2d(g, in, "layer", (gr_conv2d_args){.out = OUT, .kernel = {3, 3}, .bias = true});
            y = gr_flatten(g, gr_batch_norm(g, y, "bn"), "flatten");
        } else {
            in = gr_input(g, "x", GR_F32, gr_shape2(1, F));
            y = gr_batch_norm(g, gr_dense(g, in, "layer", OUT, GR_INIT_ZERO), "bn");
        }
        gr_params *params = test_relevance_params(g);
        float *w = test_relevance_parameter(g, params, "layer.weight");
        for (int f = 0; f < F; f++)
            for (int o = 0; o < OUT; o++)
                w[kind == 0 ? f * OUT + o : o * F + f] = test_number(3, (uint32_t)(f * OUT + o));
        test_fill(test_relevance_parameter(g, params, "layer.bias"), OUT, 4, 1.0f);
        test_fill(test_relevance_parameter(g, params, "bn.weight"), OUT, 5, 1.0f);
        test_fill(test_relevance_parameter(g, params, "bn.bias"), OUT, 6, 1.0f);
        test_fill(test_relevance_parameter(g, params, "bn.running_mean"), OUT, 7, 1.0f);
        for (int o = 0; o < OUT; o++)
            test_relevance_parameter(g, params, "bn.running_var")[o] = 0.5f + (float)o;
        test_relevance_map(g, params, y, in, rules, 2, x, start, maps[kind]);
        gr_params_destroy(params);
        gr_graph_destroy(g);
    }
    if (!test_close(maps[0], maps[1], 2 * F, 1e-4))
        fail_msg("%s", rules);
}

static void a_convolution_is_a_dense_layer_of_its_window(void **state)
{
    (void)state;
    for (int i = 0; gr_relevance_rules_name(i) != NULL; i++)
        if (strncmp(gr_relevance_rules_name(i), "epsilon_", 8) != 0) /* whose dense layers have another rule */
            check_convolution(gr_relevance_rules_name(i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dense_layer_by_hand),
        cmocka_unit_test(what_no_input_made_is_spread),
        cmocka_unit_test(a_convolution_is_a_dense_layer_of_its_window),
    };
    return cmocka_run_group_tests_name("relevance of layers with weights", tests, NULL, NULL);
}
