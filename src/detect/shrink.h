/* Pictures made smaller, as OpenCV's INTER_LINEAR_EXACT makes them. */
#ifndef GR_DETECT_SHRINK_H
#define GR_DETECT_SHRINK_H

#include "detect/grey.h"
#include "detect/scales.h"

/* Arrays with room for a row of the level and 64 more. */
typedef struct gr_shrink_memory {
    uint16_t *across[2];
    int32_t *at;
    uint16_t *weight;
} gr_shrink_memory;

typedef struct gr_shrinking {
    const gr_grey *grey;
    const gr_level *level;
    gr_shrink_memory memory;
    int held[2]; /* which rows of the picture memory.across holds; -1: none */
} gr_shrinking;

/* Everything BORROWED as long as rows are wanted. Never fails. */
void gr_shrink_begin(gr_shrinking *shrinking, const gr_grey *grey, const gr_level *level, const gr_shrink_memory *memory);
/* Row `y` of the smaller picture: in `out`, or where the picture has it already. Never fails. */
const uint8_t *gr_shrink_row(gr_shrinking *shrinking, int y, uint8_t *out);
/* GIVES (gr_grey_free) the whole smaller picture. Fails: GR_NOMEM. */
gr_status gr_shrink_all(const gr_grey *grey, const gr_level *level, gr_grey *out, gr_error *err) GR_MUST_CHECK;

#endif
