/* Optimisers on spans of a flat array, and schedules, against PyTorch's numbers; state saved and taken up again. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/optim.h"

#include "parity/optim_reference.h"
#include "parity/schedule_reference.h"
#include "parity/optim_more_reference.h"

/* The five reference weights lie in an array of FLAT at 2, 3, 4 and 9, 10; the rest must not move. */
enum { FLAT = 12, SGDS = sizeof optim_sgd / sizeof optim_sgd[0], ADAMS = sizeof optim_adam / sizeof optim_adam[0] };
static const int place[OPTIM_COUNT] = {2, 3, 4, 9, 10};
static const gr_span spans[] = {{2, 1}, {3, 2}, {9, 2}};

static void scatter(const float *from, float *flat)
{
    for (int i = 0; i < FLAT; i++)
        flat[i] = 77;
    for (int i = 0; i < OPTIM_COUNT; i++)
        flat[place[i]] = from[i];
}

static gr_optim *make(const gr_optim_options *options)
{
    gr_optim *optim = NULL;
    gr_error err = {0};
    assert_int_equal(gr_optim_create(options, spans, 3, &optim, &err), GR_OK);
    return optim;
}

static void check(const char *what, int setting, int step, const float *flat, const float (*want)[OPTIM_COUNT])
{
    for (int i = 0; i < OPTIM_COUNT; i++) {
        double largest = fabs((double)optim_start[i]);
        for (int t = 0; t <= step; t++)
            largest = fmax(largest, fabs((double)want[t][i]));
        double got = (double)flat[place[i]], right = (double)want[step][i];
        if (!(fabs(got - right) <= 1e-6 * largest))
            fail_msg("%s, setting %d, step %d, weight %d: %.9g where PyTorch has %.9g", what, setting, step, i, got, right);
    }
    assert_true(flat[0] == 77 && flat[1] == 77 && flat[5] == 77 && flat[8] == 77 && flat[11] == 77);
}

/* All steps; after `cut` of them a new optimiser takes over the state. */
static void run(const gr_optim_options *options, double lr, int setting, int cut, const float (*want)[OPTIM_COUNT])
{
    float flat[FLAT], gradients[FLAT];
    scatter(optim_start, flat);
    gr_optim *optim = make(options);
    for (int t = 0; t < OPTIM_STEPS; t++) {
        if (t == cut) {
            gr_optim *next = make(options);
            size_t count = 0, again = 0;
            float *state = gr_optim_state(optim, &count), *copy = gr_optim_state(next, &again);
            assert_int_equal(count, again);
            if (count > 0)
                memcpy(copy, state, count * sizeof *state);
            gr_optim_set_steps(next, gr_optim_steps(optim));
            gr_optim_destroy(optim);
            optim = next;
        }
        scatter(optim_gradients[t], gradients);
        gr_optim_step(optim, flat, gradients, lr);
        check(options->name, setting, t, flat, want);
    }
    gr_optim_destroy(optim);
}

static void test_pytorch(void **state)
{
    (void)state;
    for (int s = 0; s < SGDS; s++) {
        gr_optim_options options = {.name = "sgd",
                                    .momentum = optim_sgd[s].momentum,
                                    .dampening = optim_sgd[s].dampening,
                                    .nesterov = optim_sgd[s].nesterov,
                                    .weight_decay = optim_sgd[s].weight_decay};
        for (int cut = 0; cut < OPTIM_STEPS; cut += 2)
            run(&options, optim_sgd[s].lr, s, cut, optim_sgd[s].weights);
    }
    for (int s = 0; s < ADAMS; s++) {
        gr_optim_options options = {.name = optim_adam[s].decoupled ? "adamw" : "adam",
                                    .betas = {optim_adam[s].beta1, optim_adam[s].beta2},
                                    .eps = optim_adam[s].eps,
                                    .weight_decay = optim_adam[s].weight_decay};
        for (int cut = 0; cut < OPTIM_STEPS; cut += 2)
            run(&options, optim_adam[s].lr, s, cut, optim_adam[s].weights);
    }
}

static void test_more_of_pytorch(void **state)
{
    (void)state;
    for (int s = 0; s < (int)(sizeof optim_more / sizeof optim_more[0]); s++)
        for (int cut = 0; cut < OPTIM_STEPS; cut += 2)
            run(&optim_more[s].options, optim_more[s].lr, s, cut, optim_more[s].weights);
}

static void test_plateau_cools_down(void **state)
{
    (void)state;
    gr_schedule schedule;
    gr_error err = {0};
    gr_schedule_options options = {.name = "plateau", .lr = 0.04, .factor = 0.5, .patience = 1, .cooldown = 2};
    assert_int_equal(gr_schedule_start(&schedule, &options, &err), GR_OK);
    for (int e = 0; e < 16; e++) {
        assert_true(fabs(schedule.lr - cooled_rates[e]) <= 1e-9);
        gr_schedule_next(&schedule, cooled_losses[e]);
    }
}

static void test_l1_pulls_to_zero(void **state)
{
    (void)state;
    gr_optim *optim = make(&(gr_optim_options){.name = "sgd", .l1 = 0.5});
    float flat[FLAT], gradients[FLAT] = {0};
    scatter(optim_start, flat);
    gr_optim_step(optim, flat, gradients, 0.01);
    for (int i = 0; i < OPTIM_COUNT; i++) {
        double sign = optim_start[i] > 0 ? 1 : optim_start[i] < 0 ? -1 : 0;
        assert_true(fabs((double)flat[place[i]] - ((double)optim_start[i] - 0.005 * sign)) < 1e-7);
    }
    gr_optim_destroy(optim);
}

static void test_state_sizes(void **state)
{
    (void)state;
    static const struct {
        gr_optim_options options;
        size_t count;
    } cases[] = {{{.name = "sgd"}, 0}, {{.name = "sgd", .momentum = 0.9}, OPTIM_COUNT}, {{.name = "adamw"}, 2 * OPTIM_COUNT}};
    for (int i = 0; i < 3; i++) {
        gr_optim *optim = make(&cases[i].options);
        size_t count = 99;
        float *numbers = gr_optim_state(optim, &count);
        assert_int_equal(count, cases[i].count);
        assert_true((numbers == NULL) == (count == 0));
        gr_optim_destroy(optim);
    }
}

static void test_wrong_names(void **state)
{
    (void)state;
    gr_optim *optim = NULL;
    gr_error err = {0};
    assert_int_equal(gr_optim_create(&(gr_optim_options){.name = "adma"}, spans, 3, &optim, &err), GR_INVALID);
    assert_string_equal(err.text, "there is no optimiser \"adma\", did you mean \"adam\"?; known are sgd, adam, "
                                  "adamw, nadam, adamax, adagrad and rmsprop");
    assert_null(optim);
    err = (gr_error){0};
    assert_int_equal(gr_optim_create(&(gr_optim_options){.name = "adam"}, spans, 0, &optim, &err), GR_INVALID);
    gr_schedule schedule;
    err = (gr_error){0};
    assert_int_equal(gr_schedule_start(&schedule, &(gr_schedule_options){.name = "cosin"}, &err), GR_INVALID);
    assert_string_equal(err.text, "there is no schedule \"cosin\", did you mean \"cosine\"?; known are constant, step, cosine, "
                                  "plateau, cosine_restarts, exponential, inverse_time, polynomial and piecewise");
    assert_string_equal(gr_optim_name(2), "adamw");
    assert_string_equal(gr_schedule_name(3), "plateau");
    assert_true(gr_optim_name(7) == NULL && gr_optim_name(-1) == NULL && gr_schedule_name(9) == NULL);
}

static void test_schedules(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof schedule_cases / sizeof schedule_cases[0]; c++) {
        gr_schedule_options options = {.name = schedule_cases[c].name,
                                       .lr = schedule_lr,
                                       .epochs = SCHEDULE_EPOCHS,
                                       .step_size = schedule_cases[c].step_size,
                                       .gamma = schedule_cases[c].gamma,
                                       .min_lr = schedule_cases[c].min_lr,
                                       .factor = schedule_cases[c].factor,
                                       .patience = schedule_cases[c].patience};
        gr_schedule schedule;
        gr_error err = {0};
        assert_int_equal(gr_schedule_start(&schedule, &options, &err), GR_OK);
        for (int e = 0; e < SCHEDULE_EPOCHS; e++) {
            double right = schedule_cases[c].rates[e];
            if (!(fabs(schedule.lr - right) <= 1e-12 * schedule_lr))
                fail_msg("%s, case %zu, epoch %d: %.17g where PyTorch has %.17g", options.name, c, e, schedule.lr, right);
            gr_schedule_next(&schedule, schedule_losses[e]);
        }
    }
}

static void test_plateau_bears_nan(void **state)
{
    (void)state;
    gr_schedule schedule;
    gr_error err = {0};
    gr_schedule_options options = {.name = "plateau", .lr = 1, .factor = 0.5, .patience = 1};
    assert_int_equal(gr_schedule_start(&schedule, &options, &err), GR_OK);
    gr_schedule_next(&schedule, (double)NAN);
    assert_true(schedule.lr == 1);
    gr_schedule_next(&schedule, (double)NAN);
    assert_true(schedule.lr == 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pytorch),     cmocka_unit_test(test_l1_pulls_to_zero), cmocka_unit_test(test_state_sizes),
        cmocka_unit_test(test_more_of_pytorch), cmocka_unit_test(test_plateau_cools_down),
        cmocka_unit_test(test_wrong_names), cmocka_unit_test(test_schedules),        cmocka_unit_test(test_plateau_bears_nan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
