/* The files and the table of a run for several columns of classes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/base.h"
#include "grimace/results.h"
#include "support/folder.h"

static const char *const images[] = {"a.png", "b,1.png", "c.png", "d.png"}, *const groups[] = {"Rat1", "Rat1", "Rat2", "Rat2"};
static const char *const folds[] = {"Rat1", "Rat2"}, *const names[] = {"pain", "eyes, both"};
static const char *const numbers[] = {"0", "1", "2"}, *const words[] = {"no", "some", "yes"};
static const int32_t fold[] = {0, 0, 1, 1}, labels[] = {0, 1, 1, 2, 2, -1, 0, 0}, predicted[] = {0, 1, 2, 2, 2, 0, 1, 0};
static float probabilities[4 * 2 * 3];

static gr_label_predictions make(const char *const *classes)
{
    for (int i = 0; i < 8; i++)
        for (int c = 0; c < 3; c++)
            probabilities[3 * i + c] = c == predicted[i] ? 0.5f : 0.25f;
    return (gr_label_predictions){.count = 4,
                                  .label_count = 2,
                                  .names = names,
                                  .class_count = 3,
                                  .classes = classes,
                                  .fold_count = 2,
                                  .folds = folds,
                                  .group_column = "animal",
                                  .images = images,
                                  .groups = groups,
                                  .fold = fold,
                                  .labels = labels,
                                  .predicted = predicted,
                                  .probabilities = probabilities};
}

static void expect_predictions(const gr_label_predictions *p, const char *expected)
{
    gr_text text = {0};
    gr_label_predictions_csv(p, &text);
    assert_string_equal(text.data, expected);
    gr_text_free(&text);
}

static void predictions_stand_column_by_column(void **state)
{
    (void)state;
    gr_label_predictions p = make(numbers);
    expect_predictions(
        &p,
        "image,animal,fold,label_pain,predicted_pain,p_pain_0,p_pain_1,p_pain_2,\"label_eyes, both\","
        "\"predicted_eyes, both\",\"p_eyes, both_0\",\"p_eyes, both_1\",\"p_eyes, both_2\",label_total,"
        "predicted_total\n"
        "a.png,Rat1,Rat1,0,0,0.5,0.25,0.25,1,1,0.25,0.5,0.25,1,1\n"
        "\"b,1.png\",Rat1,Rat1,1,2,0.25,0.25,0.5,2,2,0.25,0.25,0.5,3,4\n"
        "c.png,Rat2,Rat2,2,2,0.25,0.25,0.5,,0,0.5,0.25,0.25,,2\n"
        "d.png,Rat2,Rat2,0,1,0.25,0.5,0.25,0,0,0.5,0.25,0.25,0,1\n");
    p.classes = words; /* which have no total */
    p.label_count = 1;
    p.labels = NULL;
    p.groups = NULL;
    p.fold_count = 0;
    p.count = 2;
    expect_predictions(&p, "image,predicted_pain,p_pain_no,p_pain_some,p_pain_yes\n"
                           "a.png,no,0.5,0.25,0.25\n"
                           "\"b,1.png\",some,0.25,0.5,0.25\n");
}

static json_t *write_and_read(const gr_results *r, char **csv)
{
    char folder[TEST_TEMP], path[300], *text;
    size_t size;
    gr_error err = {0};
    assert_non_null(test_temp_folder(folder, "labels"));
    assert_int_equal(gr_results_write(r, folder, &err), GR_OK);
    snprintf(path, sizeof path, "%s/results.csv", folder);
    assert_int_equal(gr_file_read(path, 100000, csv, &size, &err), GR_OK);
    unlink(path);
    snprintf(path, sizeof path, "%s/results.json", folder);
    assert_int_equal(gr_file_read(path, 100000, &text, &size, &err), GR_OK);
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    gr_free(text);
    return root;
}

static double at(const json_t *root, const char *level, const char *key)
{
    const json_t *value = json_object_get(json_object_get(root, level), key);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

static void results_hold_each_label_and_the_total(void **state)
{
    (void)state;
    gr_label_predictions p = make(numbers);
    gr_results r;
    gr_error err = {0};
    char *csv;
    assert_int_equal(gr_label_results_make("units", &p, 2, &r, &err), GR_OK);
    json_t *root = write_and_read(&r, &csv);
    assert_string_equal(json_string_value(json_object_get(root, "task")), "classes");
    assert_int_equal(json_array_size(json_object_get(root, "labels")), 2);
    assert_true(at(root, "pooled", "accuracy") == 5.0 / 7.0 && at(root, "pooled", "answers") == 7);
    assert_true(at(root, "mean", "f1_macro") == r.mean[GR_METRIC_F1_MACRO]);
    const json_t *eyes = json_array_get(json_object_get(root, "per_label"), 1);
    assert_string_equal(json_string_value(json_object_get(eyes, "label")), "eyes, both");
    assert_string_equal(json_string_value(json_object_get(eyes, "positive")), "2");
    assert_null(json_object_get(eyes, "name"));
    assert_null(json_object_get(eyes, "reported"));
    assert_true(at(eyes, "pooled", "n") == 3 && at(eyes, "pooled", "kappa") == 1);
    const json_t *total = json_object_get(root, "total");
    assert_int_equal(json_array_size(json_object_get(total, "folds")), 2);
    assert_true(at(total, "pooled", "n") == 3 && at(total, "mean", "mae") == 0.75);
    json_decref(root);
    assert_true(gr_starts_with(csv, "fold,n,answers,accuracy,f1_macro,n_of_pain,accuracy_of_pain,"));
    assert_non_null(strstr(csv, ",n_of_total,mae_of_total,"));
    assert_non_null(strstr(csv, "\nRat2,2,3,0.666667,"));
    assert_non_null(strstr(csv, "\npooled,4,7,0.714286,"));
    assert_non_null(strstr(csv, "\nmean,,,0.708333,"));
    int commas = 0, expected = 0;
    for (const char *c = csv; *c != '\n'; c++)
        expected += *c == ',';
    for (const char *c = strstr(csv, "\nstd,") + 1; *c != '\n'; c++)
        commas += *c == ',';
    assert_int_equal(commas, expected - 14); /* "eyes, both" has one in each of its 14 names */
    gr_free(csv);
    gr_results_free(&r);
    p.classes = words;
    assert_int_equal(gr_label_results_make("units", &p, 2, &r, &err), GR_OK);
    root = write_and_read(&r, &csv);
    assert_true(json_is_null(json_object_get(root, "total")));
    assert_null(strstr(csv, "total"));
    json_decref(root);
    gr_free(csv);
    gr_results_free(&r);
}

static void the_table_has_labels_and_the_total(void **state)
{
    (void)state;
    gr_label_predictions p = make(numbers);
    gr_results r;
    gr_error err = {0};
    gr_text text = {0};
    assert_int_equal(gr_label_results_make("units", &p, 2, &r, &err), GR_OK);
    gr_results_table(&r, 0, &text);
    assert_string_equal(
        text.data,
        "units: 2 labels; accuracy of all answers in %, mean of their macro F1\n"
        "fold                        images  accuracy  F1 macro\n"
        "Rat1                             2     75.00    0.6667\n"
        "Rat2                             2     66.67    0.6667\n"
        "Pooled                           4     71.43    0.7222\n"
        "pooled, label               images  accuracy  F1 macro     kappa\n"
        "pain                             4     50.00    0.4444    0.2727\n"
        "eyes, both                       3    100.00    1.0000    1.0000\n"
        "pooled                           n       MAE      RMSE        r2   Pearson  Spearman       ICC\n"
        "total                            3    0.6667    0.8165    0.5714    0.9449    0.8660    0.8824\n"
        "total, predicted - true: bias 0.6667, limits of agreement -0.4649 to 1.7983\n");
    gr_text_free(&text);
    gr_results_free(&r);
}

static void a_paper_stands_beside(void **state)
{
    (void)state;
    gr_reported_number whole[] = {{"f1_macro", false, 0.7, NAN, 0.6, 0.8}, {"mae", true, 1, 0.5, NAN, NAN}};
    gr_reported reported = {.whole = {"", whole, 2}};
    gr_label_predictions p = make(numbers);
    gr_results r;
    gr_error err = {0};
    gr_text text = {0};
    assert_int_equal(gr_label_results_make("units", &p, 2, &r, &err), GR_OK);
    r.reported = &reported;
    gr_reported_table(&r, &text);
    assert_non_null(strstr(text.data, "pooled             f1_macro           0.7000 (0.6000 to 0.8000)   0.7222\n"));
    assert_non_null(strstr(text.data, "mean over folds    mae                1.0000 +- 0.5000            0.7500 +- 0.3536\n"));
    gr_text_free(&text);
    gr_results_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(predictions_stand_column_by_column),
        cmocka_unit_test(results_hold_each_label_and_the_total),
        cmocka_unit_test(the_table_has_labels_and_the_total),
        cmocka_unit_test(a_paper_stands_beside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
