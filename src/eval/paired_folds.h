/* Two runs by the folds of their cross-validation. */
#ifndef GR_EVAL_PAIRED_FOLDS_H
#define GR_EVAL_PAIRED_FOLDS_H

#include "grimace/comparison.h"

/* The folds in which two runs tested rows[n] of images[n]. */
typedef struct gr_paired_folds {
    int64_t n;
    const char *const *images;
    const int32_t *fold[2];
    int count[2];
} gr_paired_folds;

/* How many rows one run tested together with others than the other run did: those outside the largest common part of each
 * fold. Fails: GR_NOMEM. */
gr_status gr_folds_moved(const gr_paired_folds *folds, int64_t *out, gr_error *err) GR_MUST_CHECK;
/* The size of a test part over that of a training part, on average over the folds, where all images that a fold does not
 * test train it. Fails: GR_NOMEM. */
gr_status gr_folds_tested(const gr_paired_folds *folds, double *out, gr_error *err) GR_MUST_CHECK;

#endif
