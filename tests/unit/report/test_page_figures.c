/* Every figure that a run can show, and no other. */
#include <string.h>

#include "support/folder.h"
#include "support/page.h"
#include "support/shown.h"
#include "support/support.h"

static void figures_are_those_that_it_can_show(void **state)
{
    (void)state;
    static const char *const names[] = {"classes", "scores", "points"};
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        gr_page_run run;
        gr_html html = {.level = 2, .prefix = "r9-"};
        gr_error err = {0};
        int can = 0;
        assert_int_equal(gr_page_run_open(test_in_folder(names[n]), &run, &err), GR_OK);
        assert_int_equal(gr_put_figures(&html, &run, &err), GR_OK);
        for (int i = 0; gr_figure_at(i) != NULL; i++) {
            gr_text why = {0};
            bool shown = gr_figure_at(i)->can(&run.files, &why);
            char title[120];
            snprintf(title, sizeof title, "<figcaption><strong>%s</strong>", gr_figure_at(i)->title);
            assert_int_equal(strstr(html.text.data, title) != NULL, shown);
            can += shown;
            gr_text_free(&why);
        }
        assert_int_equal(html.figures, can);
        test_text_says(&html.text, "id=\"r9-f1-title\"");
        test_text_says(&html.text, "currentColor");
        test_text_says(&html.text, "<summary>Numbers of this figure</summary>");
        gr_page_run_close(&run);
        gr_text_free(&html.text);
    }
}

/* A sweep of one key at a time has several panels, which take the page's width; one of two keys has one. */
static void broad_figures_scroll_by_themselves(void **state)
{
    (void)state;
    static const char *const names[] = {"single", "grid"};
    for (int n = 0; n < 2; n++) {
        gr_page_run run = {.files = test_shown_run(names[n])};
        gr_html html = {.level = 2};
        gr_error err = {0};
        bool broad = false;
        assert_int_equal(gr_put_figures(&html, &run, &err), GR_OK);
        for (int i = 0; gr_figure_at(i) != NULL; i++) {
            gr_text why = {0};
            const gr_figure *f = gr_figure_at(i);
            broad |= f->can(&run.files, &why) && f->broad != NULL && f->broad(&run.files);
            gr_text_free(&why);
        }
        assert_int_equal(broad, n == 0);
        assert_int_equal(strstr(html.text.data, "<figure class=\"broad\">\n<div class=\"wide\"") != NULL, broad);
        gr_page_run_close(&run);
        gr_text_free(&html.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(figures_are_those_that_it_can_show),
                                       cmocka_unit_test(broad_figures_scroll_by_themselves)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
