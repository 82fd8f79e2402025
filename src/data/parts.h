/* Taking a share of some rows out of one part into another: validation and hold-out. */
#ifndef GR_DATA_PARTS_H
#define GR_DATA_PARTS_H

#include "data/strata.h"
#include "grimace/split.h"

/* What a share is taken from and how; arrays are borrowed. */
typedef struct gr_take {
    const gr_manifest *manifest;
    const gr_strata *strata; /* what both parts get alike; NULL, with groups only: nothing is looked at */
    double share;            /* in (0, 1) */
    gr_part from, to;
    int64_t turn; /* what is taken starts this many windows (or folds) on, so that folds do not all take the same */
    gr_rng *rng;  /* NULL: not shuffled */
} gr_take;

/* Moves a share of the rows in part `from` to part `to`; at least one row or group and never all. parts[rows] is changed.
 * Without groups: round(share * rows) rows, dealt to the strata by their sizes (largest remainders). With groups, whole
 * ones: without strata round(share * groups) of them; with strata those that StratifiedGroupKFold of n folds puts into k
 * neighbouring folds, k / n being near the share (0.2: 1 of 5, 0.34: 1 of 3).
 * Fails: GR_INVALID (less than two groups or rows to take from; `key` begins the sentence), GR_NOMEM. */
gr_status gr_take_share(const gr_take *take, const char *key, uint8_t *parts, gr_error *err) GR_MUST_CHECK;

#endif
