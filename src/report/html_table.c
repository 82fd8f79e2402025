#include "report/html_table.h"

#include <math.h>

gr_html_table gr_html_table_begin(gr_html *html, int columns, unsigned numbers, bool sortable, const char *caption)
{
    html->tables++;
    gr_html_put(html,
                "<div class=\"wide\" role=\"group\" tabindex=\"0\" aria-labelledby=\"%it%d\"><table%m>\n"
                "<caption id=\"%it%d\">%m</caption>\n<thead><tr>",
                (long long)html->tables, sortable ? " class=\"sort\"" : "", (long long)html->tables, caption);
    return (gr_html_table){.html = html, .columns = columns, .numbers = numbers};
}

static bool is_number(const gr_html_table *t, int column)
{
    return column < 32 && (t->numbers >> column & 1u) != 0;
}

void gr_html_head(gr_html_table *t, const char *name)
{
    gr_html_put(t->html, "<th scope=\"col\"%m>%s</th>", is_number(t, t->at) ? " class=\"n\"" : "", name);
    if (++t->at == t->columns) {
        gr_html_put(t->html, "</tr></thead>\n<tbody>\n");
        t->at = 0;
    }
}

static void open_cell(gr_html_table *t)
{
    if (t->at == 0)
        gr_html_put(t->html, "<tr><th scope=\"row\"%m>", is_number(t, 0) ? " class=\"n\"" : "");
    else
        gr_html_put(t->html, "<td%m>", is_number(t, t->at) ? " class=\"n\"" : "");
}

static void close_cell(gr_html_table *t)
{
    gr_html_put(t->html, t->at == 0 ? "</th>" : "</td>");
    if (++t->at < t->columns)
        return;
    gr_html_put(t->html, "</tr>\n");
    t->at = 0;
}

void gr_html_cell(gr_html_table *t, const char *text)
{
    open_cell(t);
    gr_html_name(&t->html->text, text);
    close_cell(t);
}

void gr_html_cell_real(gr_html_table *t, double value, int decimals)
{
    open_cell(t);
    gr_html_real(&t->html->text, value, decimals);
    close_cell(t);
}

void gr_html_cell_whole(gr_html_table *t, int64_t value)
{
    open_cell(t);
    gr_html_put(t->html, "%d", (long long)value);
    close_cell(t);
}

void gr_html_cell_interval(gr_html_table *t, double low, double high)
{
    open_cell(t);
    if (isfinite(low) && isfinite(high))
        gr_html_put(t->html, "%f to %f", low, high);
    else
        gr_html_real(&t->html->text, NAN, 0);
    close_cell(t);
}

void gr_html_table_foot(gr_html_table *t)
{
    gr_html_put(t->html, "</tbody>\n<tfoot>\n");
    t->foot = true;
}

void gr_html_table_end(gr_html_table *t)
{
    gr_html_put(t->html, "</t%m></table></div>\n", t->foot ? "foot" : "body");
}
