/* All operators, one file each. A new one is a file here and a line in this list and in table.c. */
#ifndef GR_OPS_H
#define GR_OPS_H

#include "formats/onnx.h"
#include "graph/op.h"

extern const gr_op_type gr_op_conv2d, gr_op_batch_norm, gr_op_relu, gr_op_sigmoid, gr_op_softmax, gr_op_dropout, gr_op_add,
    gr_op_concat, gr_op_flatten, gr_op_max_pool, gr_op_avg_pool, gr_op_global_avg_pool, gr_op_dense, gr_op_attention_pool,
    gr_op_cross_entropy, gr_op_prsc, gr_op_weighted_sum,
    gr_op_adaptive_avg_pool, gr_op_global_max_pool, gr_op_landmark_loss,
    gr_op_relu6, gr_op_hard_sigmoid, gr_op_hard_swish, gr_op_silu, gr_op_stochastic_depth, gr_op_channel_split,
    gr_op_channel_shuffle, gr_op_scale_channels, gr_op_pad;

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
