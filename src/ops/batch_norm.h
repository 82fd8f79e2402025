/* What other operators use of batch norm. */
#ifndef GR_OPS_BATCH_NORM_H
#define GR_OPS_BATCH_NORM_H

#include "ops/ops.h"

/* The eps of a batch norm, for who folds it into weights. */
double gr_batch_norm_eps(const gr_op *op);

#endif
