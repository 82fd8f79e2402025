/* The list of operators and what several of them share. */
#include "ops/ops.h"

#include <string.h>

#define ADDRESS(name) &gr_op_##name,
const gr_op_type *const gr_op_types[] = {GR_OPERATORS(ADDRESS) NULL};

gr_status gr_infer_same(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    (void)op;
    (void)err;
    out[0] = in[0];
    return GR_OK;
}

gr_status gr_infer_need_map(const gr_shape *in, gr_error *err)
{
    char text[GR_SHAPE_TEXT];
    if (in->rank != 4)
        return gr_fail(err, GR_INVALID, "needs a feature map [N, H, W, C], got %s", gr_shape_text(in, text));
    return GR_OK;
}

int64_t gr_window_extent(int64_t size, int64_t kernel, int64_t stride, int64_t pad, int64_t dilation, bool ceil_mode)
{
    int64_t room = size + 2 * pad - dilation * (kernel - 1) - 1;
    if (room < 0)
        return 0;
    int64_t extent = (room + (ceil_mode ? stride - 1 : 0)) / stride + 1;
    /* PyTorch: the last window must start inside the image or its left padding. */
    if (ceil_mode && (extent - 1) * stride >= size + pad)
        extent--;
    return extent;
}

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

void gr_pass_gradient(int64_t count, const float *from, const gr_operand *to)
{
    if (to->grad == NULL || to->grad == from)
        return;
    if (to->accumulate)
        gr_kernels_get()->accumulate(count, from, to->grad);
    else
        memcpy(to->grad, from, (size_t)count * sizeof(float));
}
