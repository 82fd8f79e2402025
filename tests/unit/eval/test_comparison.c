/* Tests between two classifiers, and agreement of raters, against statsmodels and R (pROC, psych). */
#include <math.h>

#include "base/base.h"
#include "grimace/agreement.h"
#include "grimace/comparison.h"
#include "support/reference.h"

enum { MOST = 160 };
static const double limit = 1e-7;

static void check_delong(const test_reference *r)
{
    int64_t n;
    const double *y = test_reference_get(r, "positive", 1, &n), *first = test_reference_get(r, "first", n, NULL);
    const double *second = test_reference_get(r, "second", n, NULL);
    uint8_t positive[MOST];
    gr_delong d;
    gr_error err = {0};
    assert_true(n <= MOST);
    for (int64_t i = 0; i < n; i++)
        positive[i] = y[i] != 0;
    assert_int_equal(gr_delong_test(first, second, positive, n, 0.95, &d, &err), GR_OK);
    const double got[] = {
        d.auroc[0],         d.auroc[1],        d.variance[0],      d.variance[1], d.covariance, d.interval[0].low,
        d.interval[0].high, d.interval[1].low, d.interval[1].high, d.z,           d.p};
    test_reference_expect(r, "delong", got, 11, limit);
}

static void comparisons_are_those_of_others(void **state)
{
    (void)state;
    test_reference r = test_reference_open("tests/parity/stats/comparison.txt");
    int cases = 0;
    for (; test_reference_next(&r); cases++) {
        if (gr_starts_with(r.name, "delong")) {
            check_delong(&r);
            continue;
        }
        const double *counts = test_reference_get(&r, "counts", 2, NULL);
        gr_mcnemar m = gr_mcnemar_test((int64_t)counts[0], (int64_t)counts[1]);
        test_reference_expect(&r, "mcnemar", (double[]){m.exact_p, m.chi_square, m.chi_square_p}, 3, limit);
    }
    test_reference_close(&r);
    assert_int_equal(cases, 9);
}

/* Obuchowski's variances (tests/parity/make_clusters.py). */
static void clusters_have_variances_of_their_own(void **state)
{
    (void)state;
    test_reference r = test_reference_open("tests/parity/stats/clusters.txt");
    int cases = 0;
    while (test_reference_next(&r)) {
        int64_t n, cluster[MOST], clusters = 0;
        uint8_t positive[MOST], none[MOST] = {0};
        gr_delong d;
        gr_error err = {0};
        if (!gr_starts_with(r.name, "obuchowski"))
            continue;
        const double *y = test_reference_get(&r, "positive", 1, &n), *of = test_reference_get(&r, "cluster", n, NULL);
        const double *first = test_reference_get(&r, "first", n, NULL), *second = test_reference_get(&r, "second", n, NULL);
        assert_true(n <= MOST);
        for (int64_t i = 0; i < n; i++) {
            positive[i] = y[i] != 0;
            cluster[i] = (int64_t)of[i];
            clusters = cluster[i] >= clusters ? cluster[i] + 1 : clusters;
        }
        assert_int_equal(gr_delong_clustered_test(first, second, positive, cluster, clusters, n, 0.95, &d, &err), GR_OK);
        const double got[] = {d.auroc[0], d.auroc[1], d.variance[0], d.variance[1], d.covariance, d.z, d.p};
        test_reference_expect(&r, "delong", got, 7, 1e-9);
        assert_int_equal(gr_delong_clustered_test(first, second, none, cluster, clusters, n, 0.95, &d, &err), GR_OK);
        assert_true(isnan(d.auroc[0]) && isnan(d.p));
        for (int64_t i = 0; i < n; i++)
            cluster[i] = 0;
        assert_int_equal(gr_delong_clustered_test(first, second, positive, cluster, 1, n, 0.95, &d, &err), GR_OK);
        assert_true(isnan(d.variance[0]));
        cases++;
    }
    test_reference_close(&r);
    assert_int_equal(cases, 3);
}

/* Then it is DeLong's, but for degrees of freedom. */
static void clusters_of_one_row_are_independent(void **state)
{
    (void)state;
    enum { N = 60 };
    double first[N], second[N];
    uint8_t positive[N];
    int64_t each[N];
    gr_rng rng = gr_rng_make(2, GR_FOR_TEST, 0, 0);
    gr_delong a, b;
    gr_error err = {0};
    for (int i = 0; i < N; i++) {
        positive[i] = i % 2 == 0;
        first[i] = positive[i] + gr_rng_normal(&rng);
        second[i] = positive[i] + gr_rng_normal(&rng);
        each[i] = i;
    }
    assert_int_equal(gr_delong_test(first, second, positive, N, 0.95, &a, &err), GR_OK);
    assert_int_equal(gr_delong_clustered_test(first, second, positive, each, N, N, 0.95, &b, &err), GR_OK);
    assert_true(fabs(a.variance[0] - b.variance[0]) < 1e-15 && fabs(a.covariance - b.covariance) < 1e-15 && a.p == b.p);
}

static void take(const test_reference *r, const char *name, int32_t *out, int64_t *n)
{
    const double *values = test_reference_get(r, name, 1, n);
    assert_true(*n <= MOST);
    for (int64_t i = 0; i < *n; i++)
        out[i] = (int32_t)values[i];
}

static void check_icc(const test_reference *r)
{
    const double *shape = test_reference_get(r, "shape", 2, NULL), *ratings = test_reference_get(r, "ratings", 2, NULL);
    gr_icc icc[GR_ICC_FORMS];
    double got[7 * GR_ICC_FORMS];
    gr_intraclass(ratings, (int64_t)shape[0], (int)shape[1], 0.95, icc);
    for (int i = 0; i < GR_ICC_FORMS; i++) {
        const double one[7] = {icc[i].value,        icc[i].f, icc[i].df1, icc[i].df2, icc[i].p, icc[i].interval.low,
                               icc[i].interval.high};
        for (int j = 0; j < 7; j++)
            got[7 * i + j] = one[j];
    }
    test_reference_expect(r, "icc", got, 7 * GR_ICC_FORMS, limit);
}

static void agreement_is_that_of_others(void **state)
{
    (void)state;
    test_reference r = test_reference_open("tests/parity/stats/agreement.txt");
    gr_error err = {0};
    int cases = 0;
    for (; test_reference_next(&r); cases++) {
        int32_t a[MOST], b[MOST];
        int64_t n;
        if (gr_starts_with(r.name, "icc")) {
            check_icc(&r);
        } else if (gr_starts_with(r.name, "fleiss")) {
            gr_fleiss f;
            take(&r, "counts", a, &n);
            assert_int_equal(gr_fleiss_kappa(a, n / 3, 3, &f, &err), GR_OK);
            assert_int_equal(f.raters, 4);
            test_reference_expect(&r, "fleiss", (double[]){f.kappa, f.error, f.z, f.p}, 4, limit);
        } else {
            gr_kappa k;
            take(&r, "first", a, &n);
            take(&r, "second", b, &n);
            gr_kappa_weights kind = (gr_kappa_weights)*test_reference_get(&r, "kind", 1, NULL);
            assert_int_equal(gr_cohen_kappa(a, b, n, 3, kind, 0.95, &k, &err), GR_OK);
            test_reference_expect(&r, "kappa", (double[]){k.kappa, k.error, k.interval.low, k.interval.high}, 4, limit);
        }
    }
    test_reference_close(&r);
    assert_int_equal(cases, 7);
}

static void what_is_undefined_is_nan(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_mcnemar m = gr_mcnemar_test(0, 0);
    assert_true(m.exact_p == 1.0 && isnan(m.chi_square));
    m = gr_mcnemar_test(4, 4);
    assert_true(m.exact_p == 1.0 && m.chi_square == 0.0 && m.chi_square_p == 1.0);
    const double scores[4] = {1, 2, 3, 4};
    const uint8_t half[4] = {0, 1, 0, 1}, all[4] = {1, 1, 1, 1};
    gr_delong d;
    assert_int_equal(gr_delong_test(scores, scores, half, 4, 0.95, &d, &err), GR_OK);
    assert_true(d.z == 0.0 && d.p == 1.0 && d.auroc[0] == 0.75);
    assert_int_equal(gr_delong_test(scores, scores, all, 4, 0.95, &d, &err), GR_OK);
    assert_true(isnan(d.auroc[0]) && isnan(d.p));
    const int32_t same[3] = {1, 1, 1}, wrong[3] = {0, 1, 2};
    gr_kappa k;
    assert_int_equal(gr_cohen_kappa(same, same, 3, 2, GR_KAPPA_LINEAR, 0.95, &k, &err), GR_OK);
    assert_true(isnan(k.kappa));
    assert_int_equal(gr_cohen_kappa(same, wrong, 3, 2, GR_KAPPA_LINEAR, 0.95, &k, &err), GR_INTERNAL);
    gr_fleiss f;
    const int32_t unequal[4] = {2, 1, 2, 2};
    err = (gr_error){0};
    assert_int_equal(gr_fleiss_kappa(unequal, 2, 2, &f, &err), GR_INVALID);
    gr_icc icc[GR_ICC_FORMS];
    gr_intraclass(scores, 4, 1, 0.95, icc);
    assert_true(isnan(icc[GR_ICC_2_1].value));
    assert_string_equal(gr_icc_name(GR_ICC_2_K), "ICC(2,k)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clusters_have_variances_of_their_own),
        cmocka_unit_test(clusters_of_one_row_are_independent),
        cmocka_unit_test(comparisons_are_those_of_others),
        cmocka_unit_test(agreement_is_that_of_others),
        cmocka_unit_test(what_is_undefined_is_nan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
