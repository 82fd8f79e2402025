/* Evaluation against scikit-learn's numbers, and the files and tables made of them. */
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
#include "grimace/eval.h"
#include "grimace/results.h"
#include "support/folder.h"

enum { ROWS = 200, CLASSES = 8 };

/* Within 1e-12, and undefined exactly where the reference is. */
static bool equal(double a, double b)
{
    return isnan(a) || isnan(b) ? isnan(a) && isnan(b) : fabs(a - b) <= 1e-12;
}

static void numbers_are_those_of_scikit_learn(void **state)
{
    (void)state;
    FILE *file = fopen("tests/parity/eval/metrics.txt", "r");
    assert_non_null(file);
    char name[50];
    int rows, classes, positive, cases = 0;
    while (fscanf(file, "case %49s %d %d %d\n", name, &rows, &classes, &positive) == 4) {
        static int32_t labels[ROWS], predicted[ROWS];
        static float p[ROWS * CLASSES];
        assert_true(rows <= ROWS && classes <= CLASSES);
        for (int r = 0; r < rows; r++) {
            assert_int_equal(fscanf(file, "%d %d", &labels[r], &predicted[r]), 2);
            for (int c = 0; c < classes; c++)
                assert_int_equal(fscanf(file, "%f", &p[r * classes + c]), 1);
            assert_int_equal(gr_predict_class(p + r * classes, classes), predicted[r]);
        }
        gr_metrics m;
        gr_error err = {0};
        assert_int_equal(gr_metrics_compute(labels, predicted, p, rows, classes, positive, &m, &err), GR_OK);
        for (int i = 0; i < GR_METRIC_COUNT; i++) {
            double expected;
            assert_int_equal(fscanf(file, "%lf\n", &expected), 1);
            if (!equal(m.value[i], expected))
                fail_msg("%s: %s is %.17g, not %.17g", name, gr_metric_name((gr_metric)i), m.value[i], expected);
        }
        gr_metrics_free(&m);
        cases++;
    }
    fclose(file);
    assert_int_equal(cases, 10);
}

static void wrong_indices_are_refused(void **state)
{
    (void)state;
    const int32_t good[2] = {0, 1}, bad[2] = {0, 2};
    gr_metrics m;
    gr_error err = {0};
    assert_int_equal(gr_metrics_compute(good, bad, NULL, 2, 2, 1, &m, &err), GR_INTERNAL);
    assert_int_equal(gr_metrics_compute(good, good, NULL, 2, 2, 2, &m, &err), GR_INTERNAL);
    const float nan_scores[4] = {NAN, NAN, 0.5f, 0.5f};
    assert_int_equal(gr_metrics_compute(good, good, nan_scores, 2, 2, 1, &m, &err), GR_OK);
    assert_true(isnan(m.value[GR_METRIC_AUROC]) && m.value[GR_METRIC_ACCURACY] == 1.0);
    gr_metrics_free(&m);
}

/* ---- a small run ----------------------------------------------------------------------------------------------------- */

static const char *const classes[] = {"0", "yes, \"1\""}, *const folds[] = {"Rat1", "Rat2", "Rat3"};
static const char *const images[] = {"a.png", "b,1.png", "c.png", "d.png", "e.png", "f.png"};
static const char *const groups[] = {"Rat1", "Rat1", "Rat1", "Rat2", "Rat2", "Rat3"};
static const int32_t fold[] = {0, 0, 0, 1, 1, 2}, labels[] = {0, 1, 1, 0, 1, 0}, predicted[] = {0, 1, 0, 0, 1, 0};
static const float probabilities[] = {0.9f,  0.1f,  0.25f, 0.75f, 1.0f / 1.5f, 1.0f / 3.0f,
                                      0.75f, 0.25f, 0.4f,  0.6f,  1.0f,        0.0f};

static gr_predictions run(void)
{
    return (gr_predictions){.count = 6,
                            .class_count = 2,
                            .classes = classes,
                            .fold_count = 3,
                            .folds = folds,
                            .group_column = "animal",
                            .images = images,
                            .groups = groups,
                            .fold = fold,
                            .labels = labels,
                            .predicted = predicted,
                            .probabilities = probabilities};
}

static void means_leave_out_what_is_undefined(void **state)
{
    (void)state;
    gr_predictions p = run();
    gr_results r;
    gr_error err = {0};
    assert_int_equal(gr_results_make("small", &p, 1, &r, &err), GR_OK);
    assert_int_equal(r.folds[0].n, 3);
    assert_int_equal(r.pooled.n, 6);
    const int64_t confusion[4] = {3, 0, 1, 2};
    assert_memory_equal(r.pooled.confusion, confusion, sizeof confusion);
    /* accuracies 2/3, 1, 1; F1 2/3, 1, undefined */
    assert_true(equal(r.mean[GR_METRIC_ACCURACY], 8.0 / 9.0));
    assert_true(equal(r.std[GR_METRIC_ACCURACY], sqrt(1.0 / 27.0)));
    assert_true(isnan(r.folds[2].value[GR_METRIC_F1]));
    assert_true(equal(r.mean[GR_METRIC_F1], 5.0 / 6.0));
    assert_true(equal(r.std[GR_METRIC_F1], sqrt(1.0 / 18.0)));
    assert_true(isnan(r.folds[2].value[GR_METRIC_AUROC]));
    gr_results_free(&r);
}

static char *read_text(const char *folder, const char *name)
{
    char path[300], *text;
    size_t size;
    gr_error err = {0};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(gr_file_read(path, 100000, &text, &size, &err), GR_OK);
    unlink(path);
    return text;
}

static void files_hold_every_number(void **state)
{
    (void)state;
    char folder[TEST_TEMP], path[300];
    assert_non_null(test_temp_folder(folder, "eval"));
    gr_predictions p = run();
    gr_results r;
    gr_error err = {0};
    snprintf(path, sizeof path, "%s/predictions.csv", folder);
    assert_int_equal(gr_predictions_write_csv(&p, path, &err), GR_OK);
    char *text = read_text(folder, "predictions.csv");
    assert_true(gr_starts_with(text, "image,animal,fold,label,predicted,p_0,\"p_yes, \"\"1\"\"\"\n"
                                     "a.png,Rat1,Rat1,0,0,0.899999976,0.100000001\n"
                                     "\"b,1.png\",Rat1,Rat1,\"yes, \"\"1\"\"\",\"yes, \"\"1\"\"\",0.25,0.75\n"
                                     "c.png,Rat1,Rat1,\"yes, \"\"1\"\"\",0,0.666666687,0.333333343\n"));
    gr_free(text);
    p.labels = NULL; /* predict on images without labels, folds and groups */
    p.groups = NULL;
    p.fold_count = 0;
    assert_int_equal(gr_predictions_write_csv(&p, path, &err), GR_OK);
    text = read_text(folder, "predictions.csv");
    assert_true(gr_starts_with(text, "image,predicted,p_0,\"p_yes, \"\"1\"\"\"\na.png,0,0.899999976,0.100000001\n"));
    gr_free(text);

    p = run();
    assert_int_equal(gr_results_make("small", &p, 1, &r, &err), GR_OK);
    assert_int_equal(gr_results_write(&r, folder, &err), GR_OK);
    text = read_text(folder, "results.csv");
    assert_true(gr_starts_with(text, "fold,n,accuracy,f1,sensitivity,specificity,precision,auroc,auprc,balanced_accuracy,"));
    assert_non_null(strstr(text, ",\"auroc_of_yes, \"\"1\"\"\","));
    assert_non_null(strstr(text, "\nRat1,3,0.666667,"));
    assert_non_null(strstr(text, "\nRat3,1,1,,,1,,,,1,"));
    assert_non_null(strstr(text, "\nmean,,0.888889,"));
    gr_free(text);
    text = read_text(folder, "results.json");
    json_t *root = json_loads(text, 0, NULL), *list;
    gr_free(text);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(root, "positive")), "yes, \"1\"");
    list = json_object_get(root, "folds");
    assert_int_equal(json_array_size(list), 3);
    json_t *first = json_array_get(list, 0), *last = json_array_get(list, 2);
    assert_string_equal(json_string_value(json_object_get(first, "fold")), "Rat1");
    assert_true(json_real_value(json_object_get(first, "f1")) == r.folds[0].value[GR_METRIC_F1]);
    assert_int_equal(json_integer_value(json_array_get(json_array_get(json_object_get(first, "confusion"), 1), 0)), 1);
    assert_true(json_is_null(json_object_get(last, "auroc")));
    assert_true(json_real_value(json_object_get(json_object_get(root, "std"), "f1")) == r.std[GR_METRIC_F1]);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(root, "pooled"), "n")), 6);
    json_decref(root);
    gr_results_free(&r);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(gr_results_make("small", &p, 1, &r, &err), GR_OK);
    assert_int_equal(gr_results_write(&r, folder, &err), GR_INVALID); /* the folder is gone */
    gr_results_free(&r);
}

static void the_table_fits_its_width(void **state)
{
    (void)state;
    gr_predictions p = run();
    gr_results r;
    gr_error err = {0};
    gr_text wide = {0}, tall = {0};
    assert_int_equal(gr_results_make("small", &p, 1, &r, &err), GR_OK);
    gr_results_table(&r, 0, &wide);
    gr_results_table(&r, 60, &tall);
    assert_string_equal(wide.data, "small: F1 of class yes, \"1\" / accuracy in %\n"
                                   "                     Rat1          Rat2          Rat3        Pooled\n"
                                   "F1/accuracy  0.6667/66.67 1.0000/100.00      -/100.00  0.8000/83.33\n"
                                   "sensitivity        0.5000        1.0000             -        0.6667\n"
                                   "specificity        1.0000        1.0000        1.0000        1.0000\n"
                                   "images                  3             2             1             6\n"
                                   "pooled, exact intervals at 95 %:\n"
                                   "  F1 0.2836 to 0.9949, accuracy 35.88 to 99.58, sensitivity 0.0943 to 0.9916, "
                                   "specificity 0.2924 to 1.0000\n"
                                   "mean over folds: F1 0.8333 (sd 0.2357), accuracy 88.89 (sd 19.25)\n");
    assert_string_equal(tall.data, "small: F1 of class yes, \"1\" / accuracy in %\n"
                                   "fold      images    F1/accuracy  sensitivity  specificity\n"
                                   "Rat1           3   0.6667/66.67       0.5000       1.0000\n"
                                   "Rat2           2  1.0000/100.00       1.0000       1.0000\n"
                                   "Rat3           1       -/100.00            -       1.0000\n"
                                   "Pooled         6   0.8000/83.33       0.6667       1.0000\n"
                                   "pooled, exact intervals at 95 %:\n"
                                   "  F1 0.2836 to 0.9949, accuracy 35.88 to 99.58, sensitivity 0.0943 to 0.9916, "
                                   "specificity 0.2924 to 1.0000\n"
                                   "mean over folds: F1 0.8333 (sd 0.2357), accuracy 88.89 (sd 19.25)\n");
    gr_text_free(&wide);
    gr_text_free(&tall);
    gr_results_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_scikit_learn), cmocka_unit_test(wrong_indices_are_refused),
        cmocka_unit_test(means_leave_out_what_is_undefined), cmocka_unit_test(files_hold_every_number),
        cmocka_unit_test(the_table_fits_its_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
