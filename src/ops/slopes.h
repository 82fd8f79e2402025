/* What others use of the activations with a slope of their own. */
#ifndef GR_OPS_SLOPES_H
#define GR_OPS_SLOPES_H

#include "ops/ops.h"

/* That of a leaky_relu or steep_sigmoid. Never fails. */
double gr_slope_of(const gr_op *op);

#endif
