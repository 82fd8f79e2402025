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

/* [P,C] of one image to [C,P] and back: to[column][row] (+)= from[row][column]. */
static void transpose(const float *from, int64_t rows, int64_t columns, float *to, bool add)
{
    for (int64_t c = 0; c < columns; c++)
        for (int64_t r = 0; r < rows; r++)
            to[c * rows + r] = from[r * columns + c] + (add ? to[c * rows + r] : 0.0f);
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
    int64_t at = n * pixels * channels;
    transpose(call->in[0].data + at, pixels, channels, call->out[0].data + at, false);
}

static void backward_image(void *ctx, int64_t n, int thread)
{
    (void)thread;
    const gr_call *call = ctx;
    int64_t pixels, channels;
    extents(call, &pixels, &channels);
    int64_t at = n * pixels * channels;
    transpose(call->out[0].grad + at, channels, pixels, call->in[0].grad + at, call->in[0].accumulate);
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
    return gr_graph_add_value(g, &gr_op_flatten, name, &x, 1, "", 0);
}
