/* Proportional odds far out, and where they begin; the formula is judged by tests/parity. */
#include "support/support.h"

#include <math.h>
#include <string.h>

enum { K = 5, N = 3 };

typedef struct subject {
    gr_graph *g;
    gr_value *s, *logs, *probabilities, *labels, *loss;
    test_run run;
} subject;

static void set_up(subject *u, int64_t classes)
{
    u->g = gr_graph_create();
    u->s = gr_input(u->g, "s", GR_F32, gr_shape2(1, 1));
    u->labels = gr_input(u->g, "labels", GR_I32, gr_shape1(1));
    u->logs = gr_proportional_odds(u->g, u->s, "odds", "layer", classes);
    u->probabilities = gr_softmax(u->g, u->logs, "probabilities");
    u->loss = gr_cross_entropy(u->g, u->logs, u->labels, "loss", NULL);
    u->run = test_compile(u->g, u->loss, (const gr_value *[]){u->s, u->logs, u->probabilities}, 3, N, true);
    assert_string_equal(gr_graph_parameter(u->g, 0)->name, "layer.thresholds");
}

static void run(const subject *u, const float *s, int32_t label)
{
    for (int i = 0; i < N; i++) {
        gr_plan_data(u->run.plan, u->s)[i] = s[i];
        ((int32_t *)gr_plan_data(u->run.plan, u->labels))[i] = label;
    }
    gr_plan_forward(u->run.plan, 0, 0);
    gr_plan_backward(u->run.plan);
}

static void tear_down(subject *u)
{
    test_run_destroy(&u->run);
    gr_graph_destroy(u->g);
}

static void classes_begin_with_equal_shares(void **state)
{
    (void)state;
    for (int64_t classes = 2; classes <= 11; classes++) {
        subject u;
        set_up(&u, classes);
        run(&u, (const float[]){0, 1, -1}, 0);
        const float *p = gr_plan_data(u.run.plan, u.probabilities);
        for (int64_t k = 0; k < classes; k++)
            assert_true(fabs((double)p[k] - 1.0 / (double)classes) < 1e-6);
        for (int64_t k = 0; k < classes; k++) /* a higher score makes higher classes likelier, and the shares mirror each other */
            assert_true(fabs((double)p[classes + k] - (double)p[3 * classes - 1 - k]) < 1e-6);
        assert_true(p[2 * classes - 1] > p[classes - 1] && p[classes] < p[0]);
        tear_down(&u);
    }
}

/* log P(y = k) = log sigmoid differences in long double, where they do not cancel: s is moderate there. */
static void tails_do_not_cancel(void **state)
{
    (void)state;
    subject u;
    set_up(&u, K);
    const float a[K - 1] = {-1.5f, -4.0f, 0.3f, -0.2f}, s[N] = {-30.0f, 25.0f, 0.4f};
    memcpy(u.run.params->values, a, sizeof a);
    run(&u, s, 1);
    for (int i = 0; i < N; i++) {
        long double theta[K + 1] = {-INFINITY, (long double)a[0], 0, 0, 0, INFINITY};
        for (int k = 1; k < K - 1; k++)
            theta[k + 1] = theta[k] + expl((long double)a[k]);
        for (int k = 0; k < K; k++) {
            /* both as survival functions above the score, so that the small number is the difference of small ones */
            long double x = (long double)s[i], sign = s[i] < 0 ? -1 : 1;
            long double lower = 1 / (1 + expl(sign * (x - theta[k]))), upper = 1 / (1 + expl(sign * (x - theta[k + 1])));
            double expected = (double)logl(fabsl(upper - lower)), got = (double)gr_plan_data(u.run.plan, u.logs)[i * K + k];
            if (!(fabs(got - expected) <= 2e-6 * fmax(fabs(expected), 1e-6)))
                fail_msg("score %g, class %d: %.9g, expected %.9g", (double)s[i], k, got, expected);
        }
    }
    tear_down(&u);
}

static void far_scores_stay_finite(void **state)
{
    (void)state;
    subject u;
    set_up(&u, K);
    for (int32_t label = 0; label < K; label++) {
        run(&u, (const float[]){1e4f, -1e4f, 0.0f}, label);
        const float *p = gr_plan_data(u.run.plan, u.probabilities), *ds = gr_plan_gradient(u.run.plan, u.s);
        assert_true(p[K - 1] == 1.0f && p[K] == 1.0f && p[0] == 0.0f && p[2 * K - 1] == 0.0f);
        double loss = (double)gr_plan_data(u.run.plan, u.loss)[0];
        assert_true(loss > 1e4 / N * (label == 0 || label == K - 1 ? 1 : 2) - 5 && loss < 1e4);
        assert_true(fabs((double)ds[0] * N - (label < K - 1)) < 1e-6 && fabs((double)ds[1] * N + (label > 0)) < 1e-6);
        for (int k = 0; k < K - 1; k++)
            assert_true(isfinite(u.run.params->gradients[k]));
    }
    tear_down(&u);
}

/* Gaps far below and above what float32 can tell apart from their thresholds. */
static void extreme_gaps_stay_finite(void **state)
{
    (void)state;
    subject u;
    set_up(&u, K);
    memcpy(u.run.params->values, (const float[]){0.0f, -60.0f, 12.0f, 6.0f}, (K - 1) * sizeof(float));
    for (int32_t label = 0; label < K; label++) {
        run(&u, (const float[]){0.5f, -2.0f, 3.0f}, label);
        assert_true(isfinite(gr_plan_data(u.run.plan, u.loss)[0]));
        for (int k = 0; k < K - 1; k++)
            assert_true(isfinite(u.run.params->gradients[k]));
    }
    /* the likelihood of the class in the gap of exp(-60) rises with its logarithm: by 1 in the mean of its rows */
    run(&u, (const float[]){0.5f, -2.0f, 3.0f}, 1);
    assert_true(fabs((double)u.run.params->gradients[1] + 1.0) < 1e-6);
    tear_down(&u);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        gr_error err = {0};
        gr_graph *g = gr_graph_create();
        assert_null(gr_proportional_odds(g, gr_input(g, "s", GR_F32, gr_shape2(1, 2 - i)), "odds", "layer", 3 - 2 * i));
        assert_int_equal(gr_graph_status(g, &err), GR_INVALID);
        assert_non_null(strstr(err.text, "odds: proportional odds need a score [N, 1] and at least 2 classes"));
        gr_graph_destroy(g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_begin_with_equal_shares), cmocka_unit_test(tails_do_not_cancel),
        cmocka_unit_test(far_scores_stay_finite),          cmocka_unit_test(extreme_gaps_stay_finite),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests_name("proportional odds", tests, NULL, NULL);
}
