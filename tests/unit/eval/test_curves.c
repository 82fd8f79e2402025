/* Exact intervals, curves and percentiles against statsmodels, scikit-learn and NumPy; resampling against evaluation of the
 * rows that were drawn. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "eval/resample.h"
#include "support/reference.h"

static void check_curve(const test_reference *r)
{
    int64_t n;
    const double *scores = test_reference_get(r, "scores", 1, &n), *y = test_reference_get(r, "positive", n, NULL);
    uint8_t positive[64];
    assert_true(n <= 64);
    for (int64_t i = 0; i < n; i++)
        positive[i] = y[i] != 0;
    gr_curve roc, pr;
    gr_error err = {0};
    assert_int_equal(gr_roc_curve(scores, positive, n, &roc, &err), GR_OK);
    assert_int_equal(gr_pr_curve(scores, positive, n, &pr, &err), GR_OK);
    test_reference_expect(r, "roc_x", roc.x, roc.count, 1e-14);
    test_reference_expect(r, "roc_y", roc.y, roc.count, 1e-14);
    test_reference_expect(r, "threshold", roc.threshold, roc.count, 0);
    /* scikit-learn's precision at the highest thresholds stays in the curve, in ours too: all points are there. */
    test_reference_expect(r, "pr_x", pr.x, pr.count, 1e-14);
    test_reference_expect(r, "pr_y", pr.y, pr.count, 1e-14);
    gr_curve_free(&roc);
    gr_curve_free(&pr);
}

static void numbers_are_those_of_others(void **state)
{
    (void)state;
    test_reference r = test_reference_open("tests/parity/stats/curves.txt");
    int cases = 0;
    for (; test_reference_next(&r); cases++) {
        gr_interval i;
        if (gr_starts_with(r.name, "curve")) {
            check_curve(&r);
            continue;
        }
        if (gr_starts_with(r.name, "proportion")) {
            const double *p = test_reference_get(&r, "proportion", 3, NULL);
            i = gr_clopper_pearson((int64_t)p[0], (int64_t)p[1], p[2]);
        } else {
            int64_t n;
            const double *values = test_reference_get(&r, "values", 1, &n);
            double copy[256];
            memcpy(copy, values, (size_t)n * sizeof *copy);
            copy[n] = NAN; /* is left out */
            i = gr_percentiles(copy, n + 1, *test_reference_get(&r, "level", 1, NULL));
        }
        test_reference_expect(&r, "interval", (double[]){i.low, i.high}, 2, 1e-12);
    }
    test_reference_close(&r);
    assert_int_equal(cases, 15);
}

/* ---- resampling ------------------------------------------------------------------------------------------------------- */

enum { ROWS = 90, CLASSES = 3 };
static int32_t labels[ROWS], predicted[ROWS], fold[ROWS];
static float probabilities[ROWS * CLASSES];
static char names[ROWS][8];
static const char *groups[ROWS], *images[ROWS];
static const char *const class_names[] = {"a", "b", "c"}, *const fold_names[] = {"1"};
static const char *const group_names[] = {"x", "y", "z", "u", "v", "w"};

/* Three classes, of which the label is a little more likely than chance; six animals of unequal size. */
static gr_predictions make(void)
{
    gr_rng rng = gr_rng_make(4, GR_FOR_TEST, 0, 0);
    for (int i = 0; i < ROWS; i++) {
        labels[i] = (int32_t)gr_rng_below(&rng, CLASSES);
        snprintf(names[i], sizeof names[i], "%d.png", i);
        images[i] = names[i];
        groups[i] = group_names[(i * i / 7) % 6];
        for (int c = 0; c < CLASSES; c++)
            probabilities[i * CLASSES + c] = gr_rng_float(&rng) + (c == labels[i] ? 0.3f : 0.0f);
        predicted[i] = gr_predict_class(probabilities + i * CLASSES, CLASSES);
    }
    return (gr_predictions){.count = ROWS,
                            .class_count = CLASSES,
                            .classes = class_names,
                            .fold_count = 1,
                            .folds = fold_names,
                            .group_column = "animal",
                            .images = images,
                            .groups = groups,
                            .fold = fold,
                            .labels = labels,
                            .predicted = predicted,
                            .probabilities = probabilities};
}

static void equal_metrics(const gr_metrics *a, const gr_metrics *b)
{
    for (int c = -1; c < CLASSES; c++)
        for (int i = 0; i < GR_METRIC_COUNT; i++) {
            double x = c < 0 ? a->value[i] : a->classes[c].value[i], y = c < 0 ? b->value[i] : b->classes[c].value[i];
            if (!(isnan(x) && isnan(y)) && !(fabs(x - y) < 1e-12))
                fail_msg("class %d, %s: %g and %g", c, gr_metric_name((gr_metric)i), x, y);
        }
}

static void weights_are_rows_drawn_again(void **state)
{
    (void)state;
    gr_predictions p = make();
    gr_error err = {0};
    static int32_t draws[ROWS], weights[ROWS], many_labels[8 * ROWS], many_predicted[8 * ROWS];
    static float many[8 * ROWS * CLASSES];
    for (int by_group = 0; by_group < 2; by_group++) {
        gr_resample r;
        assert_int_equal(gr_resample_make(&p, 1, by_group, &r, &err), GR_OK);
        for (uint64_t sample = 0; sample < 20; sample++) {
            gr_draw_weights(&r.draw, 3, sample, draws, weights);
            int64_t n = 0;
            for (int i = 0; i < ROWS; i++)
                for (int k = 0; k < weights[i]; k++, n++) {
                    assert_true(n < 8 * ROWS);
                    many_labels[n] = labels[i];
                    many_predicted[n] = predicted[i];
                    memcpy(many + n * CLASSES, probabilities + i * CLASSES, CLASSES * sizeof *many);
                }
            if (!by_group)
                assert_int_equal(n, ROWS);
            for (int i = 1; by_group && i < ROWS; i++)
                for (int j = 0; j < i; j++)
                    if (strcmp(groups[i], groups[j]) == 0)
                        assert_int_equal(weights[i], weights[j]);
            gr_metrics m;
            gr_resample_evaluate(&r, labels, weights);
            assert_int_equal(gr_metrics_compute(many_labels, many_predicted, many, n, CLASSES, 1, &m, &err), GR_OK);
            equal_metrics(&r.metrics, &m);
            gr_metrics_free(&m);
        }
        assert_int_equal(r.draw.group_count, by_group ? 6 : 0);
        gr_resample_free(&r);
    }
}

static void percentiles_surround_the_metric(void **state)
{
    (void)state;
    gr_predictions p = make();
    gr_error err = {0};
    gr_bootstrap image, again, group;
    gr_metrics m;
    gr_bootstrap_options options = {.count = 400, .level = 0.9, .seed = 7};
    assert_int_equal(gr_bootstrap_metrics(&p, 1, &options, &image, &err), GR_OK);
    assert_int_equal(gr_bootstrap_metrics(&p, 1, &options, &again, &err), GR_OK);
    assert_memory_equal(image.metric, again.metric, sizeof image.metric);
    options.by_group = true;
    assert_int_equal(gr_bootstrap_metrics(&p, 1, &options, &group, &err), GR_OK);
    assert_int_equal(gr_metrics_compute(labels, predicted, probabilities, ROWS, CLASSES, 1, &m, &err), GR_OK);
    for (int i = 0; i < GR_METRIC_COUNT; i++) {
        assert_true(image.metric[i].low < m.value[i] && m.value[i] < image.metric[i].high);
        if (gr_metric_of_class((gr_metric)i))
            assert_true(image.classes[0][i].low < m.classes[0].value[i] && m.classes[0].value[i] < image.classes[0][i].high);
    }
    /* A share's percentiles are near its normal interval. */
    double accuracy = m.value[GR_METRIC_ACCURACY], half = 1.645 * sqrt(accuracy * (1 - accuracy) / ROWS);
    assert_true(fabs(image.metric[GR_METRIC_ACCURACY].low - (accuracy - half)) < 0.02);
    assert_true(image.metric[GR_METRIC_ACCURACY].low != group.metric[GR_METRIC_ACCURACY].low);
    assert_true(image.auroc_p > 0 && image.auroc_p < 0.05 && image.auprc_p > 0 && image.auprc_p < 0.05);
    gr_metrics_free(&m);
    gr_bootstrap_free(&image);
    gr_bootstrap_free(&again);
    gr_bootstrap_free(&group);
    p.groups = NULL;
    assert_int_equal(gr_bootstrap_metrics(&p, 1, &options, &group, &err), GR_INVALID);
    options.count = 0;
    assert_int_equal(gr_bootstrap_metrics(&p, 1, &options, &group, &err), GR_INVALID);
}

static void chance_is_told_from_knowledge(void **state)
{
    (void)state;
    gr_predictions p = make();
    gr_error err = {0};
    double known[GR_METRIC_COUNT], again[GR_METRIC_COUNT], unknown[GR_METRIC_COUNT];
    gr_bootstrap_options options = {.count = 500, .seed = 1};
    assert_int_equal(gr_permutation_test(&p, 1, &options, known, &err), GR_OK);
    assert_int_equal(gr_permutation_test(&p, 1, &options, again, &err), GR_OK);
    assert_memory_equal(known, again, sizeof known);
    assert_true(known[GR_METRIC_ACCURACY] < 0.01 && known[GR_METRIC_AUROC_MACRO] < 0.01);
    for (int i = 0; i < ROWS; i++)
        labels[i] = (i * 5 + 1) % 3;
    assert_int_equal(gr_permutation_test(&p, 1, &options, unknown, &err), GR_OK);
    assert_true(unknown[GR_METRIC_ACCURACY] > 0.05);
    /* Four rows, two positive and right: of the six ways to put two positives, one is as good. */
    static const int32_t two[] = {0, 0, 1, 1}, swapped[] = {1, 1, 0, 0};
    static const float sure[] = {1, 0, 1, 0, 0, 1, 0, 1};
    static const char *const pairs[] = {"a", "b", "a", "b"};
    gr_predictions q = p;
    q.count = 4;
    q.class_count = 2;
    q.labels = q.predicted = two;
    q.probabilities = sure;
    q.groups = pairs;
    options.count = 6000;
    assert_int_equal(gr_permutation_test(&q, 1, &options, known, &err), GR_OK);
    assert_true(fabs(known[GR_METRIC_ACCURACY] - 1.0 / 6.0) < 0.015);
    options.by_group = true; /* each pair is right by chance every second time */
    assert_int_equal(gr_permutation_test(&q, 1, &options, known, &err), GR_OK);
    assert_true(fabs(known[GR_METRIC_ACCURACY] - 0.25) < 0.02);
    q.labels = swapped;
    assert_int_equal(gr_permutation_test(&q, 1, &options, known, &err), GR_OK);
    assert_true(known[GR_METRIC_AUROC] == 1.0);
}

static void exact_intervals_know_their_counts(void **state)
{
    (void)state;
    static const int32_t y[] = {0, 0, 0, 1, 1, 2, 2, 2, 2, 2}, z[] = {0, 1, 0, 1, 0, 2, 2, 2, 0, 1};
    gr_metrics m;
    gr_error err = {0};
    gr_interval i, expected = gr_clopper_pearson(6, 10, 0.95);
    assert_int_equal(gr_metrics_compute(y, z, NULL, 10, 3, 2, &m, &err), GR_OK);
    assert_true(gr_metrics_interval(&m, 2, -1, GR_METRIC_ACCURACY, 0.95, &i) && i.low == expected.low);
    expected = gr_clopper_pearson(2 + 5, 10, 0.95); /* one against the rest: class 0 has tp 2, fp 2, fn 1, tn 5 */
    assert_true(gr_metrics_interval(&m, 2, 0, GR_METRIC_ACCURACY, 0.95, &i) && i.high == expected.high);
    assert_true(m.classes[0].tp == 2 && m.classes[0].fp == 2 && m.classes[0].fn == 1 && m.classes[0].tn == 5);
    expected = gr_clopper_pearson(6, 8, 0.95); /* class 2: tp 3, fp 0, fn 2 */
    assert_true(gr_metrics_interval(&m, 2, -1, GR_METRIC_F1, 0.95, &i) && i.low == expected.low);
    expected = gr_clopper_pearson(3, 3, 0.95);
    assert_true(gr_metrics_interval(&m, 2, -1, GR_METRIC_PRECISION, 0.95, &i) && i.low == expected.low && i.high == 1.0);
    assert_false(gr_metrics_interval(&m, 2, -1, GR_METRIC_MCC, 0.95, &i));
    assert_true(isnan(i.low));
    gr_metrics_free(&m);
}

/* Three repeats of the same images are no more evidence than one. */
static void repeated_images_are_drawn_as_one(void **state)
{
    (void)state;
    gr_predictions p = make();
    gr_error err = {0};
    enum { IMAGES = 30 };
    static char names[IMAGES][8];
    for (int i = 0; i < IMAGES; i++)
        snprintf(names[i], sizeof names[i], "%d", i);
    for (int i = 0; i < ROWS; i++) {
        images[i] = names[i % IMAGES];
        groups[i] = group_names[i % IMAGES % 6];
        labels[i] = labels[i % IMAGES];
        predicted[i] = predicted[i % IMAGES];
        memcpy(probabilities + i * CLASSES, probabilities + i % IMAGES * CLASSES, CLASSES * sizeof *probabilities);
    }
    gr_predictions once = p;
    once.count = IMAGES;
    for (int by_group = 0; by_group < 2; by_group++) {
        gr_bootstrap_options options = {.count = 300, .level = 0.9, .seed = 5, .by_group = by_group};
        gr_bootstrap a, b;
        double pa[GR_METRIC_COUNT], pb[GR_METRIC_COUNT];
        assert_int_equal(gr_bootstrap_metrics(&p, 1, &options, &a, &err), GR_OK);
        assert_int_equal(gr_bootstrap_metrics(&once, 1, &options, &b, &err), GR_OK);
        assert_int_equal(gr_permutation_test(&p, 1, &options, pa, &err), GR_OK);
        assert_int_equal(gr_permutation_test(&once, 1, &options, pb, &err), GR_OK);
        for (int i = 0; i < GR_METRIC_COUNT; i++) {
            assert_true(fabs(a.metric[i].low - b.metric[i].low) < 1e-12 &&
                        fabs(a.metric[i].high - b.metric[i].high) < 1e-12);
            assert_true(pa[i] == pb[i]);
        }
        gr_bootstrap_free(&a);
        gr_bootstrap_free(&b);
    }
    /* Rows of one name with several labels are on their own. */
    gr_resample r;
    labels[ROWS - 1] = (labels[ROWS - 1] + 1) % CLASSES;
    assert_int_equal(gr_resample_make(&p, 1, false, &r, &err), GR_OK);
    assert_null(r.draw.image);
    gr_resample_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_others),      cmocka_unit_test(weights_are_rows_drawn_again),
        cmocka_unit_test(percentiles_surround_the_metric),  cmocka_unit_test(chance_is_told_from_knowledge),
        cmocka_unit_test(repeated_images_are_drawn_as_one), cmocka_unit_test(exact_intervals_know_their_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
