/* Principal component analysis of a table of numbers. */
#ifndef GRIMACE_PCA_H
#define GRIMACE_PCA_H

#include <stdbool.h>
#include <stdint.h>

#include "grimace/base.h"

/* What is found; the caller frees it with gr_pca_free. */
typedef struct gr_pca {
    int64_t rows;
    int width, count; /* columns of the table, components */
    double *mean;     /* [width], of what is known */
    double *scale;    /* [width], what columns are divided by: 1, or the deviation (n), 1 where that is 0 */
    double *loadings; /* [count, width], unit vectors; the entry of the largest absolute value of each is positive */
    double *variance; /* [count], with n - 1, falling */
    double *share;    /* [count], of all variance */
    double *scores;   /* [rows, count] */
} gr_pca;

/* The first `count` components of x[rows, width], as scikit-learn's PCA finds them (svd_solver full, signs by the loadings
 * as since its 1.5.0); `standardise`: columns are divided by their deviation before. A NaN counts as its column's mean.
 * Fails: GR_INVALID (less than two rows; more components than rows or columns), GR_NOMEM. */
gr_status gr_pca_make(const double *x, int64_t rows, int width, int count, bool standardise, gr_pca *out,
                      gr_error *err) GR_MUST_CHECK;
void gr_pca_free(gr_pca *pca);

#endif
