/* Rising steps by hand; against scikit-learn they stand in test_calibrators.c. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/base.h"
#include "eval/isotonic.h"

static void neighbours_that_fall_are_pooled(void **state)
{
    (void)state;
    const int32_t labels[6] = {0, 1, 0, 1, 1, 1};
    const float scores[6] = {0.125f, 0.25f, 0.5f, 0.625f, 0.75f, 0.875f};
    gr_steps s;
    gr_error err = {0};
    assert_int_equal(gr_isotonic_fit(labels, 1, scores, 1, 6, &s, &err), GR_OK);
    assert_int_equal(s.count, 5); /* of the last three only the ends */
    const double x[5] = {0.125, 0.25, 0.5, 0.625, 0.875}, y[5] = {0, 0.5, 0.5, 1, 1};
    for (int i = 0; i < 5; i++)
        assert_true(s.x[i] == x[i] && s.y[i] == y[i]);
    assert_true(gr_isotonic_at(&s, 0.0) == 0.0 && gr_isotonic_at(&s, 1.0) == 1.0);
    assert_true(fabs(gr_isotonic_at(&s, 0.1875) - 0.25) < 1e-12);
    assert_true(gr_isotonic_at(&s, 0.3) == 0.5);
    assert_true(fabs(gr_isotonic_at(&s, 0.5625) - 0.75) < 1e-12);
    gr_free(s.x);
    gr_free(s.y);
}

static void equal_scores_are_one_point(void **state)
{
    (void)state;
    const int32_t labels[4] = {0, 1, 1, 1};
    const float scores[8] = {0, 0.5f, 0, 0.5f, 0, 0.5f, 0, 0.75f};
    gr_steps s;
    gr_error err = {0};
    assert_int_equal(gr_isotonic_fit(labels, 1, scores + 1, 2, 4, &s, &err), GR_OK);
    assert_int_equal(s.count, 2);
    assert_true(fabs(s.y[0] - 2.0 / 3.0) < 1e-12 && s.y[1] == 1.0);
    gr_free(s.x);
    gr_free(s.y);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_that_fall_are_pooled),
        cmocka_unit_test(equal_scores_are_one_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
