/* What has a page, and what is refused in one line. */
#include "report/page_run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

static void refused(const char *name, const char *words)
{
    gr_page_run run;
    gr_error err = {0};
    assert_int_equal(gr_page_run_open(test_in_folder(name), &run, &err), GR_INVALID);
    if (strstr(err.text, words) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", err.text, words);
}

static void what_is_none_is_refused(void **state)
{
    (void)state;
    gr_error err = {0};
    refused("nowhere", "nowhere: is not there; the folder of a run or a table of predictions would be right");
    refused("young", "young: is not finished: it has no predictions.csv; go on with the command that began it and --resume");
    assert_int_equal(gr_make_folders(test_in_folder("empty"), &err), GR_OK);
    refused("empty", "empty: holds no run: it has no config.yaml, predictions.csv or statistics.json");
    test_folder_text("many/predictions.csv", "image,animal,fold,label,predicted,p_a,p_b,p_c,p_d\nx,r,1,a,b,0.1\n");
    refused("many", "many/predictions.csv:2:");
    assert_int_equal(remove(test_in_folder("scores/predictions.csv")), 0);
    test_folder_text("scores/results.json", "{\"name\": \"made\"}");
    refused("scores", "scores: its predictions.csv is not there any more");
    test_folder_text("text.csv", "a,b\n1,2\n");
    refused("text.csv", "text.csv:1: is no table of a run's predictions");
}

static void statistics_alone_are_enough(void **state)
{
    (void)state;
    gr_page_run run;
    gr_error err = {0};
    assert_int_equal(gr_make_folders(test_in_folder("numbers"), &err), GR_OK);
    test_folder_text("numbers/statistics.json", "{\"pooled\": {\"accuracy\": 0.5, \"auroc\": null}}");
    assert_int_equal(gr_page_run_open(test_in_folder("numbers"), &run, &err), GR_OK);
    assert_string_equal(run.name, "numbers");
    assert_true(gr_page_number(run.numbers, "pooled.accuracy") == 0.5);
    assert_true(isnan(gr_page_number(run.numbers, "pooled.auroc")) && isnan(gr_page_number(run.numbers, "pooled.f1")));
    assert_null(gr_page_at(run.numbers, "pooled.auroc"));
    assert_null(gr_page_text(run.numbers, "pooled.accuracy"));
    assert_true(isnan(gr_page_end(run.numbers, "pooled.accuracy", 0)));
    gr_page_run_close(&run);
}

/* The run's own numbers are kept where they have intervals by groups, with what was asked of statistics beside it. */
static void own_statistics_are_kept(void **state)
{
    (void)state;
    gr_page_run run;
    gr_error err = {0};
    test_folder_text("timed/statistics.json", "{\"pooled\": {\"accuracy\": 0.125, \"bootstrap\": {\"by\": \"group\"}}}");
    assert_int_equal(gr_page_run_open(test_in_folder("timed"), &run, &err), GR_OK);
    assert_true(gr_page_number(run.numbers, "pooled.accuracy") == 0.125);
    gr_page_run_close(&run);
    test_folder_text("timed/statistics.json",
                     "{\"pooled\": {\"accuracy\": 0.125, \"permutation\": {\"count\": 7}, \"bootstrap\": {\"by\": "
                     "\"image\"}}, \"by\": {\"time\": {}}}");
    assert_int_equal(gr_page_run_open(test_in_folder("timed"), &run, &err), GR_OK);
    assert_true(gr_page_number(run.numbers, "pooled.accuracy") > 0.2);
    assert_string_equal(gr_page_method(gr_page_at(run.numbers, "pooled")), "jackknife");
    assert_true(gr_page_interval(gr_page_at(run.numbers, "pooled"), "accuracy", 1) < 1.0);
    assert_true(isnan(gr_page_interval(gr_page_at(run.numbers, "pooled"), "none", 0)));
    assert_true(gr_page_number(run.numbers, "pooled.permutation.count") == 7.0);
    assert_non_null(gr_page_at(run.numbers, "by.time"));
    assert_string_equal(gr_noun_for(run.noun, 1), "animal");
    assert_string_equal(gr_noun_for(run.noun, 2), "animals");
    assert_int_equal(run.group_count, 6);
    gr_page_run_close(&run);
}

static void landmarks_alone_are_enough(void **state)
{
    (void)state;
    gr_page_run run;
    gr_error err = {0};
    assert_int_equal(gr_make_folders(test_in_folder("places"), &err), GR_OK);
    test_folder_text("places/predictions.csv", "image,animal,fold,lm1_x,lm1_y\na,r1,new,1,2\n");
    test_folder_text("places/results.json", "{\"pooled\": {\"n\": 1, \"nrmse\": 0.5, \"pixels\": 3}}");
    assert_int_equal(gr_page_run_open(test_in_folder("places"), &run, &err), GR_OK);
    assert_true(gr_page_number(run.numbers, "pooled.pixels") == 3.0);
    gr_page_run_close(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_none_is_refused), cmocka_unit_test(statistics_alone_are_enough),
        cmocka_unit_test(own_statistics_are_kept), cmocka_unit_test(landmarks_alone_are_enough)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
