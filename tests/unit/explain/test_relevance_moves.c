#include "explain/relevance_moves.h"

#include <string.h>

#include "support/relevance.h"

/* Relevance `start` of y brought back to x [1,1,2,2] under `rules`. */
static void check(const char *rules, gr_value *(*build)(gr_graph *g, gr_value *x), const float *start, const float want[4])
{
    const float x[4] = {3.0f, 1.0f, -1.0f, 2.0f};
    float map[4];
    gr_graph *g = gr_graph_create();
    gr_value *in = gr_input(g, "x", GR_F32, gr_shape4(1, 1, 2, 2)), *y = build(g, in);
    gr_params *params = test_relevance_params(g);
    for (int i = 0; i < gr_graph_parameter_count(g); i++)
        for (size_t k = 0; k < gr_graph_parameter(g, i)->count; k++) /* batch norms: slope 2, shift 1 */
            params->values[gr_graph_parameter(g, i)->offset + k] = (float[]){2.0f, 1.0f, 0.0f, 1.0f - 1e-5f}[i % 4];
    test_relevance_map(g, params, y, in, rules, 1, x, start, map);
    assert_true(test_close(map, want, 4, 1e-5));
    gr_params_destroy(params);
    gr_graph_destroy(g);
}

static gr_value *sum_with_half(gr_graph *g, gr_value *x)
{
    return gr_add(g, gr_relu(g, x, "relu"), x, "sum");
}

static gr_value *norm(gr_graph *g, gr_value *x)
{
    return gr_relu(g, gr_batch_norm(g, x, "bn"), "relu");
}

static gr_value *padded(gr_graph *g, gr_value *x)
{
    return gr_pad(g, x, "pad", (gr_pad_args){.left = 1, .right = -1});
}

static gr_value *moved(gr_graph *g, gr_value *x)
{
    gr_value *rest, *first = gr_channel_split(g, x, "split", 1, &rest);
    gr_value *both = gr_concat(g, (gr_value *[]){rest, first}, 2, "concat");
    return gr_flatten(g, gr_channel_shuffle(g, gr_dropout(g, both, "dropout", 0.5), "shuffle", 2), "flatten");
}

static gr_value *half_moved(gr_graph *g, gr_value *x)
{
    gr_value *rest;
    return gr_channel_split(g, x, "split", 1, &rest);
}

static gr_value *gated(gr_graph *g, gr_value *x)
{
    return gr_scale_channels(g, x, gr_sigmoid(g, gr_squeeze(g, x, "squeeze"), "gate"), "scale");
}

static gr_value *bent(gr_graph *g, gr_value *x)
{
    return gr_silu(g, gr_hard_swish(g, gr_relu6(g, gr_hard_sigmoid(g, x, "a"), "b"), "c"), "d");
}

static void relevance_takes_the_ways_of_the_numbers(void **state)
{
    (void)state;
    const float start[4] = {8.0f, 4.0f, 2.0f, 6.0f};
    check("deep_taylor", sum_with_half, start, (float[]){8.0f, 4.0f, 2.0f, 6.0f});
    check("innvestigate", sum_with_half, start, (float[]){16.0f, 8.0f, 2.0f, 12.0f}); /* to both, where ReLU passed */
    check("deep_taylor", norm, start, start);
    check("innvestigate", norm, start, (float[]){16.0f, 8.0f, 0.0f, 12.0f});  /* slope 2; 2 * -1 + 1 is below 0 */
    check("deep_taylor", padded, start, (float[]){10.0f, 10.0f, 0.0f, 0.0f}); /* the zeros' part to their neighbour */
    check("innvestigate", padded, start, (float[]){2.0f, 6.0f, 0.0f, 0.0f});
    check("deep_taylor", moved, start, (float[]){2.0f, 8.0f, 6.0f, 4.0f});
    check("deep_taylor", half_moved, start, (float[]){8.0f, 0.0f, 4.0f, 0.0f});
    check("deep_taylor", gated, start, start);
    check("epsilon", bent, start, start);
}

/* Both halves of a sum with itself get what is theirs, once each. */
static gr_value *doubled(gr_graph *g, gr_value *x)
{
    return gr_add(g, x, x, "sum");
}

static void a_sum_with_itself_keeps_its_sum(void **state)
{
    (void)state;
    const float start[4] = {8.0f, 4.0f, 2.0f, 6.0f};
    check("deep_taylor", doubled, start, start);
}

static void ordered_classes_hang_on_one_score(void **state)
{
    (void)state;
    float map[2];
    gr_graph *g = gr_graph_create();
    gr_value *x = gr_input(g, "x", GR_F32, gr_shape2(1, 1));
    gr_value *y = gr_proportional_odds(g, x, "odds", "layer", 3);
    gr_params *params = test_relevance_params(g);
    test_relevance_map(g, params, y, x, "deep_taylor", 2, (float[]){0.5f, 1.0f}, (float[]){1, 2, 3, 0, -4, 0}, map);
    assert_memory_equal(map, ((float[]){6.0f, -4.0f}), sizeof map);
    gr_params_destroy(params);
    gr_graph_destroy(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(relevance_takes_the_ways_of_the_numbers),
        cmocka_unit_test(a_sum_with_itself_keeps_its_sum),
        cmocka_unit_test(ordered_classes_hang_on_one_score),
    };
    return cmocka_run_group_tests_name("relevance of what moves numbers", tests, NULL, NULL);
}
