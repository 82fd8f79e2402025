/* Isotonic regression of a class's share on its probability. */
#ifndef GR_EVAL_ISOTONIC_H
#define GR_EVAL_ISOTONIC_H

#include "grimace/calibration.h"

/* Fits rising steps to labels[n] (1 for `cls`, 0 for others) over scores[i * stride]: equal scores become one point of their
 * mean, neighbours that fall are pooled, and of equal values only the ends are kept, as scikit-learn's IsotonicRegression
 * does. *out GIVES x and y. Fails: GR_NOMEM. */
gr_status gr_isotonic_fit(const int32_t *labels, int cls, const float *scores, int stride, int64_t n, gr_steps *out,
                          gr_error *err) GR_MUST_CHECK;
/* The value at `score`: straight between points, that of the first or last beyond them. Never fails. */
double gr_isotonic_at(const gr_steps *steps, double score);

#endif
