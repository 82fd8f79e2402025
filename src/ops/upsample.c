/* Nearest-neighbour resizing of a map to OH x OW: y[n, i, j, c] = x[n, floor(i H / OH), floor(j W / OW), c]. Backward sums
 * dy over the pixels that a pixel of x has become, in their order. As torch.nn.functional.interpolate with mode "nearest".
 */
#include "ops/onnx_nodes.h"
#include "ops/ops.h"
#include "ops/shapes.h"

#include <string.h>

static gr_status infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    const int64_t *size = op->attr;
    gr_status status = gr_infer_need_map(in, err);
    if (status == GR_OK)
        out[0] = gr_shape4(in->dim[0], size[0], size[1], in->dim[3]);
    return status;
}

static void forward_row(void *ctx, int64_t row, int thread)
{
    (void)thread;
    const gr_call *call = ctx;
    const gr_shape *x = &call->in[0].shape, *y = &call->out[0].shape;
    int64_t c = x->dim[3], n = row / y->dim[1], h = row % y->dim[1] * x->dim[1] / y->dim[1];
    const float *from = call->in[0].data + (n * x->dim[1] + h) * x->dim[2] * c;
    float *to = call->out[0].data + row * y->dim[2] * c;
    for (int64_t j = 0; j < y->dim[2]; j++)
        memcpy(to + j * c, from + j * x->dim[2] / y->dim[2] * c, (size_t)c * sizeof *to);
}

/* The first of `out` pixels that are made of pixel i of `in`, or of a later one. */
static int64_t first_of(int64_t i, int64_t in, int64_t out)
{
    return (i * out + in - 1) / in;
}

static void backward_row(void *ctx, int64_t row, int thread)
{
    (void)thread;
    const gr_call *call = ctx;
    const gr_shape *x = &call->in[0].shape, *y = &call->out[0].shape;
    int64_t c = x->dim[3], n = row / x->dim[1], h = row % x->dim[1];
    float *dx = call->in[0].grad + row * x->dim[2] * c;
    if (!call->in[0].accumulate)
        memset(dx, 0, (size_t)(x->dim[2] * c) * sizeof *dx);
    for (int64_t i = first_of(h, x->dim[1], y->dim[1]); i < first_of(h + 1, x->dim[1], y->dim[1]); i++)
        for (int64_t w = 0; w < x->dim[2]; w++)
            for (int64_t j = first_of(w, x->dim[2], y->dim[2]); j < first_of(w + 1, x->dim[2], y->dim[2]); j++) {
                const float *dy = call->out[0].grad + ((n * y->dim[1] + i) * y->dim[2] + j) * c;
                for (int64_t k = 0; k < c; k++)
                    dx[w * c + k] += dy[k];
            }
}

static void forward(const gr_call *call)
{
    gr_parallel_for(call->out[0].shape.dim[0] * call->out[0].shape.dim[1], forward_row, (void *)call);
}

static void backward(const gr_call *call)
{
    if (call->in[0].grad != NULL)
        gr_parallel_for(call->in[0].shape.dim[0] * call->in[0].shape.dim[1], backward_row, (void *)call);
}

/* Along an axis of ONNX's, the pixels of x that those of y are. Resize cannot say it of any two sizes: a float whose product with
 * one is floored to the other need not lead back to the right pixels, and readers multiply in float or in double. */
static void gather(gr_onnx *onnx, const gr_op *op, const char *from, const char *to, int axis, int64_t in, int64_t out)
{
    const char *name = gr_onnx_name(onnx, op->name, axis == 2 ? "rows" : "columns");
    int64_t *at = gr_alloc((size_t)out, sizeof *at);
    for (int64_t i = 0; at != NULL && i < out; i++)
        at[i] = i * in / out;
    gr_onnx_int64s(onnx, name, at, (int)out);
    gr_onnx_node2(onnx, "Gather", to, from, name);
    gr_onnx_int(onnx, "axis", axis);
    gr_free(at);
}

static void onnx_node(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    (void)g;
    const gr_shape *x = &op->in[0]->shape, *y = &op->out[0]->shape;
    if (y->dim[1] % x->dim[1] != 0 || y->dim[2] % x->dim[2] != 0) {
        const char *between = gr_onnx_name(onnx, op->name, "by_rows");
        gather(onnx, op, op->in[0]->name, between, 2, x->dim[1], y->dim[1]);
        gather(onnx, op, between, op->out[0]->name, 3, x->dim[2], y->dim[2]);
        return;
    }
    const float scales[4] = {1, 1, (float)(y->dim[1] / x->dim[1]), (float)(y->dim[2] / x->dim[2])};
    const int64_t all[1] = {4};
    const char *row = gr_onnx_name(onnx, op->name, "scales_row"), *shape = gr_onnx_name(onnx, op->name, "scales_shape"),
               *name = gr_onnx_name(onnx, op->name, "scales");
    gr_onnx_matrix(onnx, row, scales, 1, 4);
    gr_onnx_int64s(onnx, shape, all, 1);
    gr_onnx_node2(onnx, "Reshape", name, row, shape);
    gr_onnx_node(onnx, "Resize", op->out[0]->name);
    gr_onnx_reads(onnx, op->in[0]->name);
    gr_onnx_reads(onnx, "");
    gr_onnx_reads(onnx, name);
    gr_onnx_string(onnx, "mode", "nearest");
    gr_onnx_string(onnx, "coordinate_transformation_mode", "asymmetric");
    gr_onnx_string(onnx, "nearest_mode", "floor");
}

static gr_value *example(gr_graph *g, gr_value *x, gr_value *x2)
{
    (void)x2;
    return gr_upsample(g, gr_upsample(g, x, "up", 9, 13), "down", 4, 5);
}

const gr_op_type gr_op_upsample = {
    .name = "upsample", .infer = infer, .forward = forward, .backward = backward, .onnx = onnx_node, .example = example};

gr_value *gr_upsample(gr_graph *g, gr_value *x, const char *name, int64_t height, int64_t width)
{
    if (height < 1 || width < 1) {
        gr_fail(&g->error, GR_INVALID, "%s: a map of %lld x %lld has no pixel", name, (long long)height, (long long)width);
        return NULL;
    }
    const int64_t size[2] = {height, width};
    return gr_graph_add_value(g, &gr_op_upsample, name, &x, 1, size, sizeof size);
}
