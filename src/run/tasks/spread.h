/* How far the answers of several models for one image differ. */
#ifndef GR_RUN_SPREAD_H
#define GR_RUN_SPREAD_H

#include "learners/card.h"

/* The variance (n - 1) of number `at` of answers[models]. Never fails. */
double gr_spread_variance(const float *const *answers, int models, int64_t at);
/* gr_task.spread of classes: of the positive one's probability. */
double gr_spread_classes(const gr_card *card, int positive, const float *const *answers, int models);

#endif
