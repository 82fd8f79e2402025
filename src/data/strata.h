/* The kinds of rows that a split evens out over its parts: the classes, or the values of another column. */
#ifndef GR_DATA_STRATA_H
#define GR_DATA_STRATA_H

#include "base/base.h"
#include "grimace/manifest.h"

typedef struct gr_strata {
    const char *column;       /* whose values they are */
    const char *const *names; /* [count], distinct, in byte order as scikit-learn numbers them, each with a row */
    int count;
    const int32_t *index; /* [rows] in [0, count) */
} gr_strata;

/* The strata of a manifest: the values of column `column`, or for NULL the classes; without labels all rows are of one. All of
 * it lives in `arena` and in the manifest. Fails: GR_INVALID (no such column, an empty cell, too many values; the sentence
 * begins with split.stratify or the manifest's line), GR_NOMEM. */
gr_status gr_strata_make(const gr_manifest *manifest, const char *column, gr_arena *arena, gr_strata *out,
                         gr_error *err) GR_MUST_CHECK;

#endif
