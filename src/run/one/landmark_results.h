/* What all folds of a run for landmarks say together. */
#ifndef GR_TRAIN_POINTS_RESULTS_H
#define GR_TRAIN_POINTS_RESULTS_H

#include "learners/trainer.h"

/* Writes predictions.csv, results.json and results.csv of a run whose folds are finished. GIVES *results (gr_results_free).
 * Fails: GR_INVALID, GR_IO, GR_NOMEM, GR_INTERNAL. */
gr_status gr_points_write_results(const gr_fold_job *job, gr_results *results, gr_error *err) GR_MUST_CHECK;

#endif
