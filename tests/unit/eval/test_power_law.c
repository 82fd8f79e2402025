/* Power laws are found again, also where a point is missing; too few points give none. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "eval/power_law.h"

static void found_again(void **state)
{
    (void)state;
    const double n[5] = {3, 5, 8, 12, 20};
    double y[5];
    gr_power_law law;
    for (int c = 1; c <= 4; c++) {
        for (int i = 0; i < 5; i++)
            y[i] = 0.9 - 0.6 * pow(n[i], -0.35 * c);
        assert_true(gr_power_law_fit(n, y, 5, &law));
        assert_true(fabs(law.a - 0.9) < 1e-9 && fabs(law.b + 0.6) < 1e-9 && fabs(law.c - 0.35 * c) < 1e-9);
        assert_true(fabs(gr_power_law_at(&law, 40) - (0.9 - 0.6 * pow(40, -0.35 * c))) < 1e-9);
    }
    y[2] = NAN;
    assert_true(gr_power_law_fit(n, y, 5, &law));
    assert_true(fabs(law.a - 0.9) < 1e-9);
}

static void too_few(void **state)
{
    (void)state;
    gr_power_law law;
    assert_false(gr_power_law_fit((const double[]){2, 3, 4}, (const double[]){0.5, NAN, 0.7}, 3, &law));
    assert_false(gr_power_law_fit((const double[]){2, 2, 4, 4}, (const double[]){0.5, 0.6, 0.7, 0.8}, 4, &law));
}

static void level(void **state)
{
    (void)state;
    gr_power_law law;
    assert_true(gr_power_law_fit((const double[]){2, 3, 4}, (const double[]){0.5, 0.5, 0.5}, 3, &law));
    assert_true(fabs(gr_power_law_at(&law, 100) - 0.5) < 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(found_again), cmocka_unit_test(too_few), cmocka_unit_test(level)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
