/* A table of predictions says what it is: classes, scores, several columns of either; and what it must not be. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "run/apply/predictions.h"
#include "support/folder.h"

static char path[TEST_TEMP];

static gr_status read_text(const char *text, gr_prediction_table *out, gr_error *err)
{
    assert_int_equal(gr_file_write(path, text, strlen(text), err), GR_OK);
    gr_status status = gr_predictions_read(path, out, err);
    unlink(path);
    return status;
}

static void one_column_of_scores(void **state)
{
    (void)state;
    gr_prediction_table t;
    gr_error err = {0};
    assert_int_equal(read_text("image,rat,fold,label,predicted\na,r1,x,2.5,1.75\nb,r2,y,,-3\nc,r1,x,0,1e-3\n", &t, &err), GR_OK);
    assert_true(t.kind == GR_TABLE_SCORES && t.count == 3 && t.fold_count == 2 && t.scores.outputs == 1);
    assert_string_equal(t.scores.names[0], "label");
    assert_string_equal(t.group_column, "rat");
    assert_string_equal(t.groups[1], "r2");
    assert_true(t.scores.truth[0] == 2.5 && isnan(t.scores.truth[1]) && t.scores.predicted[2] == 1e-3);
    assert_int_equal(gr_predictions_line(&t, 1), 3);
    int classes = 7;
    gr_predictions_classes(&t, &classes);
    assert_int_equal(classes, 0);
    gr_prediction_table_free(&t);
}

static void several_columns_of_scores(void **state)
{
    (void)state;
    gr_prediction_table t;
    gr_error err = {0};
    assert_int_equal(read_text("image,fold,label_a b,predicted_a b,label_c,predicted_c,label_total,predicted_total,session,images\n"
                               "x,1,1,2,,3,,5,s1,4\n", &t, &err), GR_OK);
    assert_true(t.kind == GR_TABLE_SCORES && t.scores.outputs == 2 && t.groups == NULL);
    assert_string_equal(t.scores.names[0], "a b");
    assert_string_equal(t.scores.names[1], "c");
    assert_true(t.scores.truth[0] == 1 && isnan(t.scores.truth[1]) && t.scores.predicted[1] == 3);
    gr_prediction_table_free(&t);
}

static void several_columns_of_classes(void **state)
{
    (void)state;
    gr_prediction_table t;
    gr_error err = {0};
    assert_int_equal(read_text("image,label_a,predicted_a,p_a_no,p_a_yes,label_b_c,predicted_b_c,p_b_c_no,p_b_c_yes\n"
                               "x,no,yes,0.25,0.75,,no,1,0\n", &t, &err), GR_OK);
    assert_true(t.kind == GR_TABLE_LABELS && t.labels.label_count == 2 && t.labels.class_count == 2 && t.positive == 1);
    assert_string_equal(t.labels.names[1], "b_c");
    assert_string_equal(t.labels.classes[1], "yes");
    assert_string_equal(t.folds[0], "all");
    assert_true(t.labels.labels[0] == 0 && t.labels.labels[1] == -1 && t.labels.predicted[0] == 1 && t.labels.predicted[1] == 0);
    assert_true(t.labels.probabilities[1] == 0.75f && t.labels.probabilities[2] == 1 && t.predictions.count == 0);
    gr_prediction_table_free(&t);
}

/* grimace evaluate: the manifest's columns stand behind, also landmarks; rows that are in no number are not read. */
static void an_evaluation(void **state)
{
    (void)state;
    gr_prediction_table t;
    gr_error err = {0};
    assert_int_equal(read_text("image,rat,fold,label,predicted,p_0,p_1,spread,models,error,lm1_x,lm1_y\n"
                               "gone,r1,new,0,,,,,0,cannot be opened,1,2\nx,r1,new,1,0,0.75,0.25,0.1,3,,1,2\n"
                               "unlabelled,r2,new,,1,0.5,0.5,0.1,3,,1,2\nz,r2,new,7,1,0.5,0.5,0.1,3,no class,1,2\n"
                               "y,r2,new,0,0,1,0,,1,,1,2\n",
                               &t, &err),
                     GR_OK);
    assert_true(t.kind == GR_TABLE_CLASSES && t.count == 2 && t.predictions.labels[0] == 1 && t.predictions.labels[1] == 0);
    assert_string_equal(t.images[0], "x");
    assert_string_equal(t.groups[1], "r2");
    assert_int_equal(gr_predictions_line(&t, 1), 6);
    gr_prediction_table_free(&t);
    assert_int_equal(read_text("image,label,predicted,p_0,p_1,models\nx,1,,,,0\n", &t, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "holds no predictions"));
}

static void one_column_of_classes(void **state)
{
    (void)state;
    gr_prediction_table t;
    gr_error err = {0};
    assert_int_equal(read_text("image,label,predicted,p_0,p_1\nx,1,0,0.5,0.5\n", &t, &err), GR_OK);
    assert_true(t.kind == GR_TABLE_CLASSES && t.predictions.class_count == 2 && t.predictions.labels[0] == 1);
    assert_true(t.predictions.groups == NULL && !t.predictions.ordered);
    gr_prediction_table_free(&t);
}

static void refuse(const char *text, const char *sentence)
{
    gr_prediction_table t;
    gr_error err = {0};
    assert_int_equal(read_text(text, &t, &err), GR_INVALID);
    if (strstr(err.text, sentence) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", err.text, sentence);
}

static void what_is_none_is_refused(void **state)
{
    (void)state;
    refuse("image,label,predicted\nx,1,calm\n", ":1: is no table of a run's predictions");
    refuse("image,label_a,predicted_a\nx,1,2\n", ":1: is no table of a run's predictions");
    refuse("label,predicted\n1,2\n", ":1: is no table of a run's predictions");
    refuse("image,fold,nrmse,lm1_x,lm1_y\nx,1,0.1,2,3\n", ":1: holds landmarks, and this command is about classes");
    refuse("image,label,predicted\n", "holds no predictions");
    refuse("image,label,predicted\nx,1,2\ny,high,2\n", ":3: label: \"high\" is no number; a score, or an empty cell");
    refuse("image,label,predicted\nx,1,2\ny,1,\n", ":3: predicted: \"\" is no number");
    refuse("image,label,predicted\nx,1,2\ny,1,nan\n", ":3: predicted: \"nan\" is no number");
    refuse("image,label_a,predicted_a,p_a_0,p_a_1,label_b,predicted_b,p_b_0,p_b_2\nx,0,0,1,0,0,0,1,0\n",
           ":1: b has other classes than a; the same for all would be right");
    refuse("image,label_a,predicted_a,p_a_0,p_a_1,label_b,predicted_b\nx,0,0,1,0,0,0\n", ":1: b has other classes than a");
    refuse("image,label_a,predicted_a,p_a_0,p_a_1,label_b,predicted_b,p_b_0,p_b_1\nx,0,,1,0,0,0,1,0\n",
           ":2: predicted_a: \"\" is none of the classes");
    refuse("image,label_a,predicted_a,p_a_0,p_a_1,label_b,predicted_b,p_b_0,p_b_1\nx,0,0,1,0,0,0,1,7\n",
           ":2: p_b_1: \"7\" is no probability");
}

/* Of `grimace evaluate`: rows that it did not judge, and the columns of its manifest, which may be landmarks. */
static void rows_that_were_not_judged_are_left_out(void **state)
{
    (void)state;
    gr_prediction_table t;
    gr_error err = {0};
    assert_int_equal(read_text("image,rat,fold,label,predicted,p_0,p_1,spread,models,error,lm1_x\na,r1,new,0,0,0.9,0.1,,1,,3\n"
                               "b,r1,new,,0,0.9,0.1,,1,,3\nc,r1,new,1,,,,,0,,3\nd,r2,new,1,1,0.2,0.8,,1,bad,3\n"
                               "e,r2,new,1,1,0.2,0.8,,1,,3\n", &t, &err), GR_OK);
    assert_true(t.kind == GR_TABLE_CLASSES && t.count == 2);
    assert_string_equal(t.images[1], "e");
    assert_int_equal(gr_predictions_line(&t, 1), 6);
    gr_prediction_table_free(&t);
    assert_int_equal(read_text("image,fold,label,predicted,spread,models\na,new,,1.5,,1\nb,new,2,,,0\n", &t, &err), GR_OK);
    assert_true(t.kind == GR_TABLE_SCORES && t.count == 1);
    gr_prediction_table_free(&t);
    assert_int_equal(read_text("image,fold,label,predicted,models\nb,new,2,,0\n", &t, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "holds no predictions"));
    err = (gr_error){0};
    assert_int_equal(read_text("image,fold,label,lm1_x,lm1_y\nb,new,2,1,2\n", &t, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "holds landmarks"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_column_of_scores),     cmocka_unit_test(several_columns_of_scores),
        cmocka_unit_test(an_evaluation), cmocka_unit_test(one_column_of_classes),    cmocka_unit_test(several_columns_of_classes),
        cmocka_unit_test(what_is_none_is_refused),
                                       cmocka_unit_test(rows_that_were_not_judged_are_left_out)};
    return test_temp_file(path, "predictions", ".csv") == NULL ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
