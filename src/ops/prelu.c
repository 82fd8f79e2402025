/* PReLU: a slope below 0 for each channel, a, which is learned (He et al. 2015).
 *   y = x above 0, else a x;   dx = dy above 0, else dy a;   da = sum of dy x over all rows where x is not above 0
 * PyTorch's dx at 0 is dy a. Keras computes relu(x) - a relu(-x), each of whose halves passes nothing at 0. */
#include "ops/onnx_nodes.h"
#include "ops/ops.h"
#include "ops/shapes.h"

typedef struct attr {
    bool kink; /* dx is 0 where x is */
} attr;

static void forward(const gr_call *call)
{
    const gr_shape *x = &call->in[0].shape;
    gr_kernels_get()->prelu(gr_shape_rows(x), gr_shape_last(x), call->in[0].data, call->param[0].data, call->out[0].data);
}

static void backward(const gr_call *call)
{
    const gr_shape *x = &call->in[0].shape;
    const attr *a = call->op->attr;
    if (call->in[0].grad != NULL || call->param[0].grad != NULL)
        gr_kernels_get()->prelu_backward(gr_shape_rows(x), gr_shape_last(x), call->in[0].data, call->param[0].data,
                                         call->out[0].grad, a->kink, call->in[0].grad, call->in[0].accumulate,
                                         call->param[0].grad);
}

static unsigned backward_reads(const gr_op *op)
{
    (void)op;
    return GR_READS_INPUT0;
}

/* There the slopes of a map are [C, 1, 1]. */
static void onnx_node(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    const gr_shape *x = &op->in[0]->shape;
    const char *slopes = g->params[op->param[0]]->name;
    if (x->rank == 4) {
        const char *shape = gr_onnx_name(onnx, op->name, "shape"), *own = slopes;
        slopes = gr_onnx_name(onnx, op->name, "slopes");
        gr_onnx_int64s(onnx, shape, (int64_t[]){x->dim[3], 1, 1}, 3);
        gr_onnx_node2(onnx, "Reshape", slopes, own, shape);
    }
    gr_onnx_node2(onnx, "PRelu", op->out[0]->name, op->in[0]->name, slopes);
}

static gr_value *example(gr_graph *g, gr_value *x, gr_value *x2)
{
    gr_value *y = gr_add(g, gr_prelu(g, x, "bent"), x, "sum"); /* the two branches of x: one gradient is added to another */
    return gr_prelu(g, gr_add(g, y, x2, "both"), "prelu");
}

const gr_op_type gr_op_prelu = {
    .name = "prelu",
    .infer = gr_infer_same,
    .forward = forward,
    .backward = backward,
    .backward_reads = backward_reads,
    .in_place = true,
    .grad_alias = 1,
    .onnx = onnx_node,
    .example = example,
};

gr_value *gr_prelu(gr_graph *g, gr_value *x, const char *name)
{
    attr a = {.kink = g->own_init};
    gr_op *op = gr_graph_add_op(g, &gr_op_prelu, name, &x, 1, 1, &a, sizeof a);
    gr_parameter slopes = {.shape = gr_shape1(op != NULL ? gr_shape_last(&x->shape) : 1), .init = GR_INIT_QUARTER};
    return op != NULL && gr_graph_add_param(g, op, "weight", slopes) ? op->out[0] : NULL;
}
