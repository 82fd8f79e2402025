/* The random intercept against statsmodels' MixedLM (tests/parity/make_clusters.py). */
#include <math.h>

#include "base/base.h"
#include "grimace/clusters.h"
#include "support/reference.h"

enum { MOST = 200 };

static void fits_are_those_of_statsmodels(void **state)
{
    (void)state;
    test_reference r = test_reference_open("tests/parity/stats/clusters.txt");
    int cases = 0;
    while (test_reference_next(&r)) {
        int64_t n, cluster[MOST], clusters = 0;
        gr_mixed m;
        gr_error err = {0};
        if (!gr_starts_with(r.name, "mixed"))
            continue;
        const double *x = test_reference_get(&r, "x", 2, &n), *of = test_reference_get(&r, "cluster", n, NULL);
        assert_true(n <= MOST);
        for (int64_t i = 0; i < n; i++) {
            cluster[i] = (int64_t)of[i];
            clusters = cluster[i] >= clusters ? cluster[i] + 1 : clusters;
        }
        assert_int_equal(gr_mixed_test(x, cluster, n, clusters, 0.95, &m, &err), GR_OK);
        test_reference_expect(&r, "fit", (double[]){m.mean, m.error, m.between, m.within}, 4, 1e-6);
        assert_true(m.df == (double)(clusters - 1) && fabs(m.t - m.mean / m.error) < 1e-12);
        cases++;
    }
    test_reference_close(&r);
    assert_int_equal(cases, 5);
}

/* Then clusters' means are all there is: Student's t test. */
static void constant_clusters_are_their_means(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_mixed m;
    const double x[] = {1, 1, 0, 0, 0, 3, 3, -1}, means[] = {1, 0, 3, -1}, none[4] = {0};
    const int64_t cluster[] = {0, 0, 1, 1, 1, 2, 2, 3};
    gr_paired_t t = gr_paired_t_test(means, none, 4, 0.95);
    assert_int_equal(gr_mixed_test(x, cluster, 8, 4, 0.95, &m, &err), GR_OK);
    assert_true(fabs(m.p - t.p) < 1e-12 && fabs(m.interval.low - t.interval.low) < 1e-12 && m.within == 0.0);
    const double same[4] = {2, 2, 2, 2}, far[4] = {1, INFINITY, 2, 3};
    assert_int_equal(gr_mixed_test(same, cluster, 4, 2, 0.95, &m, &err), GR_OK);
    assert_true(m.mean == 2.0 && m.error == 0.0 && isnan(m.p));
    assert_int_equal(gr_mixed_test(far, cluster, 4, 2, 0.95, &m, &err), GR_OK);
    assert_true(isnan(m.mean) && isnan(m.p));
    assert_int_equal(gr_mixed_test(x, (const int64_t[8]){0}, 8, 1, 0.95, &m, &err), GR_OK);
    assert_true(isnan(m.mean));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits_are_those_of_statsmodels),
        cmocka_unit_test(constant_clusters_are_their_means),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
