/* Taking a share of some rows out of one part into another: validation and hold-out. */
#ifndef GR_DATA_PARTS_H
#define GR_DATA_PARTS_H

#include "base/base.h"
#include "grimace/split.h"

/* What a share is taken from and how; arrays are borrowed. */
typedef struct gr_take {
    const gr_manifest *manifest;
    double share; /* in (0, 1) */
    gr_part from, to;
    int64_t turn; /* unshuffled: the window of what is taken starts this many windows on, so that folds do not all take
                   * the same */
    gr_rng *rng;  /* NULL: not shuffled */
} gr_take;

/* Moves a share of the rows in part `from` to part `to`: round(share * groups) whole groups where the manifest has groups,
 * else round(share * rows) rows, dealt to the classes by their sizes (largest remainders). At least one and never all.
 * parts[rows] is changed. Fails: GR_INVALID (less than two groups or rows to take from; `key` begins the sentence),
 * GR_NOMEM. */
gr_status gr_take_share(const gr_take *take, const char *key, uint8_t *parts, gr_error *err) GR_MUST_CHECK;

#endif
