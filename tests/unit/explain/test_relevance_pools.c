#include "explain/relevance_pools.h"

#include <math.h>
#include <string.h>

#include "support/relevance.h"

typedef gr_value *(*builder)(gr_graph *g, gr_value *x);

static void check(const char *rules, builder build, const float x[4], float start, const float want[4])
{
    float map[4];
    gr_graph *g = gr_graph_create();
    gr_value *in = gr_input(g, "x", GR_F32, gr_shape4(1, 2, 2, 1)), *y = build(g, in);
    gr_params *params = test_relevance_params(g);
    test_relevance_map(g, params, y, in, rules, 1, x, &start, map);
    if (!test_close(map, want, 4, 1e-5))
        fail_msg("%s", rules);
    gr_params_destroy(params);
    gr_graph_destroy(g);
}

static gr_value *largest(gr_graph *g, gr_value *x)
{
    return gr_max_pool(g, x, "pool", (gr_pool_args){.kernel = {2, 2}});
}

static gr_value *largest_of_all(gr_graph *g, gr_value *x)
{
    return gr_global_max_pool(g, x, "pool");
}

static gr_value *mean(gr_graph *g, gr_value *x)
{
    return gr_avg_pool(g, x, "pool", (gr_pool_args){.kernel = {2, 2}});
}

static gr_value *mean_of_all(gr_graph *g, gr_value *x)
{
    return gr_global_avg_pool(g, x, "pool");
}

static gr_value *mean_to_one(gr_graph *g, gr_value *x)
{
    return gr_adaptive_avg_pool(g, x, "pool", 1, 1);
}

static gr_value *attention(gr_graph *g, gr_value *x)
{
    gr_value *beta;
    return gr_attention_pool(g, x, "attention", &beta); /* weights 0: all regions count the same */
}

static void the_largest_takes_all(void **state)
{
    (void)state;
    check("deep_taylor", largest, (float[]){1, 5, 5, 2}, 6, (float[]){0, 6, 0, 0});
    check("innvestigate", largest_of_all, (float[]){1, 2, 5, 5}, 6, (float[]){0, 0, 6, 0});
}

static void means_give_by_share(void **state)
{
    (void)state;
    const builder builders[] = {mean, mean_of_all, mean_to_one, attention};
    for (int i = 0; i < 4; i++) {
        check("deep_taylor", builders[i], (float[]){3, 1, 0, 2}, 12, (float[]){6, 2, 0, 4});
        check("deep_taylor", builders[i], (float[]){3, -1, 0, 0}, 4, (float[]){6, -2, 0, 0});
        check("deep_taylor", builders[i], (float[]){0, 0, 0, 0}, 4, (float[]){1, 1, 1, 1}); /* nothing to go by: evenly */
        check("innvestigate", builders[i], (float[]){3, 1, 0, 2}, 12, (float[]){3, 3, 3, 3});
        check("epsilon_gamma_box", builders[i], (float[]){3, 1, 0, 2}, 12, (float[]){6, 2, 0, 4});
    }
}

static void attention_scores_are_weights(void **state)
{
    (void)state;
    float map[4];
    const float x[4] = {3.0f, 1.0f, 0.0f, 2.0f}, start = 12.0f;
    double beta[4], sum = 0.0, z = 0.0;
    gr_graph *g = gr_graph_create();
    gr_value *in = gr_input(g, "x", GR_F32, gr_shape4(1, 2, 2, 1)), *y = attention(g, in);
    gr_params *params = test_relevance_params(g);
    *test_relevance_parameter(g, params, "attention.weight") = 2.0f;
    *test_relevance_parameter(g, params, "attention.bias") = -1.0f;
    test_relevance_map(g, params, y, in, "deep_taylor", 1, x, &start, map);
    for (int i = 0; i < 4; i++)
        sum += beta[i] = 1.0 / (1.0 + exp(1.0 - 2.0 * (double)x[i]));
    for (int i = 0; i < 4; i++)
        z += beta[i] / sum * (double)x[i];
    for (int i = 0; i < 4; i++)
        assert_true(fabs((double)map[i] - 12.0 * beta[i] / sum * (double)x[i] / z) < 1e-5);
    gr_params_destroy(params);
    gr_graph_destroy(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_largest_takes_all),
        cmocka_unit_test(means_give_by_share),
        cmocka_unit_test(attention_scores_are_weights),
    };
    return cmocka_run_group_tests_name("relevance of pools", tests, NULL, NULL);
}
