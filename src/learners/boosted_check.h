/* What boosted trees ask of a cohort before anything is read or written. */
#ifndef GR_LEARNERS_BOOSTED_CHECK_H
#define GR_LEARNERS_BOOSTED_CHECK_H

#include "learners/booster.h"
#include "learners/cohort.h"

/* What is learnt, by the task and its classes. Never fails. */
gr_boost_kind gr_boosted_kind(const gr_cohort *cohort);
/* The number that scale_pos_weight is; 0: auto. false: it is neither. Never fails. */
bool gr_boosted_weight(const char *text, double *weight);
/* Do the recipe's keys fit together, and the folds what they ask? Fails: GR_INVALID (a key is named). */
gr_status gr_boosted_check(const gr_cohort *cohort, gr_error *err) GR_MUST_CHECK;

#endif
