/* Tables of a page: with a caption, heads for columns and rows, and in a frame that scrolls by itself on a narrow screen. */
#ifndef GR_REPORT_HTML_TABLE_H
#define GR_REPORT_HTML_TABLE_H

#include "report/html.h"

typedef struct gr_html_table {
    gr_html *html;
    int columns, at; /* the column of the next cell */
    bool foot;
    unsigned numbers; /* bits: columns of numbers, which stand to the right */
} gr_html_table;

/* Begins a table of `columns` columns, of which those whose bits are set in `numbers` are numbers. `caption` is markup. The
 * heads follow, `columns` calls of gr_html_head; then cells row by row, the first of each row being its head. None fails. */
gr_html_table gr_html_table_begin(gr_html *html, int columns, unsigned numbers, bool sortable, const char *caption);
void gr_html_head(gr_html_table *table, const char *name);
void gr_html_cell(gr_html_table *table, const char *text);
void gr_html_cell_real(gr_html_table *table, double value, int decimals);
void gr_html_cell_whole(gr_html_table *table, int64_t value);
/* "0.475 to 0.657"; a dash where an end is not finite. */
void gr_html_cell_interval(gr_html_table *table, double low, double high);
/* What follows stands below the others and is not sorted with them. */
void gr_html_table_foot(gr_html_table *table);
/* Ends it: all rows are full. */
void gr_html_table_end(gr_html_table *table);

#endif
