/* evaluate.average_over, looked at before anything is trained. */
#ifndef GR_RUN_AVERAGING_CHECK_H
#define GR_RUN_AVERAGING_CHECK_H

#include "learners/cohort.h"

/* Is there such a column, with a value for every test image and one class for those of a unit? Fails: GR_INVALID, GR_NOMEM.
 */
gr_status gr_averaging_check(const gr_cohort *cohort, gr_error *err) GR_MUST_CHECK;

#endif
