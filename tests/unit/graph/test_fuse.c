/* What operators do for each other. A ReLU that runs behind the max pool that reads it: the same bits of loss and gradients
 * as where it is kept in its place, in less memory; and where it may not. ShuffleNet's joining, shuffling and cutting in one
 * pass; a batch norm that leaves its activation to all who read it, one that leaves itself to the sum behind another; pads that
 * are their convolutions' own. */
#include "graph/plan_private.h"
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 3, SIZE = 17, PIXELS = BATCH * SIZE * SIZE * 3, CLASSES = 2 };

typedef struct subject {
    gr_graph *g;
    gr_value *image, *labels, *relu, *loss;
    gr_params *params;
    gr_workspace *workspace;
} subject;

/* Two pools: windows that overlap, with a border, and such that do not. */
static void set_up(subject *s)
{
    gr_error err = {0};
    gr_graph *g = s->g = gr_graph_create();
    s->image = gr_input(g, "image", GR_F32, gr_shape4(1, SIZE, SIZE, 3));
    s->labels = gr_input(g, "labels", GR_I32, gr_shape1(1));
    gr_conv2d_args conv = {.out = 20, .kernel = {3, 3}, .bias = true, .init = GR_INIT_UNIFORM_FAN_IN};
    s->relu = gr_relu(g, gr_conv2d(g, s->image, "conv1", conv), "relu1");
    gr_value *x = gr_max_pool(g, s->relu, "pool1", (gr_pool_args){.kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1}});
    x = gr_max_pool(g, gr_relu(g, gr_conv2d(g, x, "conv2", conv), "relu2"), "pool2", (gr_pool_args){.kernel = {2, 2}});
    x = gr_dense(g, gr_flatten(g, x, "flat"), "fc", CLASSES, GR_INIT_UNIFORM_FAN_IN);
    s->loss = gr_cross_entropy(g, x, s->labels, "loss", NULL);
    assert_int_equal(gr_graph_status(g, &err), GR_OK);
    assert_int_equal(gr_params_create(g, 3, true, &s->params, &err), GR_OK);
    s->workspace = gr_workspace_create();
}

/* Loss and gradients of a step; `kept` (NULL: none) is read by others. Returns the bytes of the plan's memory. */
static size_t step(const subject *s, const gr_value *kept, float *loss, float *gradients)
{
    gr_error err = {0};
    gr_plan *plan;
    gr_plan_options options = {.batch = BATCH, .training = true, .loss = s->loss, .keep = &kept, .keep_count = kept != NULL};
    if (gr_plan_compile(s->g, s->params, s->workspace, &options, &plan, &err) != GR_OK)
        fail_msg("%s", err.text);
    test_fill(gr_plan_data(plan, s->image), PIXELS, 1, 1.0f);
    memcpy(gr_plan_data(plan, s->labels), (const int32_t[BATCH]){0, 1, 1}, BATCH * sizeof(int32_t));
    gr_plan_forward(plan, 0, 0);
    gr_plan_backward(plan);
    *loss = gr_plan_data(plan, s->loss)[0];
    memcpy(gradients, s->params->gradients, gr_graph_parameter_floats(s->g) * sizeof *gradients);
    size_t bytes = plan->arena_bytes;
    const char *first = plan->ops[1].op.type->name;
    assert_string_equal(first, kept != NULL ? "relu" : "max_pool");
    gr_plan_destroy(plan);
    return bytes;
}

static void relu_runs_behind_its_max_pool(void **state)
{
    (void)state;
    subject s;
    float loss[2];
    set_up(&s);
    size_t floats = gr_graph_parameter_floats(s.g);
    float *gradients[2] = {malloc(floats * sizeof(float)), malloc(floats * sizeof(float))};
    size_t moved = step(&s, NULL, &loss[0], gradients[0]), in_place = step(&s, s.relu, &loss[1], gradients[1]);
    assert_memory_equal(&loss[0], &loss[1], sizeof loss[0]);
    for (size_t i = 0; i < floats; i++)
        if (gradients[0][i] < gradients[1][i] || gradients[0][i] > gradients[1][i])
            fail_msg("gradient %zu: %g, kept %g", i, (double)gradients[0][i], (double)gradients[1][i]);
    assert_true(moved < in_place);
    free(gradients[0]);
    free(gradients[1]);
    gr_workspace_destroy(s.workspace);
    gr_params_destroy(s.params);
    gr_graph_destroy(s.g);
}

/* Three convolutions with pools behind: the first one's channels are few, the second one's gradient goes on to its input,
 * behind the third one's pool there is no ReLU; the last pool leaves a row and a column out. */
static gr_graph *pooled_net(gr_value **image, gr_value **labels, gr_value **loss)
{
    gr_graph *g = gr_graph_create();
    *image = gr_input(g, "image", GR_F32, gr_shape4(1, 50, 46, 3));
    *labels = gr_input(g, "labels", GR_I32, gr_shape1(1));
    gr_pool_args pool = {.kernel = {2, 2}}, wide = {.kernel = {3, 2}};
    gr_conv2d_args c1 = {.out = 20, .kernel = {3, 3}, .bias = true, .init = GR_INIT_UNIFORM_FAN_IN}, c2 = c1;
    gr_conv2d_args c3 = {.out = 9, .kernel = {2, 3}, .init = GR_INIT_UNIFORM_FAN_IN};
    c2.out = 24;
    gr_value *x = *image;
    x = gr_max_pool(g, gr_relu(g, gr_conv2d(g, x, "c1", c1), "r1"), "p1", pool);
    x = gr_max_pool(g, gr_relu(g, gr_conv2d(g, x, "c2", c2), "r2"), "p2", pool);
    x = gr_max_pool(g, gr_conv2d(g, x, "c3", c3), "p3", wide);
    x = gr_dense(g, gr_flatten(g, x, "flat"), "fc", CLASSES, GR_INIT_UNIFORM_FAN_IN);
    *loss = gr_cross_entropy(g, x, *labels, "loss", NULL);
    return g;
}

static void convolutions_take_their_pools(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_value *image, *labels, *loss;
    gr_graph *g = pooled_net(&image, &labels, &loss);
    assert_int_equal(gr_graph_status(g, &err), GR_OK);
    size_t floats = gr_graph_parameter_floats(g);
    float *gradients[2];
    int ops[2];
    for (int fused = 0; fused < 2; fused++) {
        gr_params *params;
        gr_plan *plan;
        gr_workspace *workspace = gr_workspace_create();
        gr_plan_options options = {.batch = BATCH, .training = true, .loss = loss, .no_fusion = !fused};
        assert_int_equal(gr_params_create(g, 3, true, &params, &err), GR_OK);
        assert_int_equal(gr_plan_compile(g, params, workspace, &options, &plan, &err), GR_OK);
        test_fill(gr_plan_data(plan, image), BATCH * 50 * 46 * 3, 1, 1.0f);
        memcpy(gr_plan_data(plan, labels), (const int32_t[BATCH]){0, 1, 1}, BATCH * sizeof(int32_t));
        gr_plan_forward(plan, 0, 0);
        gr_plan_backward(plan);
        gradients[fused] = malloc(floats * sizeof(float));
        memcpy(gradients[fused], params->gradients, floats * sizeof(float));
        ops[fused] = plan->op_count;
        gr_plan_destroy(plan);
        gr_workspace_destroy(workspace);
        gr_params_destroy(params);
    }
    assert_int_equal(ops[0] - ops[1], 5); /* three pools, two ReLUs */
    for (int i = 0; i < gr_graph_parameter_count(g); i++) {
        const gr_parameter *p = gr_graph_parameter(g, i);
        if (!test_close(gradients[1] + p->offset, gradients[0] + p->offset, (int64_t)p->count, 1e-4))
            fail_msg("%s", p->name);
    }
    free(gradients[0]);
    free(gradients[1]);
    gr_graph_destroy(g);
}

/* ---- halves that are joined, shuffled and cut; a map that is squeezed and scaled
 * ------------------------------------------ */

enum { SMALL = 7, ODD = 22 /* channels: no multiple of a vector */ };

static gr_value *conv1x1(gr_graph *g, gr_value *x, const char *name, int64_t out)
{
    return gr_conv2d(g, x, name, (gr_conv2d_args){.out = out, .kernel = {1, 1}, .init = GR_INIT_UNIFORM_FAN_IN});
}

static gr_value *shuffled(gr_graph *g, gr_value *x)
{
    gr_value *rest, *a = gr_relu(g, conv1x1(g, x, "a", ODD), "ra"), *b = gr_relu(g, conv1x1(g, x, "b", ODD), "rb");
    for (int i = 0; i < 2; i++) {
        const char *const names[2][4] = {{"join0", "shuffle0", "split0", "c0"}, {"join1", "shuffle1", "split1", "c1"}};
        x = gr_channel_shuffle(g, gr_concat(g, (gr_value *[]){a, b}, 2, names[i][0]), names[i][1], 2);
        if (i == 1)
            break; /* the last one is not cut */
        a = gr_channel_split(g, x, names[i][2], ODD, &rest);
        b = conv1x1(g, rest, names[i][3], ODD);
    }
    return x;
}

static gr_value *(*activation)(gr_graph *, gr_value *, const char *);

static gr_value *squeezed(gr_graph *g, gr_value *x)
{
    x = activation(g, gr_batch_norm(g, conv1x1(g, x, "expand", ODD), "norm"), "act");
    gr_value *s = gr_sigmoid(g, conv1x1(g, gr_squeeze(g, x, "squeeze"), "gate", ODD), "sigmoid");
    return conv1x1(g, gr_scale_channels(g, x, s, "scale"), "project", 5);
}

/* Each side has zeros of its own; the last pad cuts a row off. */
static gr_value *padded(gr_graph *g, gr_value *x)
{
    const gr_conv2d_args whole = {.out = 6, .kernel = {3, 3}, .init = GR_INIT_UNIFORM_FAN_IN};
    gr_conv2d_args depthwise = {.out = ODD, .kernel = {5, 3}, .stride = {2, 1}, .pad = {1, 0}, .groups = ODD};
    depthwise.init = GR_INIT_UNIFORM_FAN_IN;
    x = conv1x1(g, gr_pad(g, x, "pad1", (gr_pad_args){1, 0, 2, 1}), "c1", ODD);
    x = gr_relu(g, gr_batch_norm(g, x, "norm"), "act");
    x = gr_conv2d(g, gr_pad(g, x, "pad2", (gr_pad_args){1, 2, 0, 1}), "c2", depthwise);
    x = gr_conv2d(g, gr_pad(g, x, "pad3", (gr_pad_args){0, 1, 1, 0}), "c3", whole);
    return conv1x1(g, gr_pad(g, x, "pad4", (gr_pad_args){-1, 1, 0, 0}), "c4", 5);
}

/* Three branches have a ReLU of their own of one map, which a fourth reads as it is; a sum and a concatenation have twice the same
 * then. */
static gr_value *twins(gr_graph *g, gr_value *x)
{
    x = gr_batch_norm(g, conv1x1(g, x, "c1", ODD), "norm");
    gr_value *a = conv1x1(g, gr_relu(g, x, "relu1"), "c2", 6), *b = conv1x1(g, gr_relu(g, x, "relu2"), "c3", 6);
    gr_value *c = gr_add(g, gr_relu(g, x, "relu3"), x, "sum"), *r[4];
    for (int i = 0; i < 4; i++)
        r[i] = gr_relu(g, x, (const char *[]){"relu4", "relu5", "relu6", "relu7"}[i]);
    gr_value *d = gr_concat(g, (gr_value *[]){gr_add(g, r[0], r[1], "twice"), r[2], r[3]}, 3, "thrice");
    gr_value *rest = gr_add(g, conv1x1(g, c, "c4", 6), conv1x1(g, d, "c5", 6), "rest");
    return gr_add(g, gr_add(g, a, b, "both"), rest, "all");
}

static gr_value *normed(gr_graph *g, gr_value *x, const char *conv, const char *norm, int64_t width)
{
    gr_conv2d_args args = {.out = ODD, .kernel = {width, width}, .pad = {width / 2, width / 2}, .init = GR_INIT_UNIFORM_FAN_IN};
    return gr_batch_norm(g, gr_conv2d(g, x, conv, args), norm);
}

/* ResNet's block whose shortcut is a convolution, then one whose shortcut is none. */
static gr_value *two_blocks(gr_graph *g, gr_value *x, bool active)
{
    gr_value *in = gr_relu(g, normed(g, x, "c0", "n0", 3), "r0");
    gr_value *main = normed(g, in, "c1", "n1", 3), *shortcut = normed(g, in, "c2", "n2", 1);
    if (active)
        shortcut = gr_relu(g, shortcut, "r2");
    gr_value *sum = gr_relu(g, gr_add(g, main, shortcut, "a1"), "r1");
    return gr_relu(g, gr_add(g, normed(g, sum, "c3", "n3", 3), sum, "a3"), "r3");
}

static gr_value *plain_shortcut(gr_graph *g, gr_value *x)
{
    return two_blocks(g, x, false);
}

/* Its ReLU's mask must not reach the main branch, which reads the same gradient later. */
static gr_value *active_shortcut(gr_graph *g, gr_value *x)
{
    return two_blocks(g, x, true);
}

static bool is_nothing(const float *numbers, size_t count)
{
    float most = 0.0f;
    for (size_t i = 0; i < count; i++)
        most = fmaxf(most, fabsf(numbers[i]));
    return !(most > 0.0f);
}

/* Fused and not: loss and gradients are near. Returns how many operators, how many lazy values, and
 * how many readers that leave their part of a gradient to its maker, the fused plan has. */
static void compare(gr_value *(*build)(gr_graph *, gr_value *), int *operators, int *lazy, int *left)
{
    gr_graph *g = gr_graph_create();
    gr_value *image = gr_input(g, "image", GR_F32, gr_shape4(1, SMALL, SMALL, 3)), *y = build(g, image);
    gr_value *r = gr_input(g, "r", GR_F32, gr_value_shape(y)), *loss = test_dot(g, y, r, "loss");
    test_run fused = test_compile(g, loss, NULL, 0, BATCH, true), plain = test_compile(g, loss, NULL, 0, BATCH, false);
    const test_run *runs[2] = {&fused, &plain};
    gr_shape shape = gr_value_shape(y);
    for (int i = 0; i < 2; i++) {
        test_fill(gr_plan_data(runs[i]->plan, image), BATCH * SMALL * SMALL * 3, 1, 1.0f);
        test_fill(gr_plan_data(runs[i]->plan, r), BATCH * gr_shape_elements(&shape), 2, 1.0f);
        gr_plan_forward(runs[i]->plan, 0, 0);
        gr_plan_backward(runs[i]->plan);
    }
    float one = gr_plan_data(fused.plan, loss)[0], other = gr_plan_data(plain.plan, loss)[0];
    assert_true(fabsf(one - other) <= 1e-5f * (1.0f + fabsf(other))); /* a sum of products of either sign */
    for (int i = 0; i < gr_graph_parameter_count(g); i++) {
        const gr_parameter *p = gr_graph_parameter(g, i);
        if (!p->buffer && is_nothing(plain.params->gradients + p->offset, p->count))
            fail_msg("%s: a gradient of zeros says nothing", p->name);
        if (!test_close(fused.params->gradients + p->offset, plain.params->gradients + p->offset, (int64_t)p->count, 2e-4))
            fail_msg("%s: its gradient is another where operators are fused", p->name);
    }
    *operators = fused.plan->op_count, *lazy = *left = 0;
    for (int o = 0; o < fused.plan->op_count; o++)
        *left += fused.plan->ops[o].leaves;
    for (int v = 0; v < g->value_count; v++)
        *lazy += fused.plan->values[v].lazy;
    test_run_destroy(&fused);
    test_run_destroy(&plain);
    gr_graph_destroy(g);
}

static bool halves_are_shuffled_at_once(void)
{
    int operators, lazy, left;
    compare(shuffled, &operators, &lazy, &left);
    return operators == 3 + 2 + 2 + 1; /* convolutions, ReLUs, joins, loss */
}

static bool map_is_left_to_all_its_readers(void)
{
    static gr_value *(*const kinds[])(gr_graph *, gr_value *, const char *) = {gr_relu, gr_hard_swish, gr_silu, gr_relu6};
    for (int i = 0; i < 4; i++) {
        int operators, lazy, left;
        activation = kinds[i];
        compare(squeezed, &operators, &lazy, &left);
        if (lazy != (activation == gr_relu6 ? 0 : 1)) /* which no reader knows */
            return false;
        if (left != (lazy == 1 ? 2 : 0)) /* pool and scaling */
            return false;
    }
    return true;
}

static bool sum_takes_its_shortcuts_norm(void)
{
    int operators, lazy[2], left;
    compare(plain_shortcut, &operators, &lazy[0], &left);
    if (operators != 4 + 4 + 1) /* convolutions, norms, loss */
        return false;
    compare(active_shortcut, &operators, &lazy[1], &left);
    return lazy[0] == 1 && lazy[1] == 0 && operators == 4 + 4 + 1;
}

static bool pads_are_their_convolutions_own(void)
{
    int operators, lazy, left;
    compare(padded, &operators, &lazy, &left);
    return operators == 4 + 1 + 1 + 1 && lazy == 1; /* convolutions, norm, a pad, loss */
}

static bool one_relu_serves_all(void)
{
    int operators, lazy, left;
    compare(twins, &operators, &lazy, &left);
    return operators == 5 + 1 + 1 + 5 + 1 + 1; /* convolutions, norm, a ReLU, sums, concatenation, loss */
}

static void equal_activations_of_a_map_are_one(void **state)
{
    (void)state;
    assert_true(test_with_every_isa(one_relu_serves_all));
}

static void zeros_are_added_by_who_reads_them(void **state)
{
    (void)state;
    assert_true(test_with_every_isa(pads_are_their_convolutions_own));
}

static void shortcuts_norm_is_left_to_the_sum(void **state)
{
    (void)state;
    assert_true(test_with_every_isa(sum_takes_its_shortcuts_norm));
}

static void channels_are_joined_shuffled_and_cut_in_one_pass(void **state)
{
    (void)state;
    assert_true(test_with_every_isa(halves_are_shuffled_at_once));
}

static void an_activation_is_left_to_pool_and_scale(void **state)
{
    (void)state;
    assert_true(test_with_every_isa(map_is_left_to_all_its_readers));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(relu_runs_behind_its_max_pool),
                                       cmocka_unit_test(convolutions_take_their_pools),
                                       cmocka_unit_test(equal_activations_of_a_map_are_one),
                                       cmocka_unit_test(zeros_are_added_by_who_reads_them),
                                       cmocka_unit_test(shortcuts_norm_is_left_to_the_sum),
                                       cmocka_unit_test(channels_are_joined_shuffled_and_cut_in_one_pass),
                                       cmocka_unit_test(an_activation_is_left_to_pool_and_scale)};
    return cmocka_run_group_tests_name("fusion", tests, NULL, NULL);
}
