/* Runs side by side: the tests are those of `grimace compare`. */
#include <string.h>

#include "support/folder.h"
#include "support/page.h"
#include "support/shown.h"
#include "support/support.h"

#include "formats/csv.h"
#include "grimace/run_comparison.h"

static void tests_are_those_of_compare(void **state)
{
    (void)state;
    char first[256], second[256], text[120];
    gr_page_run runs[2];
    gr_html html = {.level = 2};
    gr_error err = {0};
    gr_run_comparison c;
    gr_csv *csv = NULL;
    gr_text other = {0};
    assert_int_equal(gr_csv_read(test_in_folder("classes/predictions.csv"), &csv, &err), GR_OK);
    gr_text_printf(&other, "image,animal,fold,label,predicted,p_no_pain,p_pain\n");
    for (int64_t i = 0; i < csv->rows; i++) { /* always right but where the image's number is a multiple of 9 */
        bool pain = (strcmp(gr_csv_field(csv, i, 3), "pain") == 0) != (i % 9 == 0);
        gr_text_printf(&other, "%s,%s,%s,%s,%s,%s\n", gr_csv_field(csv, i, 0), gr_csv_field(csv, i, 1),
                       gr_csv_field(csv, i, 2), gr_csv_field(csv, i, 3), pain ? "pain" : "no_pain",
                       pain ? "0.1,0.9" : "0.8,0.2");
    }
    test_folder_text("other.csv", other.data);
    snprintf(first, sizeof first, "%s", test_in_folder("classes"));
    snprintf(second, sizeof second, "%s", test_in_folder("other.csv"));
    assert_int_equal(gr_page_run_open(first, &runs[0], &err), GR_OK);
    assert_int_equal(gr_page_run_open(second, &runs[1], &err), GR_OK);
    assert_int_equal(gr_put_comparison(&html, runs, 2, &err), GR_OK);
    assert_int_equal(gr_run_comparison_make(first, second, NULL, 0.95, &c, &err), GR_OK);
    assert_true(c.mcnemar.exact_p < 0.05);
    test_text_says(&html.text, "The second is better on these 90 images, and chance hardly explains it");
    snprintf(text, sizeof text, "Only the first is right %lld times, only the second %lld times.",
             (long long)c.mcnemar.only_first, (long long)c.mcnemar.only_second);
    test_text_says(&html.text, text);
    snprintf(text, sizeof text, "<bdi>DeLong</bdi></td><td class=\"n\">%.4f</td>", c.delong.p);
    test_text_says(&html.text, text);
    gr_page_run_close(&runs[0]);
    gr_page_run_close(&runs[1]);
    gr_text_free(&html.text);
    gr_text_free(&other);
    gr_csv_destroy(csv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tests_are_those_of_compare)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
