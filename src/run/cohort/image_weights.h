/* data.weight: what each image counts in the loss. */
#ifndef GR_RUN_COHORT_IMAGE_WEIGHTS_H
#define GR_RUN_COHORT_IMAGE_WEIGHTS_H

#include "learners/cohort.h"

/* Reads the column that data.weight names into cohort->weights; NULL where it names none. Fails: GR_INVALID (no such column; a
 * cell that is no number from 0 on; a task whose loss has no weights), GR_NOMEM. */
gr_status gr_image_weights(gr_cohort *cohort, gr_error *err) GR_MUST_CHECK;

#endif
