/* Padding with zeros: y[n, h, w, c] = x[n, h - top, w - left, c] where that is a pixel of x, else 0. A negative side cuts
 * pixels off. Backward reads dy back from the same places. */
#include "ops/onnx_nodes.h"
#include "ops/ops.h"
#include "ops/shapes.h"

#include <string.h>

static gr_status infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    const gr_pad_args *a = op->attr;
    gr_status status = gr_infer_need_map(in, err);
    if (status != GR_OK)
        return status;
    int64_t oh = in->dim[1] + a->top + a->bottom, ow = in->dim[2] + a->left + a->right;
    if (oh < 1 || ow < 1)
        return gr_fail(err, GR_INVALID, "nothing is left of a %lldx%lld feature map; a larger image would be right",
                       (long long)in->dim[1], (long long)in->dim[2]);
    out[0] = gr_shape4(in->dim[0], oh, ow, in->dim[3]);
    return GR_OK;
}

static void forward_row(void *ctx, int64_t row, int thread)
{
    (void)thread;
    const gr_call *call = ctx;
    const gr_pad_args *a = call->op->attr;
    const gr_shape *x = &call->in[0].shape, *y = &call->out[0].shape;
    int64_t c = x->dim[3], n = row / y->dim[1], h = row % y->dim[1] - a->top;
    float *out = call->out[0].data + row * y->dim[2] * c;
    memset(out, 0, (size_t)(y->dim[2] * c) * sizeof(float));
    int64_t first = a->left > 0 ? a->left : 0, end = a->left + x->dim[2] < y->dim[2] ? a->left + x->dim[2] : y->dim[2];
    if (h < 0 || h >= x->dim[1] || end <= first)
        return;
    memcpy(out + first * c, call->in[0].data + ((n * x->dim[1] + h) * x->dim[2] + first - a->left) * c,
           (size_t)((end - first) * c) * sizeof(float));
}

static void backward_row(void *ctx, int64_t row, int thread)
{
    (void)thread;
    const gr_call *call = ctx;
    const gr_pad_args *a = call->op->attr;
    const gr_shape *x = &call->in[0].shape, *y = &call->out[0].shape;
    int64_t c = x->dim[3], n = row / x->dim[1], h = row % x->dim[1] + a->top;
    float *dx = call->in[0].grad + row * x->dim[2] * c;
    if (!call->in[0].accumulate)
        memset(dx, 0, (size_t)(x->dim[2] * c) * sizeof(float));
    for (int64_t w = 0; h >= 0 && h < y->dim[1] && w < x->dim[2]; w++) {
        int64_t at = w + a->left;
        const float *dy = call->out[0].grad + ((n * y->dim[1] + h) * y->dim[2] + at) * c;
        for (int64_t k = 0; at >= 0 && at < y->dim[2] && k < c; k++)
            dx[w * c + k] += dy[k];
    }
}

static void forward(const gr_call *call)
{
    gr_parallel_for(call->out[0].shape.dim[0] * call->out[0].shape.dim[1], forward_row, (void *)call);
}

static void backward(const gr_call *call)
{
    if (call->in[0].grad != NULL)
        gr_parallel_for(call->in[0].shape.dim[0] * call->in[0].shape.dim[1], backward_row, (void *)call);
}

/* Pad's list is of the axes' fronts, then of their ends: NCHW. */
static void onnx_node(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    (void)g;
    const gr_pad_args *a = op->attr;
    const int64_t pads[8] = {0, 0, a->top, a->left, 0, 0, a->bottom, a->right};
    const char *name = gr_onnx_name(onnx, op->name, "pads");
    gr_onnx_int64s(onnx, name, pads, 8);
    gr_onnx_node2(onnx, "Pad", op->out[0]->name, op->in[0]->name, name);
}

const gr_op_type gr_op_pad = {.name = "pad", .infer = infer, .forward = forward, .backward = backward, .onnx = onnx_node};

gr_value *gr_pad(gr_graph *g, gr_value *x, const char *name, gr_pad_args args)
{
    return gr_graph_add_value(g, &gr_op_pad, name, &x, 1, &args, sizeof args);
}
