/* Intraclass correlation against statsmodels' mean squares (tests/parity/make_clusters.py), and the rows it leaves. */
#include <math.h>

#include "base/base.h"
#include "grimace/clusters.h"
#include "support/reference.h"

enum { MOST = 200 };

static void intraclass_correlation_is_that_of_mean_squares(void **state)
{
    (void)state;
    test_reference r = test_reference_open("tests/parity/stats/clusters.txt");
    int cases = 0;
    while (test_reference_next(&r)) {
        int64_t n, cluster[MOST], clusters = 0;
        gr_clustering c;
        gr_error err = {0};
        if (!gr_starts_with(r.name, "mixed"))
            continue;
        const double *x = test_reference_get(&r, "x", 2, &n), *of = test_reference_get(&r, "cluster", n, NULL);
        assert_true(n <= MOST);
        for (int64_t i = 0; i < n; i++) {
            cluster[i] = (int64_t)of[i];
            clusters = cluster[i] >= clusters ? cluster[i] + 1 : clusters;
        }
        assert_int_equal(gr_clustering_of(x, cluster, n, clusters, &c, &err), GR_OK);
        test_reference_expect(&r, "icc", &c.icc, 1, 1e-9);
        assert_true(c.effective <= (double)n && fabs(c.effective * c.design_effect - (double)n) < 1e-9);
        cases++;
    }
    test_reference_close(&r);
    assert_int_equal(cases, 5);
}

static void rows_that_are_the_same_are_worth_one(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_clustering c;
    const double x[] = {1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0};
    const int64_t cluster[] = {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3}, one[12] = {0}, each[] = {0, 1, 2, 3};
    assert_int_equal(gr_clustering_of(x, cluster, 12, 4, &c, &err), GR_OK);
    assert_true(c.icc == 1.0 && c.design_effect == 3.0 && c.effective == 4.0);
    assert_int_equal(gr_clustering_of(x, one, 12, 1, &c, &err), GR_OK);
    assert_true(isnan(c.icc) && isnan(c.effective));
    assert_int_equal(gr_clustering_of(x, each, 4, 4, &c, &err), GR_OK);
    assert_true(isnan(c.icc));
    assert_int_equal(gr_clustering_of(x, cluster, 3, 1, &c, &err), GR_OK);
    assert_true(isnan(c.icc));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intraclass_correlation_is_that_of_mean_squares),
        cmocka_unit_test(rows_that_are_the_same_are_worth_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
