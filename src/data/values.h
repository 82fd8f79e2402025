/* Several label columns of a manifest, or one that holds numbers. */
#ifndef GR_DATA_VALUES_H
#define GR_DATA_VALUES_H

#include "base/base.h"
#include "formats/csv.h"
#include "grimace/manifest.h"

/* Reads row `row` of columns[options->value_count] into to[value_count]: numbers, or 0 for a class that is known; NaN for an
 * empty cell. *known: how many are not empty. false: *column is at fault, and said[size] tells why. */
bool gr_values_read(const gr_csv *csv, int64_t row, const int *columns, const gr_manifest_options *options, double *to,
                    int *known, int *column, char *said, size_t size);

/* The classes of all value columns of a manifest together, sorted, where `options` lists none; and their indices in place of
 * the values. `values` is [rows, value_count]; everything lives in `arena`. Fails: GR_INVALID (more than 1000 classes),
 * GR_NOMEM. */
gr_status gr_values_classes(gr_manifest *manifest, const gr_manifest_options *options, double *values, gr_arena *arena,
                            gr_error *err) GR_MUST_CHECK;

#endif
