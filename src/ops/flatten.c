/* Flatten: [N,H,W,C] -> [N, C H W] in PyTorch's order (channel first), y[n, (c H + h) W + w] = x[n,h,w,c], so that the dense
 * layer behind has PyTorch's weights. Backward is the transposition back. */
#include "ops/onnx_nodes.h"
#include "ops/ops.h"
#include "ops/shapes.h"

static gr_status infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    (void)op;
    gr_status status = in->rank == 2 ? GR_OK : gr_infer_need_map(in, err);
    out[0] = gr_shape2(in->dim[0], in->rank == 2 ? in->dim[1] : in->dim[1] * in->dim[2] * in->dim[3]);
    return status;
}

static void extents(const gr_call *call, int64_t *pixels, int64_t *channels)
{
    const gr_shape *x = &call->in[0].shape;
    *channels = gr_shape_last(x);
    *pixels = gr_shape_elements(x) / (x->dim[0] * *channels);
}

static void forward_image(void *ctx, int64_t n, int thread)
{
    (void)thread;
    const gr_call *call = ctx;
    int64_t pixels, channels;
    extents(call, &pixels, &channels);
    const float *x = call->in[0].data + n * pixels * channels;
    float *y = call->out[0].data + n * pixels * channels;
    for (int64_t c = 0; c < channels; c++)
        for (int64_t p = 0; p < pixels; p++)
            y[c * pixels + p] = x[p * channels + c];
}

static void backward_image(void *ctx, int64_t n, int thread)
{
    (void)thread;
    const gr_call *call = ctx;
    int64_t pixels, channels;
    extents(call, &pixels, &channels);
    const float *dy = call->out[0].grad + n * pixels * channels;
    float *dx = call->in[0].grad + n * pixels * channels;
    for (int64_t c = 0; c < channels; c++)
        for (int64_t p = 0; p < pixels; p++)
            dx[p * channels + c] = dy[c * pixels + p] + (call->in[0].accumulate ? dx[p * channels + c] : 0.0f);
}

static void forward(const gr_call *call)
{
    gr_parallel_for(call->in[0].shape.dim[0], forward_image, (void *)call);
}

static void backward(const gr_call *call)
{
    if (call->in[0].grad != NULL)
        gr_parallel_for(call->in[0].shape.dim[0], backward_image, (void *)call);
}

/* Channels come first there already. */
static void onnx_node(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    gr_onnx_op(onnx, g, op, "Flatten");
}

const gr_op_type gr_op_flatten = {
    .name = "flatten",
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx = onnx_node,
};

gr_value *gr_flatten(gr_graph *g, gr_value *x, const char *name)
{
    gr_op *op = gr_graph_add_op(g, &gr_op_flatten, name, &x, 1, 1, "", 0);
    return op != NULL ? op->out[0] : NULL;
}
