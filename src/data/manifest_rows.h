/* Which rows of a table a manifest holds: those that are asked for, and those of other tables behind them. */
#ifndef GR_DATA_MANIFEST_ROWS_H
#define GR_DATA_MANIFEST_ROWS_H

#include "base/base.h"
#include "formats/csv.h"
#include "grimace/manifest.h"
#include "grimace/split.h"

/* What a manifest owns; `next`: of an extra table. */
typedef struct gr_manifest_memory {
    gr_csv *csv;
    gr_arena *arena; /* what the manifest points to, beside the table's strings */
    struct gr_manifest_memory *next;
} gr_manifest_memory;

/* Sets wanted[rows of the table]: are all values of options->only there? Fails: GR_INVALID (no COLUMN=VALUE, no such column,
 * a value that no row has). */
gr_status gr_rows_wanted(const gr_csv *csv, const gr_manifest_options *options, bool *wanted, gr_error *err) GR_MUST_CHECK;

/* Leaves options->at_most of the usable rows, drawn by options->seed, in usable[rows of the table]. Fails: GR_NOMEM. */
gr_status gr_rows_draw(const gr_csv *csv, const gr_manifest_options *options, bool *usable, gr_error *err) GR_MUST_CHECK;

/* Makes a split of gr_manifest_own(manifest) one of `manifest`: extra rows train in every fold. On failure the split is
 * freed. Fails: GR_NOMEM, GR_INTERNAL (gr_split_verify). */
gr_status gr_split_widen(gr_split *split, const gr_manifest *manifest, gr_error *err) GR_MUST_CHECK;

#endif
