/* The forms of splits.csv, for those who read or keep one. */
#ifndef GR_DATA_SPLIT_CSV_H
#define GR_DATA_SPLIT_CSV_H

#include "formats/csv.h"
#include "grimace/split.h"

/* Is the file at `path` what gr_split_write_csv would write, in either form? false where it cannot be read. Memory does not grow
 * with its rows. Fails: GR_NOMEM. */
gr_status gr_split_same_csv(const gr_split *split, const gr_manifest *manifest, const char *path, bool *same,
                            gr_error *err) GR_MUST_CHECK;
/* Is the table (BORROWED; columns `fold` and `part`) a compact one: is there a fold of which no row trains? There an image of the
 * table that has no row in a fold trains in it. Fails: GR_NOMEM. */
gr_status gr_split_form(const gr_csv *csv, int fold, int part, bool *compact, gr_error *err) GR_MUST_CHECK;

#endif
