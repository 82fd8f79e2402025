#include "report/numbers.h"

#include <math.h>
#include <string.h>

#include "formats/csv.h"

void gr_numbers_text(gr_numbers *n, const char *text)
{
    if (n->count == n->room) {
        int64_t room = n->room > 0 ? 2 * n->room : 64;
        size_t *grown = gr_realloc(n->starts, (size_t)room, sizeof *grown);
        if (grown == NULL) {
            n->cells.failed = true;
            return;
        }
        n->starts = grown;
        n->room = room;
    }
    n->starts[n->count++] = n->cells.size;
    gr_text_add(&n->cells, text, strlen(text) + 1);
}

void gr_numbers_columns(gr_numbers *n, const char *const *names, int count)
{
    n->columns = count;
    for (int i = 0; i < count; i++)
        gr_numbers_text(n, names[i]);
}

void gr_numbers_whole(gr_numbers *n, int64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)value);
    gr_numbers_text(n, text);
}

void gr_numbers_real(gr_numbers *n, double value)
{
    char text[32] = "";
    if (isfinite(value))
        snprintf(text, sizeof text, "%.6g", value);
    gr_numbers_text(n, text);
}

int64_t gr_numbers_rows(const gr_numbers *n)
{
    return n->columns > 0 && n->count > n->columns ? n->count / n->columns - 1 : 0;
}

const char *gr_numbers_cell(const gr_numbers *n, int64_t row, int column)
{
    return n->cells.data + n->starts[(row + 1) * n->columns + column];
}

void gr_numbers_csv(const gr_numbers *n, gr_text *out)
{
    for (int64_t row = -1; !n->cells.failed && n->columns > 0 && row < gr_numbers_rows(n); row++)
        for (int k = 0; k < n->columns; k++)
            gr_csv_put(out, gr_numbers_cell(n, row, k), k + 1 < n->columns ? ',' : '\n');
    if (n->cells.failed)
        out->failed = true;
}

void gr_numbers_free(gr_numbers *n)
{
    gr_text_free(&n->cells);
    gr_free(n->starts);
    *n = (gr_numbers){0};
}
