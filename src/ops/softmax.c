/* Softmax over the last axis, or over each of `groups` equal blocks of it:
 *
 *   y_i = exp(x_i - max) / sum_j exp(x_j - max);   dx_i = y_i (dy_i - sum_j dy_j y_j). */
#include "ops/onnx_nodes.h"
#include "ops/ops.h"
#include "ops/shapes.h"

#include <math.h>

static int64_t groups_of(const gr_op *op)
{
    return *(const int64_t *)op->attr;
}

static gr_status infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    int64_t groups = groups_of(op);
    char text[GR_SHAPE_TEXT];
    if (groups < 1 || gr_shape_last(in) % groups != 0)
        return gr_fail(err, GR_INVALID, "a softmax over %lld blocks needs a multiple of them on the last axis, got %s",
                       (long long)groups, gr_shape_text(in, text));
    return gr_infer_same(op, in, out, err);
}

static void forward(const gr_call *call)
{
    int64_t c = gr_shape_last(&call->in[0].shape) / groups_of(call->op), rows = gr_shape_elements(&call->in[0].shape) / c;
    for (int64_t r = 0; r < rows; r++) {
        const float *x = call->in[0].data + r * c;
        float *y = call->out[0].data + r * c;
        double largest = (double)x[0], sum = 0.0;
        for (int64_t i = 1; i < c; i++)
            largest = fmax(largest, (double)x[i]);
        for (int64_t i = 0; i < c; i++)
            sum += exp((double)x[i] - largest);
        for (int64_t i = 0; i < c; i++)
            y[i] = (float)(exp((double)x[i] - largest) / sum);
    }
}

static void backward(const gr_call *call)
{
    if (call->in[0].grad == NULL)
        return;
    int64_t c = gr_shape_last(&call->in[0].shape) / groups_of(call->op), rows = gr_shape_elements(&call->in[0].shape) / c;
    for (int64_t r = 0; r < rows; r++) {
        const float *y = call->out[0].data + r * c, *dy = call->out[0].grad + r * c;
        float *dx = call->in[0].grad + r * c;
        double dot = 0.0;
        for (int64_t i = 0; i < c; i++)
            dot += (double)dy[i] * (double)y[i];
        for (int64_t i = 0; i < c; i++) {
            float value = (float)((double)y[i] * ((double)dy[i] - dot));
            dx[i] = call->in[0].accumulate ? dx[i] + value : value;
        }
    }
}

static unsigned backward_reads(const gr_op *op)
{
    (void)op;
    return GR_READS_OUTPUT0;
}

static void onnx_nodes(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    if (groups_of(op) == 1) {
        gr_onnx_op(onnx, g, op, "Softmax");
        gr_onnx_int(onnx, "axis", 1);
        return;
    }
    const char *n = op->name, *apart = gr_onnx_name(onnx, n, "apart"), *blocks = gr_onnx_name(onnx, n, "blocks");
    const char *shares = gr_onnx_name(onnx, n, "shares"), *together = gr_onnx_name(onnx, n, "together");
    gr_onnx_int64s(onnx, apart, (int64_t[]){0, groups_of(op), -1}, 3);
    gr_onnx_int64s(onnx, together, (int64_t[]){0, -1}, 2);
    gr_onnx_node2(onnx, "Reshape", blocks, op->in[0]->name, apart);
    gr_onnx_node1(onnx, "Softmax", shares, blocks);
    gr_onnx_int(onnx, "axis", 2);
    gr_onnx_node2(onnx, "Reshape", op->out[0]->name, shares, together);
}

const gr_op_type gr_op_softmax = {
    .name = "softmax",
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .backward_reads = backward_reads,
    .onnx = onnx_nodes,
};

gr_value *gr_softmax(gr_graph *g, gr_value *x, const char *name)
{
    return gr_softmax_groups(g, x, name, 1);
}

gr_value *gr_softmax_groups(gr_graph *g, gr_value *x, const char *name, int64_t groups)
{
    return gr_graph_add_value(g, &gr_op_softmax, name, &x, 1, &groups, sizeof groups);
}
