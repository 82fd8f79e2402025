/* Paired tests against SciPy (tests/parity/make_paired.py), and what is undefined. */
#include <math.h>

#include "base/base.h"
#include "grimace/comparison.h"
#include "support/reference.h"

static const double limit = 1e-9;

static void differences_are_tested_as_by_scipy(void **state)
{
    (void)state;
    test_reference r = test_reference_open("tests/parity/eval/paired.txt");
    int cases = 0;
    for (; test_reference_next(&r); cases++) {
        int64_t n;
        const double *first = test_reference_get(&r, "first", 2, &n), *second = test_reference_get(&r, "second", n, NULL);
        gr_error err = {0};
        gr_signed_rank w;
        gr_paired_t t = gr_paired_t_test(first, second, n, 0.95);
        test_reference_expect(&r, "t", (double[]){t.mean, t.interval.low, t.interval.high, t.t, t.df, t.p}, 6, limit);
        assert_int_equal(gr_signed_rank_test(first, second, n, &w, &err), GR_OK);
        test_reference_expect(&r, "wilcoxon", (double[]){(double)w.n, w.plus, w.minus, w.p}, 4, limit);
        assert_int_equal(w.exact, *test_reference_get(&r, "exact", 1, NULL) != 0);
        assert_true(w.exact ? isnan(w.z) : fabs(w.z) < 10);
    }
    test_reference_close(&r);
    assert_int_equal(cases, 18);
}

/* Of folds, whose training parts overlap (tests/parity/make_clusters.py). */
static void folds_are_tested_with_the_correction(void **state)
{
    (void)state;
    test_reference r = test_reference_open("tests/parity/stats/clusters.txt");
    int cases = 0;
    while (test_reference_next(&r)) {
        int64_t n;
        if (!gr_starts_with(r.name, "corrected"))
            continue;
        const double *first = test_reference_get(&r, "first", 2, &n), *second = test_reference_get(&r, "second", n, NULL);
        gr_paired_t t = gr_corrected_t_test(first, second, n, *test_reference_get(&r, "tested", 1, NULL), 0.95);
        test_reference_expect(&r, "t", (double[]){t.mean, t.t, t.df, t.p, t.interval.low, t.interval.high}, 6, limit);
        cases++;
    }
    test_reference_close(&r);
    assert_int_equal(cases, 3);
}

static void what_is_undefined_is_no_number(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_signed_rank w;
    const double same[] = {1, 2, 3}, far[] = {1, INFINITY, 3}, above[] = {2, 3, 4};
    gr_paired_t t = gr_paired_t_test(same, same, 3, 0.95);
    assert_true(t.mean == 0 && t.sd == 0 && isnan(t.t) && isnan(t.p));
    t = gr_paired_t_test(above, same, 3, 0.95);
    assert_true(t.mean == 1 && isnan(t.p) && t.interval.low == 1 && t.interval.high == 1);
    t = gr_paired_t_test(above, same, 1, 0.95);
    assert_true(t.mean == 1 && isnan(t.sd) && isnan(t.interval.low));
    assert_true(isnan(gr_paired_t_test(far, same, 3, 0.95).mean) && isnan(gr_paired_t_test(same, same, 0, 0.95).mean));
    assert_int_equal(gr_signed_rank_test(same, same, 3, &w, &err), GR_OK);
    assert_true(w.n == 0 && w.plus == 0 && w.minus == 0 && w.p == 1);
    assert_int_equal(gr_signed_rank_test(far, same, 3, &w, &err), GR_OK);
    assert_true(isnan(w.p) && isnan(w.plus));
    double zeros[60] = {0};
    assert_int_equal(gr_signed_rank_test(zeros, zeros, 60, &w, &err), GR_OK);
    assert_true(w.n == 0 && !w.exact && isnan(w.z) && isnan(w.p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(differences_are_tested_as_by_scipy),
        cmocka_unit_test(folds_are_tested_with_the_correction),
        cmocka_unit_test(what_is_undefined_is_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
