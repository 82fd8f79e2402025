/* Layers with changed weights, against sums by hand: a dense layer, a convolution, and one with its batch norm folded in. */
#include "explain/relevance_weights.h"

#include <string.h>

#include "support/relevance.h"

static const gr_relevance_part positive = {.weighting = GR_WEIGHTS_SIGNED, .plus = 1, .bias = true};
static const gr_relevance_part doubled = {.weighting = GR_WEIGHTS_SIGNED, .plus = 2, .minus = 1};
static const gr_relevance_part square = {.weighting = GR_WEIGHTS_SQUARE};

/* The step of graph->ops[op] with `norm` behind it or NULL. */
static gr_relevance_step step_of(const gr_graph *g, const gr_params *params, int op, const gr_op *norm)
{
    gr_relevance_step step = {.op = g->ops[op], .norm = norm, .graph = g, .params = params};
    step.call.op = step.op;
    step.call.in[0].shape = gr_value_shape(step.op->in[0]);
    step.call.out[0].shape = gr_value_shape(step.op->out[0]);
    return step;
}

/* z = x w' of the part, and g = w'^T s, with scratch of the layer's own. */
static void products(const gr_relevance_step *step, const gr_relevance_part *part, const float *x, float *z, const float *s,
                     float *g)
{
    gr_error err = {0};
    gr_relevance_weights *w;
    int id, again;
    assert_int_equal(gr_relevance_weights_create(step, &w, &err), GR_OK);
    assert_int_equal(gr_relevance_weights_add(w, part, &id, &err), GR_OK);
    assert_int_equal(gr_relevance_weights_add(w, part, &again, &err), GR_OK);
    assert_int_equal(id, again); /* it is not made twice */
    void *scratch = gr_alloc_aligned(gr_relevance_weights_scratch(w) + 64, 1);
    assert_non_null(scratch);
    gr_relevance_weights_forward(w, id, x, z, scratch);
    gr_relevance_weights_backward(w, id, s, g, scratch);
    gr_free(scratch);
    gr_relevance_weights_destroy(w);
}

static void dense_layers(void **state)
{
    (void)state;
    gr_graph *g = gr_graph_create();
    gr_value *x = gr_input(g, "x", GR_F32, gr_shape2(1, 3));
    gr_dense(g, x, "fc", 2, GR_INIT_ZERO);
    gr_params *params = test_relevance_params(g);
    const float w[] = {1, -2, 3, -1, 0.5f, 4}, b[] = {0.25f, -1};
    memcpy(test_relevance_parameter(g, params, "fc.weight"), w, sizeof w);
    memcpy(test_relevance_parameter(g, params, "fc.bias"), b, sizeof b);
    gr_relevance_step step = step_of(g, params, 0, NULL);
    const float in[] = {1, 2, 3}, s[] = {1, 10};
    float z[2], back[3];
    products(&step, &positive, in, z, s, back);
    assert_true(test_close(z, (float[]){10.25f, 13}, 2, 1e-6)); /* a bias below 0 is left out, too */
    assert_true(test_close(back, (float[]){1, 5, 43}, 3, 1e-6));
    products(&step, &doubled, in, z, s, back);
    assert_true(test_close(z, (float[]){16, 25}, 2, 1e-6));
    products(&step, &square, in, z, s, back);
    assert_true(test_close(z, (float[]){36, 49.5f}, 2, 1e-6));
    gr_params_destroy(params);
    gr_graph_destroy(g);
}

/* Two taps one above the other, on a column of three pixels with one channel. */
static void convolutions(void **state)
{
    (void)state;
    gr_graph *g = gr_graph_create();
    gr_value *x = gr_input(g, "x", GR_F32, gr_shape4(1, 3, 1, 1));
    gr_value *y = gr_conv2d(g, x, "conv", (gr_conv2d_args){.out = 1, .kernel = {2, 1}, .stride = {1, 1}});
    gr_batch_norm(g, y, "norm");
    gr_params *params = test_relevance_params(g);
    const float w[] = {3, -1};
    memcpy(test_relevance_parameter(g, params, "conv.weight"), w, sizeof w);
    *test_relevance_parameter(g, params, "norm.weight") = 2;
    *test_relevance_parameter(g, params, "norm.bias") = 5;
    *test_relevance_parameter(g, params, "norm.running_mean") = 1;
    *test_relevance_parameter(g, params, "norm.running_var") = 4;
    const float in[] = {1, 2, 4}, s[] = {1, 10};
    float z[2], back[3];
    gr_relevance_step step = step_of(g, params, 0, NULL);
    products(&step, &doubled, in, z, s, back); /* 6 and -1 */
    assert_true(test_close(z, (float[]){4, 8}, 2, 1e-6));
    assert_true(test_close(back, (float[]){6, 59, -10}, 3, 1e-6));
    step.norm = g->ops[1]; /* 2 / sqrt(4): the weights stay, the bias is 5 - 1 */
    products(&step, &positive, in, z, s, back);
    assert_true(test_close(z, (float[]){7, 10}, 2, 1e-5));
    gr_error err = {0};
    gr_relevance_weights *l;
    assert_int_equal(gr_relevance_weights_create(&step, &l, &err), GR_OK);
    float r[] = {1, 0, 0};
    gr_relevance_weights_spread(l, (float[]){1, 10}, r); /* half to either input of an output */
    assert_true(test_close(r, (float[]){1.5f, 5.5f, 5}, 3, 1e-6));
    assert_true(gr_relevance_weights_pairs(l));
    const gr_relevance_part pair[] = {positive, {.weighting = GR_WEIGHTS_SIGNED, .minus = 1, .bias = true}};
    int id;
    assert_int_equal(gr_relevance_weights_add_pair(l, pair, &id, &err), GR_OK);
    void *scratch = gr_alloc_aligned(gr_relevance_weights_scratch(l) + 64, 1);
    assert_non_null(scratch);
    gr_relevance_weights_forward(l, id, (float[]){1, 0, 2, 0, 4, 7}, z, scratch); /* [pixel, view] */
    assert_true(test_close(z, (float[]){7, 3}, 2, 1e-5));
    gr_free(scratch);
    gr_relevance_weights_destroy(l);
    gr_params_destroy(params);
    gr_graph_destroy(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(dense_layers), cmocka_unit_test(convolutions)};
    return cmocka_run_group_tests_name("changed weights", tests, NULL, NULL);
}
