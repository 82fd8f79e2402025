/* Which predictions of a run say nothing about what a fold is tested on: those that its probabilities may be calibrated by.
 */
#ifndef GR_RUN_HELD_ROWS_H
#define GR_RUN_HELD_ROWS_H

#include "learners/cohort.h"

/* Sets held[manifest.rows]: with `validation` the fold's validation part; else the rows that other folds test, but this one
 * does not, nor another image of their group. Returns how many. Fails: GR_NOMEM. */
gr_status gr_held_rows(const gr_cohort *cohort, int fold, bool validation, bool *held, int64_t *count,
                       gr_error *err) GR_MUST_CHECK;
/* Are there enough of them in each fold for evaluate.calibrate? Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_held_check(const gr_cohort *cohort, gr_error *err) GR_MUST_CHECK;

#endif
