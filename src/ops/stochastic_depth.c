/* Stochastic depth, row by row of the batch: y = x m / (1 - rate) with one m for each image, 0 at probability `rate`;
 * dx = dy m / (1 - rate). m is a pure function of seed, step, layer and image, so that backward draws it again. */
#include "ops/ops.h"

#include <string.h>

typedef struct depth_attr {
    double rate;
} depth_attr;

typedef struct job {
    const gr_call *call;
    const float *from;
    float *to;
    bool accumulate;
} job;

static void pass_image(void *ctx, int64_t n, int thread)
{
    (void)thread;
    const job *j = ctx;
    const gr_call *call = j->call;
    double rate = ((const depth_attr *)call->op->attr)->rate;
    gr_rng rng = gr_rng_make(call->step->seed, GR_FOR_DROPOUT, (uint32_t)call->op->id, call->step->index);
    uint32_t draw[4];
    const uint32_t counter[4] = {(uint32_t)n, rng.counter[1], rng.counter[2], rng.counter[3]};
    gr_philox(rng.key, counter, draw);
    bool dropped = draw[0] < (uint32_t)(rate * 4294967296.0);
    float keep = (float)(1.0 / (1.0 - rate));
    int64_t each = gr_shape_elements(&call->out[0].shape) / call->out[0].shape.dim[0];
    const float *from = j->from + n * each;
    float *to = j->to + n * each;
    if (dropped && !j->accumulate)
        memset(to, 0, (size_t)each * sizeof(float));
    else if (!dropped && j->accumulate)
        for (int64_t i = 0; i < each; i++)
            to[i] += from[i] * keep;
    else if (!dropped)
        for (int64_t i = 0; i < each; i++)
            to[i] = from[i] * keep;
}

static void run(const gr_call *call, const float *from, float *to, bool accumulate)
{
    job j = {call, from, to, accumulate};
    gr_parallel_for(call->out[0].shape.dim[0], pass_image, &j);
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

const gr_op_type gr_op_stochastic_depth = {
    .name = "stochastic_depth",
    .infer = gr_infer_same,
    .forward = forward,
    .backward = backward,
    .in_place = true,
    .grad_alias = 1,
    .onnx = gr_onnx_identity,
};

gr_value *gr_stochastic_depth(gr_graph *g, gr_value *x, const char *name, double rate)
{
    if (!(rate >= 0.0 && rate < 1.0)) {
        gr_fail(&g->error, GR_INVALID, "%s: a stochastic depth's rate of %g; it must be at least 0 and below 1", name, rate);
        return NULL;
    }
    depth_attr attr = {rate};
    gr_op *op = gr_graph_add_op(g, &gr_op_stochastic_depth, name, &x, 1, 1, &attr, sizeof attr);
    return op != NULL ? op->out[0] : NULL;
}
