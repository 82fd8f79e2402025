/* Pairs of pictures that are nearly equal. */
#ifndef GR_DATA_NEAR_PAIRS_H
#define GR_DATA_NEAR_PAIRS_H

#include "data/picture_print.h"
#include "grimace/base.h"

typedef struct gr_near_pair {
    int64_t first, second; /* first < second */
    float correlation;
} gr_near_pair;

/* Prints that differ in no more bits are looked at; those that correlate less are not nearly equal. */
enum { GR_NEAR_BITS = 14 };
#define GR_NEAR_CORRELATION 0.97

/* GIVES (gr_free) *out, *count pairs of prints[rows] in the order of their rows, where wanted(ctx, first, second) asks for
 * the pair and differs from false. Looks at every two prints, on all threads. Fails: GR_NOMEM. */
gr_status gr_near_pairs(const gr_print *prints, int64_t rows, bool (*wanted)(const void *ctx, int64_t first, int64_t second),
                        const void *ctx, gr_near_pair **out, int64_t *count, gr_error *err) GR_MUST_CHECK;

#endif
