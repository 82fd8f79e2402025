/* Classes in order: the median class, mean error and quadratic kappa against scikit-learn (tests/parity/make_scores.py). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "eval/ordinal.h"
#include "grimace/agreement.h"
#include "grimace/averaging.h"
#include "support/reference.h"

enum { MOST = 100, CLASSES = 5, FOLDS = 3 };

static const char *const classes[CLASSES] = {"0", "1", "2", "3", "4"}, *const folds[FOLDS] = {"1", "2", "3"};

static void compare(const test_reference *ref)
{
    int64_t rows, folds_seen = 0, cells;
    static int32_t labels[MOST], fold[MOST], predicted[MOST];
    static float p[MOST * CLASSES];
    static const char *images[MOST];
    const double *k = test_reference_get(ref, "classes", 1, NULL), *label = test_reference_get(ref, "labels", 1, &rows);
    const double *in_fold = test_reference_get(ref, "fold", rows, NULL);
    const double *probabilities = test_reference_get(ref, "probabilities", 1, &cells);
    const double *median = test_reference_get(ref, "predicted", rows, NULL);
    int count = (int)k[0];
    assert_true(rows <= MOST && count <= CLASSES && cells == rows * count);
    for (int64_t i = 0; i < cells; i++)
        p[i] = (float)probabilities[i];
    for (int64_t i = 0; i < rows; i++) {
        images[i] = "x.png";
        labels[i] = (int32_t)label[i];
        fold[i] = (int32_t)in_fold[i];
        folds_seen = fold[i] >= folds_seen ? fold[i] + 1 : folds_seen;
        predicted[i] = gr_predict_median(p + i * count, count);
        assert_int_equal(predicted[i], (int)median[i]);
    }
    gr_predictions all = {.count = rows,
                          .class_count = count,
                          .classes = classes,
                          .fold_count = (int)folds_seen,
                          .folds = folds,
                          .images = images,
                          .fold = fold,
                          .labels = labels,
                          .predicted = predicted,
                          .probabilities = p};
    gr_results r;
    gr_error err = {0};
    assert_int_equal(gr_results_make(ref->name, &all, 1, &r, &err), GR_OK);
    assert_null(r.ordinal);
    assert_int_equal(gr_results_add_ordinal(&r, &all, &err), GR_OK);
    test_reference_expect(ref, "folds", r.ordinal->folds[0], folds_seen * GR_ORDINAL_METRIC_COUNT, 1e-9);
    test_reference_expect(ref, "pooled", r.ordinal->pooled, GR_ORDINAL_METRIC_COUNT, 1e-9);
    test_reference_expect(ref, "mean", r.ordinal->mean, GR_ORDINAL_METRIC_COUNT, 1e-9);
    test_reference_expect(ref, "std", r.ordinal->std, GR_ORDINAL_METRIC_COUNT, 1e-9);
    assert_int_equal(gr_results_add_ordinal(&r, &all, &err), GR_INTERNAL); /* they are there already */
    gr_results_free(&r);
}

static void numbers_are_those_of_scikit_learn(void **state)
{
    (void)state;
    test_reference ref = test_reference_open("tests/parity/eval/ordinal.txt");
    int cases = 0;
    while (test_reference_next(&ref)) {
        compare(&ref);
        cases++;
    }
    test_reference_close(&ref);
    assert_int_equal(cases, 5);
}

static void the_median_class_is_the_first_that_reaches_one_half(void **state)
{
    (void)state;
    const float half[3] = {0.5f, 0.25f, 0.25f}, split[3] = {0.4f, 0.2f, 0.4f}, last[3] = {0.1f, 0.2f, 0.7f};
    const float rounded[3] = {0.05f, 0.45f, 0.5f}; /* as floats they sum to 0.49999999 */
    const float below[3] = {0.4999998f, 0.0f, 0.5000002f}, lost[3] = {NAN, NAN, NAN};
    assert_int_equal(gr_predict_median(half, 3), 0);
    assert_int_equal(gr_predict_median(split, 3), 1); /* the most probable classes are the outer ones */
    assert_int_equal(gr_predict_median(last, 3), 2);
    assert_int_equal(gr_predict_median(rounded, 3), 1);
    assert_int_equal(gr_predict_median(below, 3), 2);
    assert_int_equal(gr_predict_median(lost, 3), 2);
    assert_int_equal(gr_predict_median(last, 1), 0);
}

static void averaged_images_are_decided_likewise(void **state)
{
    (void)state;
    const char *const images[3] = {"a", "b", "c"}, *const values[3] = {"t", "t", "u"};
    const int32_t fold[3] = {0, 0, 0}, labels[3] = {1, 1, 2}, predicted[3] = {0, 2, 2};
    const float p[9] = {0.75f, 0.0f, 0.25f, 0.0f, 0.25f, 0.75f, 0.0f, 0.25f, 0.75f};
    gr_predictions all = {.count = 3,
                          .class_count = 3,
                          .classes = classes,
                          .fold_count = 1,
                          .folds = folds,
                          .images = images,
                          .fold = fold,
                          .labels = labels,
                          .predicted = predicted,
                          .probabilities = p};
    gr_results r;
    gr_averaged a;
    gr_error err = {0};
    assert_int_equal(gr_results_make("run", &all, 1, &r, &err), GR_OK);
    assert_int_equal(gr_results_add_ordinal(&r, &all, &err), GR_OK);
    assert_int_equal(gr_average_predictions(&all, "session", values, &a, &err), GR_OK);
    assert_int_equal(a.predictions.predicted[0], 2); /* 0.375, 0.125, 0.5: the most probable */
    gr_averaged_decide(&a, gr_predict_median);
    assert_int_equal(a.predictions.predicted[0], 1);
    assert_int_equal(a.predictions.predicted[1], 2);
    assert_int_equal(gr_results_average(&r, &a, NULL, &err), GR_OK);
    assert_true(r.ordinal->pooled[GR_ORDINAL_MAE] == 2.0 / 3.0);
    assert_true(r.averaged->ordinal->pooled[GR_ORDINAL_MAE] == 0.0);
    gr_averaged_free(&a);
    gr_results_free(&r);
}

/* Rows that weigh are rows written as often. */
static void weights_count_rows(void **state)
{
    (void)state;
    enum { ROWS = 60, CLASSES = 4 };
    int32_t labels[ROWS], predicted[ROWS], weights[ROWS], all[2][4 * ROWS];
    double table[CLASSES * CLASSES], value[GR_ORDINAL_METRIC_COUNT], sum = 0.0;
    int64_t n = 0;
    gr_rng rng = gr_rng_make(8, GR_FOR_TEST, 0, 0);
    gr_kappa kappa;
    gr_error err = {0};
    for (int i = 0; i < ROWS; i++) {
        labels[i] = (int32_t)gr_rng_below(&rng, CLASSES);
        predicted[i] = gr_rng_below(&rng, 3) == 0 ? (int32_t)gr_rng_below(&rng, CLASSES) : labels[i];
        weights[i] = (int32_t)gr_rng_below(&rng, 4);
        for (int k = 0; k < weights[i]; k++, n++) {
            all[0][n] = labels[i];
            all[1][n] = predicted[i];
            sum += abs(labels[i] - predicted[i]);
        }
    }
    const gr_predictions p = {.count = ROWS, .class_count = CLASSES, .labels = labels, .predicted = predicted};
    gr_ordinal_weigh(&p, weights, table, value);
    assert_int_equal(gr_cohen_kappa(all[0], all[1], n, CLASSES, GR_KAPPA_QUADRATIC, 0.95, &kappa, &err), GR_OK);
    assert_true(fabs(value[GR_ORDINAL_MAE] - sum / (double)n) < 1e-12);
    assert_true(fabs(value[GR_ORDINAL_KAPPA_QUADRATIC] - kappa.kappa) < 1e-12);
    for (int i = 0; i < ROWS; i++)
        weights[i] = 0;
    gr_ordinal_weigh(&p, weights, table, value);
    assert_true(isnan(value[GR_ORDINAL_MAE]) && isnan(value[GR_ORDINAL_KAPPA_QUADRATIC]));
}

static void every_metric_has_a_name_and_a_direction(void **state)
{
    (void)state;
    for (int i = 0; i < GR_ORDINAL_METRIC_COUNT; i++)
        assert_int_equal(gr_ordinal_metric_find(gr_ordinal_metric_name((gr_ordinal_metric)i)), i);
    assert_true(gr_ordinal_metric_falls(GR_ORDINAL_MAE));
    assert_false(gr_ordinal_metric_falls(GR_ORDINAL_KAPPA_QUADRATIC));
    assert_int_equal(gr_ordinal_metric_find("kappa"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_scikit_learn),
        cmocka_unit_test(the_median_class_is_the_first_that_reaches_one_half),
        cmocka_unit_test(averaged_images_are_decided_likewise),
        cmocka_unit_test(weights_count_rows),
        cmocka_unit_test(every_metric_has_a_name_and_a_direction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
