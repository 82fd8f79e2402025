/* A table of texts, put together column by column. */
#ifndef GR_RUN_SHEET_H
#define GR_RUN_SHEET_H

#include "base/base.h"
#include "formats/csv.h"
#include "grimace/text.h"

enum { GR_SHEET_TABLES = 2 };

typedef struct gr_sheet {
    int64_t rows;
    int columns, room;
    const char **names;             /* [columns] */
    const char *const **columns_of; /* [columns]: [rows] texts, NULL: an empty cell */
    gr_csv *tables[GR_SHEET_TABLES];
    int table_count;
    gr_arena *arena;
} gr_sheet;

/* GIVES an empty sheet (gr_sheet_close). Fails: GR_NOMEM. */
gr_status gr_sheet_open(int64_t rows, gr_sheet *out, gr_error *err) GR_MUST_CHECK;
void gr_sheet_close(gr_sheet *sheet);
/* GIVES room for the texts of a column, which lives as long as the sheet; NULL when memory is short. */
const char **gr_sheet_cells(gr_sheet *sheet) GR_MUST_CHECK;
/* Adds a column; `name` and the texts are BORROWED. One whose name is taken becomes manifest_NAME. Fails: GR_NOMEM. */
gr_status gr_sheet_add(gr_sheet *sheet, const char *name, const char *const *cells, gr_error *err) GR_MUST_CHECK;
/* Adds a column of numbers with nine digits, NaN an empty cell; or of whole numbers. Fails: GR_NOMEM. */
gr_status gr_sheet_add_reals(gr_sheet *sheet, const char *name, const double *values, gr_error *err) GR_MUST_CHECK;
gr_status gr_sheet_add_counts(gr_sheet *sheet, const char *name, const int32_t *values, gr_error *err) GR_MUST_CHECK;
/* Adds the columns of a table from its column `from` on, in CSV (`table` is TAKEN and emptied): row i of the sheet is row
 * at[i] of it, none where that is below 0. Fails: GR_NOMEM, GR_INTERNAL (it is no table). */
gr_status gr_sheet_add_table(gr_sheet *sheet, gr_text *table, int from, const int64_t *at, gr_error *err) GR_MUST_CHECK;
/* The texts of the column called `name`; NULL: there is none. Never fails. */
const char *const *gr_sheet_column(const gr_sheet *sheet, const char *name);
/* Appends it as CSV. Memory shortage sticks in `out`. Never fails. */
void gr_sheet_csv(const gr_sheet *sheet, gr_text *out);

#endif
