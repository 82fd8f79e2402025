/* The operators without parameters that keep the shape:
 *   relu     y = max(x, 0)            dx = dy where y > 0
 *   sigmoid  y = 1 / (1 + exp(-x))    dx = dy y (1 - y)
 *   add      y = a + b                da = db = dy */
#include "ops/elementwise.h"
#include "base/parallel_copy.h"
#include "ops/onnx_nodes.h"
#include "ops/shapes.h"

#include <string.h>

static int64_t elements(const gr_call *call)
{
    return gr_shape_elements(&call->out[0].shape);
}

static unsigned reads_output(const gr_op *op)
{
    (void)op;
    return GR_READS_OUTPUT0;
}

static void relu_forward(const gr_call *call)
{
    gr_kernels_get()->relu(elements(call), call->in[0].data, call->out[0].data);
}

static void relu_backward(const gr_call *call)
{
    if (call->in[0].grad != NULL)
        gr_kernels_get()->relu_backward(elements(call), call->out[0].data, call->out[0].grad, call->in[0].grad,
                                        call->in[0].accumulate);
}

/* The ReLU of the largest is the largest ReLU, and where that is 0 no gradient passes either way. On the pooled map it is a
 * pass over less memory, and the map before it need not be kept. */
static bool relu_may_follow(const gr_op *op, const gr_op *next)
{
    (void)op;
    return next->type == &gr_op_max_pool;
}

static void relu_onnx(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    gr_onnx_op(onnx, g, op, "Relu");
}

const gr_op_type gr_op_relu = {
    .name = "relu",
    .infer = gr_infer_same,
    .forward = relu_forward,
    .backward = relu_backward,
    .backward_reads = reads_output,
    .may_follow = relu_may_follow,
    .in_place = true,
    .shares_result = true,
    .grad_alias = 1,
    .onnx = relu_onnx,
};

gr_value *gr_relu(gr_graph *g, gr_value *x, const char *name)
{
    return gr_graph_add_value(g, &gr_op_relu, name, &x, 1, "", 0);
}

static void sigmoid_forward(const gr_call *call)
{
    gr_kernels_get()->sigmoid(elements(call), call->in[0].data, call->out[0].data);
}

static void sigmoid_backward(const gr_call *call)
{
    if (call->in[0].grad != NULL)
        gr_kernels_get()->sigmoid_backward(elements(call), call->out[0].data, call->out[0].grad, call->in[0].grad,
                                           call->in[0].accumulate);
}

static void sigmoid_onnx(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    gr_onnx_op(onnx, g, op, "Sigmoid");
}

const gr_op_type gr_op_sigmoid = {
    .name = "sigmoid",
    .infer = gr_infer_same,
    .forward = sigmoid_forward,
    .backward = sigmoid_backward,
    .backward_reads = reads_output,
    .onnx = sigmoid_onnx,
};

gr_value *gr_sigmoid(gr_graph *g, gr_value *x, const char *name)
{
    return gr_graph_add_value(g, &gr_op_sigmoid, name, &x, 1, "", 0);
}

static gr_status add_infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    char a[GR_SHAPE_TEXT], b[GR_SHAPE_TEXT];
    if (!gr_shape_equal(&in[0], &in[1]))
        return gr_fail(err, GR_INVALID, "cannot add %s and %s; both must have the same shape", gr_shape_text(&in[0], a),
                       gr_shape_text(&in[1], b));
    return gr_infer_same(op, in, out, err);
}

void gr_pass_gradient(int64_t count, const gr_operand *from, const gr_operand *to)
{
    if (to->grad == NULL || to->grad == from->grad)
        return;
    if (from->narrow_grad || to->narrow_grad)
        gr_kernels_get()->pass_stored(count, (gr_stored){from->grad, from->narrow_grad}, (gr_stored){to->grad, to->narrow_grad},
                                      to->accumulate);
    else if (to->accumulate)
        gr_kernels_get()->accumulate(count, from->grad, to->grad);
    else
        gr_parallel_copy(to->grad, from->grad, from->shape.dim[0], (size_t)(count / from->shape.dim[0]) * sizeof(float));
}

static void add_forward(const gr_call *call)
{
    gr_kernels_get()->add(elements(call), call->in[0].data, call->in[1].data, call->out[0].data);
}

static void add_backward(const gr_call *call)
{
    for (int i = 0; i < 2; i++)
        gr_pass_gradient(elements(call), &call->out[0], &call->in[i]);
}

static void add_onnx(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    gr_onnx_op(onnx, g, op, "Add");
}

const gr_op_type gr_op_add = {
    .name = "add",
    .infer = add_infer,
    .forward = add_forward,
    .backward = add_backward,
    .grad_alias = 3,
    .onnx = add_onnx,
};

gr_value *gr_add(gr_graph *g, gr_value *a, gr_value *b, const char *name)
{
    return gr_graph_add_value(g, &gr_op_add, name, (gr_value *[]){a, b}, 2, "", 0);
}
