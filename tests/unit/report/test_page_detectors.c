/* The table of detectors that `grimace detect --compare --out RUN/detectors.csv` leaves in a run's folder. */
#include <string.h>

#include "base/base.h"
#include "support/folder.h"
#include "support/page.h"
#include "support/shown.h"
#include "support/support.h"

static gr_status put(gr_text *out, gr_error *err)
{
    gr_page_run run;
    gr_html html = {.level = 2};
    assert_int_equal(gr_page_run_open(test_in_folder("many"), &run, err), GR_OK);
    gr_status status = gr_put_detectors(&html, &run, err);
    gr_page_run_close(&run);
    *out = html.text;
    return status;
}

static void detectors_stand_side_by_side(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_text part;
    assert_int_equal(put(&part, &err), GR_OK);
    assert_int_equal(part.size, 0); /* nobody compared any */
    gr_text_free(&part);
    test_folder_text("many/detectors.csv",
                     "detector,images,empty_percent,ms,recall,precision,mean_iou,ap,ap50,ap75,voc\n"
                     "face,90,45.56,1.234,0.6018,0.9326,0.5,0.4,0.6,0.45,0.61\n\"a<b\",90,0,20,,0.8,,,,,\n");
    assert_int_equal(put(&part, &err), GR_OK);
    test_text_says(&part, "<section id=\"detectors\">");
    test_text_says(&part, "<bdi>face</bdi></th><td class=\"n\">90</td><td class=\"n\">45.6</td><td class=\"n\">1.23</td>"
                          "<td class=\"n\">0.602</td><td class=\"n\">0.933</td>");
    test_text_says(&part, "<bdi>a&lt;b</bdi>");
    gr_text_free(&part);
}

static void another_table_is_refused(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_text part;
    test_folder_text("many/detectors.csv", "detector,images,ms,recall\nface,90,1,0.5\n");
    assert_int_equal(put(&part, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "detectors.csv:1: there is no column empty_percent"));
    assert_int_equal(part.size, 0);
    gr_text_free(&part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(detectors_stand_side_by_side),
                                       cmocka_unit_test(another_table_is_refused)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
