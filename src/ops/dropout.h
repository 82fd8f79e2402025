/* What others use of dropout. */
#ifndef GR_OPS_DROPOUT_H
#define GR_OPS_DROPOUT_H

#include "ops/ops.h"

/* The share that a dropout, or a stochastic depth, leaves out in training. Never fails. */
double gr_dropout_rate(const gr_op *op);

#endif
