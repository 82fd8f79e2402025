/* Dropout (inverted): y = x m / (1 - rate) with m = 0 at probability `rate`;  dx = dy m / (1 - rate).
 * m is a pure function of seed, step, layer and element, so that backward draws it again and nothing is saved. */
#include "ops/ops.h"

#include <string.h>

enum { BLOCK = 4096 };

typedef struct dropout_attr {
    double rate;
} dropout_attr;

typedef struct job {
    const gr_call *call;
    const float *from;
    float *to;
    bool accumulate;
} job;

static void drop_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const job *j = ctx;
    const gr_call *call = j->call;
    double rate = ((const dropout_attr *)call->op->attr)->rate;
    uint32_t limit = (uint32_t)(rate * 4294967296.0); /* dropped when the draw is below */
    float keep = (float)(1.0 / (1.0 - rate));
    int64_t end = gr_shape_elements(&call->out[0].shape), start = index * BLOCK;
    end = end - start < BLOCK ? end : start + BLOCK;
    gr_rng rng = gr_rng_make(call->step->seed, GR_FOR_DROPOUT, (uint32_t)call->op->id, call->step->index);
    for (int64_t i = start; i < end; i += 4) {
        uint32_t draw[4];
        const uint32_t counter[4] = {(uint32_t)(i / 4), rng.counter[1], rng.counter[2], rng.counter[3]};
        gr_philox(rng.key, counter, draw);
        for (int64_t k = i; k < end && k < i + 4; k++) {
            float value = draw[k - i] < limit ? 0.0f : j->from[k] * keep;
            j->to[k] = j->accumulate ? j->to[k] + value : value;
        }
    }
}

static void run(const gr_call *call, const float *from, float *to, bool accumulate)
{
    job j = {call, from, to, accumulate};
    gr_parallel_for((gr_shape_elements(&call->out[0].shape) + BLOCK - 1) / BLOCK, drop_block, &j);
}

static void forward(const gr_call *call)
{
    if (call->training)
        run(call, call->in[0].data, call->out[0].data, false);
    else if (call->in[0].data != call->out[0].data)
        memcpy(call->out[0].data, call->in[0].data, (size_t)gr_shape_elements(&call->out[0].shape) * sizeof(float));
}

static void backward(const gr_call *call)
{
    if (call->in[0].grad != NULL)
        run(call, call->out[0].grad, call->in[0].grad, call->in[0].accumulate);
}

const gr_op_type gr_op_dropout = {
    .name = "dropout",
    .infer = gr_infer_same,
    .forward = forward,
    .backward = backward,
    .in_place = true,
    .grad_alias = 1,
    .onnx = gr_onnx_identity,
};

gr_value *gr_dropout(gr_graph *g, gr_value *x, const char *name, double rate)
{
    if (!(rate >= 0.0 && rate < 1.0)) {
        gr_fail(&g->error, GR_INVALID, "%s: a dropout rate of %g; it must be at least 0 and below 1", name, rate);
        return NULL;
    }
    dropout_attr attr = {rate};
    gr_op *op = gr_graph_add_op(g, &gr_op_dropout, name, &x, 1, 1, &attr, sizeof attr);
    return op != NULL ? op->out[0] : NULL;
}
