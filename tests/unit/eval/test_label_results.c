/* Several columns of classes: each is judged as if it were alone, all answers together, and the total. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/multilabel.h"

enum { ROWS = 5, LABELS = 2, CLASSES = 3 };
static const char *const names[] = {"eyes", "ears"}, *const numbers[] = {"0", "1", "2"}, *const words[] = {"no", "some", "yes"};
static const char *const folds[] = {"A", "B"}, *const images[] = {"a", "b", "c", "d", "e"};
static const int32_t fold[ROWS] = {0, 0, 0, 1, 1};
static const int32_t labels[ROWS * LABELS] = {0, 1, 1, 2, 2, 2, 0, -1, 1, 1};
static const int32_t predicted[ROWS * LABELS] = {0, 1, 2, 2, 2, 0, 0, 2, 0, 1};
static float probabilities[ROWS * LABELS * CLASSES];

static gr_label_predictions make(const char *const *classes)
{
    for (int i = 0; i < ROWS * LABELS; i++)
        for (int c = 0; c < CLASSES; c++)
            probabilities[i * CLASSES + c] = c == predicted[i] ? 0.5f + 0.015625f * (float)i : 0.25f;
    return (gr_label_predictions){.count = ROWS,
                                  .label_count = LABELS,
                                  .names = names,
                                  .class_count = CLASSES,
                                  .classes = classes,
                                  .fold_count = 2,
                                  .folds = folds,
                                  .images = images,
                                  .fold = fold,
                                  .labels = labels,
                                  .predicted = predicted,
                                  .probabilities = probabilities};
}

static void a_column_is_judged_as_if_alone(void **state)
{
    (void)state;
    gr_label_predictions p = make(numbers);
    gr_results r, alone;
    gr_error err = {0};
    assert_int_equal(gr_label_results_make("run", &p, 2, &r, &err), GR_OK);
    /* ears: the rows but d */
    const char *const rows[] = {"a", "b", "c", "e"};
    const int32_t in[] = {0, 0, 0, 1}, truth[] = {1, 2, 2, 1}, answer[] = {1, 2, 0, 1};
    const int at[] = {1, 3, 5, 9};
    float scores[4 * CLASSES];
    for (int i = 0; i < 4; i++)
        memcpy(scores + i * CLASSES, probabilities + at[i] * CLASSES, CLASSES * sizeof *scores);
    gr_predictions q = {.count = 4,
                        .class_count = CLASSES,
                        .classes = numbers,
                        .fold_count = 2,
                        .folds = folds,
                        .images = rows,
                        .fold = in,
                        .labels = truth,
                        .predicted = answer,
                        .probabilities = scores};
    assert_int_equal(gr_results_make("ears", &q, 2, &alone, &err), GR_OK);
    const gr_results *ears = &r.labels->each[1];
    assert_string_equal(ears->name, "ears");
    assert_int_equal(ears->pooled.n, 4);
    assert_memory_equal(ears->pooled.value, alone.pooled.value, sizeof alone.pooled.value);
    assert_memory_equal(ears->folds[0].value, alone.folds[0].value, sizeof alone.folds[0].value);
    assert_memory_equal(ears->mean, alone.mean, sizeof alone.mean);
    gr_results_free(&alone);
    gr_results_free(&r);
}

static void answers_are_taken_together(void **state)
{
    (void)state;
    gr_label_predictions p = make(words);
    gr_results r;
    gr_error err = {0};
    assert_int_equal(gr_label_results_make("run", &p, 2, &r, &err), GR_OK);
    const gr_label_results *l = r.labels;
    assert_int_equal(r.class_count, 0);
    assert_true(r.folds[0].n == 3 && r.folds[1].n == 2 && r.pooled.n == 5);
    assert_true(l->answers[0] == 6 && l->answers[1] == 3 && l->answers[2] == 9);
    /* right: a both, b ears, c eyes; d eyes, e ears */
    assert_true(r.folds[0].value[GR_METRIC_ACCURACY] == 4.0 / 6.0);
    assert_true(r.folds[1].value[GR_METRIC_ACCURACY] == 2.0 / 3.0);
    assert_true(r.pooled.value[GR_METRIC_ACCURACY] == 6.0 / 9.0);
    assert_true(r.mean[GR_METRIC_ACCURACY] == 2.0 / 3.0 && r.std[GR_METRIC_ACCURACY] == 0.0);
    double f1 = 0.5 * (l->each[0].pooled.value[GR_METRIC_F1_MACRO] + l->each[1].pooled.value[GR_METRIC_F1_MACRO]);
    assert_true(fabs(r.pooled.value[GR_METRIC_F1_MACRO] - f1) < 1e-15);
    assert_true(isnan(r.pooled.value[GR_METRIC_AUROC]));
    assert_false(l->has_total); /* words cannot be summed */
    gr_results_free(&r);
}

static void numbers_are_summed(void **state)
{
    (void)state;
    gr_label_predictions p = make(numbers);
    gr_results r;
    gr_error err = {0};
    assert_int_equal(gr_label_results_make("run", &p, 2, &r, &err), GR_OK);
    const double truth[] = {1, 3, 4, NAN, 2}, answer[] = {1, 4, 2, 2, 1};
    gr_score_numbers total;
    assert_int_equal(gr_score_compute(truth, answer, ROWS, &total, &err), GR_OK);
    assert_true(r.labels->has_total);
    assert_int_equal(r.labels->total.pooled.n, 4);
    assert_memory_equal(r.labels->total.pooled.value, total.value, sizeof total.value);
    assert_int_equal(r.labels->total.folds[1].n, 1);
    assert_true(r.labels->total.mean[GR_SCORE_MAE] == 1.0);
    gr_results_free(&r);
}

static void an_answer_out_of_range_is_refused(void **state)
{
    (void)state;
    int32_t bad[ROWS * LABELS];
    gr_label_predictions p = make(numbers);
    gr_results r;
    gr_error err = {0};
    memcpy(bad, labels, sizeof bad);
    bad[3] = CLASSES;
    p.labels = bad;
    assert_int_equal(gr_label_results_make("run", &p, 2, &r, &err), GR_INTERNAL);
    p.labels = NULL;
    assert_int_equal(gr_label_results_make("run", &p, 2, &r, &err), GR_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_column_is_judged_as_if_alone),
        cmocka_unit_test(answers_are_taken_together),
        cmocka_unit_test(numbers_are_summed),
        cmocka_unit_test(an_answer_out_of_range_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
