/* Thirty steps of training, the evaluation behind them and the predictions, against Keras 2.15, 3.15 and 2.10 (make_keras_runs.py):
 * BlackMice's own network by several rules, a fine tuning with a frozen part, batch norm and penalties, and small ones of the
 * papers' other kinds: a head on a frozen residual network, landmarks by inverted residuals, a VGG whose first block is frozen. */
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

#include "parity/keras210_runs.h"
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

static void add_losses(network *n, gr_value *logits, const float *class_weights)
{
    n->labels = gr_input(n->graph, "labels", GR_I32, gr_shape_make(1, (const int64_t[]){1}));
    n->loss = gr_cross_entropy_with(n->graph, logits, n->labels, NULL, "loss", class_weights, true);
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

static void build_blackmice(network *n, const char *variance, const float *class_weights)
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
    add_losses(n, gr_dense(g, x, "classifier", 2, GR_INIT_UNIFORM_FAN_IN), class_weights);
}

static void build_tuned(network *n, const char *variance, const float *class_weights)
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
    add_losses(n, gr_dense(g, x, "classifier", 2, GR_INIT_UNIFORM_FAN_IN), class_weights);
    assert_int_equal(gr_graph_freeze(g, "backbone.conv1"), 1);
    assert_int_equal(gr_graph_freeze(g, "backbone.bn1"), 4);
}

typedef struct norm_args {
    double eps, momentum;
} norm_args;

static gr_value *normed(gr_graph *g, gr_value *x, const char *name, const char *norm, int64_t filters, int64_t kernel,
                        int64_t stride, norm_args args)
{
    gr_conv2d_args conv = {.out = filters, .kernel = {kernel, kernel}, .stride = {stride, stride}, .pad = {kernel / 2, kernel / 2},
                           .init = GR_INIT_UNIFORM_FAN_IN};
    return gr_batch_norm_with(g, gr_conv2d(g, x, name, conv), norm, args.eps, args.momentum);
}

static void build_frozen(network *n, const char *variance, const float *class_weights)
{
    gr_error err = {0};
    gr_graph *g = n->graph;
    const norm_args resnet = {1.001e-5, 0.01};
    assert_int_equal(gr_graph_set_init(g, "glorot_uniform", &err), GR_OK);
    assert_int_equal(gr_graph_set_batch_norm(g, 0, 0, variance, &err), GR_OK);
    gr_value *x = gr_relu(g, normed(g, n->image, "backbone.conv1", "backbone.bn1", 16, 7, 2, resnet), "relu1");
    x = gr_max_pool(g, x, "pool", (gr_pool_args){.kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1}});
    gr_value *y = gr_relu(g, normed(g, x, "backbone.conv2", "backbone.bn2", 16, 1, 2, resnet), "relu2");
    y = gr_relu(g, normed(g, y, "backbone.conv3", "backbone.bn3", 16, 3, 1, resnet), "relu3");
    y = normed(g, y, "backbone.conv4", "backbone.bn4", 64, 1, 1, resnet);
    x = gr_relu(g, gr_add(g, normed(g, x, "backbone.conv5", "backbone.bn5", 64, 1, 2, resnet), y, "sum"), "relu4");
    x = gr_global_avg_pool(g, x, "pool2");
    add_losses(n, gr_dense(g, x, "classifier", 2, GR_INIT_UNIFORM_FAN_IN), class_weights);
    assert_int_equal(gr_graph_freeze(g, "backbone"), 25);
}

enum { COORDINATES = 4 };

static void build_landmarks(network *n, const char *variance, const float *class_weights)
{
    gr_error err = {0};
    gr_graph *g = n->graph;
    const norm_args mobile = {1e-3, 0.001};
    (void)class_weights;
    assert_int_equal(gr_graph_set_init(g, "glorot_uniform", &err), GR_OK);
    assert_int_equal(gr_graph_set_batch_norm(g, 0, 0, variance, &err), GR_OK);
    gr_conv2d_args depthwise = {.out = 32, .kernel = {3, 3}, .pad = {1, 1}, .groups = 32, .init = GR_INIT_UNIFORM_FAN_IN};
    gr_value *x = gr_relu6(g, normed(g, n->image, "conv1", "bn1", 16, 3, 2, mobile), "relu1");
    gr_value *y = gr_relu6(g, normed(g, x, "conv2", "bn2", 32, 1, 1, mobile), "relu2");
    y = gr_relu6(g, gr_batch_norm_with(g, gr_conv2d(g, y, "conv3", depthwise), "bn3", mobile.eps, mobile.momentum), "relu3");
    y = normed(g, y, "conv4", "bn4", 16, 1, 1, mobile);
    x = gr_global_avg_pool(g, gr_add(g, x, y, "sum"), "pool");
    n->answer = gr_dense(g, x, "classifier", COORDINATES, GR_INIT_UNIFORM_FAN_IN);
    n->labels = gr_input(g, "points", GR_F32, gr_shape_make(2, (const int64_t[]){1, COORDINATES}));
    n->loss = n->test_loss = gr_mse_loss(g, n->answer, n->labels, "loss");
}

static void build_infantpain(network *n, const char *variance, const float *class_weights)
{
    gr_error err = {0};
    gr_graph *g = n->graph;
    gr_value *x = n->image;
    (void)variance;
    assert_int_equal(gr_graph_set_init(g, "glorot_uniform", &err), GR_OK);
    static const char *const names[][2] = {{"a.conv1", "relu1"}, {"a.conv2", "relu2"}, {"b.conv3", "relu3"}, {"b.conv4", "relu4"}};
    for (int i = 0; i < 4; i++) {
        x = gr_relu(g, convolution(g, x, names[i][0], i < 2 ? 16 : 32, true), names[i][1]);
        x = i % 2 == 1 ? gr_max_pool(g, x, i == 1 ? "pool1" : "pool2", halves) : x;
    }
    x = gr_global_avg_pool(g, x, "pool3");
    x = gr_relu(g, gr_dense(g, x, "mlp.fc1", 16, GR_INIT_UNIFORM_FAN_IN), "relu5");
    add_losses(n, gr_dense(g, x, "classifier", 2, GR_INIT_UNIFORM_FAN_IN), class_weights);
    assert_int_equal(gr_graph_freeze(g, "a"), 4);
}

static void fill(const gr_graph *g, gr_params *params, bool norms)
{
    uint32_t stream = 10, norm_stream = 100;
    for (int i = 0; i < gr_graph_parameter_count(g); i++) {
        const gr_parameter *p = gr_graph_parameter(g, i);
        bool kernel = p->shape.rank >= 2, norm = norms && strstr(p->name, "bn") != NULL;
        if (!kernel && !norm)
            continue;
        bool around_1 = gr_ends_with(p->name, ".weight") || gr_ends_with(p->name, ".running_var");
        float reach = kernel ? (float)sqrt(3.0 / (double)p->fan_in) : around_1 ? 0.3f : 0.2f;
        float middle = !kernel && around_1 ? 1.0f : 0.0f;
        uint32_t from = kernel ? stream++ : norm_stream++;
        for (uint32_t k = 0; k < p->count; k++)
            params->values[p->offset + k] = test_number(from, k) * reach + middle;
    }
}

/* ---- a run ------------------------------------------------------------------------------------------------------------------ */

typedef struct course {
    const char *name;
    void (*build)(network *n, const char *variance, const float *class_weights);
    const float *class_weights;
    gr_optim_options optim;
    gr_schedule_options schedule;
    gr_penalties penalties;
    bool norms; /* those of batch norms are drawn, too */
} course;

static const char *no_place(const void *source, const char *key)
{
    (void)source;
    (void)key;
    return "";
}

static void put_batch(gr_plan *plan, const network *n, int first)
{
    float *targets = gr_plan_data(plan, n->labels);
    bool points = gr_value_shape(n->labels).rank == 2;
    for (int i = 0; i < BATCH; i++) {
        int row = (first + i) % IMAGES;
        memcpy((float *)gr_plan_data(plan, n->image) + i * PIXELS, images + row * PIXELS, PIXELS * sizeof(float));
        for (int k = 0; points && k < COORDINATES; k++)
            targets[i * COORDINATES + k] = test_number(2, (uint32_t)(row * COORDINATES + k)) * 0.5f + 0.5f;
        if (!points)
            ((int32_t *)(void *)targets)[i] = labels[row];
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
    c->build(&n, keras3 ? "biased" : "images", c->class_weights);
    if (gr_graph_status(n.graph, &err) != GR_OK)
        fail_msg("%s", err.text);
    gr_params *params = NULL;
    gr_plan *plan = NULL, *test = NULL;
    gr_workspace *workspace = gr_workspace_create();
    assert_int_equal(gr_params_create(n.graph, 1, true, &params, &err), GR_OK);
    fill(n.graph, params, c->norms);
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
    gr_optim_options rule = c->optim;
    rule.product_by_tensor = !keras3;
    assert_int_equal(gr_optim_create(&rule, spans, count, &optim, &err), GR_OK);
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
    int64_t width = gr_value_shape(n.answer).dim[1];
    gr_plan_refresh(test);
    for (int first = 0; first < IMAGES; first += BATCH) {
        put_batch(test, &n, first);
        gr_plan_forward(test, 1, 0);
        loss += (double)gr_plan_data(test, n.test_loss)[0] * BATCH / IMAGES;
        for (int i = 0; first == 0 && i < SHOWN; i++)
            near(who, c, "prediction", i, (double)gr_plan_data(test, n.answer)[width * i + 1], want[STEPS + 1 + i], 1e-3);
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

static const float uneven[] = {0.5f, 2.0f};

static void test_adam(void **state)
{
    (void)state;
    const course c = {"BlackMice's network by Adam with class weights and decay", build_blackmice, uneven,
                      {.name = "adam", .keras = true, .betas = {0.9, 0.999}, .eps = 1e-7},
                      {.name = "inverse_time", .lr = 1e-3, .per_step = true, .decay_steps = 1, .decay_rate = 0.05},
                      {NULL, 0}, false};
    train("Keras 2", &c, false, keras2_adam);
    train("Keras 3", &c, true, keras3_adam);
}

static void test_rmsprop(void **state)
{
    (void)state;
    const course c = {"BlackMice's network by RMSprop with momentum and clipnorm", build_blackmice, NULL,
                      {.name = "rmsprop", .keras = true, .rho = 0.9, .eps = 1e-7, .momentum = 0.5, .clip_norm = 0.5},
                      {.name = "constant", .lr = 1e-3},
                      {NULL, 0}, false};
    train("Keras 2", &c, false, keras2_rmsprop);
    train("Keras 3", &c, true, keras3_rmsprop);
}

static void test_tuned(void **state)
{
    (void)state;
    gr_penalty penalties[] = {{{(const char *[]){"backbone"}, 1}, 0, 0.01}, {{(const char *[]){"mlp.fc1"}, 1}, 0.001, 0.01}};
    const course c = {"a fine tuning by Nesterov's SGD with class weights and penalties", build_tuned, uneven,
                      {.name = "sgd", .keras = true, .momentum = 0.9, .nesterov = true},
                      {.name = "exponential", .lr = 0.05, .per_step = true, .decay_steps = 10, .decay_rate = 0.5},
                      {penalties, 2}, false};
    train("Keras 2", &c, false, keras2_tuned);
    train("Keras 3", &c, true, keras3_tuned);
}

static void test_nadam(void **state)
{
    (void)state;
    const course c = {"BlackMice's network by Nadam", build_blackmice, NULL,
                      {.name = "nadam", .keras = true, .betas = {0.9, 0.999}, .eps = 1e-7, .momentum_decay = 1},
                      {.name = "constant", .lr = 2e-4}, {NULL, 0}, false};
    train("Keras 2", &c, false, keras2_nadam);
    train("Keras 3", &c, true, keras3_nadam);
}

static const gr_optim_options adam = {.name = "adam", .keras = true, .betas = {0.9, 0.999}, .eps = 1e-7};

static void test_frozen(void **state)
{
    (void)state;
    const course c = {"a head on a frozen residual network", build_frozen, NULL, adam,
                      {.name = "constant", .lr = 1e-2}, {NULL, 0}, true};
    train("Keras 2", &c, false, keras2_frozen);
    train("Keras 3", &c, true, keras3_frozen);
}

static void test_landmarks(void **state)
{
    (void)state;
    const course c = {"landmarks by inverted residuals", build_landmarks, NULL, adam,
                      {.name = "constant", .lr = 1e-3}, {NULL, 0}, true};
    train("Keras 2", &c, false, keras2_landmarks);
    train("Keras 3", &c, true, keras3_landmarks);
}

static void test_infantpain(void **state)
{
    (void)state;
    static const float balanced[] = {0.75f, 1.5f};
    gr_penalty penalties[] = {{{(const char *[]){"mlp", "classifier"}, 2}, 0.001, 0}};
    const course c = {"a VGG whose first block is frozen", build_infantpain, balanced, adam, {.name = "constant", .lr = 1e-3},
                      {penalties, 1}, false};
    train("Keras 2", &c, false, keras2_infantpain);
    train("Keras 3", &c, true, keras3_infantpain);
}

/* What Keras 2.10's own classes do otherwise: `decay`, a slower change of Nadam's betas, eps behind the root. */
static void test_keras210(void **state)
{
    (void)state;
    const gr_schedule_options slow = {.name = "constant", .lr = 1e-4};
    const gr_schedule_options decay = {.name = "inverse_time", .lr = 1e-3, .per_step = true, .decay_steps = 1, .decay_rate = 0.05};
    const course courses[] = {
        {"BlackMice's network by Adam with decay", build_blackmice, uneven, adam, decay, {NULL, 0}, false},
        {"BlackMice's network by Nadam", build_blackmice, NULL,
         {.name = "nadam", .keras = true, .betas = {0.9, 0.999}, .eps = 1e-7, .momentum_decay = 0.004}, slow, {NULL, 0}, false},
        {"BlackMice's network by Adagrad", build_blackmice, NULL,
         {.name = "adagrad", .eps = 1e-7, .initial_accumulator = 0.1}, {.name = "constant", .lr = 1e-2}, {NULL, 0}, false},
        {"BlackMice's network by RMSprop", build_blackmice, NULL,
         {.name = "rmsprop", .eps = 1e-7, .rho = 0.9}, slow, {NULL, 0}, false}};
    const double *want[] = {keras210_adam, keras210_nadam, keras210_adagrad, keras210_rmsprop};
    for (int i = 0; i < 4; i++)
        train("Keras 2.10", &courses[i], true, want[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adam),   cmocka_unit_test(test_rmsprop),   cmocka_unit_test(test_tuned),
        cmocka_unit_test(test_nadam),  cmocka_unit_test(test_keras210),
        cmocka_unit_test(test_frozen), cmocka_unit_test(test_landmarks), cmocka_unit_test(test_infantpain),
    };
    return cmocka_run_group_tests(tests, make_data, NULL);
}
