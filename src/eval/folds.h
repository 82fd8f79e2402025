/* What the results of every task have of folds: their names, and the same number of all of them taken together. */
#ifndef GR_EVAL_FOLDS_H
#define GR_EVAL_FOLDS_H

#include "grimace/eval.h"

/* The number of one fold; NaN where it is undefined. */
typedef double (*gr_fold_number)(const void *ctx, int fold);

/* Mean and standard deviation (n - 1) of `number` over those of fold_count folds where it is defined; NaN where there are none, and
 * for the deviation fewer than two. Never fails. */
void gr_mean_over_folds(int fold_count, gr_fold_number number, const void *ctx, double *mean, double *std);

/* GIVES copies of names[count], which gr_results_free frees where they stand, also when only some were made. Fails: GR_NOMEM. */
gr_status gr_names_copy(const char *const *names, int count, char ***out, gr_error *err) GR_MUST_CHECK;
/* Sets out->name and the names of its out->fold_count folds. Fails: GR_NOMEM; gr_results_free then frees what was made. */
gr_status gr_results_begin(const char *name, const char *const *folds, gr_results *out, gr_error *err) GR_MUST_CHECK;

#endif
