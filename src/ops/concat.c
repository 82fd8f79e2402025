/* Concat: joins inputs along the last axis; backward cuts dy into the same pieces. */
#include "ops/onnx_nodes.h"
#include "ops/ops.h"

#include <string.h>

static gr_status infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    /* While the graph is being built the operator does not know its inputs' number yet: it is in the attribute. */
    int count = *(const int *)op->attr;
    out[0] = in[0];
    for (int i = 1; i < count; i++) {
        bool same = in[i].rank == in[0].rank;
        for (int d = 0; same && d + 1 < in[0].rank; d++)
            same = in[i].dim[d] == in[0].dim[d];
        char a[GR_SHAPE_TEXT], b[GR_SHAPE_TEXT];
        if (!same)
            return gr_fail(err, GR_INVALID, "cannot join %s and %s; all but the last axis must agree",
                           gr_shape_text(&in[0], a), gr_shape_text(&in[i], b));
        out[0].dim[out[0].rank - 1] += in[i].dim[in[i].rank - 1];
    }
    return GR_OK;
}

typedef struct job {
    const gr_call *call;
    bool backward;
} job;

static void pass_row(void *ctx, int64_t row, int thread)
{
    (void)thread;
    const job *j = ctx;
    const gr_call *call = j->call;
    int64_t whole = gr_shape_last(&call->out[0].shape), at = row * whole;
    for (int i = 0; i < call->op->in_count; i++) {
        int64_t part = gr_shape_last(&call->in[i].shape);
        if (!j->backward)
            memcpy(call->out[0].data + at, call->in[i].data + row * part, (size_t)part * sizeof(float));
        float *dx = j->backward && call->in[i].grad != NULL ? call->in[i].grad + row * part : NULL;
        for (int64_t k = 0; dx != NULL && k < part; k++)
            dx[k] = call->out[0].grad[at + k] + (call->in[i].accumulate ? dx[k] : 0.0f);
        at += part;
    }
}

static void forward(const gr_call *call)
{
    job j = {call, false};
    gr_parallel_for(gr_shape_rows(&call->out[0].shape), pass_row, &j);
}

static void backward(const gr_call *call)
{
    job j = {call, true};
    gr_parallel_for(gr_shape_rows(&call->out[0].shape), pass_row, &j);
}

static void onnx_node(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    gr_onnx_op(onnx, g, op, "Concat");
    gr_onnx_int(onnx, "axis", 1);
}

const gr_op_type gr_op_concat = {
    .name = "concat",
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx = onnx_node,
};

gr_value *gr_concat(gr_graph *g, gr_value *const *x, int count, const char *name)
{
    return gr_graph_add_value(g, &gr_op_concat, name, x, count, &count, sizeof count);
}
