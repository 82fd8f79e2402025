/* summary.csv of each task: a row a fold with the groups that it tested, and one of all. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/results.h"
#include "support/folder.h"

static const char *const images[] = {"a.png", "b.png", "c.png", "d.png"}, *const folds[] = {"1", "2"};
static const char *const classes[] = {"no", "pain"}, *const groups[] = {"rat, 1", "rat2", "rat3", "rat3"};
static const int32_t fold[] = {0, 0, 1, 1}, labels[] = {0, 1, 1, 0}, predicted[] = {0, 1, 0, 0};
static const float probabilities[] = {0.75f, 0.25f, 0.25f, 0.75f, 0.625f, 0.375f, 0.5f, 0.5f};

static void expect(gr_results *r, const char *const *of, const char *expected)
{
    gr_error err = {0};
    char *text;
    size_t size;
    assert_int_equal(gr_summary_write(r, 4, of, fold, test_folder(), &err), GR_OK);
    assert_int_equal(gr_file_read(test_in_folder("summary.csv"), 10000, &text, &size, &err), GR_OK);
    assert_string_equal(text, expected);
    gr_free(text);
    gr_results_free(r);
}

static gr_results class_results(bool ordinal)
{
    const gr_predictions p = {.count = 4,
                              .class_count = 2,
                              .classes = classes,
                              .fold_count = 2,
                              .folds = folds,
                              .images = images,
                              .fold = fold,
                              .labels = labels,
                              .predicted = predicted,
                              .probabilities = probabilities};
    gr_results r;
    gr_error err = {0};
    assert_int_equal(gr_results_make("x", &p, 1, &r, &err), GR_OK);
    if (ordinal)
        assert_int_equal(gr_results_add_ordinal(&r, &p, &err), GR_OK);
    return r;
}

static void of_classes(void **state)
{
    (void)state;
    gr_results r = class_results(false), ordinal = class_results(true);
    expect(&r, groups,
           "fold,group,n,accuracy,balanced_accuracy,f1,sensitivity,specificity,precision,mcc,auroc,auprc\n"
           "1,\"rat, 1; rat2\",2,1,1,1,1,1,1,1,1,1\n"
           "2,rat3,2,0.5,0.5,0,0,1,,,0,0.5\n"
           "pooled,,4,0.75,0.75,0.666667,0.5,1,1,0.57735,0.75,0.833333\n");
    expect(
        &ordinal, NULL,
        "fold,group,n,accuracy,balanced_accuracy,f1,sensitivity,specificity,precision,mcc,auroc,auprc,mae,kappa_quadratic\n"
        "1,,2,1,1,1,1,1,1,1,1,1,0,1\n"
        "2,,2,0.5,0.5,0,0,1,,,0,0.5,0.5,0\n"
        "pooled,,4,0.75,0.75,0.666667,0.5,1,1,0.57735,0.75,0.833333,0.25,0.5\n");
}

static void of_scores(void **state)
{
    (void)state;
    static const char *const names[] = {"score"};
    static const double truth[] = {0.0, 1.0, 2.0, 3.0}, answers[] = {0.0, 1.0, 2.0, 4.0};
    const gr_score_predictions p = {.count = 4,
                                    .outputs = 1,
                                    .names = names,
                                    .fold_count = 2,
                                    .folds = folds,
                                    .images = images,
                                    .fold = fold,
                                    .truth = truth,
                                    .predicted = answers};
    gr_results r;
    gr_error err = {0};
    char *text;
    size_t size;
    assert_int_equal(gr_score_results_make("x", &p, &r, &err), GR_OK);
    assert_int_equal(gr_summary_write(&r, 4, groups, fold, test_folder(), &err), GR_OK);
    assert_int_equal(gr_file_read(test_in_folder("summary.csv"), 10000, &text, &size, &err), GR_OK);
    assert_true(gr_starts_with(text, "fold,group,n,mae,rmse,r2,pearson,spearman,icc,bias,limits_lower,limits_upper\n"
                                     "1,\"rat, 1; rat2\",2,0,0,1,1,1,1,0,0,0\n"
                                     "2,rat3,2,0.5,0.707107,-1,1,1,"));
    assert_non_null(strstr(text, "\npooled,,4,0.25,0.5,0.8,"));
    gr_free(text);
    gr_results_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(of_classes), cmocka_unit_test(of_scores)};
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
