/* Channel shuffle: y[.., k G + i] = x[.., i C / G + k] for G groups; backward is the shuffle with C / G groups. */
#include "ops/onnx_nodes.h"
#include "ops/ops.h"
#include "ops/shapes.h"

static gr_status infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    int64_t groups = *(const int64_t *)op->attr;
    gr_status status = gr_infer_need_map(in, err);
    if (status != GR_OK)
        return status;
    if (groups < 1 || in->dim[3] % groups != 0)
        return gr_fail(err, GR_INVALID, "%lld channels cannot be shuffled in %lld groups; their number must divide evenly",
                       (long long)in->dim[3], (long long)groups);
    return gr_infer_same(op, in, out, err);
}

static void forward(const gr_call *call)
{
    int64_t groups = *(const int64_t *)call->op->attr, c = call->in[0].shape.dim[3];
    gr_kernels_get()->shuffle(gr_shape_rows(&call->in[0].shape), groups, c / groups, call->in[0].data, call->out[0].data, false);
}

static void backward(const gr_call *call)
{
    int64_t groups = *(const int64_t *)call->op->attr, c = call->in[0].shape.dim[3];
    if (call->in[0].grad != NULL)
        gr_kernels_get()->shuffle(gr_shape_rows(&call->in[0].shape), c / groups, groups, call->out[0].grad, call->in[0].grad,
                                  call->in[0].accumulate);
}

static void onnx_nodes(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    (void)g;
    const int64_t *d = op->in[0]->shape.dim, groups = *(const int64_t *)op->attr; /* a 0 keeps the batch's size */
    const int64_t cut[5] = {0, groups, d[3] / groups, d[1], d[2]}, whole[4] = {0, d[3], d[1], d[2]}, order[5] = {0, 2, 1, 3, 4};
    const char *cut_shape = gr_onnx_name(onnx, op->name, "cut_shape"), *cut_name = gr_onnx_name(onnx, op->name, "cut");
    const char *whole_shape = gr_onnx_name(onnx, op->name, "whole_shape"), *turned = gr_onnx_name(onnx, op->name, "turned");
    gr_onnx_int64s(onnx, cut_shape, cut, 5);
    gr_onnx_int64s(onnx, whole_shape, whole, 4);
    gr_onnx_node2(onnx, "Reshape", cut_name, op->in[0]->name, cut_shape);
    gr_onnx_node1(onnx, "Transpose", turned, cut_name);
    gr_onnx_ints(onnx, "perm", order, 5);
    gr_onnx_node2(onnx, "Reshape", op->out[0]->name, turned, whole_shape);
}

static gr_value *example(gr_graph *g, gr_value *x, gr_value *x2)
{
    (void)x2;
    return gr_channel_shuffle(g, gr_conv2d(g, x, "wide", (gr_conv2d_args){.out = 12, .kernel = {1, 1}}), "shuffle", 3);
}

const gr_op_type gr_op_channel_shuffle = {
    .name = "channel_shuffle",
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx = onnx_nodes,
    .example = example,
};

gr_value *gr_channel_shuffle(gr_graph *g, gr_value *x, const char *name, int64_t groups)
{
    return gr_graph_add_value(g, &gr_op_channel_shuffle, name, &x, 1, &groups, sizeof groups);
}
