/* The list of operators as an array. */
#include "ops/ops.h"

#define POINTER(name) &gr_op_##name,

const gr_op_type *const gr_op_types[] = {GR_OPERATORS(POINTER) NULL};
