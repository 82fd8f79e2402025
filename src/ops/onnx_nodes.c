/* What the operators' `onnx` functions share. */
#include "ops/onnx_nodes.h"

void gr_onnx_op(gr_onnx *onnx, const gr_graph *g, const gr_op *op, const char *type)
{
    gr_onnx_node(onnx, type, op->out[0]->name);
    for (int i = 0; i < op->in_count; i++)
        gr_onnx_reads(onnx, op->in[i]->name);
    for (int i = 0; i < op->param_count; i++)
        gr_onnx_reads(onnx, g->params[op->param[i]]->name);
}

void gr_onnx_identity(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    gr_onnx_op(onnx, g, op, "Identity");
}

void gr_onnx_window(gr_onnx *onnx, const int64_t kernel[2], const int64_t stride[2], const int64_t before[2],
                    const int64_t behind[2])
{
    gr_onnx_ints(onnx, "kernel_shape", kernel, 2);
    gr_onnx_ints(onnx, "strides", stride, 2);
    gr_onnx_ints(onnx, "pads", (int64_t[]){before[0], before[1], behind[0], behind[1]}, 4);
}
