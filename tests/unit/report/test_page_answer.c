/* The numbers that answer: their intervals are those of whole animals drawn again. */
#include <string.h>

#include "support/folder.h"
#include "support/page.h"
#include "support/shown.h"
#include "support/support.h"

#include "grimace/statistics.h"
#include "grimace/train.h"

static void intervals_draw_animals(void **state)
{
    (void)state;
    static const char *const overrides[] = {"evaluate.bootstrap.by=group", "evaluate.bootstrap.count=1000",
                                            "evaluate.bootstrap.level=0.95", "evaluate.permutation.count=0"};
    gr_statistics s;
    gr_error err = {0};
    char text[120];
    assert_int_equal(gr_run_statistics(test_in_folder("classes"), overrides, 4, NULL, 0, &s, &err), GR_OK);
    gr_text part = test_page_part("classes", gr_put_answer);
    for (int m = 0; m < GR_METRIC_COUNT; m++) {
        if (m != GR_METRIC_ACCURACY && m != GR_METRIC_F1 && m != GR_METRIC_AUROC && m != GR_METRIC_SPECIFICITY)
            continue;
        snprintf(text, sizeof text, "<b>%.3f</b> <span>%.3f to %.3f</span>", s.results.pooled.value[m],
                 s.results.bootstrap->metric[m].low, s.results.bootstrap->metric[m].high);
        test_text_says(&part, text);
    }
    gr_statistics_free(&s);
    gr_text_free(&part);
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
    test_text_says(&scores, " on average; about 95 % of differences lie between ");
    test_text_says(&points, "divided by <bdi>the side</bdi>; mean over 12 images");
    test_text_says(&points, "<strong>Error in pixels</strong> <b>20.000</b>");
    gr_text_free(&many);
    gr_text_free(&scores);
    gr_text_free(&points);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(intervals_draw_animals), cmocka_unit_test(each_task_has_its_own)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
