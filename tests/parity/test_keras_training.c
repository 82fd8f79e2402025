/* Optimisers, schedules, callbacks, batch norm and initialisers against Keras 2.15 and Keras 3.15 (make_keras_training.py). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/graph.h"
#include "grimace/optim.h"
#include "grimace/plan.h"
#include "learners/watch.h"

#include "parity/keras2_training.h"
#include "parity/keras3_training.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

/* Three tensors of 1, 2, 2 numbers. */
static const gr_span spans[] = {{0, 1}, {16, 2}, {32, 2}};
static const int place[5] = {0, 16, 17, 32, 33};

static void scatter(const float *from, float *flat)
{
    for (int i = 0; i < 5; i++)
        flat[place[i]] = from[i];
}

/* The rate is halved in the middle, where the optimiser is also given up and its state taken over by a new one. */
static void check_optimiser(const char *who, int index, const gr_optim_options *options, double lr, const float *start,
                            const float (*gradients)[5], const float (*want)[5])
{
    gr_error err = {0};
    gr_optim *optim = NULL;
    float w[48] = {0}, g[48];
    scatter(start, w);
    assert_int_equal(gr_optim_create(options, spans, 3, &optim, &err), GR_OK);
    for (int t = 0; t < KERAS2_STEPS; t++) {
        if (t == KERAS2_STEPS / 2) {
            gr_optim *next = NULL;
            size_t count, again;
            assert_int_equal(gr_optim_create(options, spans, 3, &next, &err), GR_OK);
            const float *state = gr_optim_state(optim, &count);
            float *copy = gr_optim_state(next, &again);
            assert_int_equal(count, again);
            if (count > 0)
                memcpy(copy, state, count * sizeof *state);
            gr_optim_set_steps(next, gr_optim_steps(optim));
            gr_optim_destroy(optim);
            optim = next;
            lr /= 2;
        }
        scatter(gradients[t], g);
        gr_optim_step(optim, w, g, lr);
        for (int i = 0; i < 5; i++) {
            double got = (double)w[place[i]], right = (double)want[t][i];
            if (!(fabs(got - right) <= 2e-6 * fmax(fabs(right), fabs((double)start[i])) + 1e-9))
                fail_msg("%s, optimiser %d (%s), step %d, weight %d: %.9g where Keras has %.9g", who, index, options->name, t, i,
                         got, right);
        }
    }
    gr_optim_destroy(optim);
}

static void test_optimisers(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT(keras2_optim); i++)
        check_optimiser("Keras 2", i, &keras2_optim[i].options, keras2_optim[i].lr, keras2_start, keras2_gradients,
                        keras2_optim[i].weights);
    for (int i = 0; i < COUNT(keras3_optim); i++)
        check_optimiser("Keras 3", i, &keras3_optim[i].options, keras3_optim[i].lr, keras3_start, keras3_gradients,
                        keras3_optim[i].weights);
}

static void check_schedule(const char *who, int index, const gr_schedule_options *options, const double *want)
{
    gr_schedule schedule;
    gr_error err = {0};
    assert_int_equal(gr_schedule_start(&schedule, options, &err), GR_OK);
    for (int t = 0; t < KERAS2_TIMES; t++) {
        if (!(fabs(schedule.lr - want[t]) <= 1e-6 * options->lr))
            fail_msg("%s, schedule %d (%s), step %d: %.9g where Keras has %.9g", who, index, options->name, t, schedule.lr,
                     want[t]);
        gr_schedule_next(&schedule, 1); /* the end of an epoch, which changes nothing */
        gr_schedule_step(&schedule);
    }
}

static void test_schedules(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT(keras2_schedules); i++)
        check_schedule("Keras 2", i, &keras2_schedules[i].options, keras2_schedules[i].rates);
    for (int i = 0; i < COUNT(keras3_schedules); i++)
        check_schedule("Keras 3", i, &keras3_schedules[i].options, keras3_schedules[i].rates);
}

static void check_plateau(const char *who, int patience, int cooldown, double min_delta, double min_lr, const double *want)
{
    gr_schedule schedule;
    gr_error err = {0};
    gr_schedule_options options = {.name = "plateau",
                                   .lr = 0.1,
                                   .factor = 0.5,
                                   .keras = true,
                                   .patience = patience,
                                   .cooldown = cooldown,
                                   .min_delta = min_delta,
                                   .min_lr = min_lr};
    assert_int_equal(gr_schedule_start(&schedule, &options, &err), GR_OK);
    for (int t = 0; t < KERAS2_TIMES; t++) {
        if (!(fabs(schedule.lr - want[t]) <= 1e-7))
            fail_msg("%s, plateau of patience %d, cooldown %d, epoch %d: %.9g where Keras has %.9g", who, patience, cooldown, t,
                     schedule.lr, want[t]);
        gr_schedule_step(&schedule);
        gr_schedule_next(&schedule, keras2_losses[t]);
    }
}

static void test_plateaus(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT(keras2_plateaus); i++)
        check_plateau("Keras 2", keras2_plateaus[i].patience, keras2_plateaus[i].cooldown, keras2_plateaus[i].min_delta,
                      keras2_plateaus[i].min_lr, keras2_plateaus[i].rates);
    for (int i = 0; i < COUNT(keras3_plateaus); i++)
        check_plateau("Keras 3", keras3_plateaus[i].patience, keras3_plateaus[i].cooldown, keras3_plateaus[i].min_delta,
                      keras3_plateaus[i].min_lr, keras3_plateaus[i].rates);
}

/* How many epochs are done, and whose weights are kept. */
static void check_stopping(const char *who, const char *keep, const double *losses, double min_delta, int patience, int epochs,
                           int kept)
{
    gr_cohort cohort = {.recipe = {.train = {.keep = keep, .keep_metric = "val_loss", .keep_mode = "min"}}};
    cohort.recipe.train.keep_min_delta = min_delta;
    cohort.recipe.train.early_stopping.metric = "val_loss";
    cohort.recipe.train.early_stopping.mode = "min";
    cohort.recipe.train.early_stopping.patience = patience;
    cohort.recipe.train.early_stopping.min_delta = min_delta;
    gr_watch stopping = gr_watch_stopping(&cohort), keeping = gr_watch_keeping(&cohort);
    int done = 0;
    while (done < 8 && (done == 0 || stopping.last_epoch - stopping.best_epoch < patience)) {
        json_t *line = json_pack("{s:f}", "val_loss", losses[done++]);
        (void)gr_watch_see(&stopping, line);
        (void)gr_watch_see(&keeping, line);
        json_decref(line);
    }
    int taken = gr_watch_takes(&cohort, &stopping, &keeping) ? (int)keeping.best_epoch : done;
    if (done != epochs || taken != kept)
        fail_msg("%s, patience %d: %d epochs, of which %d is kept, where Keras has %d and %d", who, patience, done, taken, epochs,
                 kept);
}

static void test_stopping(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT(keras2_stops); i++) {
        check_stopping("Keras 2", "best_if_stopped", keras2_stops[i].losses, keras2_stops[i].min_delta, keras2_stops[i].patience,
                       keras2_stops[i].epochs, keras2_stops[i].kept);
        check_stopping("Keras 3", "best", keras3_stops[i].losses, keras3_stops[i].min_delta, keras3_stops[i].patience,
                       keras3_stops[i].epochs, keras3_stops[i].kept);
    }
}

/* One batch of i % 7 through a batch norm: the running statistics of channel 0. */
static void move(gr_shape shape, int64_t batch, const char *variance, double out[2])
{
    gr_error err = {0};
    gr_graph *g = gr_graph_create();
    assert_int_equal(gr_graph_set_batch_norm(g, 1e-3, 0.01, variance, &err), GR_OK);
    gr_value *x = gr_input(g, "x", GR_F32, shape), *y = gr_batch_norm(g, x, "norm");
    y = shape.rank == 4 ? gr_global_avg_pool(g, y, "pool") : y;
    gr_value *target = gr_input(g, "t", GR_F32, gr_value_shape(y)), *loss = gr_mse_loss(g, y, target, "loss");
    if (gr_graph_status(g, &err) != GR_OK)
        fail_msg("%s", err.text);
    gr_params *params = NULL;
    gr_plan *plan = NULL;
    gr_workspace *workspace = gr_workspace_create();
    assert_int_equal(gr_params_create(g, 1, true, &params, &err), GR_OK);
    gr_plan_options options = {.batch = batch, .training = true, .precision = GR_F32, .loss = loss};
    assert_int_equal(gr_plan_compile(g, params, workspace, &options, &plan, &err), GR_OK);
    int64_t count = gr_shape_elements(&shape) * batch;
    float *data = gr_plan_data(plan, x);
    memset(gr_plan_data(plan, target), 0, (size_t)(4 * batch) * sizeof(float));
    for (int64_t i = 0; i < count; i++)
        data[i] = (float)(i % 7);
    gr_plan_forward(plan, 1, 0);
    for (int i = 0; i < gr_graph_parameter_count(g); i++) {
        const gr_parameter *p = gr_graph_parameter(g, i);
        if (strcmp(p->name, "norm.running_mean") == 0)
            out[0] = (double)params->values[p->offset];
        if (strcmp(p->name, "norm.running_var") == 0)
            out[1] = (double)params->values[p->offset];
    }
    gr_plan_destroy(plan);
    gr_workspace_destroy(workspace);
    gr_params_destroy(params);
    gr_graph_destroy(g);
}

static void test_moving_variance(void **state)
{
    (void)state;
    static const int64_t map[] = {1, 3, 3, 4}, row[] = {1, 4};
    const struct {
        const char *variance;
        const double (*want)[2];
    } cases[] = {{"images", keras2_moving}, {"biased", keras3_moving}};
    for (int i = 0; i < 2; i++) {
        double maps[2], rows[2];
        move(gr_shape_make(4, map), 2, cases[i].variance, maps);
        move(gr_shape_make(2, row), 9, cases[i].variance, rows);
        for (int k = 0; k < 2; k++) {
            assert_true(fabs(maps[k] - cases[i].want[0][k]) <= 1e-6);
            assert_true(fabs(rows[k] - cases[i].want[1][k]) <= 1e-6);
        }
    }
}

/* Deviation and largest size of the weights of the three layers that the script draws for. */
static void draw(const char *init, int layer, double out[2])
{
    gr_error err = {0};
    gr_graph *g = gr_graph_create();
    assert_int_equal(gr_graph_set_init(g, init, &err), GR_OK);
    double squares = 0, largest = 0, count = 0;
    static const int64_t inputs[] = {300, 20, 700};
    const int64_t map[] = {1, 4, 4, inputs[layer]}, row[] = {1, inputs[layer]};
    gr_value *x = layer == 0 ? gr_input(g, "x", GR_F32, gr_shape_make(2, row)) : gr_input(g, "x", GR_F32, gr_shape_make(4, map));
    if (layer == 0)
        x = gr_dense(g, x, "layer", 200, GR_INIT_UNIFORM_FAN_IN);
    else
        x = gr_conv2d(g, x, "layer",
                      (gr_conv2d_args){.out = layer == 1 ? 30 : 700, .groups = layer == 1 ? 1 : 700, .kernel = {3, 3},
                                       .bias = true, .init = GR_INIT_UNIFORM_FAN_IN});
    assert_int_equal(gr_graph_status(g, &err), GR_OK);
    for (uint64_t seed = 0; seed < 40; seed++) {
        gr_params *params = NULL;
        assert_int_equal(gr_params_create(g, seed, false, &params, &err), GR_OK);
        for (int i = 0; i < gr_graph_parameter_count(g); i++) {
            const gr_parameter *p = gr_graph_parameter(g, i);
            for (size_t k = 0; k < p->count; k++) {
                double w = (double)params->values[p->offset + k];
                if (p->shape.rank == 1)
                    assert_true(w == 0);
                else
                    squares += w * w, count += 1, largest = fmax(largest, fabs(w));
            }
        }
        gr_params_destroy(params);
    }
    out[0] = sqrt(squares / count);
    out[1] = largest;
    gr_graph_destroy(g);
}

static void test_initialisers(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT(keras3_inits); i++)
        for (int layer = 0; layer < 3; layer++) {
            double got[2];
            draw(keras3_inits[i].name, layer, got);
            for (int k = 0; k < 2; k++)
                if (!(fabs(got[k] - keras3_inits[i].numbers[layer][k]) <= 0.01 * keras3_inits[i].numbers[layer][k]) ||
                    !(fabs(got[k] - keras2_inits[i].numbers[layer][k]) <= 0.01 * keras2_inits[i].numbers[layer][k]))
                    fail_msg("%s, layer %d: %s %.6g where Keras has %.6g", keras3_inits[i].name, layer,
                             k == 0 ? "deviation" : "largest", got[k], keras3_inits[i].numbers[layer][k]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_optimisers),      cmocka_unit_test(test_schedules),    cmocka_unit_test(test_plateaus),
        cmocka_unit_test(test_stopping),        cmocka_unit_test(test_moving_variance), cmocka_unit_test(test_initialisers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
