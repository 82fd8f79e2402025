/* Windows that are boosted on, as a search sees them: integral images, one place of all windows after the other, so that a
 * feature of all of them is a few sums of rows. */
#ifndef GR_FITTING_SAMPLES_H
#define GR_FITTING_SAMPLES_H

#include "detect/windows.h"
#include "fitting/patches.h"

typedef struct gr_samples {
    gr_cascade_kind kind;
    int width, height;
    int64_t count, positives; /* the first ones */
    int64_t stride;           /* from one place to the next */
    gr_integral_layout layout;
    int32_t *images; /* [places, stride] */
    float *norms;    /* [stride]; Haar: 0 where there is too little contrast for a search to look at the window */
} gr_samples;

/* GIVES (gr_samples_free) the windows of both lists, positives first. `tilted`: are tilted sums wanted? Fails: GR_NOMEM. */
gr_status gr_samples_make(gr_cascade_kind kind, bool tilted, const gr_patches *positives, const gr_patches *negatives,
                          gr_samples *out, gr_error *err) GR_MUST_CHECK;
void gr_samples_free(gr_samples *samples);
/* Writes a Haar feature of all windows, to the bit as a search works it out. Never fails. */
void gr_samples_haar(const gr_samples *samples, const gr_cascade_feature *feature, float *values);
/* Writes the LBP patterns of all windows. Never fails. */
void gr_samples_lbp(const gr_samples *samples, const gr_cascade_feature *feature, uint8_t *patterns);
/* Which windows do the stages from `first` on let through? pass[count] is cleared where not, sums[count] (NULL: not wanted)
 * are the last stage's. All trees are of one node. Fails: GR_NOMEM. */
gr_status gr_samples_pass(const gr_samples *samples, const gr_cascade *cascade, int64_t first, bool *pass, double *sums,
                          gr_error *err) GR_MUST_CHECK;

#endif
