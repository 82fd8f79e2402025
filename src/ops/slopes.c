/* Activations that have a slope of their own, s, one function y = f(x) of each element, dx = dy f'(x):
 *   leaky_relu     x > 0: x, else s x           f' = 1, s                                  (Maas et al. 2013)
 *   steep_sigmoid  min(max(s x + 1/2, 0), 1)    f' = s where that lies between 0 and 1     (hard_sigmoid with another s than 1/6)
 * In float, as Keras and PyTorch have them; no other operator takes them in. */
#include "ops/slopes.h"

#include "ops/onnx_nodes.h"
#include "ops/shapes.h"

enum { BLOCK = 4096 };

double gr_slope_of(const gr_op *op)
{
    return *(const double *)op->attr;
}

/* ---- arithmetic ---------------------------------------------------------------------------------------------------------- */

static void leaky(int64_t count, const float *x, float s, float *y)
{
    for (int64_t i = 0; i < count; i++)
        y[i] = x[i] > 0.0f ? x[i] : s * x[i];
}

static void leaky_slope(int64_t count, const float *x, float s, const float *dy, float *dx, bool accumulate)
{
    for (int64_t i = 0; i < count; i++) {
        float d = x[i] > 0.0f ? dy[i] : s * dy[i];
        dx[i] = accumulate ? dx[i] + d : d;
    }
}

static void steep(int64_t count, const float *x, float s, float *y)
{
    for (int64_t i = 0; i < count; i++) {
        float v = s * x[i] + 0.5f;
        y[i] = v < 0.0f ? 0.0f : v > 1.0f ? 1.0f : v;
    }
}

static void steep_slope(int64_t count, const float *x, float s, const float *dy, float *dx, bool accumulate)
{
    for (int64_t i = 0; i < count; i++) {
        float v = s * x[i] + 0.5f, d = v > 0.0f && v < 1.0f ? s * dy[i] : 0.0f;
        dx[i] = accumulate ? dx[i] + d : d;
    }
}

static bool is_leaky(const gr_call *call)
{
    return call->op->type == &gr_op_leaky_relu;
}

static int64_t elements(const gr_call *call)
{
    return gr_shape_elements(&call->out[0].shape);
}

static int64_t blocks(const gr_call *call)
{
    return (elements(call) + BLOCK - 1) / BLOCK;
}

static int64_t size_of(const gr_call *call, int64_t block)
{
    int64_t left = elements(call) - block * BLOCK;
    return left < BLOCK ? left : BLOCK;
}

static void forward_block(void *ctx, int64_t block, int thread)
{
    (void)thread;
    const gr_call *call = ctx;
    (is_leaky(call) ? leaky : steep)(size_of(call, block), call->in[0].data + block * BLOCK, (float)gr_slope_of(call->op),
                                     call->out[0].data + block * BLOCK);
}

static void backward_block(void *ctx, int64_t block, int thread)
{
    (void)thread;
    const gr_call *call = ctx;
    int64_t at = block * BLOCK;
    (is_leaky(call) ? leaky_slope : steep_slope)(size_of(call, block), call->in[0].data + at, (float)gr_slope_of(call->op),
                                                 call->out[0].grad + at, call->in[0].grad + at, call->in[0].accumulate);
}

static void forward(const gr_call *call)
{
    gr_parallel_for(blocks(call), forward_block, (void *)call);
}

static void backward(const gr_call *call)
{
    if (call->in[0].grad != NULL)
        gr_parallel_for(blocks(call), backward_block, (void *)call);
}

static unsigned backward_reads(const gr_op *op)
{
    (void)op;
    return GR_READS_INPUT0;
}

/* ---- ONNX ---------------------------------------------------------------------------------------------------------------- */

static void leaky_relu_onnx(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    gr_onnx_op(onnx, g, op, "LeakyRelu");
    gr_onnx_float(onnx, "alpha", gr_slope_of(op));
}

static void steep_sigmoid_onnx(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    gr_onnx_op(onnx, g, op, "HardSigmoid");
    gr_onnx_float(onnx, "alpha", gr_slope_of(op));
    gr_onnx_float(onnx, "beta", 0.5);
}

#define SLOPED(word)                                                                                                        \
    {                                                                                                                       \
        .name = #word, .infer = gr_infer_same, .forward = forward, .backward = backward, .backward_reads = backward_reads,  \
        .in_place = true, .grad_alias = 1, .onnx = word##_onnx                                                              \
    }
const gr_op_type gr_op_leaky_relu = SLOPED(leaky_relu), gr_op_steep_sigmoid = SLOPED(steep_sigmoid);

gr_value *gr_leaky_relu(gr_graph *g, gr_value *x, const char *name, double slope)
{
    return gr_graph_add_value(g, &gr_op_leaky_relu, name, &x, 1, &slope, sizeof slope);
}

gr_value *gr_steep_sigmoid(gr_graph *g, gr_value *x, const char *name, double slope)
{
    return gr_graph_add_value(g, &gr_op_steep_sigmoid, name, &x, 1, &slope, sizeof slope);
}
