/* What other operators use of the activations. */
#ifndef GR_OPS_ACTIVATION_H
#define GR_OPS_ACTIVATION_H

#include "ops/ops.h"

/* What an operator of that kind does to each element, or GR_ACT_NONE when it is no such activation. */
gr_act gr_activation_of(const gr_op_type *type);

#endif
