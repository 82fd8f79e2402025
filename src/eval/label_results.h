/* The totals of several columns of classes, for those who evaluate them as scores. */
#ifndef GR_EVAL_LABEL_RESULTS_H
#define GR_EVAL_LABEL_RESULTS_H

#include "grimace/multilabel.h"

/* The sums of the numbers that classes are named after: room[2, count] gets true ones, NaN where a label is not known, then
 * predicted ones; numbers[K] is scratch. false, and nothing, where a class is named after no number. Never fails. */
bool gr_label_totals(const gr_label_predictions *predictions, double *numbers, double *room) GR_MUST_CHECK;

#endif
