/* One factor for each image and channel: y[n,h,w,c] = x[n,h,w,c] s[n,c];   dx = dy s,   ds[n,c] = sum over h, w of dy x. */
#include "ops/onnx_nodes.h"
#include "ops/ops.h"
#include "ops/shapes.h"

static gr_status infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    gr_status status = gr_infer_need_map(in, err);
    if (status != GR_OK)
        return status;
    gr_shape factors = gr_shape4(in[0].dim[0], 1, 1, in[0].dim[3]);
    char a[GR_SHAPE_TEXT], b[GR_SHAPE_TEXT];
    if (!gr_shape_equal(&in[1], &factors))
        return gr_fail(err, GR_INVALID, "cannot scale the channels of %s by %s; [N, 1, 1, C] is needed",
                       gr_shape_text(&in[0], a), gr_shape_text(&in[1], b));
    return gr_infer_same(op, in, out, err);
}

/* What a lazy x stands for. */
static gr_stands_for stands_for(const gr_call *call)
{
    const gr_lazy *lazy = call->in[0].lazy;
    return (gr_stands_for){lazy->scale, lazy->shift, lazy->act};
}

static void forward(const gr_call *call)
{
    const gr_shape *x = &call->in[0].shape;
    if (call->in[0].lazy != NULL) {
        gr_stands_for f = stands_for(call);
        gr_kernels_get()->lazy_scale(x->dim[0], x->dim[1] * x->dim[2], x->dim[3], call->in[0].data, &f, call->in[1].data,
                                     call->out[0].data);
        return;
    }
    gr_kernels_get()->scale_channels(x->dim[0], x->dim[1] * x->dim[2], x->dim[3], call->in[0].data, call->in[1].data,
                                     call->out[0].data);
}

static void backward(const gr_call *call)
{
    const gr_shape *x = &call->in[0].shape;
    if (call->in[0].lazy != NULL) {
        gr_stands_for f = stands_for(call);
        gr_kernels_get()->lazy_scale_backward(x->dim[0], x->dim[1] * x->dim[2], x->dim[3], call->in[0].data, &f, call->in[1].data,
                                              call->out[0].grad, call->in[0].grad, call->in[0].accumulate, call->in[1].grad,
                                              call->in[1].accumulate);
        return;
    }
    if (call->in[0].grad != NULL || call->in[1].grad != NULL)
        gr_kernels_get()->scale_channels_backward(x->dim[0], x->dim[1] * x->dim[2], x->dim[3], call->in[0].data,
                                                  call->in[1].data, call->out[0].grad, call->in[0].grad,
                                                  call->in[0].accumulate, call->in[1].grad, call->in[1].accumulate);
}

static unsigned backward_reads(const gr_op *op)
{
    (void)op;
    return GR_READS_INPUTS;
}

/* Its own reader in a network squeezes the same map. */
static bool shares_lazy(const gr_op *op, gr_act act)
{
    (void)op;
    return act == GR_ACT_RELU || act == GR_ACT_HARD_SWISH || act == GR_ACT_SILU;
}

static void onnx_node(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    gr_onnx_op(onnx, g, op, "Mul");
}

const gr_op_type gr_op_scale_channels = {
    .name = "scale_channels",
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .backward_reads = backward_reads,
    .shares_lazy = shares_lazy,
    .in_place = true,
    .leaves = GR_LEAVES_FACTORS,
    .grad_alias = 1,
    .onnx = onnx_node,
};

gr_value *gr_scale_channels(gr_graph *g, gr_value *x, gr_value *s, const char *name)
{
    return gr_graph_add_value(g, &gr_op_scale_channels, name, (gr_value *[]){x, s}, 2, "", 0);
}
