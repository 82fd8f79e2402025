/* The activations of the mobile networks, one function y = f(x) of each element, dx = dy f'(x):
 *   relu6         min(max(x, 0), 6)              f' = 1 for 0 < x < 6, else 0
 *   hard_sigmoid  min(max(x + 3, 0), 6) / 6      f' = 1/6 for -3 < x < 3, else 0
 *   hard_swish    x hard_sigmoid(x)              f' = 0 for x < -3, 1 for x > 3, else x / 3 + 1/2
 *   silu          x s, s = 1 / (1 + exp(-x))     f' = s + x s (1 - s)
 * (Sandler et al. 2018; Howard et al. 2019; Ramachandran et al. 2017.) */
#include "ops/activation.h"
#include "ops/elementwise.h"
#include "ops/onnx_nodes.h"
#include "ops/shapes.h"

gr_act gr_activation_of(const gr_op_type *type)
{
    if (type == &gr_op_relu)
        return GR_ACT_RELU;
    if (type == &gr_op_relu6)
        return GR_ACT_RELU6;
    if (type == &gr_op_hard_sigmoid)
        return GR_ACT_HARD_SIGMOID;
    if (type == &gr_op_hard_swish)
        return GR_ACT_HARD_SWISH;
    return type == &gr_op_silu ? GR_ACT_SILU : GR_ACT_NONE;
}

static void forward(const gr_call *call)
{
    gr_kernels_get()->activate(gr_activation_of(call->op->type), gr_shape_elements(&call->out[0].shape), call->in[0].data,
                               call->out[0].data);
}

static void backward(const gr_call *call)
{
    if (call->in[0].grad != NULL)
        gr_kernels_get()->activate_backward(gr_activation_of(call->op->type), gr_shape_elements(&call->out[0].shape),
                                            call->in[0].data, call->out[0].grad, call->in[0].grad, call->in[0].accumulate);
}

static unsigned backward_reads(const gr_op *op)
{
    (void)op;
    return GR_READS_INPUT0;
}

static void relu6_onnx(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    const char *low = gr_onnx_name(onnx, op->name, "low"), *high = gr_onnx_name(onnx, op->name, "high");
    gr_onnx_scalar(onnx, low, 0.0);
    gr_onnx_scalar(onnx, high, 6.0);
    gr_onnx_op(onnx, g, op, "Clip");
    gr_onnx_reads(onnx, low);
    gr_onnx_reads(onnx, high);
}

static void hard_sigmoid_onnx(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    gr_onnx_op(onnx, g, op, "HardSigmoid");
    gr_onnx_float(onnx, "alpha", 1.0 / 6.0);
    gr_onnx_float(onnx, "beta", 0.5);
}

static void hard_swish_onnx(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    gr_onnx_op(onnx, g, op, "HardSwish");
}

static void silu_onnx(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    (void)g;
    const char *sigmoid = gr_onnx_name(onnx, op->name, "sigmoid");
    gr_onnx_node1(onnx, "Sigmoid", sigmoid, op->in[0]->name);
    gr_onnx_node2(onnx, "Mul", op->out[0]->name, op->in[0]->name, sigmoid);
}

const gr_op_type gr_op_relu6 = {.name = "relu6", .infer = gr_infer_same, .forward = forward, .backward = backward,
                                .backward_reads = backward_reads, .in_place = true, .grad_alias = 1,
                                .onnx = relu6_onnx};
const gr_op_type gr_op_hard_sigmoid = {.name = "hard_sigmoid", .infer = gr_infer_same, .forward = forward, .backward = backward,
                                       .backward_reads = backward_reads, .in_place = true, .grad_alias = 1,
                                       .onnx = hard_sigmoid_onnx};
const gr_op_type gr_op_hard_swish = {.name = "hard_swish", .infer = gr_infer_same, .forward = forward, .backward = backward,
                                     .backward_reads = backward_reads, .in_place = true, .grad_alias = 1,
                                     .onnx = hard_swish_onnx};
const gr_op_type gr_op_silu = {.name = "silu", .infer = gr_infer_same, .forward = forward, .backward = backward,
                               .backward_reads = backward_reads, .in_place = true, .grad_alias = 1,
                               .onnx = silu_onnx};

static gr_value *activation(gr_graph *g, const gr_op_type *type, gr_value *x, const char *name)
{
    return gr_graph_add_value(g, type, name, &x, 1, "", 0);
}

gr_value *gr_relu6(gr_graph *g, gr_value *x, const char *name)
{
    return activation(g, &gr_op_relu6, x, name);
}

gr_value *gr_hard_sigmoid(gr_graph *g, gr_value *x, const char *name)
{
    return activation(g, &gr_op_hard_sigmoid, x, name);
}

gr_value *gr_hard_swish(gr_graph *g, gr_value *x, const char *name)
{
    return activation(g, &gr_op_hard_swish, x, name);
}

gr_value *gr_silu(gr_graph *g, gr_value *x, const char *name)
{
    return activation(g, &gr_op_silu, x, name);
}
