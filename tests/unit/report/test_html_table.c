/* Tables of a page. */
#include "report/html_table.h"

#include <math.h>
#include <string.h>

#include "support/support.h"

static void a_table_has_heads_and_a_foot(void **state)
{
    (void)state;
    gr_html html = {.prefix = "p-"};
    gr_html_table t = gr_html_table_begin(&html, 3, 1u << 1 | 1u << 2, true, "Rats");
    gr_html_head(&t, "name");
    gr_html_head(&t, "n");
    gr_html_head(&t, "<range>");
    gr_html_cell(&t, "a&b");
    gr_html_cell_whole(&t, 7);
    gr_html_cell_interval(&t, 0.25, 0.75);
    gr_html_table_foot(&t);
    gr_html_cell(&t, "all");
    gr_html_cell_real(&t, 1.25, 1);
    gr_html_cell_interval(&t, NAN, 1.0);
    gr_html_table_end(&t);
    assert_string_equal(
        html.text.data,
        "<div class=\"wide\" role=\"group\" tabindex=\"0\" aria-labelledby=\"p-t1\"><table class=\"sort\">\n"
        "<caption id=\"p-t1\">Rats</caption>\n<thead><tr><th scope=\"col\"><bdi>name</bdi></th>"
        "<th scope=\"col\" class=\"n\"><bdi>n</bdi></th><th scope=\"col\" class=\"n\"><bdi>&lt;range&gt;</bdi></th>"
        "</tr></thead>\n<tbody>\n<tr><th scope=\"row\"><bdi>a&amp;b</bdi></th><td class=\"n\">7</td>"
        "<td class=\"n\">0.250 to 0.750</td></tr>\n</tbody>\n<tfoot>\n<tr><th scope=\"row\"><bdi>all</bdi></th>"
        "<td class=\"n\">1.2</td><td class=\"n\">–</td></tr>\n</tfoot></table></div>\n");
    assert_int_equal(html.tables, 1);
    gr_text_free(&html.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_table_has_heads_and_a_foot)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
