/* How windows are told apart by one feature: what boosting asks of a split, and the best one of a feature. */
#ifndef GR_FITTING_SPLIT_H
#define GR_FITTING_SPLIT_H

#include "fitting/bins.h"

/* The weights on both sides of a split; all of them add up to 1. */
typedef struct gr_sides {
    double positive[2], negative[2]; /* left, right */
} gr_sides;

/* A kind of boosting. */
typedef struct gr_boosting {
    const char *name;
    /* How good a split is: more is better. */
    double (*gain)(const gr_sides *sides);
    /* What its leaves say. */
    void (*leaves)(const gr_sides *sides, float leaves[2]);
} gr_boosting;

/* "gentle" (Friedman, Hastie and Tibshirani 2000): the weighted mean of what windows are, 1 or -1; "discrete" (Freund and
 * Schapire 1997): plus or minus half of log((1 - e) / e) of the weighted error e. NULL: there is no such kind. Never fails. */
const gr_boosting *gr_boosting_find(const char *name);

/* A histogram of weights: [positive or negative, bin]. */
typedef struct gr_histogram {
    float weights[2][GR_BINS];
} gr_histogram;

/* The weights of the samples by their bins. Never fails. */
void gr_histogram_make(const gr_samples *samples, const uint8_t *bins, const float *weights, gr_histogram *out);
/* The largest gain of a threshold between bins, or with LBP of two sets of bins. Never fails. */
double gr_split_gain(const gr_boosting *boosting, gr_cascade_kind kind, const gr_histogram *histogram);

/* Gives the best split of one feature, exactly: a threshold between two values, or the subset of patterns that go left, and
 * its leaves. weights[count] add up to 1. Fails: GR_NOMEM. */
gr_status gr_split_find(const gr_boosting *boosting, const gr_samples *samples, const gr_cascade_feature *feature,
                        const float *weights, gr_cascade_node *node, float leaves[2], gr_error *err) GR_MUST_CHECK;

#endif
