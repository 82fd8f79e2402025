/* Names of numbers, and which of them a table shows. */
#include "report/page_metrics.h"

#include <string.h>

#include "grimace/scores.h"
#include "support/support.h"

static void tables_show_what_there_is(void **state)
{
    (void)state;
    const char *keys[GR_MOST_METRICS];
    json_t *json = json_pack("{s:f, s:f, s:n, s:f}", "kappa", 0.5, "accuracy", 0.25, "auroc", "unknown", 1.0);
    gr_metrics_shown(json, false, keys);
    assert_int_equal(gr_metrics_count(keys), 2);
    assert_string_equal(keys[0], "accuracy");
    assert_string_equal(keys[1], "auroc"); /* it is not defined, and has a column */
    gr_metrics_shown(json, true, keys);
    assert_int_equal(gr_metrics_count(keys), 3);
    assert_string_equal(gr_metric_word("auroc"), "AUROC");
    assert_string_equal(gr_metric_word("unknown"), "unknown");
    for (int m = 0; m < GR_METRIC_COUNT; m++)
        assert_true(strcmp(gr_metric_word(gr_metric_name((gr_metric)m)), "") != 0);
    json_decref(json);
}

static void every_number_is_known(void **state)
{
    (void)state;
    const char *keys[GR_MOST_METRICS];
    json_t *json = json_object();
    int ranked = 0;
    for (int m = 0; m < GR_METRIC_COUNT; m++)
        json_object_set_new(json, gr_metric_name((gr_metric)m), json_real(0.5));
    for (int m = 0; m < GR_SCORE_METRIC_COUNT; m++)
        if (m != GR_SCORE_LIMITS_LOWER && m != GR_SCORE_LIMITS_UPPER) {
            json_object_set_new(json, gr_score_metric_name((gr_score_metric)m), json_real(0.5));
            ranked++;
        }
    gr_metrics_shown(json, true, keys);
    assert_int_equal(gr_metrics_count(keys), GR_METRIC_COUNT + ranked);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tables_show_what_there_is), cmocka_unit_test(every_number_is_known)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
