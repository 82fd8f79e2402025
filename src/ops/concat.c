/* Concat: joins inputs along the last axis; backward cuts dy into the same pieces.
 *
 * ShuffleNet joins two halves, shuffles them in two groups and cuts them in halves again: an absorbed shuffle writes the inputs'
 * numbers in turns, y[2 k + i] = x_i[k], and an absorbed split writes the first and the second half of y to places of their own. */
#include "ops/onnx_nodes.h"
#include "ops/ops.h"

#include <string.h>

typedef struct concat_attr {
    int count;             /* of inputs */
    bool shuffled, halved; /* absorbed */
} concat_attr;

static const concat_attr *attr_of(const gr_op *op)
{
    return op->attr;
}

static gr_status infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    /* While the graph is being built the operator does not know its inputs' number yet: it is in the attribute. */
    int count = attr_of(op)->count;
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
    if (attr_of(op)->halved) {
        out[0].dim[out[0].rank - 1] /= 2;
        out[1] = out[0];
    }
    return GR_OK;
}

typedef struct job {
    const gr_call *call;
    bool backward;
} job;

/* A piece of a row. */
static void give_back(const float *dy, int64_t count, float *dx, bool accumulate)
{
    if (!accumulate)
        memcpy(dx, dy, (size_t)count * sizeof *dx);
    for (int64_t k = 0; accumulate && k < count; k++)
        dx[k] += dy[k];
}

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
        else if (call->in[i].grad != NULL)
            give_back(call->out[0].grad + at, part, call->in[i].grad + row * part, call->in[i].accumulate);
        at += part;
    }
}

/* Half `half` of y, or all of it: whose numbers of the inputs, from which on. */
static gr_turns turns_of(const gr_call *call, int half)
{
    int64_t width = gr_shape_last(&call->in[0].shape), halves = call->op->out_count;
    return (gr_turns){.rows = gr_shape_rows(&call->in[0].shape),
                      .count = width / halves,
                      .step = width,
                      .y_step = 2 * width / halves,
                      .a = call->in[0].data + half * width / halves,
                      .b = call->in[1].data + half * width / halves,
                      .y = call->out[half].data};
}

static void forward(const gr_call *call)
{
    job j = {call, false};
    for (int half = 0; attr_of(call->op)->shuffled && half < call->op->out_count; half++) {
        gr_turns t = turns_of(call, half);
        gr_kernels_get()->in_turns(&t);
    }
    if (!attr_of(call->op)->shuffled)
        gr_parallel_for(gr_shape_rows(&call->out[0].shape), pass_row, &j);
}

/* Where nobody asked a half's gradient it is zero. */
static void no_gradient(const gr_operand *in, const gr_turns *t, int64_t first)
{
    for (int64_t r = 0; in->grad != NULL && !in->accumulate && r < t->rows; r++)
        memset(in->grad + r * t->step + first, 0, (size_t)t->count * sizeof(float));
}

static void backward_shuffled(const gr_call *call)
{
    for (int half = 0; half < call->op->out_count; half++) {
        gr_turns t = turns_of(call, half);
        const int64_t first = half * t.count;
        if (call->out[half].grad == NULL) {
            no_gradient(&call->in[0], &t, first);
            no_gradient(&call->in[1], &t, first);
            continue;
        }
        t.y = call->out[half].grad;
        t.a = call->in[0].grad != NULL ? call->in[0].grad + first : NULL;
        t.b = call->in[1].grad != NULL ? call->in[1].grad + first : NULL;
        t.accumulate_a = call->in[0].accumulate, t.accumulate_b = call->in[1].accumulate;
        gr_kernels_get()->apart(&t);
    }
}

static void backward(const gr_call *call)
{
    job j = {call, true};
    if (attr_of(call->op)->shuffled)
        backward_shuffled(call);
    else
        gr_parallel_for(gr_shape_rows(&call->out[0].shape), pass_row, &j);
}

static bool absorb(gr_op *op, const gr_op *next, int position, bool training, bool gradients)
{
    (void)position, (void)training, (void)gradients;
    concat_attr *attr = op->attr;
    int64_t width = gr_shape_last(&op->in[0]->shape);
    if (next->type == &gr_op_channel_shuffle && !attr->shuffled && attr->count == 2 && *(const int64_t *)next->attr == 2 &&
        op->in[0] != op->in[1] && gr_shape_last(&op->in[1]->shape) == width) {
        attr->shuffled = true;
        return true;
    }
    if (next->type == &gr_op_channel_split && attr->shuffled && width % 2 == 0 && *(const int64_t *)next->attr == width) {
        attr->halved = true;
        return true;
    }
    return false;
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
    .absorb = absorb,
    .onnx = onnx_node,
};

gr_value *gr_concat(gr_graph *g, gr_value *const *x, int count, const char *name)
{
    concat_attr attr = {.count = count};
    return gr_graph_add_value(g, &gr_op_concat, name, x, count, &attr, sizeof attr);
}
