/* Extra rows in a split. */
#ifndef GR_DATA_SPLIT_WIDEN_H
#define GR_DATA_SPLIT_WIDEN_H

#include "grimace/split.h"

/* Makes a split of gr_manifest_own(manifest) one of `manifest`: extra rows train in every fold. On failure the split is
 * freed. Fails: GR_NOMEM, GR_INTERNAL (gr_split_verify). */
gr_status gr_split_widen(gr_split *split, const gr_manifest *manifest, gr_error *err) GR_MUST_CHECK;

#endif
