/* Examples in a page: without pictures it says so, with some it shows them. */
#include <stdio.h>

#include "base/base.h"
#include "support/folder.h"
#include "support/page.h"
#include "support/shown.h"
#include "support/support.h"

static gr_text examples_of(const char *name, int *shown)
{
    gr_page_run run;
    gr_html html = {.level = 2};
    gr_error err = {0};
    assert_int_equal(gr_page_run_open(test_in_folder(name), &run, &err), GR_OK);
    assert_int_equal(gr_put_examples(&html, &run, &err), GR_OK);
    *shown = html.pictures;
    gr_page_run_close(&run);
    return html.text;
}

static void absent_pictures_are_told(void **state)
{
    (void)state;
    int shown;
    gr_text part = examples_of("timed", &shown);
    test_text_says(&part, "The pictures are not where the manifest says, so there is nothing to show here.");
    assert_int_equal(shown, 0);
    gr_text_free(&part);
}

static void pictures_have_words(void **state)
{
    (void)state;
    gr_error err = {0};
    int shown;
    assert_int_equal(gr_make_folders(test_in_folder("timed/images"), &err), GR_OK);
    for (int i = 0; i < 96; i++) {
        char name[64];
        snprintf(name, sizeof name, "timed/images/%02d.png", i);
        test_folder_image(name, 8, 8, i, i, i);
    }
    gr_text part = examples_of("timed", &shown);
    assert_true(shown >= 8 && shown <= 12);
    test_text_says(&part, "Most sure and right");
    test_text_says(&part, "There are no heat maps: ");
    test_text_says(&part, ": true class pain, predicted pain with probability ");
    test_text_says(&part, "<span class=\"right\">right</span>");
    test_text_says(&part, "src=\"data:image/jpeg;base64,");
    gr_text_free(&part);
    part = examples_of("classes/predictions.csv", &shown); /* a table alone knows no pictures */
    assert_int_equal(part.size, 0);
    gr_text_free(&part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(absent_pictures_are_told), cmocka_unit_test(pictures_have_words)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
