/* Shape rules that several operators share. */
#ifndef GR_OPS_SHAPES_H
#define GR_OPS_SHAPES_H

#include "graph/op.h"

/* The output is shaped as the first input. Never fails. */
gr_status gr_infer_same(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err);
/* Fails unless the input is [N, H, W, C]. */
gr_status gr_infer_need_map(const gr_shape *in, gr_error *err) GR_MUST_CHECK;
/* The output extent of a window: floor((size + 2 pad - dilation (kernel - 1) - 1) / stride) + 1, with ceil as PyTorch does it;
 * 0 or less when the window does not fit. */
int64_t gr_window_extent(int64_t size, int64_t kernel, int64_t stride, int64_t pad, int64_t dilation, bool ceil_mode);

#endif
