/* Dense layer: y = x w^T + b, x [N,F], w [out,F];   dx = dy w,   dw = dy^T x,   db = sum over N of dy. Parameters are w and, where
 * the layer has a bias, b. */
#include "ops/onnx_nodes.h"
#include "ops/ops.h"

static gr_status infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    char text[GR_SHAPE_TEXT];
    if (in->rank != 2)
        return gr_fail(err, GR_INVALID, "a dense layer needs [N, F], got %s; flatten it first", gr_shape_text(in, text));
    out[0] = gr_shape2(in->dim[0], *(const int64_t *)op->attr);
    return GR_OK;
}

static void forward(const gr_call *call)
{
    int64_t n = call->in[0].shape.dim[0], f = call->in[0].shape.dim[1], out = call->out[0].shape.dim[1];
    const gr_kernels *k = gr_kernels_get();
    k->gemm(false, true, n, out, f, call->in[0].data, f, call->param[0].data, f, call->out[0].data, out, false);
    if (call->op->param_count > 1)
        k->add_bias(n, out, call->param[1].data, call->out[0].data);
}

static void backward(const gr_call *call)
{
    int64_t n = call->in[0].shape.dim[0], f = call->in[0].shape.dim[1], out = call->out[0].shape.dim[1];
    const gr_kernels *k = gr_kernels_get();
    const float *dy = call->out[0].grad;
    if (call->in[0].grad != NULL)
        k->gemm(false, false, n, f, out, dy, out, call->param[0].data, f, call->in[0].grad, f, call->in[0].accumulate);
    if (call->param[0].grad != NULL)
        k->gemm(true, false, out, f, n, dy, out, call->in[0].data, f, call->param[0].grad, f, false);
    if (call->param[1].grad != NULL)
        k->sum_rows(n, out, dy, call->param[1].grad, false);
}

static unsigned backward_reads(const gr_op *op)
{
    (void)op;
    return GR_READS_INPUT0;
}

static double flops(const gr_call *call)
{
    return 2.0 * (double)gr_shape_elements(&call->in[0].shape) * (double)call->out[0].shape.dim[1];
}

static void describe(const gr_call *call, gr_pass pass, char *text, size_t size)
{
    (void)call;
    (void)pass;
    snprintf(text, size, "gemm: register tiles, or dot products for one or two columns");
}

static void onnx_node(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    gr_onnx_op(onnx, g, op, "Gemm");
    gr_onnx_int(onnx, "transB", 1);
}

const gr_op_type gr_op_dense = {
    .name = "dense",
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .backward_reads = backward_reads,
    .flops = flops,
    .describe = describe,
    .onnx = onnx_node,
};

static gr_op *add_weight(gr_graph *g, gr_value *x, const char *name, int64_t out, gr_init init)
{
    gr_op *op = gr_graph_add_op(g, &gr_op_dense, name, &x, 1, 1, &out, sizeof out);
    if (op == NULL)
        return NULL;
    int64_t f = x->shape.dim[1];
    gr_parameter weight = {.shape = gr_shape2(out, f), .init = init, .fan_in = f, .fan_out = out};
    return gr_graph_add_param(g, op, "weight", weight) ? op : NULL;
}

gr_value *gr_dense_without_bias(gr_graph *g, gr_value *x, const char *name, int64_t out, gr_init init)
{
    gr_op *op = add_weight(g, x, name, out, init);
    return op != NULL ? op->out[0] : NULL;
}

gr_value *gr_dense(gr_graph *g, gr_value *x, const char *name, int64_t out, gr_init init)
{
    gr_op *op = add_weight(g, x, name, out, init);
    if (op == NULL)
        return NULL;
    bool uniform = init == GR_INIT_UNIFORM_FAN_IN || init == GR_INIT_NORMAL_01 || init == GR_INIT_NORMAL_0001;
    gr_parameter bias = {.shape = gr_shape1(out), .fan_in = x->shape.dim[1],
                         .init = uniform ? GR_INIT_UNIFORM_FAN_IN : GR_INIT_ZERO};
    return gr_graph_add_param(g, op, "bias", bias) ? op->out[0] : NULL;
}
