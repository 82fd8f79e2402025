/* Features of all windows as bytes: worked out once for a stage, read once for each of its trees. */
#ifndef GR_FITTING_BINS_H
#define GR_FITTING_BINS_H

#include "fitting/samples.h"

enum { GR_BINS = 256 };

/* A Haar feature's bins are as wide as each other from its smallest to its largest value; an LBP feature's are its patterns.
 * What does not fit into the memory is worked out again whenever it is read, to the same bytes. */
typedef struct gr_bins {
    const gr_samples *samples;          /* BORROWED */
    const gr_cascade_feature *features; /* [count]; BORROWED */
    int64_t count, kept;                /* kept: the first ones are in memory */
    uint8_t *bytes;                     /* [kept, samples->stride] */
    float *low, *scale;                 /* [count]: bin = (value - low) scale; Haar */
} gr_bins;

/* Scratch for one thread; gr_bins_room numbers of 4 bytes. */
size_t gr_bins_room(const gr_samples *samples);

/* GIVES (gr_bins_free) the bins of features[count], of which at most `most` bytes are kept. Fails: GR_NOMEM. */
gr_status gr_bins_make(const gr_samples *samples, const gr_cascade_feature *features, int64_t count, size_t most,
                       gr_bins *out, gr_error *err) GR_MUST_CHECK;
void gr_bins_free(gr_bins *bins);
/* The bins of feature `index` of all windows: kept, or made in `scratch` [gr_bins_room]. Never fails. */
const uint8_t *gr_bins_row(const gr_bins *bins, int64_t index, float *scratch);

#endif
