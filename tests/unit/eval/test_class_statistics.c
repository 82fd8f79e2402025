/* The statistics of a table of predictions against scikit-learn, statsmodels and pROC, and what is written of them. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "grimace/results.h"
#include "support/folder.h"
#include "support/reference.h"

enum { MOST = 128 };
static int32_t labels[MOST], predicted[MOST], fold[MOST];
static float probabilities[3 * MOST];
static char names[MOST][8];
static const char *images[MOST];
static const char *const class_names[] = {"a", "b", "c,d"}, *const fold_names[] = {"w", "x", "y", "z"};

static gr_predictions load(const test_reference *r, int *positive)
{
    const double *shape = test_reference_get(r, "shape", 3, NULL);
    int64_t rows = (int64_t)shape[0], classes = (int64_t)shape[1];
    assert_true(rows <= MOST && classes <= 3);
    *positive = (int)shape[2];
    for (int64_t i = 0; i < rows; i++) {
        labels[i] = (int32_t)test_reference_get(r, "labels", rows, NULL)[i];
        predicted[i] = (int32_t)test_reference_get(r, "predicted", rows, NULL)[i];
        fold[i] = (int32_t)test_reference_get(r, "fold", rows, NULL)[i];
        snprintf(names[i], sizeof names[i], "%d.png", (int)i);
        images[i] = names[i];
        for (int64_t c = 0; c < classes; c++)
            probabilities[i * classes + c] = (float)test_reference_get(r, "p", rows * classes, NULL)[i * classes + c];
    }
    return (gr_predictions){.count = rows,
                            .class_count = (int)classes,
                            .classes = class_names,
                            .fold_count = 4,
                            .folds = fold_names,
                            .images = images,
                            .fold = fold,
                            .labels = labels,
                            .predicted = predicted,
                            .probabilities = probabilities};
}

static void check_values(const test_reference *r, const gr_statistics *s)
{
    double each[3 * GR_METRIC_COUNT], delong[9];
    const gr_results *all = &s->results;
    test_reference_expect(r, "pooled", all->pooled.value, GR_METRIC_COUNT, 1e-12);
    test_reference_expect(r, "mean", all->mean, GR_METRIC_COUNT, 1e-12);
    test_reference_expect(r, "std", all->std, GR_METRIC_COUNT, 1e-12);
    test_reference_expect(r, "first_fold", all->folds[0].value, GR_METRIC_COUNT, 1e-12);
    for (int c = 0; c < all->class_count; c++) {
        memcpy(each + c * GR_METRIC_COUNT, all->pooled.classes[c].value, sizeof all->pooled.classes[c].value);
        for (int i = 0; i < GR_METRIC_COUNT; i++)
            if (!gr_metric_of_class((gr_metric)i))
                each[c * GR_METRIC_COUNT + i] = NAN;
        delong[3 * c] = s->auroc_sd[c];
        delong[3 * c + 1] = s->auroc_interval[c].low;
        delong[3 * c + 2] = s->auroc_interval[c].high;
    }
    test_reference_expect(r, "classes", each, (int64_t)all->class_count * GR_METRIC_COUNT, 1e-12);
    test_reference_expect(r, "delong", delong, 3 * (int64_t)all->class_count, 1e-9);
    if (s->scored)
        test_reference_expect(r, "scores",
                              (double[]){s->scores.pearson.r, s->scores.spearman.r, s->scores.line.slope,
                                         s->scores.line.intercept, s->scores.limits.bias, s->scores.limits.lower,
                                         s->scores.limits.upper, s->scores.kappa[0].kappa, s->scores.kappa[1].kappa},
                              9, 1e-9);
    gr_interval exact;
    assert_true(gr_metrics_interval(&all->pooled, all->positive, -1, GR_METRIC_ACCURACY, 0.95, &exact));
    test_reference_expect(r, "accuracy", (double[]){exact.low, exact.high}, 2, 1e-9);
}

static void numbers_are_those_of_others(void **state)
{
    (void)state;
    test_reference r = test_reference_open("tests/parity/stats/statistics.txt");
    gr_statistics_options options = {.confidence = 0.95, .permutation = {.count = 50, .seed = 3}};
    gr_error err = {0};
    int cases = 0, positive;
    for (; test_reference_next(&r); cases++) {
        gr_predictions p = load(&r, &positive);
        static const char *const numbers[] = {"0", "1", "2"};
        p.classes = numbers;
        gr_statistics s;
        assert_int_equal(gr_statistics_make("x", &p, positive, &options, &s, &err), GR_OK);
        assert_true(s.scored == (p.class_count == 3));
        check_values(&r, &s);
        assert_true(s.permutation_p[GR_METRIC_ACCURACY] == 1.0 / 51.0 && s.results.bootstrap == NULL);
        gr_statistics_free(&s);
    }
    test_reference_close(&r);
    assert_int_equal(cases, 3);
}

static gr_statistics make_three(gr_predictions *p)
{
    test_reference r = test_reference_open("tests/parity/stats/statistics.txt");
    gr_statistics_options options = {.confidence = 0.9, .bootstrap = {.count = 20, .level = 0.8}};
    gr_statistics s;
    gr_error err = {0};
    int positive;
    assert_true(test_reference_next(&r) && test_reference_next(&r)); /* three classes */
    *p = load(&r, &positive);
    test_reference_close(&r);
    assert_int_equal(gr_statistics_make("three", p, positive, &options, &s, &err), GR_OK);
    return s;
}

/* Each image twice: what needs independent rows is undefined, all else is as with each once. */
static void repeated_images_have_no_intervals(void **state)
{
    (void)state;
    gr_predictions p;
    gr_statistics one = make_three(&p), two;
    gr_error err = {0};
    static const char *const numbers[] = {"0", "1", "2"};
    static char names[MOST][8];
    gr_statistics_free(&one);
    p.count = 40;
    p.classes = numbers;
    for (int i = 0; i < 80; i++) {
        snprintf(names[i], sizeof names[i], "%d", i % 40);
        images[i] = names[i];
        labels[i] = labels[i % 40];
        predicted[i] = predicted[i % 40];
        memcpy(probabilities + 3 * i, probabilities + 3 * (i % 40), 3 * sizeof(float));
    }
    gr_statistics_options options = {.confidence = 0.95};
    assert_int_equal(gr_statistics_make("one", &p, 0, &options, &one, &err), GR_OK);
    p.count = 80;
    assert_int_equal(gr_statistics_make("two", &p, 0, &options, &two, &err), GR_OK);
    assert_true(one.images == 40 && two.images == 40 && two.results.pooled.n == 80);
    assert_true(one.scored && two.scored && fabs(one.scores.pearson.r - two.scores.pearson.r) < 1e-12);
    assert_true(!isnan(one.scores.pearson.p) && isnan(two.scores.pearson.p) && isnan(two.scores.limits.bias_interval.low));
    assert_true(!isnan(one.auroc_sd[0]) && isnan(two.auroc_sd[0]) && isnan(two.scores.kappa[1].interval.high));
    gr_text table = {0};
    gr_statistics_table(&two, &table);
    assert_non_null(strstr(table.data, "40 images have 2 predictions each"));
    gr_text_free(&table);
    gr_statistics_free(&one);
    gr_statistics_free(&two);
}

static void columns_break_down(void **state)
{
    (void)state;
    gr_predictions p;
    gr_statistics s = make_three(&p);
    gr_error err = {0};
    static const char *values[MOST];
    static int32_t some_labels[MOST], some_predicted[MOST];
    static float some_probabilities[3 * MOST];
    int64_t n = 0;
    for (int64_t i = 0; i < p.count; i++) {
        values[i] = i % 3 == 1 ? "late" : "early";
        if (i % 3 != 1)
            continue;
        some_labels[n] = labels[i];
        some_predicted[n] = predicted[i];
        memcpy(some_probabilities + 3 * n++, probabilities + 3 * i, 3 * sizeof(float));
    }
    assert_int_equal(gr_statistics_break_down(&s, &p, "time", values, &err), GR_OK);
    assert_int_equal(s.by_count, 1);
    assert_int_equal(s.by[0].fold_count, 2);
    assert_string_equal(s.by[0].name, "time");
    assert_string_equal(s.by[0].fold_names[0], "early");
    assert_true(s.by[0].confidence == 0.9);
    gr_metrics m;
    assert_int_equal(gr_metrics_compute(some_labels, some_predicted, some_probabilities, n, 3, 0, &m, &err), GR_OK);
    for (int i = 0; i < GR_METRIC_COUNT; i++) {
        double a = s.by[0].folds[1].value[i], b = m.value[i];
        assert_true(a == b || (isnan(a) && isnan(b)));
    }
    gr_metrics_free(&m);
    gr_statistics_free(&s);
}

static void too_many_values_are_refused(void **state)
{
    (void)state;
    enum { ROWS = GR_MOST_VALUES + 1 };
    static char names[ROWS][8];
    static const char *values[ROWS];
    static int32_t zeros[ROWS];
    static float ones[ROWS];
    for (int i = 0; i < ROWS; i++) {
        snprintf(names[i], sizeof names[i], "%d", i);
        values[i] = names[i];
        ones[i] = 1;
    }
    gr_predictions p = {.count = ROWS, .class_count = 1, .classes = class_names, .fold_count = 1, .folds = fold_names};
    p.images = values;
    p.fold = p.labels = p.predicted = zeros;
    p.probabilities = ones;
    gr_statistics_options options = {.confidence = 0.95};
    gr_statistics s;
    gr_error err = {0};
    assert_int_equal(gr_statistics_make("many", &p, 0, &options, &s, &err), GR_OK);
    assert_true(isnan(s.auroc_sd[0]) && s.roc[0].count == 0); /* one class: no curve */
    assert_int_equal(gr_statistics_break_down(&s, &p, "image", values, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "column \"image\" has more than 1000 values"));
    p.count = ROWS - 1;
    assert_int_equal(gr_statistics_break_down(&s, &p, "image", values, &err), GR_OK);
    gr_statistics_free(&s);
    options.confidence = 1.0;
    assert_int_equal(gr_statistics_make("many", &p, 0, &options, &s, &err), GR_INVALID);
}

static char *read_from(const char *folder, const char *name, size_t *size)
{
    char path[160], *text;
    gr_error err = {0};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(gr_file_read(path, 1 << 20, &text, size, &err), GR_OK);
    unlink(path);
    return text;
}

static double at(const json_t *root, const char *a, const char *b, const char *c, size_t i)
{
    const json_t *found = json_object_get(json_object_get(json_object_get(root, a), b), c);
    return json_number_value(json_is_array(found) ? json_array_get(found, i) : found);
}

static void files_hold_all(void **state)
{
    (void)state;
    char folder[TEST_TEMP];
    assert_non_null(test_temp_folder(folder, "statistics"));
    gr_predictions p;
    gr_statistics s = make_three(&p);
    gr_error err = {0};
    static const char *one[MOST];
    for (int i = 0; i < MOST; i++)
        one[i] = "";
    assert_int_equal(gr_statistics_break_down(&s, &p, "fold", one, &err), GR_OK);
    assert_int_equal(gr_statistics_write(&s, folder, &err), GR_OK);
    size_t size;
    char *text = read_from(folder, "statistics.json", &size);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    assert_true(at(root, "pooled", "delong", "auroc", 1) == s.auroc_interval[0].high);
    assert_true(at(root, "pooled", "intervals", "accuracy", 0) > 0.0);
    assert_true(at(root, "pooled", "bootstrap", "f1", 0) == s.results.bootstrap->metric[GR_METRIC_F1].low);
    assert_true(json_is_null(json_object_get(json_object_get(root, "pooled"), "permutation")));
    const json_t *values = json_object_get(json_object_get(json_object_get(root, "by"), "fold"), "values");
    assert_int_equal(json_array_size(values), 1);
    assert_true(json_number_value(json_object_get(json_array_get(values, 0), "accuracy")) ==
                s.results.pooled.value[GR_METRIC_ACCURACY]);
    json_decref(root);
    gr_free(text);
    text = read_from(folder, "roc.csv", &size);
    assert_true(gr_starts_with(text, "class,threshold,false_positive_rate,true_positive_rate\na,inf,0,0\na,"));
    assert_non_null(strstr(text, "\n\"c,d\",inf,0,0\n"));
    int64_t lines = 0;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    assert_int_equal(lines, 1 + s.roc[0].count + s.roc[1].count + s.roc[2].count);
    gr_free(text);
    text = read_from(folder, "pr.csv", &size);
    assert_true(gr_starts_with(text, "class,threshold,recall,precision\na,inf,0,1\na,"));
    gr_free(text);
    gr_text table = {0};
    gr_statistics_table(&s, &table);
    assert_non_null(strstr(table.data, "three: 90 predictions, 4 folds, 3 classes; positive class a\n"));
    assert_non_null(strstr(table.data, "Bootstrap: 20 samples by image"));
    assert_null(strstr(table.data, "nan"));
    gr_text_free(&table);
    gr_statistics_free(&s);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_others),
        cmocka_unit_test(repeated_images_have_no_intervals),
        cmocka_unit_test(columns_break_down),
        cmocka_unit_test(too_many_values_are_refused),
        cmocka_unit_test(files_hold_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
