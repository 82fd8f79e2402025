/* The folder of a run, opened for figures. */
#include <math.h>
#include <string.h>

#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

static void a_whole_run(void **state)
{
    (void)state;
    gr_run_files run = test_shown_run("classes");
    gr_text why = {0};
    assert_true(run.predicted && !run.table_alone && run.table.count == 90);
    assert_string_equal(run.config->name, "made");
    assert_int_equal(run.fold_count, 3);
    assert_string_equal(run.folds[2].fold, "3");
    assert_int_equal(run.folds[2].count, 5);
    assert_true(fabs(gr_run_epoch_number(&run.folds[2], 1, "train_loss") - 0.44) < 1e-9);
    assert_true(isnan(gr_run_epoch_number(&run.folds[2], 1, "train_prsc")));
    assert_true(isnan(gr_run_epoch_number(&run.folds[2], 1, "absent")));
    assert_null(run.results);
    assert_true(gr_run_has_classes(&run, &why) && !gr_run_has_scores(&run, &why));
    assert_non_null(strstr(why.data, "of classes; it is about scores"));
    gr_text_free(&why);
    gr_run_files_close(&run);
}

static void a_run_under_way_and_a_table_alone(void **state)
{
    (void)state;
    gr_run_files run = test_shown_run("young");
    gr_text why = {0};
    assert_false(run.predicted);
    assert_int_equal(run.fold_count, 1);
    assert_false(gr_run_has_predictions(&run, &why));
    assert_non_null(strstr(why.data, "no predictions.csv"));
    gr_text_free(&why);
    gr_run_files_close(&run);
    run = test_shown_run("scores/predictions.csv");
    assert_true(run.table_alone && run.predicted && run.fold_count == 0);
    assert_string_equal(run.config->data.group, "animal");
    gr_run_files_close(&run);
}

static void refuse(const char *name, const char *word)
{
    gr_run_files run;
    gr_error err = {0};
    assert_int_equal(gr_run_files_open(test_in_folder(name), &run, &err), GR_INVALID);
    if (strstr(err.text, word) == NULL)
        fail_msg("%s", err.text);
}

static void what_is_no_run(void **state)
{
    (void)state;
    gr_error err = {0};
    refuse("absent", "absent");
    assert_int_equal(gr_make_folders(test_in_folder("empty"), &err), GR_OK);
    refuse("empty", "holds no run: it has no config.yaml");
    test_folder_text("young/fold-1/metrics.jsonl", "{\"epoch\": 1}\nnonsense\n");
    refuse("young", "fold-1/metrics.jsonl:2: is no JSON object");
    test_folder_text("young/fold-1/metrics.jsonl", "{\"epoch\": 1}\n");
    test_folder_text("young/results.json", "{");
    refuse("young", "results.json:1");
    test_folder_text("young/results.json", "{}");
    test_folder_text("young/predictions.csv", "image,fold,label,predicted,p_a\nx,1,b,a,1\n");
    gr_run_files run = test_shown_run("young"); /* a table that cannot be read is a reason, no end */
    assert_false(run.predicted);
    assert_non_null(strstr(run.unread.text, "predictions.csv:2: label"));
    gr_run_files_close(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_whole_run), cmocka_unit_test(a_run_under_way_and_a_table_alone),
                                       cmocka_unit_test(what_is_no_run)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
