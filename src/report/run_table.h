/* Tables that a run's folder holds beside its predictions: sweep.csv, matrix.csv; and columns of its manifest. */
#ifndef GR_REPORT_RUN_TABLE_H
#define GR_REPORT_RUN_TABLE_H

#include "formats/csv.h"
#include "report/run_files.h"

/* Is the file `name` in the run's folder? Where not, appends to `why` that it is none of `kind` ("sweep"). Shortage sticks
 * in it. */
bool gr_run_has_table(const gr_run_files *run, const char *name, const char *kind, gr_text *why);
/* Reads it. GIVES *out (gr_csv_destroy). Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_run_table_read(const gr_run_files *run, const char *name, gr_csv **out, gr_error *err) GR_MUST_CHECK;
/* The number in a cell; NaN where it holds none. Never fails. */
double gr_run_table_number(const gr_csv *table, int64_t row, int column);
/* Writes to rows[table.count] where the image of each prediction stands in the manifest, -1: nowhere. Fails: GR_NOMEM. */
gr_status gr_run_manifest_rows(const gr_run_files *run, const gr_csv *manifest, int64_t *rows, gr_error *err) GR_MUST_CHECK;

#endif
