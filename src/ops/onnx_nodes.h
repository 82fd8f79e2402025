/* ONNX: what the operators' `onnx` functions share. */
#ifndef GR_OPS_ONNX_NODES_H
#define GR_OPS_ONNX_NODES_H

#include "formats/onnx.h"
#include "graph/op.h"

/* Starts the node `type` that reads the operator's inputs, then its parameters, and makes its first output. */
void gr_onnx_op(gr_onnx *onnx, const gr_graph *g, const gr_op *op, const char *type);
/* Ditto, complete: an `onnx` function for what inference leaves as it is. */
void gr_onnx_identity(const gr_graph *g, const gr_op *op, gr_onnx *onnx);
/* The attributes that Conv and the pools share: kernel, stride, padding before and behind the map. */
void gr_onnx_window(gr_onnx *onnx, const int64_t kernel[2], const int64_t stride[2], const int64_t before[2],
                    const int64_t behind[2]);

#endif
