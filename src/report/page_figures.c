/* Every figure that a run can show, with its text alternative and its numbers as a table. */
#include <string.h>

#include "base/base.h"
#include "report/figures.h"
#include "report/html_table.h"
#include "report/page_parts.h"

/* mm: in a page's column, over its whole width; and so many rows of numbers below each, as a page is no file of data. */
static const double figure_width = 100.0, broad_width = 220.0;
enum { MOST_ROWS = 200 };

static bool is_column_of_numbers(const gr_numbers *numbers, int column)
{
    double value;
    for (int64_t row = 0; row < gr_numbers_rows(numbers); row++) {
        const char *cell = gr_numbers_cell(numbers, row, column);
        if (cell[0] != '\0' && !gr_parse_double(cell, &value))
            return false;
    }
    return gr_numbers_rows(numbers) > 0;
}

static void put_numbers(gr_html *html, const gr_figure *figure, const gr_numbers *numbers)
{
    int64_t rows = gr_numbers_rows(numbers), step = (rows + MOST_ROWS - 1) / MOST_ROWS;
    unsigned bits = 0;
    char caption[160];
    if (rows == 0)
        return;
    for (int k = 0; k < numbers->columns && k < 32; k++)
        bits |= (unsigned)is_column_of_numbers(numbers, k) << k;
    snprintf(caption, sizeof caption, "%s: its numbers", figure->title);
    gr_html_put(html, "<details><summary>Numbers of this figure</summary>\n");
    gr_html_table table = gr_html_table_begin(html, numbers->columns, bits, false, caption);
    for (int k = 0; k < numbers->columns; k++)
        gr_html_head(&table, gr_numbers_cell(numbers, -1, k));
    for (int64_t row = 0; row < rows; row += step)
        for (int k = 0; k < numbers->columns; k++)
            gr_html_cell(&table, gr_numbers_cell(numbers, row, k));
    gr_html_table_end(&table);
    if (step > 1)
        gr_html_put(html,
                    "<p class=\"soft\">%d of %d rows; <code>grimace figure RUN %t --table FILE</code> writes all.</p>\n",
                    (long long)((rows + step - 1) / step), (long long)rows, figure->name);
    gr_html_put(html, "</details>\n");
}

/* Names in a drawing must not turn what stands behind them either (html.c): those characters have three bytes, as U+FFFD. */
static void tame(gr_text *svg)
{
    for (char *at = svg->data; at != NULL && (at = strchr(at, '\xe2')) != NULL; at++)
        if ((at[1] == '\x80' && at[2] >= '\xaa' && at[2] <= '\xae') ||
            (at[1] == '\x81' && at[2] >= '\xa6' && at[2] <= '\xa9'))
            memcpy(at, "\xef\xbf\xbd", 3);
}

static gr_status put_figure(gr_html *html, const gr_page_run *run, const gr_figure *figure, gr_error *err)
{
    gr_figure_made made = {0};
    char prefix[40];
    snprintf(prefix, sizeof prefix, "%sf%d", html->prefix, ++html->figures);
    bool broad = figure->broad != NULL && figure->broad(&run->files);
    gr_figure_options options = {
        .format = "svg", .width = broad ? broad_width : figure_width, .prefix = prefix, .inherit = true};
    gr_status status = gr_figure_make(&run->files, figure, &options, &made, err);
    if (status != GR_OK)
        return status;
    tame(&made.file);
    if (broad) /* on a narrow screen its letters would be too small: there it scrolls by itself, as tables do */
        gr_html_put(
            html, "<figure class=\"broad\">\n<div class=\"wide\" role=\"group\" tabindex=\"0\" aria-label=\"%t\">%m</div>\n",
            figure->title, made.file.data);
    else
        gr_html_put(html, "<figure>\n%m", made.file.data);
    gr_html_put(html, "<figcaption><strong>%t</strong> %t\n", figure->title,
                made.alternative.data != NULL ? made.alternative.data : "");
    put_numbers(html, figure, &made.numbers);
    gr_html_put(html, "</figcaption></figure>\n");
    gr_figure_made_free(&made);
    return GR_OK;
}

gr_status gr_put_figures(gr_html *html, const gr_page_run *run, gr_error *err)
{
    gr_status status = GR_OK;
    bool begun = false;
    if (run->files.path == NULL)
        return GR_OK;
    for (int i = 0; status == GR_OK && gr_figure_at(i) != NULL; i++) {
        if (gr_figure_at(i)->pictures)
            continue;
        gr_text why = {0};
        bool can = gr_figure_at(i)->can(&run->files, &why);
        if (why.failed)
            status = gr_fail(err, GR_NOMEM, "no memory for a sentence");
        gr_text_free(&why);
        if (status != GR_OK || !can)
            continue;
        if (!begun)
            gr_html_put(html, "<section id=\"%ifigures\">\n<%h>Figures</%h>\n<div class=\"figures\">\n");
        begun = true;
        status = put_figure(html, run, gr_figure_at(i), err);
    }
    if (begun)
        gr_html_put(html, "</div>\n</section>\n");
    return status;
}
