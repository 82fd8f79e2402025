/* The files and the table of a run for scores, byte for byte; and a paper's numbers beside them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/results.h"
#include "support/folder.h"

static const char *const images[] = {"a.png", "b,1.png", "c.png", "d.png"}, *const groups[] = {"Rat1", "Rat1", "Rat2", "Rat2"};
static const char *const folds[] = {"Rat1", "Rat2"}, *const names[] = {"pain", "eyes, both"};
static const int32_t fold[] = {0, 0, 1, 1};
static const double truth[] = {0.1, 3, NAN, 2.5}, predicted[] = {0.5, 2.75, 1.0f / 3.0f, 2};
static const double two_truth[] = {0, 1, 2, NAN, 1, 1, 0, 2}, two_predicted[] = {0.5, 1, 1.5, 1, 1, 0.75, 0.25, 2};

static gr_score_predictions one_score(void)
{
    return (gr_score_predictions){.count = 4,
                                  .outputs = 1,
                                  .names = names,
                                  .fold_count = 2,
                                  .folds = folds,
                                  .group_column = "animal",
                                  .images = images,
                                  .groups = groups,
                                  .fold = fold,
                                  .truth = truth,
                                  .predicted = predicted};
}

static gr_score_predictions two_scores(void)
{
    gr_score_predictions p = one_score();
    p.outputs = 2;
    p.groups = NULL;
    p.truth = two_truth;
    p.predicted = two_predicted;
    return p;
}

static gr_results make(const char *name, const gr_score_predictions *p)
{
    gr_results r;
    gr_error err = {0};
    assert_int_equal(gr_score_results_make(name, p, &r, &err), GR_OK);
    return r;
}

static void expect_file(const char *folder, const char *name, const char *expected)
{
    char path[300], *text;
    size_t size;
    gr_error err = {0};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(gr_file_read(path, 100000, &text, &size, &err), GR_OK);
    assert_string_equal(text, expected);
    gr_free(text);
    unlink(path);
}

static const char small_json[] =
    "{\n"
    "  \"name\": \"small\",\n"
    "  \"task\": \"scores\",\n"
    "  \"labels\": [\n"
    "    \"pain\"\n"
    "  ],\n"
    "  \"folds\": [\n"
    "    {\n"
    "      \"fold\": \"Rat1\",\n"
    "      \"n\": 2,\n"
    "      \"mae\": 0.32500000000000001,\n"
    "      \"rmse\": 0.33354160160315838,\n"
    "      \"r2\": 0.94708680142687274,\n"
    "      \"pearson\": 1.0,\n"
    "      \"spearman\": 0.99999999999999978,\n"
    "      \"icc\": 0.98323601431531371,\n"
    "      \"bias\": 0.075000000000000011,\n"
    "      \"limits\": [\n"
    "        -0.82585403923166156,\n"
    "        0.9758540392316617\n"
    "      ]\n"
    "    },\n"
    "    {\n"
    "      \"fold\": \"Rat2\",\n"
    "      \"n\": 1,\n"
    "      \"mae\": 0.5,\n"
    "      \"rmse\": 0.5,\n"
    "      \"r2\": null,\n"
    "      \"pearson\": null,\n"
    "      \"spearman\": null,\n"
    "      \"icc\": null,\n"
    "      \"bias\": -0.5,\n"
    "      \"limits\": [\n"
    "        null,\n"
    "        null\n"
    "      ]\n"
    "    }\n"
    "  ],\n"
    "  \"pooled\": {\n"
    "    \"n\": 3,\n"
    "    \"mae\": 0.3833333333333333,\n"
    "    \"rmse\": 0.3968626966596886,\n"
    "    \"r2\": 0.90169902912621358,\n"
    "    \"pearson\": 0.98532927816429328,\n"
    "    \"spearman\": 0.99999999999999978,\n"
    "    \"icc\": 0.95693779904306242,\n"
    "    \"bias\": -0.11666666666666665,\n"
    "    \"limits\": [\n"
    "      -1.0272408444980685,\n"
    "      0.79390751116473512\n"
    "    ],\n"
    "    \"bootstrap\": null\n"
    "  },\n"
    "  \"mean\": {\n"
    "    \"mae\": 0.41249999999999998,\n"
    "    \"rmse\": 0.41677080080157919,\n"
    "    \"r2\": 0.94708680142687274,\n"
    "    \"pearson\": 1.0,\n"
    "    \"spearman\": 0.99999999999999978,\n"
    "    \"icc\": 0.98323601431531371,\n"
    "    \"bias\": -0.21249999999999999,\n"
    "    \"limits\": [\n"
    "      -0.82585403923166156,\n"
    "      0.9758540392316617\n"
    "    ]\n"
    "  },\n"
    "  \"std\": {\n"
    "    \"mae\": 0.12374368670764581,\n"
    "    \"rmse\": 0.11770386229185864,\n"
    "    \"r2\": null,\n"
    "    \"pearson\": null,\n"
    "    \"spearman\": null,\n"
    "    \"icc\": null,\n"
    "    \"bias\": 0.4065863991822648,\n"
    "    \"limits\": [\n"
    "      null,\n"
    "      null\n"
    "    ]\n"
    "  },\n"
    "  \"averaged\": null,\n"
    "  \"reported\": null\n"
    "}\n";

static const char small_csv[] =
    "fold,n,mae,rmse,r2,pearson,spearman,icc,bias,limits_lower,limits_upper\n"
    "Rat1,2,0.325,0.333542,0.947087,1,1,"
    "0.983236,0.075,-0.825854,0.975854\n"
    "Rat2,1,0.5,0.5,,,,,-0.5,,\n"
    "pooled,3,0.383333,0.396863,0.901699,0.985329,"
    "1,0.956938,-0.116667,-1.02724,"
    "0.793908\n"
    "mean,,0.4125,0.416771,0.947087,1,1,"
    "0.983236,-0.2125,-0.825854,0.975854\n"
    "std,,0.123744,0.117704,,,,,0.406586,,\n";

static void files_are_these_bytes(void **state)
{
    (void)state;
    char folder[TEST_TEMP], path[300];
    assert_non_null(test_temp_folder(folder, "scores"));
    gr_score_predictions p = one_score();
    gr_results r = make("small", &p);
    gr_error err = {0};
    assert_int_equal(gr_results_write(&r, folder, &err), GR_OK);
    expect_file(folder, "results.json", small_json);
    expect_file(folder, "results.csv", small_csv);
    snprintf(path, sizeof path, "%s/predictions.csv", folder);
    assert_int_equal(gr_score_predictions_write_csv(&p, path, &err), GR_OK);
    expect_file(folder, "predictions.csv",
                "image,animal,fold,label,predicted\n"
                "a.png,Rat1,Rat1,0.1,0.5\n"
                "\"b,1.png\",Rat1,Rat1,3,2.75\n"
                "c.png,Rat2,Rat2,,0.333333343\n"
                "d.png,Rat2,Rat2,2.5,2\n");
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(gr_results_write(&r, folder, &err), GR_INVALID); /* the folder is gone */
    gr_results_free(&r);
}

static void expect_predictions(const gr_score_predictions *p, const char *expected)
{
    gr_text text = {0};
    gr_score_predictions_csv(p, &text);
    assert_string_equal(text.data, expected);
    gr_text_free(&text);
}

static void several_outputs_have_columns_of_their_own(void **state)
{
    (void)state;
    gr_score_predictions p = two_scores();
    expect_predictions(
        &p,
        "image,fold,label_pain,predicted_pain,\"label_eyes, both\",\"predicted_eyes, both\",label_total,predicted_total\n"
        "a.png,Rat1,0,0.5,1,1,1,1.5\n"
        "\"b,1.png\",Rat1,2,1.5,,1,,2.5\n"
        "c.png,Rat2,1,1,1,0.75,2,1.75\n"
        "d.png,Rat2,0,0.25,2,2,2,2.25\n");
    p.truth = NULL; /* predict on images without labels and folds */
    p.fold_count = 0;
    p.count = 1;
    expect_predictions(&p, "image,predicted_pain,\"predicted_eyes, both\",predicted_total\na.png,0.5,1,1.5\n");
    p.outputs = 1;
    expect_predictions(&p, "image,predicted\na.png,0.5\n");
}

static void several_outputs_are_written_with_their_total(void **state)
{
    (void)state;
    char folder[TEST_TEMP], path[300], *text;
    size_t size;
    assert_non_null(test_temp_folder(folder, "scores"));
    gr_score_predictions p = two_scores();
    gr_results r = make("two", &p);
    gr_kept kept[2] = {{.epoch = 2, .epochs = 3, .metric = "val_mae", .value = 0.5}, {.epoch = 3, .epochs = 3, .value = NAN}};
    gr_error err = {0};
    r.kept = gr_alloc(2, sizeof *kept);
    assert_non_null(r.kept);
    memcpy(r.kept, kept, sizeof kept);
    assert_int_equal(gr_results_write(&r, folder, &err), GR_OK);
    snprintf(path, sizeof path, "%s/results.json", folder);
    assert_int_equal(gr_file_read(path, 100000, &text, &size, &err), GR_OK);
    unlink(path);
    assert_non_null(strstr(text, "  \"labels\": [\n    \"pain\",\n    \"eyes, both\"\n  ],\n"));
    /* the first fold: one row whose labels are all known */
    assert_non_null(strstr(text, "      \"fold\": \"Rat1\",\n      \"n\": 1,\n      \"mae\": 0.5,\n"));
    assert_non_null(strstr(text, "      \"per_label\": [\n        {\n          \"label\": \"pain\",\n          \"n\": 2,\n"));
    assert_non_null(strstr(text, "      \"kept\": {\n        \"epoch\": 2,\n        \"epochs\": 3,\n"
                                 "        \"metric\": \"val_mae\",\n"));
    gr_free(text);
    snprintf(path, sizeof path, "%s/results.csv", folder);
    assert_int_equal(gr_file_read(path, 100000, &text, &size, &err), GR_OK);
    unlink(path);
    assert_true(gr_starts_with(text, "fold,n,mae,rmse,r2,pearson,spearman,icc,bias,limits_lower,limits_upper,"
                                     "n_of_pain,mae_of_pain,"));
    assert_non_null(strstr(text, ",\"limits_upper_of_eyes, both\"\nRat1,1,0.5,"));
    gr_free(text);
    assert_int_equal(rmdir(folder), 0);
    gr_results_free(&r);
}

static void expect_table(const gr_results *r, const char *expected)
{
    gr_text text = {0};
    gr_results_table(r, 0, &text);
    assert_string_equal(text.data, expected);
    gr_text_free(&text);
}

static void the_table_has_folds_and_labels(void **state)
{
    (void)state;
    gr_score_predictions p = one_score(), q = two_scores();
    gr_results one = make("small", &p), two = make("two", &q);
    expect_table(
        &one,
        "small: the score pain\n"
        "fold                             n       MAE      RMSE        r2   Pearson  Spearman       ICC\n"
        "Rat1                             2    0.3250    0.3335    0.9471    1.0000    1.0000    0.9832\n"
        "Rat2                             1    0.5000    0.5000         -         -         -         -\n"
        "Pooled                           3    0.3833    0.3969    0.9017    0.9853    1.0000    0.9569\n"
        "pooled, predicted - true: bias -0.1167, limits of agreement -1.0272 to 0.7939\n"
        "mean over folds: MAE 0.4125 (sd 0.1237)\n");
    expect_table(
        &two,
        "two: the total of 2 scores\n"
        "fold                             n       MAE      RMSE        r2   Pearson  Spearman       ICC\n"
        "Rat1                             1    0.5000    0.5000         -         -         -         -\n"
        "Rat2                             2    0.2500    0.2500         -         -         -    0.0000\n"
        "Pooled                           3    0.3333    0.3536    0.4375    0.7559    0.8660    0.7273\n"
        "pooled, predicted - true: bias 0.1667, limits of agreement -0.5818 to 0.9152\n"
        "mean over folds: MAE 0.3750 (sd 0.1768)\n"
        "pooled, label                    n       MAE      RMSE        r2   Pearson  Spearman       ICC\n"
        "pain                             4    0.3125    0.3750    0.7955    0.9813    0.9487    0.8811\n"
        "eyes, both                       3    0.0833    0.1443    0.9062    0.9820    0.8660    0.9730\n"
        "total                            3    0.3333    0.3536    0.4375    0.7559    0.8660    0.7273\n");
    gr_results_free(&one);
    gr_results_free(&two);
}

static void a_paper_stands_beside(void **state)
{
    (void)state;
    gr_reported_number whole[] = {{"mae", false, 0.4, NAN, NAN, NAN},
                                  {"icc", true, 0.9, 0.05, NAN, NAN},
                                  {"accuracy", false, 0.5, NAN, NAN, NAN}};
    gr_reported_number of_fold[] = {{"rmse", false, 0.6, NAN, NAN, NAN}};
    gr_reported_part part = {"rat 2", of_fold, 1};
    gr_reported reported = {.whole = {"", whole, 3}, .folds = &part, .fold_count = 1};
    gr_score_predictions p = one_score();
    gr_results r = make("small", &p);
    gr_text text = {0};
    r.reported = &reported;
    gr_reported_table(&r, &text);
    assert_string_equal(text.data,
                        "what the paper reports, and this run:\n"
                        "                   metric             paper                       run\n"
                        "pooled             mae                0.4000                      0.3833\n"
                        "mean over folds    icc                0.9000 +- 0.0500            0.9832\n"
                        "pooled             accuracy           0.5000                      -\n"
                        "fold rat 2         rmse               0.6000                      0.5000\n");
    gr_text_free(&text);
    gr_results_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_these_bytes),
        cmocka_unit_test(several_outputs_have_columns_of_their_own),
        cmocka_unit_test(several_outputs_are_written_with_their_total),
        cmocka_unit_test(the_table_has_folds_and_labels),
        cmocka_unit_test(a_paper_stands_beside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
