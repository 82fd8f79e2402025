/* Softmax over the last axis: y_i = exp(x_i - max) / sum_j exp(x_j - max);   dx_i = y_i (dy_i - sum_j dy_j y_j). */
#include "ops/onnx_nodes.h"
#include "ops/ops.h"
#include "ops/shapes.h"

#include <math.h>

static void forward(const gr_call *call)
{
    int64_t rows = gr_shape_rows(&call->in[0].shape), c = gr_shape_last(&call->in[0].shape);
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
    int64_t rows = gr_shape_rows(&call->in[0].shape), c = gr_shape_last(&call->in[0].shape);
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

static void onnx_node(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    gr_onnx_op(onnx, g, op, "Softmax");
    gr_onnx_int(onnx, "axis", 1);
}

const gr_op_type gr_op_softmax = {
    .name = "softmax",
    .infer = gr_infer_same,
    .forward = forward,
    .backward = backward,
    .backward_reads = backward_reads,
    .onnx = onnx_node,
};

gr_value *gr_softmax(gr_graph *g, gr_value *x, const char *name)
{
    return gr_graph_add_value(g, &gr_op_softmax, name, &x, 1, "", 0);
}
