/* Thirty steps of training, the evaluation behind them and the predictions, against Keras 2.15 and 3.15 (make_keras_runs.py):
 * BlackMice's own network, and a fine tuning with a frozen part, batch norm and penalties. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/models.h"
#include "grimace/optim.h"
#include "grimace/plan.h"
#include "learners/penalty.h"
#include "support/support.h"

#include "parity/keras2_runs.h"
#include "parity/keras3_runs.h"

enum { SIZE = 24, BATCH = 8, IMAGES = 32, STEPS = 30, SHOWN = 4, PIXELS = SIZE * SIZE * 3 };

static float images[IMAGES * PIXELS];
static int32_t labels[IMAGES];

static int make_data(void **state)
{
    (void)state;
    for (int i = 0; i < IMAGES; i++)
        labels[i] = i * 7 % 3 == 0;
    for (uint32_t i = 0; i < IMAGES * PIXELS; i++)
        images[i] = (test_number(1, i) * 0.5f + 0.5f) * (labels[i / PIXELS] ? 0.5f : 1.0f);
    return 0;
}

/* ---- the networks ---------------------------------------------------------------------------------------------------------- */

typedef struct network {
    gr_graph *graph;
    gr_value *image, *labels, *loss, *test_loss, *answer;
} network;

static const float class_weights[] = {0.5f, 2.0f};

static void add_losses(network *n, gr_value *logits, bool weighted)
{
    n->labels = gr_input(n->graph, "labels", GR_I32, gr_shape_make(1, (const int64_t[]){1}));
    n->loss = gr_cross_entropy_with(n->graph, logits, n->labels, NULL, "loss", weighted ? class_weights : NULL, true);
    n->test_loss = gr_cross_entropy(n->graph, logits, n->labels, "test_loss", NULL);
    n->answer = gr_softmax(n->graph, logits, "probabilities");
}

static gr_value *convolution(gr_graph *g, gr_value *x, const char *name, int64_t filters, bool bias)
{
    return gr_conv2d(g, x, name,
                     (gr_conv2d_args){
                         .out = filters, .kernel = {3, 3}, .pad = {1, 1}, .bias = bias, .init = GR_INIT_UNIFORM_FAN_IN});
}

static const gr_pool_args halves = {.kernel = {2, 2}};

static void build_blackmice(network *n, const char *variance, bool weighted)
{
    gr_error err = {0};
    gr_graph *g = n->graph;
    (void)variance;
    assert_int_equal(gr_graph_set_init(g, "glorot_uniform", &err), GR_OK); /* for its zero biases */
    static const int64_t filters[] = {32, 32, 64};
    static const char *const names[][3] = {
        {"backbone.conv1", "relu1", "pool1"}, {"backbone.conv2", "relu2", "pool2"}, {"backbone.conv3", "relu3", "pool3"}};
    gr_value *x = n->image;
    for (int i = 0; i < 3; i++)
        x = gr_max_pool(g, gr_relu(g, convolution(g, x, names[i][0], filters[i], true), names[i][1]), names[i][2], halves);
    x = gr_flatten(g, x, "flatten");
    x = gr_relu(g, gr_dense(g, x, "backbone.fc1", 128, GR_INIT_UNIFORM_FAN_IN), "relu4");
    x = gr_relu(g, gr_dense(g, x, "backbone.fc2", 128, GR_INIT_UNIFORM_FAN_IN), "relu5");
    add_losses(n, gr_dense(g, x, "classifier", 2, GR_INIT_UNIFORM_FAN_IN), weighted);
}

static void build_tuned(network *n, const char *variance, bool weighted)
{
    gr_error err = {0};
    gr_graph *g = n->graph;
    assert_int_equal(gr_graph_set_init(g, "glorot_uniform", &err), GR_OK);
    assert_int_equal(gr_graph_set_batch_norm(g, 1e-3, 0.01, variance, &err), GR_OK);
    gr_value *x = gr_batch_norm(g, convolution(g, n->image, "backbone.conv1", 16, false), "backbone.bn1");
    x = gr_max_pool(g, gr_relu(g, x, "relu1"), "pool1", halves);
    x = gr_batch_norm(g, convolution(g, x, "backbone.conv2", 32, false), "backbone.bn2");
    x = gr_global_avg_pool(g, gr_relu(g, x, "relu2"), "pool2");
    x = gr_relu(g, gr_dense(g, x, "mlp.fc1", 16, GR_INIT_UNIFORM_FAN_IN), "relu3");
    add_losses(n, gr_dense(g, x, "classifier", 2, GR_INIT_UNIFORM_FAN_IN), weighted);
    assert_int_equal(gr_graph_freeze(g, "backbone.conv1"), 1);
    assert_int_equal(gr_graph_freeze(g, "backbone.bn1"), 4);
}

static void fill(const gr_graph *g, gr_params *params)
{
    uint32_t stream = 10;
    for (int i = 0; i < gr_graph_parameter_count(g); i++) {
        const gr_parameter *p = gr_graph_parameter(g, i);
        if (p->shape.rank < 2)
            continue;
        float reach = (float)sqrt(3.0 / (double)p->fan_in);
        for (uint32_t k = 0; k < p->count; k++)
            params->values[p->offset + k] = test_number(stream, k) * reach;
        stream++;
    }
}

/* ---- a run ------------------------------------------------------------------------------------------------------------------ */

typedef struct course {
    const char *name;
    void (*build)(network *n, const char *variance, bool weighted);
    bool weighted;
    gr_optim_options optim;
    gr_schedule_options schedule;
    gr_penalties penalties;
} course;

static const char *no_place(const void *source, const char *key)
{
    (void)source;
    (void)key;
    return "";
}

static void put_batch(gr_plan *plan, const network *n, int first)
{
    for (int i = 0; i < BATCH; i++) {
        int row = (first + i) % IMAGES;
        memcpy((float *)gr_plan_data(plan, n->image) + i * PIXELS, images + row * PIXELS, PIXELS * sizeof(float));
        ((int32_t *)(void *)gr_plan_data(plan, n->labels))[i] = labels[row];
    }
}

static void near(const char *who, const course *c, const char *what, int i, double got, double right, double tolerance)
{
    if (!(fabs(got - right) <= tolerance))
        fail_msg("%s, %s, %s %d: %.9g where Keras has %.9g", who, c->name, what, i, got, right);
}

static void train(const char *who, const course *c, bool keras3, const double *want)
{
    gr_error err = {0};
    network n = {.graph = gr_graph_create()};
    n.image = gr_input(n.graph, "image", GR_F32, gr_shape_make(4, (const int64_t[]){1, SIZE, SIZE, 3}));
    c->build(&n, keras3 ? "biased" : "images", c->weighted);
    if (gr_graph_status(n.graph, &err) != GR_OK)
        fail_msg("%s", err.text);
    gr_params *params = NULL;
    gr_plan *plan = NULL, *test = NULL;
    gr_workspace *workspace = gr_workspace_create();
    assert_int_equal(gr_params_create(n.graph, 1, true, &params, &err), GR_OK);
    fill(n.graph, params);
    gr_plan_options training = {.batch = BATCH, .training = true, .precision = GR_F32, .loss = n.loss};
    gr_plan_options testing = {.batch = BATCH, .precision = GR_F32, .loss = n.test_loss, .keep = (const gr_value *[]){n.answer},
                               .keep_count = 1};
    assert_int_equal(gr_plan_compile(n.graph, params, workspace, &training, &plan, &err), GR_OK);
    assert_int_equal(gr_plan_compile(n.graph, params, workspace, &testing, &test, &err), GR_OK);
    gr_span spans[32];
    int count = 0;
    for (int i = 0; i < gr_graph_parameter_count(n.graph); i++) {
        const gr_parameter *p = gr_graph_parameter(n.graph, i);
        if (!p->buffer && !p->frozen)
            spans[count++] = (gr_span){p->offset, p->count};
    }
    gr_optim *optim = NULL;
    gr_schedule schedule;
    gr_penalty_list *penalties = NULL;
    gr_recipe recipe = {.model = {.penalty = c->penalties, .penalty_frozen = !keras3}, .where = no_place};
    assert_int_equal(gr_optim_create(&c->optim, spans, count, &optim, &err), GR_OK);
    assert_int_equal(gr_schedule_start(&schedule, &c->schedule, &err), GR_OK);
    assert_int_equal(gr_penalty_create(&recipe, n.graph, &penalties, &err), GR_OK);
    for (int step = 0; step < STEPS; step++) {
        put_batch(plan, &n, step * BATCH);
        gr_plan_forward(plan, 1, (uint64_t)step);
        double loss = (double)gr_plan_data(plan, n.loss)[0] + gr_penalty_sum(penalties, params->values);
        near(who, c, "step", step, loss, want[step], 1e-4 * want[step]);
        gr_plan_backward(plan);
        gr_penalty_push(penalties, params->values, params->gradients);
        gr_optim_step(optim, params->values, params->gradients, schedule.lr);
        gr_schedule_step(&schedule);
    }
    double loss = gr_penalty_sum(penalties, params->values);
    gr_plan_refresh(test);
    for (int first = 0; first < IMAGES; first += BATCH) {
        put_batch(test, &n, first);
        gr_plan_forward(test, 1, 0);
        loss += (double)gr_plan_data(test, n.test_loss)[0] * BATCH / IMAGES;
        for (int i = 0; first == 0 && i < SHOWN; i++)
            near(who, c, "prediction", i, (double)gr_plan_data(test, n.answer)[2 * i + 1], want[STEPS + 1 + i], 1e-3);
    }
    near(who, c, "evaluation", 0, loss, want[STEPS], 3e-4 * want[STEPS]);
    gr_penalty_destroy(penalties);
    gr_optim_destroy(optim);
    gr_plan_destroy(plan);
    gr_plan_destroy(test);
    gr_workspace_destroy(workspace);
    gr_params_destroy(params);
    gr_graph_destroy(n.graph);
}

static void test_adam(void **state)
{
    (void)state;
    const course c = {"BlackMice's network by Adam with class weights and decay", build_blackmice, true,
                      {.name = "adam", .keras = true, .betas = {0.9, 0.999}, .eps = 1e-7},
                      {.name = "inverse_time", .lr = 1e-3, .per_step = true, .decay_steps = 1, .decay_rate = 0.05},
                      {NULL, 0}};
    train("Keras 2", &c, false, keras2_adam);
    train("Keras 3", &c, true, keras3_adam);
}

static void test_rmsprop(void **state)
{
    (void)state;
    const course c = {"BlackMice's network by RMSprop with momentum and clipnorm", build_blackmice, false,
                      {.name = "rmsprop", .keras = true, .rho = 0.9, .eps = 1e-7, .momentum = 0.5, .clip_norm = 0.5},
                      {.name = "constant", .lr = 1e-3},
                      {NULL, 0}};
    train("Keras 2", &c, false, keras2_rmsprop);
    train("Keras 3", &c, true, keras3_rmsprop);
}

static void test_tuned(void **state)
{
    (void)state;
    gr_penalty penalties[] = {{{(const char *[]){"backbone"}, 1}, 0, 0.01}, {{(const char *[]){"mlp.fc1"}, 1}, 0.001, 0.01}};
    const course c = {"a fine tuning by Nesterov's SGD with class weights and penalties", build_tuned, true,
                      {.name = "sgd", .keras = true, .momentum = 0.9, .nesterov = true},
                      {.name = "exponential", .lr = 0.05, .per_step = true, .decay_steps = 10, .decay_rate = 0.5},
                      {penalties, 2}};
    train("Keras 2", &c, false, keras2_tuned);
    train("Keras 3", &c, true, keras3_tuned);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_adam), cmocka_unit_test(test_rmsprop), cmocka_unit_test(test_tuned)};
    return cmocka_run_group_tests(tests, make_data, NULL);
}
