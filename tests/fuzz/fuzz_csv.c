/* Any bytes as a table: read with all cells there, or refused in a sentence that names a line; and what is read and written again
 * reads back the same. */
#include <stdint.h>
#include <string.h>

#include "formats/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static gr_csv *parse(const void *bytes, size_t size, gr_error *err)
{
    gr_csv *csv = NULL;
    char *text = gr_alloc(size + 1, 1);
    if (text == NULL)
        return NULL;
    if (size > 0)
        memcpy(text, bytes, size);
    gr_status status = gr_csv_parse("x", text, size, &csv, err);
    demand((status == GR_OK) == (csv != NULL) && status == err->status);
    return csv;
}

/* Trimmed, valid, and as many as the header says. */
static void check_cell(const char *cell)
{
    size_t length = strlen(cell);
    demand(gr_utf8_valid(cell, length));
    demand(gr_blank(cell) == 0 && gr_blank_before(cell, cell + length) == 0);
    demand(length > 0 || gr_csv_unknown(cell));
}

static void check_table(const gr_csv *csv)
{
    demand(csv->columns > 0 && csv->header_line >= 1 && csv->header_line <= 2);
    for (int c = 0; c < csv->columns; c++) {
        check_cell(csv->header[c]);
        demand(gr_csv_column(csv, csv->header[c]) == c);
    }
    for (int64_t r = 0; r < csv->rows; r++) {
        bool content = false;
        demand(csv->line[r] > (r > 0 ? csv->line[r - 1] : csv->header_line));
        for (int c = 0; c < csv->columns; c++) {
            check_cell(gr_csv_field(csv, r, c));
            content = content || gr_csv_field(csv, r, c)[0] != '\0';
        }
        demand(content);
    }
}

static void write(const gr_csv *csv, gr_text *out)
{
    gr_text_printf(out, "sep=,\n");
    for (int64_t i = 0; i < (csv->rows + 1) * csv->columns; i++) /* the header and the rows are one block */
        gr_csv_put(out, csv->header[i], (i + 1) % csv->columns == 0 ? '\n' : ',');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gr_error err = {0};
    gr_text said = {0}, written = {0};
    gr_csv *csv = parse(data, size, &err), *again = NULL;
    if (csv == NULL) {
        demand(err.status == GR_NOMEM || strncmp(err.text, "x:", 2) == 0);
        return 0;
    }
    check_table(csv);
    gr_csv_say(csv, &said);
    write(csv, &written);
    if (!said.failed && !written.failed)
        again = parse(written.data, written.size, &err);
    if (again != NULL) {
        demand(again->columns == csv->columns && again->rows == csv->rows);
        for (int64_t i = 0; i < (csv->rows + 1) * csv->columns; i++)
            demand(strcmp(again->header[i], csv->header[i]) == 0);
    }
    demand(again != NULL || err.status == GR_NOMEM || said.failed || written.failed);
    gr_text_free(&said);
    gr_text_free(&written);
    gr_csv_destroy(csv);
    gr_csv_destroy(again);
    return 0;
}
