/* Channel split: the first channels of x, and the rest; backward joins the two gradients. */
#include "ops/onnx_nodes.h"
#include "ops/ops.h"
#include "ops/shapes.h"

#include <string.h>

static gr_status infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    int64_t first = *(const int64_t *)op->attr;
    gr_status status = gr_infer_need_map(in, err);
    if (status != GR_OK)
        return status;
    if (first < 1 || first >= in->dim[3])
        return gr_fail(err, GR_INVALID, "cannot split %lld channels after %lld; both parts need one at least",
                       (long long)in->dim[3], (long long)first);
    out[0] = gr_shape4(in->dim[0], in->dim[1], in->dim[2], first);
    out[1] = gr_shape4(in->dim[0], in->dim[1], in->dim[2], in->dim[3] - first);
    return GR_OK;
}

enum { ROWS = 64 }; /* of one block */

static void cut_rows(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const gr_call *call = ctx;
    int64_t c = call->in[0].shape.dim[3], end = gr_shape_rows(&call->in[0].shape);
    end = end < (index + 1) * ROWS ? end : (index + 1) * ROWS;
    for (int64_t r = index * ROWS; r < end; r++)
        for (int64_t i = 0, at = r * c; i < 2; i++) {
            int64_t part = call->out[i].shape.dim[3];
            memcpy(call->out[i].data + r * part, call->in[0].data + at, (size_t)part * sizeof(float));
            at += part;
        }
}

static void forward(const gr_call *call)
{
    gr_parallel_for((gr_shape_rows(&call->in[0].shape) + ROWS - 1) / ROWS, cut_rows, (void *)call);
}

/* An output that nobody asked the gradient of has none: it counts as zero. */
static void join_rows(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const gr_call *call = ctx;
    int64_t c = call->in[0].shape.dim[3], end = gr_shape_rows(&call->in[0].shape);
    bool add = call->in[0].accumulate;
    end = end < (index + 1) * ROWS ? end : (index + 1) * ROWS;
    for (int64_t r = index * ROWS; r < end; r++)
        for (int64_t i = 0, at = r * c; i < 2; i++) {
            int64_t part = call->out[i].shape.dim[3];
            float *dx = call->in[0].grad + at;
            const float *dy = call->out[i].grad != NULL ? call->out[i].grad + r * part : NULL;
            at += part;
            if (dy != NULL && !add)
                memcpy(dx, dy, (size_t)part * sizeof(float));
            else if (!add)
                memset(dx, 0, (size_t)part * sizeof(float));
            for (int64_t k = 0; dy != NULL && add && k < part; k++)
                dx[k] += dy[k];
        }
}

static void backward(const gr_call *call)
{
    if (call->in[0].grad != NULL)
        gr_parallel_for((gr_shape_rows(&call->in[0].shape) + ROWS - 1) / ROWS, join_rows, (void *)call);
}

static void onnx_node(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    (void)g;
    const int64_t sizes[2] = {op->out[0]->shape.dim[3], op->out[1]->shape.dim[3]};
    const char *name = gr_onnx_name(onnx, op->name, "sizes");
    gr_onnx_int64s(onnx, name, sizes, 2);
    gr_onnx_node2(onnx, "Split", op->out[0]->name, op->in[0]->name, name);
    gr_onnx_makes(onnx, op->out[1]->name);
    gr_onnx_int(onnx, "axis", 1);
}

const gr_op_type gr_op_channel_split = {
    .name = "channel_split",
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx = onnx_node,
};

gr_value *gr_channel_split(gr_graph *g, gr_value *x, const char *name, int64_t first, gr_value **rest)
{
    gr_op *op = gr_graph_add_op(g, &gr_op_channel_split, name, &x, 1, 2, &first, sizeof first);
    *rest = op != NULL ? op->out[1] : NULL;
    return op != NULL ? op->out[0] : NULL;
}
