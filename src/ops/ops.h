/* All operators, one file each, and what several of them share. table.h lists them. */
#ifndef GR_OPS_H
#define GR_OPS_H

#include "formats/onnx.h"
#include "graph/op.h"
#include "ops/table.h"

#define GR_DECLARE_OPERATOR(name) extern const gr_op_type gr_op_##name;
GR_OPERATORS(GR_DECLARE_OPERATOR)
#undef GR_DECLARE_OPERATOR

/* Every operator, NULL-terminated. */
extern const gr_op_type *const gr_op_types[];

/* What an operator of that kind does to each element, or GR_ACT_NONE when it is no such activation. */
gr_act gr_activation_of(const gr_op_type *type);

/* Shape rules that several operators share. */
gr_status gr_infer_same(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err);
/* The eps of a batch norm, for who folds it into weights. */
double gr_batch_norm_eps(const gr_op *op);
/* Fails unless the input is [N, H, W, C]. */
gr_status gr_infer_need_map(const gr_shape *in, gr_error *err) GR_MUST_CHECK;
/* The output extent of a window: floor((size + 2 pad - dilation (kernel - 1) - 1) / stride) + 1, with ceil as PyTorch does it;
 * 0 or less when the window does not fit. */
int64_t gr_window_extent(int64_t size, int64_t kernel, int64_t stride, int64_t pad, int64_t dilation, bool ceil_mode);
/* to (+)= from, of `count` floats; nothing when they are the same memory. */
void gr_pass_gradient(int64_t count, const float *from, const gr_operand *to);

/* ---- ONNX: what the operators' `onnx` functions share ---------------------------------------------------------------------- */

/* Starts the node `type` that reads the operator's inputs, then its parameters, and makes its first output. */
void gr_onnx_op(gr_onnx *onnx, const gr_graph *g, const gr_op *op, const char *type);
/* Ditto, complete: an `onnx` function for what inference leaves as it is. */
void gr_onnx_identity(const gr_graph *g, const gr_op *op, gr_onnx *onnx);
/* The attributes that Conv and the pools share: kernel, stride, padding before and behind the map. */
void gr_onnx_window(gr_onnx *onnx, const int64_t kernel[2], const int64_t stride[2], const int64_t before[2],
                    const int64_t behind[2]);

#endif
