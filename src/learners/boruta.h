/* The two halves of a trial of Boruta: what each column weighs, and what the tests make of all hits so far. */
#ifndef GR_LEARNERS_BORUTA_H
#define GR_LEARNERS_BORUTA_H

#include "learners/boosting.h"

typedef enum gr_boruta_state { GR_BORUTA_OPEN = 0, GR_BORUTA_ACCEPTED, GR_BORUTA_REJECTED } gr_boruta_state;

/* Writes the sum of |SHAP| of each of `columns` columns over all rows of table[b->count, columns] (of several margins: their
 * sum), the trees being grown on these rows; targets and weights [b->count]. Fails: GR_NOMEM, GR_FAILED. */
gr_status gr_boruta_weigh(const gr_boosting *b, const float *table, int columns, const float *targets, const float *weights,
                          double *weight, gr_error *err) GR_MUST_CHECK;
/* After trial `trial` (from 1), in which hits[all] are counted: opens become accepted where n P(X >= hits) < level, else rejected
 * where n P(X <= hits) < level, X ~ Bin(trial, 1/2), n the columns that were in (not rejected) in this trial. Never fails. */
void gr_boruta_judge(gr_boruta_state *states, const int *hits, int all, int trial, double level);

#endif
