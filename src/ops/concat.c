/* Concat: joins inputs along the last axis; backward cuts dy into the same pieces. At inference a channel shuffle behind it is done
 * on the way: a few rows are joined in cache, and leave it shuffled. */
#include "ops/onnx_nodes.h"
#include "ops/ops.h"

#include <string.h>

typedef struct concat_attr {
    int count;
    int64_t groups; /* of the shuffle that was absorbed; 0: none */
} concat_attr;

static const concat_attr *attr_of(const gr_call *call)
{
    return call->op->attr;
}

static gr_status infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    /* While the graph is being built the operator does not know its inputs' number yet: it is in the attribute. */
    int count = ((const concat_attr *)op->attr)->count;
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

enum { ROWS = 16 }; /* that are joined before they are shuffled */

static size_t scratch_size(const gr_call *call, gr_pass pass)
{
    bool shuffles = pass == GR_PASS_FORWARD && attr_of(call)->groups > 0;
    return shuffles ? (size_t)(call->threads * ROWS * gr_shape_last(&call->out[0].shape)) * sizeof(float) : 0;
}

static void join_and_shuffle(void *ctx, int64_t index, int thread)
{
    const gr_call *call = ctx;
    int64_t whole = gr_shape_last(&call->out[0].shape), rows = gr_shape_rows(&call->out[0].shape) - index * ROWS;
    int64_t groups = attr_of(call)->groups;
    float *joined = (float *)call->scratch + thread * ROWS * whole;
    rows = rows < ROWS ? rows : ROWS;
    for (int64_t i = 0, at = 0; i < call->op->in_count; i++) {
        int64_t part = gr_shape_last(&call->in[i].shape);
        for (int64_t r = 0; r < rows; r++)
            memcpy(joined + r * whole + at, call->in[i].data + (index * ROWS + r) * part, (size_t)part * sizeof(float));
        at += part;
    }
    gr_kernels_get()->shuffle(rows, groups, whole / groups, joined, call->out[0].data + index * ROWS * whole, false);
}

static void forward(const gr_call *call)
{
    int64_t rows = gr_shape_rows(&call->out[0].shape);
    job j = {call, false};
    if (attr_of(call)->groups > 0)
        gr_parallel_for((rows + ROWS - 1) / ROWS, join_and_shuffle, (void *)call);
    else
        gr_parallel_for(rows, pass_row, &j);
}

static bool absorb(gr_op *op, const gr_op *next, int position, bool training, bool gradients)
{
    concat_attr *attr = op->attr;
    (void)position;
    if (training || gradients || attr->groups > 0 || next->type != &gr_op_channel_shuffle)
        return false;
    attr->groups = *(const int64_t *)next->attr;
    return true;
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
    .scratch_size = scratch_size,
    .absorb = absorb,
    .onnx = onnx_node,
};

gr_value *gr_concat(gr_graph *g, gr_value *const *x, int count, const char *name)
{
    concat_attr attr = {.count = count};
    return gr_graph_add_value(g, &gr_op_concat, name, x, count, &attr, sizeof attr);
}
