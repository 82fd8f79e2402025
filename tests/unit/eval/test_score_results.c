/* Scores against scikit-learn, SciPy and pingouin (tests/parity/make_scores.py): folds, pooled, mean and deviation; totals. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "grimace/scores.h"
#include "support/reference.h"

enum { MOST = 100, OUTPUTS = 5, FOLDS = 4, NUMBERS = GR_SCORE_METRIC_COUNT + 1 };

static const char *const names[OUTPUTS] = {"a", "b", "c", "d", "e"}, *const folds[FOLDS] = {"1", "2", "3", "4"};
static const char *images[MOST];

static void flatten(const gr_score_numbers *numbers, int count, double *out)
{
    for (int i = 0; i < count; i++) {
        out[i * NUMBERS] = (double)numbers[i].n;
        memcpy(out + i * NUMBERS + 1, numbers[i].value, sizeof numbers[i].value);
    }
}

static void expect(const test_reference *ref, const char *what, int output, const double *got, int64_t count)
{
    char name[64];
    snprintf(name, sizeof name, "%s_%d", what, output);
    test_reference_expect(ref, name, got, count, 1e-9);
}

static void compare(const test_reference *ref)
{
    int64_t rows, cells;
    int32_t fold[MOST];
    const double *outputs = test_reference_get(ref, "outputs", 1, NULL), *in_fold = test_reference_get(ref, "fold", 1, &rows);
    gr_score_predictions p = {.outputs = (int)outputs[0],
                              .names = names,
                              .folds = folds,
                              .images = images,
                              .fold = fold,
                              .truth = test_reference_get(ref, "truth", 1, &cells),
                              .predicted = test_reference_get(ref, "predicted", 1, NULL)};
    p.count = rows;
    assert_true(rows <= MOST && p.outputs <= OUTPUTS && cells == rows * p.outputs);
    for (int64_t i = 0; i < rows; i++) {
        fold[i] = (int32_t)in_fold[i];
        p.fold_count = fold[i] >= p.fold_count ? fold[i] + 1 : p.fold_count;
    }
    gr_results r;
    gr_error err = {0};
    assert_int_equal(gr_score_results_make(ref->name, &p, &r, &err), GR_OK);
    int parts = p.outputs > 1 ? p.outputs + 1 : 1;
    for (int k = 0; k < parts; k++) {
        const gr_score_summary *s = &r.scores->each[k];
        double numbers[FOLDS * NUMBERS];
        flatten(s->folds, p.fold_count, numbers);
        expect(ref, "folds", k, numbers, p.fold_count * NUMBERS);
        flatten(&s->pooled, 1, numbers);
        expect(ref, "pooled", k, numbers, NUMBERS);
        expect(ref, "mean", k, s->mean, GR_SCORE_METRIC_COUNT);
        expect(ref, "std", k, s->std, GR_SCORE_METRIC_COUNT);
    }
    assert_ptr_equal(gr_score_whole(r.scores), &r.scores->each[parts - 1]);
    assert_string_equal(r.name, ref->name);
    assert_string_equal(r.fold_names[0], "1");
    assert_string_equal(r.scores->names[0], "a");
    gr_results_free(&r);
}

static void numbers_are_those_of_other_software(void **state)
{
    (void)state;
    test_reference ref = test_reference_open("tests/parity/eval/scores.txt");
    int cases = 0;
    for (int i = 0; i < MOST; i++)
        images[i] = "x.png";
    while (test_reference_next(&ref)) {
        compare(&ref);
        cases++;
    }
    test_reference_close(&ref);
    assert_int_equal(cases, 17);
}

static void equal_numbers_have_no_correlation(void **state)
{
    (void)state;
    enum { N = 10 }; /* the mean of ten times 0.1 is not 0.1 in doubles */
    double same[N], other[N];
    const double *const truths[] = {same, other, same}, *const answers[] = {other, same, same};
    for (int i = 0; i < N; i++) {
        same[i] = 0.1;
        other[i] = (i * 7 % N) / 8.0;
    }
    for (int k = 0; k < 3; k++) {
        gr_score_numbers n;
        gr_error err = {0};
        assert_int_equal(gr_score_compute(truths[k], answers[k], N, &n, &err), GR_OK);
        assert_true(isnan(n.value[GR_SCORE_PEARSON]) && isnan(n.value[GR_SCORE_SPEARMAN]));
        assert_int_equal(isnan(n.value[GR_SCORE_R2]), truths[k] == same);
        assert_int_equal(isnan(n.value[GR_SCORE_ICC]), k == 2);
        assert_true(isfinite(n.value[GR_SCORE_MAE]));
    }
}

static void what_is_not_finite_hides_nothing(void **state)
{
    (void)state;
    const double truth[3] = {1, NAN, 3}, lost[3] = {1, NAN, 2}, bad[3] = {1, 2, NAN}, far[3] = {1, 2, INFINITY};
    gr_score_numbers n;
    gr_error err = {0};
    assert_int_equal(gr_score_compute(truth, lost, 3, &n, &err), GR_OK); /* a row without a label does not count */
    assert_true(n.n == 2 && n.value[GR_SCORE_MAE] == 0.5);
    assert_int_equal(gr_score_compute(truth, bad, 3, &n, &err), GR_OK);
    assert_int_equal(n.n, 2);
    for (int i = 0; i < GR_SCORE_METRIC_COUNT; i++)
        assert_true(isnan(n.value[i]));
    assert_int_equal(gr_score_compute(truth, far, 3, &n, &err), GR_OK);
    assert_true(isnan(n.value[GR_SCORE_RMSE]));
}

static void every_metric_has_a_name_and_a_direction(void **state)
{
    (void)state;
    int ranks = 0;
    for (int i = 0; i < GR_SCORE_METRIC_COUNT; i++) {
        const char *name = gr_score_metric_name((gr_score_metric)i);
        assert_non_null(name);
        assert_int_equal(gr_score_metric_find(name), i);
        assert_false(gr_score_metric_falls((gr_score_metric)i) && !gr_score_metric_ranks((gr_score_metric)i));
        ranks += gr_score_metric_ranks((gr_score_metric)i);
    }
    assert_int_equal(ranks, 6);
    assert_true(gr_score_metric_falls(GR_SCORE_MAE) && gr_score_metric_falls(GR_SCORE_RMSE));
    assert_false(gr_score_metric_falls(GR_SCORE_ICC) || gr_score_metric_ranks(GR_SCORE_BIAS));
    assert_int_equal(gr_score_metric_find("accuracy"), -1);
    assert_null(gr_score_metric_name(GR_SCORE_METRIC_COUNT));
}

static void predictions_without_labels_are_refused(void **state)
{
    (void)state;
    const double predicted[1] = {1};
    gr_score_predictions p = {
        .count = 1, .outputs = 1, .names = names, .fold_count = 1, .folds = folds, .images = images, .predicted = predicted};
    gr_results r;
    gr_error err = {0};
    assert_int_equal(gr_score_results_make("none", &p, &r, &err), GR_INTERNAL);
    assert_null(r.scores);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_other_software), cmocka_unit_test(equal_numbers_have_no_correlation),
        cmocka_unit_test(what_is_not_finite_hides_nothing),    cmocka_unit_test(every_metric_has_a_name_and_a_direction),
        cmocka_unit_test(predictions_without_labels_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
