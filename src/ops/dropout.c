/* Dropout (inverted): y = x m / (1 - rate) with m = 0 at probability `rate`;  dx = dy m / (1 - rate). Stochastic depth is
 * dropout of whole images: one m for each (Huang et al. 2016; torchvision's StochasticDepth in mode "row").
 * Without training it is the identity, both ways.
 * m is a pure function of seed, step, layer and element (or image) of the batch, so that backward draws it again and nothing is
 * saved, and a block of a batch gets what the same images get in the whole of it. */
#include "ops/elementwise.h"
#include "ops/dropout.h"
#include "ops/onnx_nodes.h"
#include "ops/shapes.h"

#include <string.h>

enum { BLOCK = 4096 };

typedef struct dropout_attr {
    double rate;
} dropout_attr;

typedef struct job {
    const gr_call *call;
    const float *from;
    float *to;
    gr_rng rng;
    int64_t first;  /* element (image) of the batch at which the call's begin */
    uint32_t limit; /* dropped when the draw is below */
    float keep;
    bool accumulate;
} job;

/* Draws 4 index .. 4 index + 3. */
static void draws_at(const job *j, int64_t index, uint32_t draw[4])
{
    const uint32_t counter[4] = {(uint32_t)index, j->rng.counter[1], j->rng.counter[2], j->rng.counter[3]};
    gr_philox(j->rng.key, counter, draw);
}

static void put(const job *j, int64_t i, bool dropped)
{
    float value = dropped ? 0.0f : j->from[i] * j->keep;
    j->to[i] = j->accumulate ? j->to[i] + value : value;
}

static void drop_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const job *j = ctx;
    int64_t end = gr_shape_elements(&j->call->out[0].shape), start = index * BLOCK;
    end = end - start < BLOCK ? end : start + BLOCK;
    for (int64_t i = start; i < end;) {
        uint32_t draw[4];
        draws_at(j, (j->first + i) / 4, draw);
        for (int64_t lane = (j->first + i) % 4; i < end && lane < 4; i++, lane++)
            put(j, i, draw[lane] < j->limit);
    }
}

/* An image is a stretch of numbers that nobody else writes: loops for vectors. */
static void keep_image(const float *from, float *to, int64_t count, float keep, bool accumulate)
{
    for (int64_t i = 0; i < count; i++)
        to[i] = accumulate ? to[i] + from[i] * keep : from[i] * keep;
}

static void drop_image(void *ctx, int64_t n, int thread)
{
    (void)thread;
    const job *j = ctx;
    uint32_t draw[4];
    draws_at(j, j->first + n, draw);
    int64_t each = gr_shape_elements(&j->call->out[0].shape) / j->call->out[0].shape.dim[0];
    float *to = j->to + n * each;
    if (draw[0] >= j->limit)
        keep_image(j->from + n * each, to, each, j->keep, j->accumulate);
    else if (!j->accumulate)
        memset(to, 0, (size_t)each * sizeof *to);
}

static void run(const gr_call *call, const float *from, float *to, bool accumulate)
{
    double rate = ((const dropout_attr *)call->op->attr)->rate;
    bool images = call->op->type == &gr_op_stochastic_depth;
    int64_t each = gr_shape_elements(&call->out[0].shape) / call->out[0].shape.dim[0];
    job j = {.call = call,
             .from = from,
             .to = to,
             .accumulate = accumulate,
             .first = call->step->first * (images ? 1 : each),
             .keep = (float)(1.0 / (1.0 - rate)),
             .limit = (uint32_t)(rate * 4294967296.0),
             .rng = gr_rng_make(call->step->seed, GR_FOR_DROPOUT, (uint32_t)call->op->id, call->step->index)};
    if (images)
        gr_parallel_for(call->out[0].shape.dim[0], drop_image, &j);
    else
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
    if (!call->training)
        gr_pass_gradient(gr_shape_elements(&call->out[0].shape), &call->out[0], &call->in[0]);
    else if (call->in[0].grad != NULL)
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

const gr_op_type gr_op_stochastic_depth = {
    .name = "stochastic_depth",
    .infer = gr_infer_same,
    .forward = forward,
    .backward = backward,
    .in_place = true,
    .grad_alias = 1,
    .onnx = gr_onnx_identity,
};

double gr_dropout_rate(const gr_op *op)
{
    return ((const dropout_attr *)op->attr)->rate;
}

static gr_value *add_dropout(gr_graph *g, const gr_op_type *type, gr_value *x, const char *name, double rate)
{
    if (!(rate >= 0.0 && rate < 1.0)) {
        gr_fail(&g->error, GR_INVALID, "%s: a %s rate of %g; it must be at least 0 and below 1", name, type->name, rate);
        return NULL;
    }
    dropout_attr attr = {rate};
    return gr_graph_add_value(g, type, name, &x, 1, &attr, sizeof attr);
}

gr_value *gr_dropout(gr_graph *g, gr_value *x, const char *name, double rate)
{
    return add_dropout(g, &gr_op_dropout, x, name, rate);
}

gr_value *gr_stochastic_depth(gr_graph *g, gr_value *x, const char *name, double rate)
{
    return add_dropout(g, &gr_op_stochastic_depth, x, name, rate);
}
