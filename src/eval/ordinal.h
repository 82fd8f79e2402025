/* Numbers of classes in order where rows count several times. */
#ifndef GR_EVAL_ORDINAL_H
#define GR_EVAL_ORDINAL_H

#include "grimace/ordinal.h"

/* Of predictions whose row i counts weights[i] times; `table` [class_count, class_count] is scratch. Never fails. */
void gr_ordinal_weigh(const gr_predictions *predictions, const int32_t *weights, double *table,
                      double value[GR_ORDINAL_METRIC_COUNT]);

#endif
