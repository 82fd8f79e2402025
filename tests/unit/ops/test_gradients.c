/* Every operator's backward against finite differences of its forward, for every instruction set, for inputs and parameters,
 * with a second reader of the input so that gradients accumulate. */
#include "support/support.h"
#include "ops/ops.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Builds the operator under test on x (and x2), [1,h,w,c] each; returns its output. */
typedef gr_value *(*builder)(gr_graph *g, gr_value *x, gr_value *x2);

static gr_value *b_conv(gr_graph *g, gr_value *x, gr_value *x2)
{
    (void)x2;
    return gr_conv2d(g, x, "conv", (gr_conv2d_args){.out = 6, .kernel = {3, 3}, .pad = {1, 1}, .bias = true});
}
static gr_value *b_conv_strided(gr_graph *g, gr_value *x, gr_value *x2)
{
    (void)x2;
    return gr_conv2d(g, x, "conv", (gr_conv2d_args){.out = 4, .kernel = {3, 2}, .stride = {2, 1}, .pad = {1, 0}});
}
static gr_value *b_conv_dilated(gr_graph *g, gr_value *x, gr_value *x2)
{
    (void)x2;
    return gr_conv2d(g, x, "conv", (gr_conv2d_args){.out = 6, .kernel = {3, 3}, .pad = {2, 2}, .dilation = {2, 2}, .groups = 2});
}
static gr_value *b_conv_depthwise(gr_graph *g, gr_value *x, gr_value *x2)
{
    (void)x2;
    return gr_conv2d(g, x, "conv", (gr_conv2d_args){.out = 4, .kernel = {3, 3}, .pad = {1, 1}, .groups = 4, .bias = true});
}
static gr_value *b_batch_norm(gr_graph *g, gr_value *x, gr_value *x2)
{
    (void)x2;
    return gr_batch_norm(g, x, "bn");
}
static gr_value *b_conv_bn_relu_conv(gr_graph *g, gr_value *x, gr_value *x2)
{
    (void)x2;
    gr_value *y = gr_conv2d(g, x, "c1", (gr_conv2d_args){.out = 8, .kernel = {3, 3}, .pad = {1, 1}});
    y = gr_sigmoid(g, gr_batch_norm(g, y, "b1"), "s1"); /* smooth, so that differences are exact enough */
    return gr_conv2d(g, y, "c2", (gr_conv2d_args){.out = 5, .kernel = {1, 1}});
}
static gr_value *b_residual(gr_graph *g, gr_value *x, gr_value *x2)
{
    gr_value *y = gr_conv2d(g, x, "c1", (gr_conv2d_args){.out = 4, .kernel = {3, 3}, .pad = {1, 1}});
    return gr_add(g, gr_batch_norm(g, y, "b1"), x2, "sum");
}
static gr_value *b_own_residual(gr_graph *g, gr_value *x, gr_value *x2)
{
    (void)x2;
    gr_value *y = gr_sigmoid(g, x, "s1"); /* which nothing else reads */
    return gr_add(g, gr_batch_norm(g, y, "b1"), y, "sum");
}
static gr_value *b_sigmoid(gr_graph *g, gr_value *x, gr_value *x2) { (void)x2; return gr_sigmoid(g, x, "sigmoid"); }
static gr_value *b_relu(gr_graph *g, gr_value *x, gr_value *x2) { (void)x2; return gr_relu(g, x, "relu"); }
static gr_value *b_softmax(gr_graph *g, gr_value *x, gr_value *x2) { (void)x2; return gr_softmax(g, x, "softmax"); }
static gr_value *b_dropout(gr_graph *g, gr_value *x, gr_value *x2) { (void)x2; return gr_dropout(g, x, "dropout", 0.3); }
static gr_value *b_add(gr_graph *g, gr_value *x, gr_value *x2) { return gr_add(g, x, x2, "add"); }
static gr_value *b_add_self(gr_graph *g, gr_value *x, gr_value *x2) { (void)x2; return gr_add(g, x, x, "add"); }
static gr_value *b_concat(gr_graph *g, gr_value *x, gr_value *x2)
{
    return gr_concat(g, (gr_value *[]){x, x2, x}, 3, "concat");
}
static gr_value *b_flatten(gr_graph *g, gr_value *x, gr_value *x2) { (void)x2; return gr_flatten(g, x, "flatten"); }
static gr_value *b_max_pool(gr_graph *g, gr_value *x, gr_value *x2)
{
    (void)x2;
    return gr_max_pool(g, x, "pool", (gr_pool_args){.kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1}});
}
static gr_value *b_avg_pool(gr_graph *g, gr_value *x, gr_value *x2)
{
    (void)x2;
    return gr_avg_pool(g, x, "pool", (gr_pool_args){.kernel = {3, 2}, .stride = {2, 2}, .pad = {1, 1}, .exclude_pad = true});
}
static gr_value *b_global(gr_graph *g, gr_value *x, gr_value *x2) { (void)x2; return gr_global_avg_pool(g, x, "pool"); }
static gr_value *b_dense(gr_graph *g, gr_value *x, gr_value *x2)
{
    (void)x2;
    return gr_dense(g, gr_flatten(g, x, "flat"), "dense", 7, GR_INIT_UNIFORM_FAN_IN);
}
static gr_value *b_attention(gr_graph *g, gr_value *x, gr_value *x2)
{
    (void)x2;
    gr_value *beta, *z = gr_attention_pool(g, x, "attention", &beta);
    /* Both outputs count: [N,C] and [N,K] side by side. */
    return gr_concat(g, (gr_value *[]){z, beta}, 2, "both");
}
static gr_value *b_losses(gr_graph *g, gr_value *x, gr_value *x2)
{
    (void)x2;
    gr_value *beta, *z = gr_attention_pool(g, x, "attention", &beta);
    gr_value *labels = gr_input(g, "labels", GR_I32, gr_shape1(1));
    gr_value *ce = gr_cross_entropy(g, z, labels, "ce", (const float[]){1.0f, 2.5f, 0.5f, 1.5f});
    return gr_weighted_sum(g, ce, gr_prsc(g, beta, "prsc", 0.2, 3), "loss", 0.7);
}

static gr_value *b_norm_eps(gr_graph *g, gr_value *x, gr_value *x2)
{
    (void)x2;
    return gr_batch_norm_with(g, x, "bn", 0.3, 0.5);
}
static gr_value *b_adaptive(gr_graph *g, gr_value *x, gr_value *x2)
{
    (void)x2;
    return gr_adaptive_avg_pool(g, x, "pool", 4, 7); /* windows that overlap, and a map that grows */
}
static gr_value *b_global_max(gr_graph *g, gr_value *x, gr_value *x2) { (void)x2; return gr_global_max_pool(g, x, "pool"); }
static gr_value *b_pad(gr_graph *g, gr_value *x, gr_value *x2)
{
    (void)x2;
    return gr_pad(g, x, "pad", (gr_pad_args){.top = 2, .bottom = -1, .left = -2, .right = 1});
}
/* Two losses of coordinates; the targets are x2 through a smooth function, so that some errors lie on each side of the width. */
static gr_value *b_landmarks(gr_graph *g, gr_value *x, gr_value *x2)
{
    gr_value *p = gr_global_avg_pool(g, x, "p"), *t = gr_global_avg_pool(g, x2, "t");
    gr_value *wing = gr_wing_loss(g, p, t, "wing", 8.0, 2.0, 0.5), *mse = gr_mse_loss(g, p, t, "mse");
    gr_value *labels = gr_input(g, "labels", GR_I32, gr_shape1(1));
    return gr_weighted_sum(g, gr_weighted_sum(g, wing, mse, "both", 0.7),
                           gr_cross_entropy(g, p, labels, "ce", NULL), "loss", 0.5);
}
/* Maps of a kind of box: x and x2 with one of their channels twice; targets of 0 and 1 are among many between. */
static gr_value *b_boxes(gr_graph *g, gr_value *x, gr_value *x2)
{
    gr_value *rest, *twice = gr_add(g, x2, x2, "twice"), *t = gr_hard_sigmoid(g, gr_add(g, twice, twice, "wide"), "t");
    gr_value *maps = gr_concat(g, (gr_value *[]){x, gr_channel_split(g, x, "x_first", 1, &rest)}, 2, "maps");
    gr_value *targets = gr_concat(g, (gr_value *[]){t, gr_channel_split(g, t, "t_first", 1, &rest)}, 2, "targets");
    gr_value *labels = gr_input(g, "labels", GR_I32, gr_shape1(1));
    return gr_weighted_sum(g, gr_box_loss(g, maps, targets, "box_loss"),
                           gr_cross_entropy(g, gr_global_avg_pool(g, x, "p"), labels, "ce", NULL), "loss", 0.5);
}
/* Losses of scores, and the cross-entropy of two labels of an image. */
static gr_value *b_scores(gr_graph *g, gr_value *x, gr_value *x2)
{
    gr_value *p = gr_global_avg_pool(g, x, "p"), *t = gr_global_avg_pool(g, x2, "t");
    gr_value *mae = gr_mae_loss(g, p, t, "mae"), *huber = gr_huber_loss(g, p, t, "huber", 0.2);
    gr_value *labels = gr_input(g, "labels", GR_I32, gr_shape2(1, 2));
    return gr_weighted_sum(g, gr_weighted_sum(g, mae, huber, "both", 3.0),
                           gr_cross_entropy(g, p, labels, "ce", (const float[]){0.5f, 2.0f}), "loss", 0.5);
}
static gr_value *b_softmax_groups(gr_graph *g, gr_value *x, gr_value *x2)
{
    (void)x2;
    return gr_softmax_groups(g, x, "softmax", 2);
}
static gr_value *b_odds(gr_graph *g, gr_value *x, gr_value *x2)
{
    (void)x2;
    gr_value *s = gr_dense_without_bias(g, gr_flatten(g, x, "flat"), "classifier", 1, GR_INIT_UNIFORM_FAN_IN);
    return gr_proportional_odds(g, s, "odds", "classifier", 5);
}
/* x times a whole number, so that values pass an activation's kinks without standing on one. */
static gr_value *times(gr_graph *g, gr_value *x, int factor)
{
    static const char *const names[] = {"t2", "t3", "t4", "t5"};
    gr_value *y = x;
    for (int i = 2; i <= factor; i++)
        y = gr_add(g, y, x, names[i - 2]);
    return y;
}
static gr_value *b_relu6(gr_graph *g, gr_value *x, gr_value *x2) { (void)x2; return gr_relu6(g, times(g, x, 5), "act"); }
static gr_value *b_hard_sigmoid(gr_graph *g, gr_value *x, gr_value *x2)
{
    (void)x2;
    return gr_hard_sigmoid(g, times(g, x, 3), "act");
}
static gr_value *b_hard_swish(gr_graph *g, gr_value *x, gr_value *x2)
{
    (void)x2;
    return gr_hard_swish(g, times(g, x, 3), "act");
}
static gr_value *b_silu(gr_graph *g, gr_value *x, gr_value *x2) { (void)x2; return gr_silu(g, times(g, x, 3), "act"); }
static gr_value *b_curves(gr_graph *g, gr_value *x, gr_value *x2)
{
    gr_value *y = gr_add(g, gr_tanh(g, x2, "tanh"), gr_selu(g, x, "selu"), "sum"); /* selu has a kink at 0 */
    return gr_gelu(g, gr_add(g, gr_elu(g, y, "elu"), gr_softplus(g, x, "softplus"), "more_sum"), "curves");
}
/* The two branches of x: one gradient is added to another. */
static gr_value *b_more_curves(gr_graph *g, gr_value *x, gr_value *x2)
{
    gr_value *t = times(g, x, 4);
    gr_value *y = gr_add(g, gr_leaky_relu(g, t, "leaky", 0.3), gr_steep_sigmoid(g, t, "steep", 0.2), "sum");
    return gr_add(g, gr_mish(g, y, "mish"), gr_softsign(g, x2, "softsign"), "curves");
}
static gr_value *b_stochastic_depth(gr_graph *g, gr_value *x, gr_value *x2)
{
    (void)x2;
    return gr_stochastic_depth(g, x, "depth", 0.4);
}
static gr_value *b_split(gr_graph *g, gr_value *x, gr_value *x2)
{
    gr_value *rest, *first = gr_channel_split(g, x, "split", 1, &rest);
    return gr_concat(g, (gr_value *[]){rest, x2, first}, 3, "joined");
}
static gr_value *b_split_first(gr_graph *g, gr_value *x, gr_value *x2)
{
    gr_value *rest;
    (void)x2;
    return gr_channel_split(g, x, "split", 3, &rest);
}
static gr_value *b_squeeze(gr_graph *g, gr_value *x, gr_value *x2)
{
    (void)x2;
    gr_value *s = gr_squeeze(g, x, "squeeze");
    s = gr_conv2d(g, s, "fc", (gr_conv2d_args){.out = 4, .kernel = {1, 1}, .bias = true});
    return gr_scale_channels(g, x, gr_sigmoid(g, s, "gate"), "scale");
}
static gr_value *b_scale_channels(gr_graph *g, gr_value *x, gr_value *x2)
{
    return gr_scale_channels(g, x2, gr_squeeze(g, x, "squeeze"), "scale");
}

typedef struct gradient_case {
    const char *name;
    builder build;
    double limit;
} gradient_case;

/* relu and max pool have kinks: inputs are drawn away from ties, steps are small; the rest is smooth. */
static const gradient_case cases[] = {
    {"conv", b_conv, 2e-3},           {"conv strided", b_conv_strided, 2e-3}, {"conv dilated groups", b_conv_dilated, 2e-3},
    {"depthwise", b_conv_depthwise, 2e-3}, {"batch norm", b_batch_norm, 3e-3}, {"conv bn sigmoid conv", b_conv_bn_relu_conv, 5e-3},
    {"residual", b_residual, 5e-3},   {"its own residual", b_own_residual, 5e-3},
    {"sigmoid", b_sigmoid, 2e-3},           {"relu", b_relu, 2e-3},
    {"softmax", b_softmax, 2e-3},     {"dropout", b_dropout, 2e-3},           {"add", b_add, 2e-3},
    {"add to itself", b_add_self, 2e-3}, {"concat", b_concat, 2e-3},          {"flatten", b_flatten, 2e-3},
    {"max pool", b_max_pool, 2e-3},   {"average pool", b_avg_pool, 2e-3},     {"global pool", b_global, 2e-3},
    {"dense", b_dense, 2e-3},         {"attention", b_attention, 2e-3},       {"losses", b_losses, 5e-3},
    {"batch norm, eps", b_norm_eps, 3e-3}, {"adaptive pool", b_adaptive, 2e-3}, {"global max", b_global_max, 2e-3},
    {"landmarks", b_landmarks, 5e-3},
    {"boxes", b_boxes, 5e-3},
    {"relu6", b_relu6, 2e-3},         {"hard sigmoid", b_hard_sigmoid, 2e-3}, {"hard swish", b_hard_swish, 2e-3},
    {"silu", b_silu, 2e-3},           {"stochastic depth", b_stochastic_depth, 2e-3}, {"split", b_split, 2e-3},
    {"split, one part", b_split_first, 2e-3}, {"squeeze and excite", b_squeeze, 2e-3},
    {"scale channels", b_scale_channels, 2e-3},
    {"pad", b_pad, 2e-3},             {"scores", b_scores, 2e-3},             {"softmax of blocks", b_softmax_groups, 2e-3},
    {"proportional odds", b_odds, 2e-3}, {"curves", b_curves, 2e-3},
    {"more curves", b_more_curves, 2e-3},
};

enum { BATCH = 3, H = 6, W = 5, C = 4, COUNT = BATCH * H * W * C };

typedef struct subject {
    gr_graph *g;
    gr_value *x, *x2, *r, *labels, *loss;
    test_run run;
    float x_data[COUNT], x2_data[COUNT];
} subject;

static double loss_of(subject *s)
{
    memcpy(gr_plan_data(s->run.plan, s->x), s->x_data, sizeof s->x_data);
    memcpy(gr_plan_data(s->run.plan, s->x2), s->x2_data, sizeof s->x2_data);
    if (s->r != NULL)
        test_fill(gr_plan_data(s->run.plan, s->r), BATCH * gr_shape_elements(&s->r->shape), 9, 1.0f);
    if (s->labels != NULL)
        for (int64_t i = 0, columns = gr_shape_elements(&s->labels->shape); i < BATCH * columns; i++) /* of two: 0, 1, unknown */
            ((int32_t *)gr_plan_data(s->run.plan, s->labels))[i] = (int32_t)(columns == 1 ? i % C : (i + 1) % 3 - 1);
    gr_plan_forward(s->run.plan, 5, 1);
    return (double)gr_plan_data(s->run.plan, s->loss)[0];
}

static void set_up(subject *s, builder build)
{
    memset(s, 0, sizeof *s);
    s->g = gr_graph_create();
    s->x = gr_input(s->g, "x", GR_F32, gr_shape4(1, H, W, C));
    s->x2 = gr_input(s->g, "x2", GR_F32, gr_shape4(1, H, W, C));
    gr_value *y = build(s->g, s->x, s->x2);
    s->labels = gr_graph_find(s->g, "labels");
    s->loss = y;
    if (s->labels == NULL) {
        assert_non_null(y);
        s->r = gr_input(s->g, "r", GR_F32, y->shape);
        s->loss = test_dot(s->g, y, s->r, "dot");
    }
    /* a second reader of x: its gradient arrives in two parts; and of x2, so that every input is in the plan */
    gr_value *more = test_dot(s->g, gr_sigmoid(s->g, s->x, "again"), s->x2, "more");
    s->loss = gr_weighted_sum(s->g, s->loss, more, "all", 0.5);
    const gr_value *keep[] = {s->x};
    s->run = test_compile(s->g, s->loss, keep, 1, BATCH, true);
    for (int i = 0; i < gr_graph_parameter_count(s->g); i++) {
        const gr_parameter *p = gr_graph_parameter(s->g, i);
        if (!p->buffer)
            test_fill(s->run.params->values + p->offset, (int64_t)p->count, 20 + (uint32_t)i, 0.7f);
    }
    /* distinct values at least 0.01 apart and away from 0: no kink within a step */
    for (int i = 0; i < COUNT; i++)
        s->x_data[i] = (float)((i * 37 % COUNT) - COUNT / 2) * 0.011f + 0.0055f;
    test_fill(s->x2_data, COUNT, 2, 1.0f);
}

static bool near(double numeric, double analytic, double limit, const char *what, const char *name)
{
    double scale = fmax(1.0, fmax(fabs(numeric), fabs(analytic)));
    if (fabs(numeric - analytic) <= limit * scale)
        return true;
    print_message("%s: %s: numeric %.6g, analytic %.6g\n", name, what, numeric, analytic);
    return false;
}

/* d loss along one random direction of `values`, against the gradient's product with it. */
static bool check_direction(subject *s, float *values, int64_t count, const float *gradient, double step, double limit,
                            const char *what, const char *name)
{
    double analytic = 0.0;
    float *kept = malloc((size_t)count * sizeof *kept), *direction = malloc((size_t)count * sizeof *direction);
    memcpy(kept, values, (size_t)count * sizeof *kept);
    for (int64_t i = 0; i < count; i++) {
        direction[i] = test_number(77, (uint32_t)i) > 0 ? 1.0f : -1.0f;
        analytic += (double)gradient[i] * (double)direction[i];
    }
    double side[2];
    for (int k = 0; k < 2; k++) {
        for (int64_t i = 0; i < count; i++)
            values[i] = kept[i] + (float)(k == 0 ? step : -step) * direction[i];
        side[k] = loss_of(s);
    }
    memcpy(values, kept, (size_t)count * sizeof *kept);
    free(kept);
    free(direction);
    return near((side[0] - side[1]) / (2.0 * step), analytic, limit, what, name);
}

static bool check_case(const gradient_case *c)
{
    subject s;
    set_up(&s, c->build);
    loss_of(&s);
    gr_plan_backward(s.run.plan);
    float gx[COUNT];
    memcpy(gx, gr_plan_gradient(s.run.plan, s.x), sizeof gx);
    size_t floats = gr_graph_parameter_floats(s.g);
    float *gw = malloc((floats + 1) * sizeof *gw);
    memcpy(gw, s.run.params->gradients, floats * sizeof *gw);
    bool good = check_direction(&s, s.x_data, COUNT, gx, 2e-3, c->limit, "x", c->name);
    for (int i = 0; i < gr_graph_parameter_count(s.g); i++) {
        const gr_parameter *p = gr_graph_parameter(s.g, i);
        if (!p->buffer)
            good = check_direction(&s, s.run.params->values + p->offset, (int64_t)p->count, gw + p->offset, 2e-3, c->limit,
                                   p->name, c->name) && good;
    }
    free(gw);
    test_run_destroy(&s.run);
    gr_graph_destroy(s.g);
    return good;
}

static bool check_cases(void)
{
    bool good = true;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        good = check_case(&cases[i]) && good;
    for (int t = 0; gr_op_types[t] != NULL; t++)
        if (gr_op_types[t]->example != NULL)
            good = check_case(&(gradient_case){gr_op_types[t]->name, gr_op_types[t]->example, 2e-3}) && good;
    return good;
}

static void every_operator_agrees_with_differences(void **state)
{
    (void)state;
    assert_true(test_with_every_isa(check_cases));
}

/* Every operator of the table has an example, or appears in some case above or is an input of one: a new one without a check
 * fails here. */
static void every_operator_has_a_case(void **state)
{
    (void)state;
    bool seen[64] = {false};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gr_graph *g = gr_graph_create();
        gr_value *x = gr_input(g, "x", GR_F32, gr_shape4(1, H, W, C)), *x2 = gr_input(g, "x2", GR_F32, gr_shape4(1, H, W, C));
        assert_non_null(cases[i].build(g, x, x2));
        for (int o = 0; o < g->op_count; o++)
            for (int t = 0; gr_op_types[t] != NULL; t++)
                seen[t] = seen[t] || g->ops[o]->type == gr_op_types[t];
        gr_graph_destroy(g);
    }
    for (int t = 0; gr_op_types[t] != NULL; t++)
        if (!seen[t] && gr_op_types[t]->example == NULL)
            fail_msg("operator %s has no gradient check", gr_op_types[t]->name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_operator_agrees_with_differences),
        cmocka_unit_test(every_operator_has_a_case),
    };
    return cmocka_run_group_tests_name("gradients", tests, NULL, NULL);
}
