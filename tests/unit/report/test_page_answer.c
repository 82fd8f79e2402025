/* The numbers that answer: their intervals are those of whole animals, by the jackknife or drawn again. */
#include <string.h>

#include "support/folder.h"
#include "support/page.h"
#include "support/shown.h"
#include "support/support.h"

#include "grimace/statistics.h"
#include "grimace/train.h"

static void intervals_leave_animals_out(void **state)
{
    (void)state;
    static const char *const overrides[] = {"evaluate.bootstrap.count=0", "evaluate.permutation.count=0"};
    gr_statistics s;
    gr_error err = {0};
    char text[120];
    assert_int_equal(gr_run_statistics(test_in_folder("classes"), overrides, 2, NULL, 0, &s, &err), GR_OK);
    gr_text part = test_page_part("classes", gr_put_answer);
    assert_int_equal(s.groups.groups, 6);
    for (int m = 0; m < GR_METRIC_COUNT; m++) {
        if (m != GR_METRIC_ACCURACY && m != GR_METRIC_F1 && m != GR_METRIC_AUROC && m != GR_METRIC_SPECIFICITY)
            continue;
        snprintf(text, sizeof text, "<b>%.3f</b> <span>%.3f to %.3f</span>", s.results.pooled.value[m],
                 s.groups.metric[m].jackknife.low, s.groups.metric[m].jackknife.high);
        test_text_says(&part, text);
    }
    test_text_says(&part, "95 % intervals by animal: the jackknife on the logit scale, which leaves out one animal of 6");
    gr_statistics_free(&s);
    gr_text_free(&part);
}

/* A run's own numbers are shown as they are; what has no jackknife has the bootstrap's. */
static void own_intervals_are_shown(void **state)
{
    (void)state;
    test_folder_text(
        "timed/statistics.json",
        "{\"classes\": [\"a\", \"b\"], \"pooled\": {\"accuracy\": 0.5, \"f1\": 0.25, \"ece\": 0.125, \"brier\": 0.2, "
        "\"log_loss\": 0.6, \"coverage\": {\"coverage\": [1, 0.5], \"accuracy\": [0.5, 0.75], \"area\": 0.375}, "
        "\"bootstrap\": {\"by\": \"image\", \"accuracy\": [0.49, 0.51], \"f1\": [0.2, 0.3]}, \"groups\": {\"groups\": "
        "7, \"level\": 0.9, \"metrics\": {\"accuracy\": {\"jackknife\": [0.375, 0.625]}}}}}");
    test_folder_text("timed/results.json", "{\"calibration\": {\"method\": \"platt\"}}");
    gr_text part = test_page_part("timed", gr_put_answer), all = test_page_part("timed", gr_put_tables);
    test_text_says(&part, "<b>0.500</b> <span>0.375 to 0.625</span>");
    test_text_says(&part, "<b>0.250</b> <span>0.200 to 0.300</span>");
    test_text_says(&part, "90 % intervals by animal: the jackknife on the logit scale, which leaves out one animal of 7");
    test_text_says(&part, "<strong>Calibration error</strong> <b>0.125</b>");
    test_text_says(&part, "their Brier score is 0.200, their log loss 0.600");
    test_text_says(&part, "<strong>Risk</strong> <b>0.375</b>");
    test_text_says(&part, "of the surest 50 % of them 75.0 % are right");
    test_text_says(&part, "Probabilities were calibrated (platt) before they were judged");
    test_text_says(&all, "jackknife of groups");
    test_text_says(&all, "0.375 to 0.625");
    gr_text_free(&part);
    gr_text_free(&all);
}

static void each_task_has_its_own(void **state)
{
    (void)state;
    test_folder_text("points/results.json",
                     "{\"normalised_by\": \"the side\", \"pooled\": {\"n\": 12, \"nrmse\": 0.5, \"pixels\": 20}}");
    gr_text many = test_page_part("many", gr_put_answer), scores = test_page_part("scores", gr_put_answer);
    gr_text points = test_page_part("points", gr_put_answer);
    test_text_says(&many, "the 4 classes of the share of their images that was recognised; guessing gives 0.250");
    test_text_says(&many, "Cohen&#39;s kappa");
    test_text_says(&scores, "Intraclass correlation");
    test_text_says(&scores, "95 % intervals by animal: the jackknife on the scale of logarithms (of errors) or logits");
    test_text_says(&scores, " on average; about 95 % of differences lie between ");
    test_text_says(&points, "divided by <bdi>the side</bdi>; mean over 12 images");
    test_text_says(&points, "<strong>Error in pixels</strong> <b>20.000</b>");
    gr_text_free(&many);
    gr_text_free(&scores);
    gr_text_free(&points);
}

/* A cascade has no score from which on its boxes count. */
static void boxes_may_have_no_score(void **state)
{
    (void)state;
    const char *kind = "\"pooled\": {\"n\": 12, \"truths\": 17, \"found\": 76, \"matched\": 4, \"ap50\": 0.1, \"recall\": 0.2, "
                       "\"precision\": 0.05, \"empty\": 0, \"mean_iou\": 0.4, \"per_kind\": [{\"kind\": \"face\", "
                       "\"precision\": 0.05}]}";
    char text[500];
    snprintf(text, sizeof text, "{\"score\": null, %s}", kind);
    test_folder_text("points/results.json", text);
    gr_text without = test_page_part("points", gr_put_answer), tables = test_page_part("points", gr_put_tables);
    snprintf(text, sizeof text, "{\"score\": 0.25, %s}", kind);
    test_folder_text("points/results.json", text);
    gr_text with = test_page_part("points", gr_put_answer);
    test_text_says(&without, "4 of 17 true boxes are found (IoU 0.5).");
    test_text_says(&with, "4 of 17 true boxes are found (IoU 0.5) by boxes of a score from 0.25 on.");
    test_text_says(&tables, "Kinds of boxes");
    assert_null(strstr(tables.data, "All numbers"));
    gr_text_free(&without);
    gr_text_free(&tables);
    gr_text_free(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(intervals_leave_animals_out),
                                       cmocka_unit_test(own_intervals_are_shown), cmocka_unit_test(each_task_has_its_own),
                                       cmocka_unit_test(boxes_may_have_no_score)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
