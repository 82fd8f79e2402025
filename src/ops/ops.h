/* All operators: a new one is a file here that defines gr_op_NAME, and a line in table.h. */
#ifndef GR_OPS_H
#define GR_OPS_H

#include "graph/op.h"
#include "ops/table.h"

#define GR_DECLARE_OPERATOR(name) extern const gr_op_type gr_op_##name;
GR_OPERATORS(GR_DECLARE_OPERATOR)
#undef GR_DECLARE_OPERATOR

/* Every operator in the order of the list, NULL-terminated. */
extern const gr_op_type *const gr_op_types[];

#endif
