/* Correlation, regression, Bland-Altman and Williams against SciPy, statsmodels and R. */
#include <math.h>

#include "grimace/correlation.h"
#include "grimace/landmarks.h"
#include "support/reference.h"

static const double limit = 1e-8;

static void check_pairs(const test_reference *r)
{
    int64_t n;
    const double *x = test_reference_get(r, "x", 1, &n), *y = test_reference_get(r, "y", n, NULL);
    double level = *test_reference_get(r, "level", 1, NULL);
    gr_error err = {0};
    gr_correlation p = gr_pearson(x, y, n, level), s;
    test_reference_expect(r, "pearson", (double[]){p.r, p.p, p.interval.low, p.interval.high}, 4, limit);
    assert_int_equal(gr_spearman(x, y, n, level, &s, &err), GR_OK);
    test_reference_expect(r, "spearman", (double[]){s.r, s.p, s.interval.low, s.interval.high}, 4, limit);
    gr_regression g = gr_linear_regression(x, y, n, level);
    const double line[] = {g.slope,
                           g.intercept,
                           g.r2,
                           g.residual_sd,
                           g.slope_error,
                           g.intercept_error,
                           g.slope_p,
                           g.intercept_p,
                           g.slope_interval.low,
                           g.slope_interval.high,
                           g.intercept_interval.low,
                           g.intercept_interval.high};
    test_reference_expect(r, "regression", line, 12, 1e-7); /* statsmodels inverts a matrix: far from zero it loses digits */
    gr_bland_altman b;
    assert_int_equal(gr_bland_altman_limits(x, y, n, level, &b, &err), GR_OK);
    const double limits[] = {b.bias,
                             b.sd,
                             b.lower,
                             b.upper,
                             b.bias_interval.low,
                             b.bias_interval.high,
                             b.lower_interval.low,
                             b.lower_interval.high,
                             b.upper_interval.low,
                             b.upper_interval.high,
                             (double)b.below,
                             (double)b.within,
                             (double)b.above,
                             b.trend.r,
                             b.trend.p};
    test_reference_expect(r, "bland_altman", limits, 15, limit);
}

static void numbers_are_those_of_others(void **state)
{
    (void)state;
    test_reference r = test_reference_open("tests/parity/stats/correlation.txt");
    int cases = 0;
    for (; test_reference_next(&r); cases++) {
        if (r.name[0] != 'w') {
            check_pairs(&r);
            continue;
        }
        const double *in = test_reference_get(&r, "input", 4, NULL);
        gr_williams w = gr_williams_test(in[0], in[1], in[2], (int64_t)in[3]);
        test_reference_expect(&r, "williams", (double[]){w.t, w.df, w.p, w.p_greater}, 4, limit);
    }
    test_reference_close(&r);
    assert_int_equal(cases, 9);
}

static void what_is_undefined_is_nan(void **state)
{
    (void)state;
    const double flat[4] = {2, 2, 2, 2}, x[4] = {1, 2, 3, 5}, bad[4] = {1, NAN, 2, 3};
    gr_error err = {0};
    gr_correlation c = gr_pearson(x, flat, 4, 0.95);
    assert_true(isnan(c.r) && isnan(c.p) && isnan(c.interval.low));
    c = gr_pearson(x, x, 4, 0.95);
    assert_true(c.r == 1.0 && c.p == 0.0 && c.interval.low == 1.0 && c.interval.high == 1.0);
    c = gr_pearson(x, x, 1, 0.95);
    assert_true(isnan(c.r));
    assert_int_equal(gr_spearman(x, bad, 4, 0.95, &c, &err), GR_OK);
    assert_true(isnan(c.r) && isnan(c.p));
    gr_regression g = gr_linear_regression(flat, x, 4, 0.95);
    assert_true(isnan(g.slope) && isnan(g.slope_p) && isnan(g.r2));
    g = gr_linear_regression(x, x, 2, 0.95);
    assert_true(g.slope == 1.0 && isnan(g.slope_p));
    gr_bland_altman b;
    assert_int_equal(gr_bland_altman_limits(x, bad, 4, 0.95, &b, &err), GR_OK);
    assert_true(isnan(b.bias) && b.within == 0);
    assert_true(isnan(gr_williams_test(0.5, 0.4, 0.3, 3).t));
    assert_true(isnan(gr_williams_test(1.0, 1.0, 1.0, 30).t));
}

static void landmarks(void **state)
{
    (void)state;
    /* Three landmarks; the first image is as wide as 2, the second as 5, the third has no width, the fourth lacks one. */
    const float truth[] = {0, 0, 2, 0, 1, 1, /**/ 0, 0, 3, 4, 7, 7, /**/ 1, 1, 1, 1, 2, 2, /**/ 0, 0, 0, 4, NAN, NAN};
    const float predicted[] = {0, 1, 2, 0, 4, 5, /**/ 0, 0, 3, 4, 7, 12, /**/ 9, 9, 9, 9, 9, 9, /**/ 0, 1, 0, 4, 50, 50};
    double each[3], lengths[4];
    gr_landmark_error e;
    for (int k = 0; k < 4; k++)
        lengths[k] = gr_landmark_length(truth + 6 * k, 0, 1);
    assert_true(lengths[0] == 2 && lengths[1] == 5 && lengths[2] == 0 && lengths[3] == 4);
    assert_true(isnan(gr_landmark_length(truth + 18, 0, 2)));
    gr_landmark_nrmse(predicted, truth, lengths, 3, 3, &e, each);
    assert_true(fabs(e.nrmse - (0.5 + 0 + 2.5 + 0 + 0 + 1) / 6) < 1e-15);
    assert_true(fabs(e.pixels - (1 + 5 + 5 + 16 * sqrt(2) + 7 * sqrt(2)) / 9) < 1e-14);
    assert_true(e.images == 2 && e.left_out == 1);
    assert_true(each[0] == 0.25 && each[1] == 0.0 && each[2] == 1.75);
    gr_landmark_nrmse(predicted, truth, lengths, 4, 3, &e, each);
    assert_true(fabs(e.nrmse - (4 + 0.25) / 8) < 1e-15 && e.images == 3);
    assert_true(fabs(each[0] - 0.25) < 1e-15 && each[2] == 1.75);
    gr_landmark_nrmse(predicted, truth, lengths, 0, 3, &e, each);
    assert_true(isnan(e.nrmse) && isnan(e.pixels) && isnan(each[1]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_others),
        cmocka_unit_test(what_is_undefined_is_nan),
        cmocka_unit_test(landmarks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
