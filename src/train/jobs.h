/* Folds in processes of their own that split the cores. */
#ifndef GR_TRAIN_JOBS_H
#define GR_TRAIN_JOBS_H

#include "trainer.h"

/* Runs the folds in at most `jobs` child processes at once, each with its share of threads; what they
 * tell comes to job->options->event in this process. A fold that fails stops the others after their current step. This
 * process must not have run gr_parallel_for on several threads before: their team does not survive a fork.
 * `lock` is a file that the children must not keep open. Fails: as gr_run. */
gr_status gr_jobs_run(const gr_fold_job *job, int jobs, int threads, int lock, gr_error *err) GR_MUST_CHECK;

#endif
