/* The same number of every fold of a run, taken together. */
#ifndef GR_EVAL_FOLDS_H
#define GR_EVAL_FOLDS_H

/* The number of one fold; NaN where it is undefined. */
typedef double (*gr_fold_number)(const void *ctx, int fold);

/* Mean and standard deviation (n - 1) of `number` over those of fold_count folds where it is defined; NaN where there are none, and
 * for the deviation fewer than two. Never fails. */
void gr_mean_over_folds(int fold_count, gr_fold_number number, const void *ctx, double *mean, double *std);

#endif
