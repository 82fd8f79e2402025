/* Groups are counted; what statistics say of a column, of averages and of a paper has a table. */
#include <string.h>

#include "support/folder.h"
#include "support/page.h"
#include "support/shown.h"
#include "support/support.h"

#include "formats/csv.h"

static void animals_are_counted(void **state)
{
    (void)state;
    gr_csv *csv = NULL;
    gr_error err = {0};
    int images = 0, right = 0;
    char row[200];
    assert_int_equal(gr_csv_read(test_in_folder("classes/predictions.csv"), &csv, &err), GR_OK);
    for (int64_t i = 0; i < csv->rows; i++)
        if (strcmp(gr_csv_field(csv, i, 1), "rat4") == 0) {
            images++;
            right += strcmp(gr_csv_field(csv, i, 3), gr_csv_field(csv, i, 4)) == 0;
        }
    gr_text part = test_page_part("classes/predictions.csv", gr_put_groups);
    snprintf(row, sizeof row, "<bdi>rat4</bdi></th><td class=\"n\">%d</td><td class=\"n\">%d</td><td class=\"n\">%.3f</td>",
             images, right, (double)right / images);
    test_text_says(&part, row);
    gr_csv_destroy(csv);
    gr_text_free(&part);
}

static void columns_averages_and_papers_have_tables(void **state)
{
    (void)state;
    test_folder_text("scores/statistics.json",
                     "{\"by\": {\"time\": {\"values\": [{\"value\": \"<2h>\", \"n\": 3, \"mae\": 0.5}]}}}");
    test_folder_text(
        "scores/results.json",
        "{\"averaged\": {\"over\": \"session\", \"pooled\": {\"n\": 9, \"mae\": 0.25}}, \"reported\": {\"source\": "
        "\"A paper\", \"pooled\": {\"mae\": 0.125}, \"mean\": null}}");
    gr_text part = test_page_part("scores", gr_put_groups);
    test_text_says(&part, "<bdi>&lt;2h&gt;</bdi></th><td class=\"n\">3</td><td class=\"n\">0.500</td>");
    test_text_says(&part, "Predictions averaged over <bdi>session</bdi>");
    test_text_says(&part, "<bdi>MAE</bdi></th><td class=\"n\">0.125</td>");
    test_text_says(&part, "The paper&#39;s numbers: <bdi>A paper</bdi>.");
    gr_text_free(&part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(animals_are_counted),
                                       cmocka_unit_test(columns_averages_and_papers_have_tables)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
