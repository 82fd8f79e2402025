/* What other operators use of batch norm. */
#ifndef GR_OPS_BATCH_NORM_H
#define GR_OPS_BATCH_NORM_H

#include "ops/ops.h"

/* The eps of a batch norm, for who folds it into weights. */
double gr_batch_norm_eps(const gr_op *op);
/* The share of a batch that goes into the running statistics: PyTorch's momentum. */
double gr_batch_norm_momentum(const gr_op *op);
/* A batch norm as gr_batch_norm_with makes it, with this eps and momentum whatever the graph's own are. */
gr_value *gr_batch_norm_own(gr_graph *g, gr_value *x, const char *name, double eps, double momentum);
/* The name of a batch norm that trains and sees a single number of each channel of an image, of which a batch of one image makes 0;
 * NULL: there is none. `graph` is of one image. Never fails. */
const char *gr_batch_norm_of_one(const gr_graph *graph);

#endif
