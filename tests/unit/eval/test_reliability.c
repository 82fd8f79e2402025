/* Bins and coverage by hand; against other libraries they stand in test_calibration.c. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "eval/reliability.h"

static const int32_t labels[4] = {1, 0, 1, 0}, predicted[4] = {1, 1, 1, 0};
static const float p[8] = {0, 1, 0.4f, 0.6f, 0.25f, 0.75f, 0.75f, 0.25f};
static const gr_predictions all = {
    .count = 4, .class_count = 2, .labels = labels, .predicted = predicted, .probabilities = p};

static void bins_have_their_right_end(void **state)
{
    (void)state;
    gr_reliability r;
    gr_reliability_make(&all, &r);
    assert_int_equal(r.count[14], 1);
    assert_int_equal(r.count[11], 2); /* 11.25 fifteenths */
    assert_int_equal(r.count[9], 1);  /* 0.6f lies above 9 / 15 */
    assert_true(isnan(r.accuracy[0]) && r.accuracy[9] == 0.0 && r.confidence[11] == 0.75);
    assert_true(fabs(r.ece - (0.5 * 0.25 + 0.25 * 0.6)) < 1e-7);
}

static void rows_of_equal_probability_come_in_together(void **state)
{
    (void)state;
    gr_coverage c;
    gr_error err = {0};
    assert_int_equal(gr_coverage_make(&all, &c, &err), GR_OK);
    assert_int_equal(c.count, 3);
    assert_true(c.coverage[0] == 0.25 && c.coverage[1] == 0.75 && c.coverage[2] == 1.0);
    assert_true(gr_coverage_at(&c, 0.5) == 1.0 && gr_coverage_at(&c, 1.0) == 0.75);
    assert_true(fabs(c.area - 0.25 / 4.0) < 1e-12);
    gr_coverage_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bins_have_their_right_end),
        cmocka_unit_test(rows_of_equal_probability_come_in_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
