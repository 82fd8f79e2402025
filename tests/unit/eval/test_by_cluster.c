/* Intervals over clusters against SciPy's bootstrap of the same samples (tests/parity/make_clusters.py). */
#include <math.h>

#include "base/base.h"
#include "eval/by_cluster.h"
#include "eval/scoring.h"
#include "support/reference.h"

enum { MOST = 200, MOST_CLUSTERS = 20, SAMPLES = 400, NUMBERS = 4 };

static const gr_metric metrics[NUMBERS] = {GR_METRIC_MCC, GR_METRIC_KAPPA, GR_METRIC_F1, GR_METRIC_BALANCED_ACCURACY};
static const char *const names[NUMBERS] = {"mcc", "kappa", "f1", "balanced"};

typedef struct table {
    int64_t n, clusters;
    int32_t labels[MOST], predicted[MOST];
    int64_t cluster[MOST];
} table;

static void read_table(const test_reference *r, table *t)
{
    const double *labels = test_reference_get(r, "labels", 1, &t->n),
                 *predicted = test_reference_get(r, "predicted", t->n, NULL);
    const double *cluster = test_reference_get(r, "cluster", t->n, NULL);
    assert_true(t->n <= MOST);
    for (int64_t i = 0; i < t->n; i++) {
        t->labels[i] = (int32_t)labels[i];
        t->predicted[i] = (int32_t)predicted[i];
        t->cluster[i] = (int64_t)cluster[i];
        t->clusters = t->cluster[i] >= t->clusters ? t->cluster[i] + 1 : t->clusters;
    }
    assert_true(t->clusters <= MOST_CLUSTERS);
}

static void evaluate(const table *t, const double *of_cluster, double out[NUMBERS])
{
    gr_metrics m;
    gr_error err = {0};
    int32_t weights[MOST];
    for (int64_t i = 0; i < t->n; i++)
        weights[i] = (int32_t)of_cluster[t->cluster[i]];
    assert_int_equal(gr_metrics_make(t->n, 2, &m, &err), GR_OK);
    gr_count_confusion(t->labels, t->predicted, weights, t->n, 2, m.confusion);
    gr_metrics_from_counts(&m, 1);
    for (int k = 0; k < NUMBERS; k++)
        out[k] = m.value[metrics[k]];
    gr_metrics_free(&m);
}

static void check(const test_reference *r)
{
    table t = {0};
    double of_cluster[MOST_CLUSTERS], left_out[NUMBERS][MOST_CLUSTERS], value[NUMBERS], now[NUMBERS], errors[NUMBERS];
    static double samples[NUMBERS][SAMPLES];
    read_table(r, &t);
    const double *counts = test_reference_get(r, "counts", SAMPLES * t.clusters, NULL);
    for (int64_t c = 0; c < t.clusters; c++)
        of_cluster[c] = 1.0;
    evaluate(&t, of_cluster, value);
    for (int64_t left = 0; left < t.clusters; left++) {
        of_cluster[left] = 0.0;
        evaluate(&t, of_cluster, now);
        of_cluster[left] = 1.0;
        for (int k = 0; k < NUMBERS; k++)
            left_out[k][left] = now[k];
    }
    for (int64_t b = 0; b < SAMPLES; b++) {
        evaluate(&t, counts + b * t.clusters, now);
        for (int k = 0; k < NUMBERS; k++)
            samples[k][b] = now[k];
    }
    for (int k = 0; k < NUMBERS; k++) {
        gr_interval bca = gr_bca(samples[k], SAMPLES, value[k], left_out[k], t.clusters, 0.95);
        gr_interval jackknife = gr_jackknife(value[k], left_out[k], t.clusters, 0.95, -1.0, 1.0, &errors[k]);
        test_reference_expect(r, names[k], (double[]){value[k], bca.low, bca.high}, 3, 1e-6);
        assert_true(jackknife.low < value[k] && jackknife.high > value[k] && jackknife.high <= 1.0);
    }
    test_reference_expect(r, "sd", errors, NUMBERS, 1e-9);
}

static void intervals_are_those_of_scipy(void **state)
{
    (void)state;
    test_reference r = test_reference_open("tests/parity/stats/clusters.txt");
    int cases = 0;
    while (test_reference_next(&r))
        if (gr_starts_with(r.name, "bca")) {
            check(&r);
            cases++;
        }
    test_reference_close(&r);
    assert_int_equal(cases, 2);
}

static void what_is_undefined_is_no_number(void **state)
{
    (void)state;
    double error, samples[] = {0.1, NAN, 0.2, 0.3}, none[] = {NAN, NAN};
    const double left_out[] = {0.2, 0.3, 0.1}, unknown[] = {0.2, NAN, 0.1}, same[] = {0.2, 0.2, 0.2};
    assert_true(isnan(gr_jackknife(0.2, unknown, 3, 0.95, 0.0, 1.0, &error).low) && isnan(error));
    assert_true(isnan(gr_jackknife(0.2, left_out, 1, 0.95, 0.0, 1.0, &error).low));
    gr_interval cut = gr_jackknife(0.2, left_out, 3, 0.95, 0.0, 1.0, &error);
    assert_true(cut.low > 0.0 && cut.low < 0.2 && cut.high > 0.2 && cut.high < 1.0);
    cut = gr_jackknife(0.0, (const double[]){0.0, 0.1, 0.0}, 3, 0.95, 0.0, 1.0, &error);
    assert_true(cut.low == 0.0 && cut.high > 0.0 && error > 0.0);
    gr_interval size = gr_jackknife(0.2, left_out, 3, 0.95, 0.0, INFINITY, &error); /* of the logarithm */
    assert_true(fabs(size.low * size.high - 0.04) < 1e-12 && fabs(log(size.high / 0.2) - 4.302652729749464 * error / 0.2) < 1e-9);
    gr_interval wide = gr_jackknife(0.2, left_out, 3, 0.95, -INFINITY, INFINITY, &error);
    assert_true(fabs(wide.high + wide.low - 0.4) < 1e-12 && fabs(wide.high - 0.2 - 4.302652729749464 * error) < 1e-9);
    assert_true(isnan(gr_bca(samples, 4, 0.2, unknown, 3, 0.95).low) && isnan(gr_bca(none, 2, 0.2, left_out, 3, 0.95).low));
    assert_true(isnan(gr_bca(samples, 3, 0.9, left_out, 3, 0.95).high));
    gr_interval plain = gr_bca(samples, 3, 0.2, same, 3, 0.5);
    assert_true(plain.low > 0.1 && plain.high < 0.3);
}

static double lowest(int slot)
{
    return slot == 0 ? -INFINITY : 0.0;
}

static double highest(int slot)
{
    return slot == 0 ? INFINITY : 1e9;
}

/* The sum of weights. */
static void count(void *ctx, const int32_t *weights, double *values)
{
    int64_t *rows = ctx;
    values[0] = values[1] = 0.0;
    for (int64_t i = 0; i < *rows; i++)
        values[0] += weights[i];
    values[1] = -values[0];
}

static void whole_clusters_are_left_out_and_drawn(void **state)
{
    (void)state;
    int64_t group[] = {0, 0, 1, 1, 2, 2}, rows = 6;
    gr_draw draw = {.rows = 6, .group = group, .group_count = 3};
    gr_by_cluster out[2];
    gr_error err = {0};
    const gr_cluster_numbers numbers = {2, count, &rows, lowest, highest, 50, 1, 0.9};
    assert_int_equal(gr_by_clusters(&draw, &numbers, out, &err), GR_OK);
    assert_true(out[0].value == 6.0 && out[0].error == 0.0 && out[0].jackknife.low == 6.0);
    assert_true(out[1].jackknife.low == 0.0); /* cut */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_are_those_of_scipy),
        cmocka_unit_test(what_is_undefined_is_no_number),
        cmocka_unit_test(whole_clusters_are_left_out_and_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
