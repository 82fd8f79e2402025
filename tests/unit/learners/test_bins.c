/* Bins: a column of few values has a cut above each but the last, which has one above all; more values than bins are spread by
 * rank; numbers are found again. */
#include "learners/bins.h"
#include "support/support.h"

static void few_values_have_a_bin_each(void **state)
{
    (void)state;
    float column[] = {3, 1, 2, 3, 1, -5}, cuts[GR_BINS];
    assert_int_equal(gr_bins_cut(column, 6, cuts), 4);
    assert_float_equal(cuts[0], 1, 0);
    assert_float_equal(cuts[1], 2, 0);
    assert_float_equal(cuts[2], 3, 0);
    assert_true(cuts[3] > 3);
    static const float asked[] = {-9, -5, 0.9F, 1, 2, 2.5F, 3, 100};
    static const int found[] = {0, 0, 0, 1, 2, 2, 3, 3};
    for (int i = 0; i < 8; i++)
        assert_int_equal(gr_bins_find(cuts, 4, asked[i]), found[i]);
}

static void one_value_has_one_bin(void **state)
{
    (void)state;
    float column[] = {7, 7, 7}, cuts[GR_BINS];
    assert_int_equal(gr_bins_cut(column, 3, cuts), 1);
    assert_true(cuts[0] > 7);
    assert_int_equal(gr_bins_find(cuts, 1, 7), 0);
}

static void many_values_are_spread(void **state)
{
    (void)state;
    static float column[GR_BINS_ROWS], cuts[GR_BINS];
    static int rows[GR_BINS];
    for (int i = 0; i < GR_BINS_ROWS; i++)
        column[i] = (float)((i * 717) % GR_BINS_ROWS);
    int count = gr_bins_cut(column, GR_BINS_ROWS, cuts);
    assert_int_equal(count, GR_BINS);
    for (int i = 1; i < count; i++)
        assert_true(cuts[i] > cuts[i - 1]);
    for (int i = 0; i < GR_BINS_ROWS; i++) {
        int bin = gr_bins_find(cuts, count, (float)i);
        assert_true((float)i < cuts[bin] && (bin == 0 || (float)i >= cuts[bin - 1]));
        rows[bin]++;
    }
    for (int b = 0; b < count; b++)
        assert_true(rows[b] >= 6 && rows[b] <= 17); /* 8 each; the ends differ */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_values_have_a_bin_each),
        cmocka_unit_test(one_value_has_one_bin),
        cmocka_unit_test(many_values_are_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
