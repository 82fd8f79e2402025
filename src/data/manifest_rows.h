/* Which rows of a table a manifest holds: those that are asked for. */
#ifndef GR_DATA_MANIFEST_ROWS_H
#define GR_DATA_MANIFEST_ROWS_H

#include "formats/csv.h"
#include "grimace/manifest.h"

/* Sets wanted[rows of the table]: are all values of options->only there? Fails: GR_INVALID (no COLUMN=VALUE, no such column,
 * a value that no row has). */
gr_status gr_rows_wanted(const gr_csv *csv, const gr_manifest_options *options, bool *wanted, gr_error *err) GR_MUST_CHECK;

/* Leaves options->at_most of the usable rows, drawn by options->seed, in usable[rows of the table]. Fails: GR_NOMEM. */
gr_status gr_rows_draw(const gr_csv *csv, const gr_manifest_options *options, bool *usable, gr_error *err) GR_MUST_CHECK;

#endif
