/* Gradients of values with running statistics: finite differences of the logits by the image and by the last feature map, the
 * answers of a plan for forward alone, a training plan's gradients where both modes mean the same, and what is refused. */
#include "support/support.h"
#include "graph/plan_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 2, SIZE = 12, CHANNELS = 3, CLASSES = 3, PIXELS = BATCH * SIZE * SIZE * CHANNELS };

/* Builds a network on `image`; *map is the value in front of its head. Returns the logits. */
typedef gr_value *(*builder)(gr_graph *g, gr_value *image, gr_value **map);

static gr_value *conv(gr_graph *g, gr_value *x, const char *name, int64_t out, int64_t kernel, int64_t groups, bool bias)
{
    return gr_conv2d(g, x, name, (gr_conv2d_args){.out = out, .kernel = {kernel, kernel}, .pad = {kernel / 2, kernel / 2},
                                                  .groups = groups, .bias = bias});
}

static gr_value *head(gr_graph *g, gr_value *x)
{
    return gr_dense(g, gr_global_avg_pool(g, x, "mean"), "fc", CLASSES, GR_INIT_UNIFORM_FAN_IN);
}

/* A basic block: convolution, norm and ReLU; convolution, norm, sum and ReLU. Dropout is off. */
static gr_value *residual(gr_graph *g, gr_value *x, gr_value **map)
{
    x = gr_relu(g, gr_batch_norm(g, conv(g, x, "stem", 8, 3, 1, false), "stem_norm"), "stem_relu");
    x = gr_max_pool(g, x, "pool", (gr_pool_args){.kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1}});
    gr_value *y = gr_relu(g, gr_batch_norm(g, conv(g, x, "c1", 8, 3, 1, false), "n1"), "r1");
    y = gr_batch_norm_with(g, conv(g, y, "c2", 8, 3, 1, true), "n2", 1e-3, 0.01);
    *map = gr_relu(g, gr_add(g, gr_stochastic_depth(g, y, "depth", 0.5), x, "sum"), "r2");
    return head(g, gr_dropout(g, *map, "drop", 0.5));
}

/* The sum is absorbed by the convolution, and is of its own input; then norms that no convolution takes, one with such a sum. */
static gr_value *own_input(gr_graph *g, gr_value *x, gr_value **map)
{
    x = conv(g, x, "stem", 8, 3, 1, true);
    gr_value *y = gr_relu(g, gr_add(g, conv(g, x, "c1", 8, 3, 1, false), x, "sum"), "r1");
    y = gr_avg_pool(g, y, "pool", (gr_pool_args){.kernel = {2, 2}});
    y = gr_relu(g, gr_add(g, gr_batch_norm(g, y, "n1"), y, "sum2"), "r2");
    *map = gr_hard_swish(g, gr_batch_norm(g, y, "n2"), "act");
    return gr_sigmoid(g, head(g, *map), "sigmoid");
}

static gr_value *attention(gr_graph *g, gr_value *x, gr_value **map)
{
    gr_value *beta;
    x = gr_relu(g, gr_batch_norm(g, conv(g, x, "c1", 8, 3, 1, false), "n1"), "r1");
    x = gr_adaptive_avg_pool(g, x, "pool", 5, 5);
    *map = gr_silu(g, gr_batch_norm(g, conv(g, x, "c2", 12, 1, 1, false), "n2"), "act");
    return gr_dense(g, gr_attention_pool(g, *map, "attention", &beta), "fc", CLASSES, GR_INIT_UNIFORM_FAN_IN);
}

/* An inverted residual: every activation of the mobile networks, depthwise, squeeze and excitation. */
static gr_value *mobile(gr_graph *g, gr_value *x, gr_value **map)
{
    x = gr_hard_swish(g, gr_batch_norm(g, conv(g, x, "stem", 8, 3, 1, false), "stem_norm"), "stem_act");
    gr_value *y = gr_silu(g, gr_batch_norm(g, conv(g, x, "expand", 16, 1, 1, false), "n1"), "a1");
    y = gr_relu6(g, gr_batch_norm(g, conv(g, y, "depthwise", 16, 3, 16, false), "n2"), "a2");
    gr_value *s = gr_relu(g, conv(g, gr_squeeze(g, y, "squeeze"), "fc1", 4, 1, 1, true), "se_relu");
    y = gr_scale_channels(g, y, gr_hard_sigmoid(g, conv(g, s, "fc2", 16, 1, 1, true), "gate"), "scale");
    y = gr_batch_norm(g, conv(g, y, "project", 8, 1, 1, false), "n3");
    *map = gr_add(g, y, x, "sum");
    y = gr_adaptive_avg_pool(g, *map, "few", 2, 3); /* of few pixels, so that no step makes another one the largest */
    return gr_dense(g, gr_global_max_pool(g, y, "max"), "fc", CLASSES, GR_INIT_UNIFORM_FAN_IN);
}

/* Channels cut, shuffled and joined; a softmax at the end. */
static gr_value *shuffled(gr_graph *g, gr_value *x, gr_value **map)
{
    gr_value *rest, *y = gr_relu(g, conv(g, gr_pad(g, x, "pad", (gr_pad_args){.top = 1, .left = -1}), "stem", 8, 3, 1, true), "r");
    gr_value *first = gr_channel_split(g, y, "split", 3, &rest);
    rest = gr_relu(g, gr_batch_norm(g, conv(g, rest, "c", 5, 3, 1, false), "n"), "r1");
    y = gr_channel_shuffle(g, gr_concat(g, (gr_value *[]){first, rest}, 2, "both"), "shuffle", 2);
    *map = y;
    y = gr_dense(g, gr_flatten(g, y, "flat"), "fc", CLASSES, GR_INIT_UNIFORM_FAN_IN);
    return gr_softmax(g, y, "softmax");
}

static const struct {
    const char *name;
    builder build;
} networks[] = {
    {"residual", residual}, {"own input", own_input}, {"attention", attention}, {"mobile", mobile}, {"shuffled", shuffled},
};
enum { NETWORKS = sizeof networks / sizeof networks[0] };

typedef struct subject {
    gr_graph *g;
    gr_value *image, *map, *logits;
    gr_params *params;
    gr_workspace *workspace;
} subject;

/* Running statistics are none that a batch would have. */
static void set_up(subject *s, builder build)
{
    gr_error err = {0};
    s->g = gr_graph_create();
    s->image = gr_input(s->g, "image", GR_F32, gr_shape4(1, SIZE, SIZE, CHANNELS));
    s->logits = build(s->g, s->image, &s->map);
    assert_int_equal(gr_graph_status(s->g, &err), GR_OK);
    assert_int_equal(gr_params_create(s->g, 3, false, &s->params, &err), GR_OK); /* no gradients of parameters */
    for (int i = 0; i < gr_graph_parameter_count(s->g); i++) {
        const gr_parameter *p = gr_graph_parameter(s->g, i);
        float *values = s->params->values + p->offset;
        test_fill(values, (int64_t)p->count, 20 + (uint32_t)i, p->shape.rank > 1 ? 0.4f : 0.2f);
        for (size_t k = 0; k < p->count; k++)
            values[k] += p->shape.rank > 1 ? 0.0f : 0.6f;
    }
    s->workspace = gr_workspace_create();
    assert_non_null(s->workspace);
}

static void tear_down(subject *s)
{
    gr_workspace_destroy(s->workspace);
    gr_params_destroy(s->params);
    gr_graph_destroy(s->g);
}

static gr_plan *compile(const subject *s, gr_plan_options options)
{
    gr_error err = {0};
    gr_plan *plan;
    options.batch = BATCH;
    if (gr_plan_compile(s->g, s->params, s->workspace, &options, &plan, &err) != GR_OK)
        fail_msg("%s", err.text);
    return plan;
}

static void seed_fill(float seed[BATCH * CLASSES])
{
    test_fill(seed, BATCH * CLASSES, 5, 1.0f);
}

/* sum of seed * logits when `input` is `data`, by a plan that begins there. */
static double seeded_sum(gr_plan *plan, const subject *s, const gr_value *input, const float *data)
{
    float seed[BATCH * CLASSES];
    double sum = 0.0;
    seed_fill(seed);
    memcpy(gr_plan_data(plan, input), data, (size_t)(BATCH * gr_shape_elements(&input->shape)) * sizeof *data);
    gr_plan_forward(plan, 0, 0);
    for (int i = 0; i < BATCH * CLASSES; i++)
        sum += (double)seed[i] * (double)gr_plan_data(plan, s->logits)[i];
    return sum;
}

/* The gradient's product with some directions, against differences of the seeded sum. */
static bool agrees_with_differences(const subject *s, gr_value *input, const float *data, const float *gradient)
{
    int64_t count = BATCH * gr_shape_elements(&input->shape);
    gr_plan *plan = compile(s, (gr_plan_options){.keep = (const gr_value *[]){s->logits}, .keep_count = 1, .given = input});
    float *moved = malloc((size_t)count * sizeof *moved);
    bool good = true;
    for (uint32_t d = 0; d < 4; d++) {
        const float step = 4e-4f;
        double analytic = 0.0, squares = 0.0, side[2];
        for (int k = 0; k < 2; k++) {
            for (int64_t i = 0; i < count; i++)
                moved[i] = data[i] + (k == 0 ? step : -step) * test_number(70 + d, (uint32_t)i);
            side[k] = seeded_sum(plan, s, input, moved);
        }
        for (int64_t i = 0; i < count; i++) {
            analytic += (double)gradient[i] * (double)test_number(70 + d, (uint32_t)i);
            squares += (double)gradient[i] * (double)gradient[i];
        }
        double numeric = (side[0] - side[1]) / (2.0 * (double)step), scale = sqrt(squares / 3.0);
        if (!(fabs(numeric - analytic) <= 0.02 * scale && scale > 1e-4)) {
            print_message("by %s: numeric %.6g, analytic %.6g, scale %.3g\n", input->name, numeric, analytic, scale);
            good = false;
        }
    }
    free(moved);
    gr_plan_destroy(plan);
    return good;
}

static float *copy_of(const float *data, const gr_value *value)
{
    size_t bytes = (size_t)(BATCH * gr_shape_elements(&value->shape)) * sizeof *data;
    assert_non_null(data);
    return memcpy(malloc(bytes), data, bytes);
}

/* The chain rule: from the map, with what the logits gave it. */
static bool agrees_from_the_map(const subject *s, bool fusion, const float *image, const float *by_map, const float *by_image)
{
    gr_plan *plan = compile(s, (gr_plan_options){.gradients_of = (const gr_value *[]){s->image}, .gradient_count = 1,
                                                 .gradients_from = s->map, .no_fusion = !fusion});
    memcpy(gr_plan_data(plan, s->image), image, PIXELS * sizeof *image);
    gr_plan_forward(plan, 0, 0);
    gr_plan_backward_from(plan, by_map);
    bool good = test_close(gr_plan_gradient(plan, s->image), by_image, PIXELS, 1e-5);
    gr_plan_destroy(plan);
    return good;
}

static bool network_agrees(int which, bool fusion)
{
    subject s;
    float seed[BATCH * CLASSES], image[PIXELS];
    set_up(&s, networks[which].build);
    seed_fill(seed);
    test_fill(image, PIXELS, 1, 1.0f);
    gr_plan *alone = compile(&s, (gr_plan_options){.keep = (const gr_value *[]){s.logits, s.map}, .keep_count = 2,
                                                   .explained = true, .no_fusion = !fusion});
    seeded_sum(alone, &s, s.image, image);
    float *logits = copy_of(gr_plan_data(alone, s.logits), s.logits);
    gr_plan *plan = compile(&s, (gr_plan_options){.gradients_of = (const gr_value *[]){s.image, s.map, s.logits},
                                                  .gradient_count = 3, .gradients_from = s.logits, .no_fusion = !fusion});
    seeded_sum(plan, &s, s.image, image);
    assert_memory_equal(gr_plan_data(plan, s.logits), logits, sizeof seed);
    gr_plan_backward_from(plan, seed);
    assert_memory_equal(gr_plan_gradient(plan, s.logits), seed, sizeof seed);
    assert_memory_equal(gr_plan_data(plan, s.image), image, sizeof image); /* kept */
    float *map = copy_of(gr_plan_data(plan, s.map), s.map), *by_map = copy_of(gr_plan_gradient(plan, s.map), s.map);
    float *by_image = copy_of(gr_plan_gradient(plan, s.image), s.image);
    bool good = agrees_with_differences(&s, s.map, map, by_map);
    good = agrees_with_differences(&s, s.image, image, by_image) && good;
    good = agrees_from_the_map(&s, fusion, image, by_map, by_image) && good;
    free(logits);
    free(map);
    free(by_map);
    free(by_image);
    gr_plan_destroy(plan);
    gr_plan_destroy(alone);
    tear_down(&s);
    return good;
}

static bool networks_agree(void)
{
    bool good = true;
    for (int turn = 0; turn < 2 * NETWORKS; turn++)
        if (!network_agrees(turn / 2, turn % 2 == 0)) {
            print_message("  %s, fusion %d\n", networks[turn / 2].name, turn % 2 == 0);
            good = false;
        }
    return good;
}

static void networks_agree_with_differences(void **state)
{
    (void)state;
    assert_true(test_with_every_isa(networks_agree));
}

/* ---- both modes ------------------------------------------------------------------------------------------------------- */

/* Without batch norm and dropout. The map is what a ReLU makes, whose backward writes over its output's gradient. */
static gr_value *plain(gr_graph *g, gr_value *x, gr_value **map)
{
    x = gr_relu(g, conv(g, x, "c1", 8, 3, 1, true), "r1");
    x = gr_max_pool(g, x, "pool", (gr_pool_args){.kernel = {2, 2}});
    *map = gr_relu(g, gr_add(g, conv(g, x, "c2", 8, 3, 1, false), x, "sum"), "r2");
    return head(g, *map);
}

typedef struct result {
    float *by_image, *by_map, *by_logits, *by_parameters;
} result;

static result run_step(const subject *s, gr_value *loss, bool training, bool asks)
{
    const gr_value *of[] = {s->image, s->map, s->logits};
    gr_plan *plan = compile(s, (gr_plan_options){.training = training, .loss = loss, .gradients_of = of,
                                                 .gradient_count = asks ? 3 : 0, .keep = of, .keep_count = 1});
    test_fill(gr_plan_data(plan, s->image), PIXELS, 1, 1.0f);
    for (int i = 0; i < BATCH; i++)
        ((int32_t *)gr_plan_data(plan, gr_graph_find(s->g, "labels")))[i] = i % CLASSES;
    memset(s->params->gradients, 0, s->params->count * sizeof(float));
    gr_plan_forward(plan, 1, 1);
    gr_plan_backward(plan);
    result r = {.by_image = copy_of(gr_plan_gradient(plan, s->image), s->image)};
    r.by_parameters = memcpy(malloc(s->params->count * sizeof(float)), s->params->gradients, s->params->count * sizeof(float));
    if (asks) {
        r.by_map = copy_of(gr_plan_gradient(plan, s->map), s->map);
        r.by_logits = copy_of(gr_plan_gradient(plan, s->logits), s->logits);
    } else {
        assert_null(gr_plan_gradient(plan, s->map));
    }
    gr_plan_destroy(plan);
    return r;
}

static void free_result(result *r)
{
    free(r->by_image);
    free(r->by_map);
    free(r->by_logits);
    free(r->by_parameters);
}

static void training_gives_the_same_where_it_means_the_same(void **state)
{
    (void)state;
    gr_error err = {0};
    subject s;
    set_up(&s, plain);
    gr_params_destroy(s.params);
    assert_int_equal(gr_params_create(s.g, 3, true, &s.params, &err), GR_OK);
    gr_value *labels = gr_input(s.g, "labels", GR_I32, gr_shape1(1));
    gr_value *loss = gr_cross_entropy(s.g, s.logits, labels, "loss", NULL);
    result old = run_step(&s, loss, true, false), training = run_step(&s, loss, true, true);
    result still = run_step(&s, loss, false, true);
    size_t bytes = s.params->count * sizeof(float);
    assert_memory_equal(old.by_image, training.by_image, PIXELS * sizeof(float));
    assert_memory_equal(old.by_parameters, training.by_parameters, bytes);
    assert_true(test_close(still.by_image, training.by_image, PIXELS, 1e-5));
    assert_true(test_close(still.by_map, training.by_map, BATCH * gr_shape_elements(&s.map->shape), 1e-5));
    assert_true(test_close(still.by_logits, training.by_logits, BATCH * CLASSES, 1e-5));
    double sum = 0.0;
    for (size_t i = 0; i < s.params->count; i++)
        sum += fabs((double)still.by_parameters[i]);
    assert_true(sum == 0.0); /* without training parameters get none */
    free_result(&old);
    free_result(&training);
    free_result(&still);
    tear_down(&s);
}

/* What lies behind the start or before all that is asked for costs no backward. */
static void backward_stops_at_what_is_asked_for(void **state)
{
    (void)state;
    subject s;
    set_up(&s, residual);
    gr_plan *plan = compile(&s, (gr_plan_options){.gradients_of = (const gr_value *[]){s.map}, .gradient_count = 1,
                                                  .gradients_from = s.logits});
    int backward = 0;
    for (int o = 0; o < plan->op_count; o++)
        backward += plan->ops[o].runs_backward;
    assert_int_equal(backward, 3); /* dense layer, mean, dropout */
    assert_null(gr_plan_gradient(plan, s.image));
    gr_plan_destroy(plan);
    tear_down(&s);
}

static void refuses(const subject *s, gr_plan_options options, const char *sentence)
{
    gr_error err = {0};
    gr_plan *plan;
    options.batch = BATCH;
    assert_int_equal(gr_plan_compile(s->g, s->params, s->workspace, &options, &plan, &err), GR_INVALID);
    assert_null(plan);
    if (strstr(err.text, sentence) == NULL)
        fail_msg("'%s' instead of '%s'", err.text, sentence);
}

static void what_has_no_gradient_is_refused(void **state)
{
    (void)state;
    gr_error err = {0};
    subject s;
    set_up(&s, plain);
    gr_params_destroy(s.params);
    assert_int_equal(gr_params_create(s.g, 3, true, &s.params, &err), GR_OK);
    gr_value *labels = gr_input(s.g, "labels", GR_I32, gr_shape1(1));
    gr_value *loss = gr_cross_entropy(s.g, s.logits, labels, "loss", NULL);
    const gr_value *image[] = {s.image}, *behind[] = {s.logits}, *whole[] = {labels};
    refuses(&s, (gr_plan_options){.gradients_of = image, .gradient_count = 1}, "needs a loss or another value");
    refuses(&s, (gr_plan_options){.gradients_of = image, .gradient_count = 1, .gradients_from = s.image},
            "image: gradients cannot start from an input");
    refuses(&s, (gr_plan_options){.gradients_of = behind, .gradient_count = 1, .gradients_from = s.map},
            "fc: its gradient is asked for, but r2 does not depend on it");
    refuses(&s, (gr_plan_options){.gradients_of = whole, .gradient_count = 1, .loss = loss}, "labels: its gradient is asked for");
    refuses(&s, (gr_plan_options){.training = true, .loss = loss, .gradients_from = s.logits},
            "fc: a plan for training starts from its loss");
    tear_down(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_agree_with_differences),
        cmocka_unit_test(training_gives_the_same_where_it_means_the_same),
        cmocka_unit_test(backward_stops_at_what_is_asked_for),
        cmocka_unit_test(what_has_no_gradient_is_refused),
    };
    return cmocka_run_group_tests_name("gradients of values", tests, NULL, NULL);
}
