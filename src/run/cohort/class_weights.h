/* loss.class_weight: what each class counts in the loss. */
#ifndef GR_RUN_COHORT_CLASS_WEIGHTS_H
#define GR_RUN_COHORT_CLASS_WEIGHTS_H

#include "learners/cohort.h"

/* Does loss.class_weight, where it says anything, name the manifest's classes, and all of them (semantics keras3: or some)? Fails:
 * GR_INVALID. */
gr_status gr_class_weights_check(const gr_cohort *cohort, gr_error *err) GR_MUST_CHECK;

#endif
