/* What trials follow. */
#ifndef GR_EXPLAIN_TRIAL_SCORE_H
#define GR_EXPLAIN_TRIAL_SCORE_H

#include "explain/trial.h"

/* What is explained of image `i`, when its answers and values are these: the probability of the class, where it has one,
 * else the value. Never fails. */
double gr_trial_score(const gr_trial_images *images, int64_t i, const double *values, const float *answers);

#endif
