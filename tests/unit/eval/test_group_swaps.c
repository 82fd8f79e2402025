/* Swapping two runs in whole groups, against every swap written out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <cmocka.h>

#include "base/base.h"
#include "eval/group_swaps.h"

enum { GROUPS = 7 };

static const double sums[GROUPS] = {3, 1, -1, 2, 4, 0, 2};

static double all_swaps(void)
{
    int large = 0;
    for (int mask = 0; mask < 1 << GROUPS; mask++) {
        double sum = 0.0;
        for (int g = 0; g < GROUPS; g++)
            sum += (mask >> g) & 1 ? -sums[g] : sums[g];
        large += fabs(sum) >= 11.0;
    }
    return (double)large / (1 << GROUPS);
}

static void all_swaps_are_tried_or_some_drawn(void **state)
{
    (void)state;
    gr_error err = {0};
    double mean_p, p[GR_METRIC_COUNT];
    bool exact;
    gr_group_swaps s = {.groups = GROUPS, .sums = sums, .count = 64, .seed = 3};
    assert_int_equal(gr_group_swaps_test(&s, &mean_p, p, &exact, &err), GR_OK);
    assert_true(exact && fabs(mean_p - all_swaps()) < 1e-15 && isnan(p[GR_METRIC_F1]));
    s.count = 63;
    assert_int_equal(gr_group_swaps_test(&s, &mean_p, p, &exact, &err), GR_OK);
    assert_true(!exact && fabs(mean_p * 64.0 - round(mean_p * 64.0)) < 1e-12 && mean_p >= 1.0 / 64.0);
    double many[40];
    for (int g = 0; g < 40; g++)
        many[g] = g % 3 == 0 ? -1.0 : 1.0;
    s = (gr_group_swaps){.groups = 40, .sums = many, .count = 40000, .seed = 3};
    assert_int_equal(gr_group_swaps_test(&s, &mean_p, p, &exact, &err), GR_OK);
    /* 26 of 40 one way or the other: P(|heads - tails| >= 12) = 0.0806966 */
    assert_true(!exact && fabs(mean_p - 0.0806966) < 0.005);
}

static void counts_are_swapped_too(void **state)
{
    (void)state;
    gr_error err = {0};
    double mean_p, p[GR_METRIC_COUNT], balanced[4];
    bool exact;
    /* true 0: right, wrong; true 1: wrong, right */
    const int64_t first[3 * 4] = {5, 1, 1, 5, 6, 0, 2, 4, 4, 2, 0, 6}, second[3 * 4] = {3, 3, 1, 5, 6, 0, 3, 3, 2, 4, 1, 5};
    const double apart[3] = {2, 1, 3};
    gr_group_swaps s = {
        .groups = 3, .sums = apart, .confusion = {first, second}, .class_count = 2, .positive = 1, .count = 4};
    assert_int_equal(gr_group_swaps_test(&s, &mean_p, p, &exact, &err), GR_OK);
    int large = 0;
    for (int mask = 0; mask < 4; mask++) {
        double right[2][2] = {{0}};
        for (int g = 0; g < 3; g++) {
            const int64_t *a = g > 0 && (mask >> (g - 1)) & 1 ? second : first, *b = a == first ? second : first;
            for (int c = 0; c < 2; c++) {
                right[0][c] += (double)a[4 * g + 3 * c] / 18.0;
                right[1][c] += (double)b[4 * g + 3 * c] / 18.0;
            }
        }
        balanced[mask] = 0.5 * (right[0][0] + right[0][1] - right[1][0] - right[1][1]);
        large += fabs(balanced[mask]) >= fabs(balanced[0]) - 1e-12;
    }
    assert_true(exact && fabs(p[GR_METRIC_BALANCED_ACCURACY] - large / 4.0) < 1e-15);
    assert_true(p[GR_METRIC_ACCURACY] == mean_p && isnan(p[GR_METRIC_AUROC]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_swaps_are_tried_or_some_drawn),
        cmocka_unit_test(counts_are_swapped_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
