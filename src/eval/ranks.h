/* Ranks of numbers, equal ones sharing their mean. */
#ifndef GR_EVAL_RANKS_H
#define GR_EVAL_RANKS_H

#include <stdbool.h>

#include "grimace/base.h"

/* ranks[i] in [1, n] of x[i] among x[n], for x without NaN. Fails: GR_NOMEM. */
gr_status gr_midranks(const double *x, int64_t n, double *ranks, gr_error *err) GR_MUST_CHECK;

/* Are all of x[n] the same? To be asked of the numbers themselves: the mean of equal ones is rounded, so that their sum of squares
 * about it need not be zero. Never fails. */
bool gr_all_equal(const double *x, int64_t n);

#endif
