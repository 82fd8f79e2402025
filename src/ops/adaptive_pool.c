/* Pooling to a size that does not depend on the map's:
 *   adaptive average   y[n,i,j,c] = mean of x[n,h,w,c] over h in [floor(i H / OH), ceil((i+1) H / OH)), w likewise; the
 * windows of a size that does not divide overlap, as torch.nn.AdaptiveAvgPool2d's do global maximum     y[n,c] = max over h,
 * w; backward sends dy to the first pixel that holds it (its index is saved) */
#include "ops/onnx_nodes.h"
#include "ops/ops.h"
#include "ops/shapes.h"

#include <math.h>
#include <string.h>

typedef struct span {
    int64_t from, to;
} span;

static span window(int64_t i, int64_t size, int64_t out)
{
    return (span){i * size / out, ((i + 1) * size + out - 1) / out};
}

static gr_status adaptive_infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    const int64_t *size = op->attr;
    gr_status status = gr_infer_need_map(in, err);
    if (status == GR_OK)
        out[0] = gr_shape4(in->dim[0], size[0], size[1], in->dim[3]);
    return status;
}

/* One image: forward when dx is NULL, else dx += what dy gives back. */
static void adaptive_image(const gr_call *call, int64_t n, float *dx)
{
    const gr_shape *x = &call->in[0].shape, *y = &call->out[0].shape;
    int64_t c = x->dim[3], pixels = y->dim[1] * y->dim[2];
    for (int64_t p = 0; p < pixels; p++) {
        span rows = window(p / y->dim[2], x->dim[1], y->dim[1]), columns = window(p % y->dim[2], x->dim[2], y->dim[2]);
        float share = 1.0f / (float)((rows.to - rows.from) * (columns.to - columns.from));
        int64_t at = (n * pixels + p) * c;
        if (dx == NULL)
            memset(call->out[0].data + at, 0, (size_t)c * sizeof(float));
        for (int64_t h = rows.from; h < rows.to; h++)
            for (int64_t w = columns.from; w < columns.to; w++) {
                int64_t from = ((n * x->dim[1] + h) * x->dim[2] + w) * c;
                for (int64_t k = 0; dx != NULL && k < c; k++)
                    dx[from + k] += share * call->out[0].grad[at + k];
                for (int64_t k = 0; dx == NULL && k < c; k++)
                    call->out[0].data[at + k] += share * call->in[0].data[from + k];
            }
    }
}

static void adaptive_forward_image(void *ctx, int64_t n, int thread)
{
    (void)thread;
    adaptive_image(ctx, n, NULL);
}

static void adaptive_backward_image(void *ctx, int64_t n, int thread)
{
    (void)thread;
    const gr_call *call = ctx;
    size_t image = (size_t)(gr_shape_elements(&call->in[0].shape) / call->in[0].shape.dim[0]);
    if (!call->in[0].accumulate)
        memset(call->in[0].grad + (size_t)n * image, 0, image * sizeof(float));
    adaptive_image(call, n, call->in[0].grad);
}

static void adaptive_forward(const gr_call *call)
{
    gr_parallel_for(call->in[0].shape.dim[0], adaptive_forward_image, (void *)call);
}

static void adaptive_backward(const gr_call *call)
{
    if (call->in[0].grad != NULL)
        gr_parallel_for(call->in[0].shape.dim[0], adaptive_backward_image, (void *)call);
}

/* The constant "OPNAME.suffix" [out, size], or transposed, that averages a line of `size` pixels to `out`. */
static const char *averages_onnx(gr_onnx *onnx, const gr_op *op, const char *suffix, int64_t size, int64_t out, bool transposed)
{
    const char *name = gr_onnx_name(onnx, op->name, suffix);
    float *matrix = gr_alloc((size_t)(size * out), sizeof *matrix);
    for (int64_t i = 0; matrix != NULL && i < out; i++) {
        span s = window(i, size, out);
        for (int64_t k = s.from; k < s.to; k++)
            matrix[transposed ? k * out + i : i * size + k] = 1.0f / (float)(s.to - s.from);
    }
    gr_onnx_matrix(onnx, name, matrix, transposed ? size : out, transposed ? out : size);
    gr_free(matrix);
    return name;
}

/* Two products: [N,C,H,W] with [W,OW], then [OH,H] with that. */
static void adaptive_onnx(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    const int64_t *in = op->in[0]->shape.dim, *out = op->out[0]->shape.dim;
    const char *narrow = gr_onnx_name(onnx, op->name, "columns");
    const char *rows = averages_onnx(onnx, op, "row_shares", in[1], out[1], false);
    gr_onnx_node2(onnx, "MatMul", narrow, op->in[0]->name, averages_onnx(onnx, op, "column_shares", in[2], out[2], true));
    gr_onnx_node2(onnx, "MatMul", op->out[0]->name, rows, narrow);
    (void)g;
}

const gr_op_type gr_op_adaptive_avg_pool = {
    .name = "adaptive_avg_pool",
    .infer = adaptive_infer,
    .forward = adaptive_forward,
    .backward = adaptive_backward,
    .onnx = adaptive_onnx,
};

gr_value *gr_adaptive_avg_pool(gr_graph *g, gr_value *x, const char *name, int64_t oh, int64_t ow)
{
    if (oh < 1 || ow < 1) {
        gr_fail(&g->error, GR_INVALID, "%s: a map is pooled to at least 1 x 1 pixels", name);
        return NULL;
    }
    int64_t size[2] = {oh, ow};
    return gr_graph_add_value(g, &gr_op_adaptive_avg_pool, name, &x, 1, size, sizeof size);
}

/* ---- global maximum --------------------------------------------------------------------------------------------------- */

static gr_status max_infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    (void)op;
    gr_status status = gr_infer_need_map(in, err);
    out[0] = gr_shape2(in->dim[0], in->dim[3]);
    return status;
}

static size_t max_saved_size(const gr_call *call)
{
    return call->gradients ? (size_t)gr_shape_elements(&call->out[0].shape) * sizeof(int32_t) : 0;
}

static void max_forward_image(void *ctx, int64_t n, int thread)
{
    (void)thread;
    const gr_call *call = ctx;
    int64_t c = call->in[0].shape.dim[3], pixels = call->in[0].shape.dim[1] * call->in[0].shape.dim[2];
    const float *x = call->in[0].data + n * pixels * c;
    float *y = call->out[0].data + n * c;
    int32_t *index = call->gradients ? (int32_t *)call->saved + n * c : NULL;
    for (int64_t k = 0; k < c; k++) {
        int64_t best = 0;
        for (int64_t p = 1; p < pixels; p++) /* NaN wins, as in PyTorch */
            if (x[p * c + k] > x[best * c + k] || (isnan(x[p * c + k]) && !isnan(x[best * c + k])))
                best = p;
        y[k] = x[best * c + k];
        if (index != NULL)
            index[k] = (int32_t)best;
    }
}

static void max_backward_image(void *ctx, int64_t n, int thread)
{
    (void)thread;
    const gr_call *call = ctx;
    int64_t c = call->in[0].shape.dim[3], pixels = call->in[0].shape.dim[1] * call->in[0].shape.dim[2];
    float *dx = call->in[0].grad + n * pixels * c;
    const int32_t *index = (const int32_t *)call->saved + n * c;
    if (!call->in[0].accumulate)
        memset(dx, 0, (size_t)(pixels * c) * sizeof(float));
    for (int64_t k = 0; k < c; k++)
        dx[index[k] * c + k] += call->out[0].grad[n * c + k];
}

static void max_forward(const gr_call *call)
{
    gr_parallel_for(call->in[0].shape.dim[0], max_forward_image, (void *)call);
}

static void max_backward(const gr_call *call)
{
    if (call->in[0].grad != NULL)
        gr_parallel_for(call->in[0].shape.dim[0], max_backward_image, (void *)call);
}

static void max_onnx(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    const char *map = gr_onnx_name(onnx, op->name, "map"); /* [N,C,1,1] */
    gr_onnx_node1(onnx, "GlobalMaxPool", map, op->in[0]->name);
    gr_onnx_node1(onnx, "Flatten", op->out[0]->name, map);
    (void)g;
}

const gr_op_type gr_op_global_max_pool = {
    .name = "global_max_pool",
    .infer = max_infer,
    .forward = max_forward,
    .backward = max_backward,
    .saved_size = max_saved_size,
    .onnx = max_onnx,
};

gr_value *gr_global_max_pool(gr_graph *g, gr_value *x, const char *name)
{
    return gr_graph_add_value(g, &gr_op_global_max_pool, name, &x, 1, "", 0);
}
