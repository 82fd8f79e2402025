/* Are probabilities what they say, and what is gained when the least sure rows are left out? Both are about the predicted
 * class. */
#ifndef GR_EVAL_RELIABILITY_H
#define GR_EVAL_RELIABILITY_H

#include "grimace/eval.h"

enum { GR_RELIABILITY_BINS = 15 };

/* Bin b holds the rows whose largest probability lies in (b / 15, (b + 1) / 15]. */
typedef struct gr_reliability {
    int64_t count[GR_RELIABILITY_BINS];
    double confidence[GR_RELIABILITY_BINS]; /* mean probability; NaN in an empty bin, like the next */
    double accuracy[GR_RELIABILITY_BINS];   /* share right */
    double ece; /* expected calibration error: sum of count / n |accuracy - confidence| (Guo et al. 2017) */
} gr_reliability;

/* From `predictions` with labels and probabilities (BORROWED). Never fails. */
void gr_reliability_make(const gr_predictions *predictions, gr_reliability *out);

/* Rows in the order of falling probability of the predicted class, equal ones taken in together: at each end of such a group
 * the share of rows taken in and the accuracy among them. */
typedef struct gr_coverage {
    int64_t count;
    double *coverage, *accuracy; /* [count], owned; rising coverage, the last is 1 */
    double area;                 /* under the risk 1 - accuracy against coverage: the mean risk over all rows' places */
} gr_coverage;

/* *out GIVES (gr_coverage_free). Fails: GR_NOMEM. */
gr_status gr_coverage_make(const gr_predictions *predictions, gr_coverage *out, gr_error *err) GR_MUST_CHECK;
void gr_coverage_free(gr_coverage *coverage);
/* The accuracy at the smallest coverage of at least `share`. Never fails. */
double gr_coverage_at(const gr_coverage *coverage, double share);

#endif
