/* What other operators use of relu, sigmoid and add. */
#ifndef GR_OPS_ELEMENTWISE_H
#define GR_OPS_ELEMENTWISE_H

#include "ops/ops.h"

/* The backward of an identity: to (+)= from, of `count` floats; nothing when they are the same memory. */
void gr_pass_gradient(int64_t count, const gr_operand *from, const gr_operand *to);

#endif
