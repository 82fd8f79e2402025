/* Pooling over windows of a feature map, and over all of it:
 *   max          y = max of the window; backward sends dy to the tap that was chosen (its index is saved, one byte)
 *   average      y = mean of the window, of KH KW taps or, with exclude_pad, of those inside the image
 *   global mean  y[n,c] = mean over h, w; [N,C], or [N,1,1,C] for a squeeze */
#include "ops/onnx_nodes.h"
#include "ops/ops.h"
#include "ops/shapes.h"

static gr_pool_problem problem_of(const gr_call *call)
{
    const gr_pool_args *a = call->op->attr;
    const gr_shape *x = &call->in[0].shape, *y = &call->out[0].shape;
    return (gr_pool_problem){x->dim[0], x->dim[1],    x->dim[2],    x->dim[3], a->kernel[0], a->kernel[1],   y->dim[1],
                             y->dim[2], a->stride[0], a->stride[1], a->pad[0], a->pad[1],    !a->exclude_pad};
}

/* How many windows there are along an axis. */
static int64_t extent_of(const gr_pool_args *a, int axis, int64_t size)
{
    if (a->same)
        return (size + a->stride[axis] - 1) / a->stride[axis];
    return gr_window_extent(size, a->kernel[axis], a->stride[axis], a->pad[axis], 1, a->ceil_mode);
}

static gr_status infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    const gr_pool_args *a = op->attr;
    gr_status status = gr_infer_need_map(in, err);
    if (status != GR_OK)
        return status;
    int64_t oh = extent_of(a, 0, in->dim[1]), ow = extent_of(a, 1, in->dim[2]);
    if (oh < 1 || ow < 1)
        return gr_fail(err, GR_INVALID, "a %lldx%lld window does not fit a %lldx%lld feature map; a larger image would",
                       (long long)a->kernel[0], (long long)a->kernel[1], (long long)in->dim[1], (long long)in->dim[2]);
    out[0] = gr_shape4(in->dim[0], oh, ow, in->dim[3]);
    return GR_OK;
}

static size_t max_saved_size(const gr_call *call)
{
    return call->gradients ? (size_t)gr_shape_elements(&call->out[0].shape) : 0;
}

static gr_pool_fusion fusion_of(const gr_call *call)
{
    const gr_lazy *lazy = call->in[0].lazy;
    return (gr_pool_fusion){lazy->scale, lazy->shift, call->in[0].data, lazy->mask_stats};
}

static bool is_stored(const gr_call *call)
{
    return call->in[0].narrow || call->in[0].narrow_grad || call->out[0].narrow || call->out[0].narrow_grad;
}

/* The kernels' arguments where some tensor is narrow. */
static gr_pool_stored stored_of(const gr_call *call)
{
    const gr_operand *x = &call->in[0], *y = &call->out[0];
    gr_pool_stored s = {.x = {x->data, x->narrow}, .y = {y->data, y->narrow}, .dx = {x->grad, x->narrow_grad},
                        .dy = {y->grad, y->narrow_grad}, .index = call->saved, .accumulate = x->accumulate};
    if (x->lazy != NULL)
        s.scale = x->lazy->scale, s.shift = x->lazy->shift, s.mask_stats = x->lazy->mask_stats;
    return s;
}

static void max_forward(const gr_call *call)
{
    gr_pool_problem p = problem_of(call);
    bool lazy = call->in[0].lazy != NULL;
    if (is_stored(call)) {
        gr_pool_stored s = stored_of(call);
        gr_kernels_get()->max_pool_stored(&p, &s);
        return;
    }
    gr_pool_fusion f = lazy ? fusion_of(call) : (gr_pool_fusion){0};
    gr_kernels_get()->max_pool(&p, call->in[0].data, call->out[0].data, call->saved, lazy ? &f : NULL);
}

static void max_backward(const gr_call *call)
{
    gr_pool_problem p = problem_of(call);
    bool lazy = call->in[0].lazy != NULL;
    gr_pool_fusion f = lazy ? fusion_of(call) : (gr_pool_fusion){0};
    if (call->in[0].grad != NULL && is_stored(call)) {
        gr_pool_stored s = stored_of(call);
        gr_kernels_get()->max_pool_backward_stored(&p, &s);
    } else if (call->in[0].grad != NULL)
        gr_kernels_get()->max_pool_backward(&p, call->saved, call->out[0].grad, call->in[0].grad, call->in[0].accumulate,
                                            lazy ? &f : NULL);
}

/* The largest of several ReLUs is the ReLU of the largest; the kernel knows no other activation. */
static bool max_takes_lazy(const gr_op *op, gr_act act)
{
    (void)op;
    return act == GR_ACT_RELU;
}

static int64_t max_stat_blocks(const gr_call *call, gr_pass pass)
{
    (void)pass;
    return call->in[0].shape.dim[0] * call->in[0].shape.dim[1];
}

static bool max_takes_narrow(const gr_call *call, int input)
{
    (void)call, (void)input;
    return true;
}

static bool max_gives_narrow(const gr_call *call)
{
    (void)call;
    return true;
}

/* ONNX and PyTorch do not agree on every last window of ceil_mode; as padding behind the image it is the same to all. */
static void window_onnx(const gr_op *op, gr_onnx *onnx)
{
    const gr_pool_args *a = op->attr;
    int64_t behind[2];
    for (int i = 0; i < 2; i++) {
        int64_t reach = (op->out[0]->shape.dim[i + 1] - 1) * a->stride[i] + a->kernel[i];
        int64_t more = reach - op->in[0]->shape.dim[i + 1] - a->pad[i];
        behind[i] = (a->ceil_mode || a->same) && more > a->pad[i] ? more : a->pad[i];
    }
    gr_onnx_window(onnx, a->kernel, a->stride, a->pad, behind);
}

static void max_onnx(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    gr_onnx_op(onnx, g, op, "MaxPool");
    window_onnx(op, onnx);
}

const gr_op_type gr_op_max_pool = {
    .name = "max_pool",
    .infer = infer,
    .forward = max_forward,
    .backward = max_backward,
    .saved_size = max_saved_size,
    .stat_blocks = max_stat_blocks,
    .takes_lazy = max_takes_lazy,
    .takes_narrow = max_takes_narrow,
    .gives_narrow = max_gives_narrow,
    .onnx = max_onnx,
};

static void avg_forward(const gr_call *call)
{
    gr_pool_problem p = problem_of(call);
    gr_kernels_get()->avg_pool(&p, call->in[0].data, call->out[0].data);
}

static void avg_backward(const gr_call *call)
{
    gr_pool_problem p = problem_of(call);
    if (call->in[0].grad != NULL)
        gr_kernels_get()->avg_pool_backward(&p, call->out[0].grad, call->in[0].grad, call->in[0].accumulate);
}

static void avg_onnx(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    const gr_pool_args *a = op->attr;
    gr_onnx_op(onnx, g, op, "AveragePool");
    window_onnx(op, onnx);
    gr_onnx_int(onnx, "count_include_pad", a->exclude_pad ? 0 : 1);
}

const gr_op_type gr_op_avg_pool = {
    .name = "avg_pool",
    .infer = infer,
    .forward = avg_forward,
    .backward = avg_backward,
    .onnx = avg_onnx,
};

static gr_value *add_pool(gr_graph *g, const gr_op_type *type, gr_value *x, const char *name, gr_pool_args args)
{
    bool good = args.kernel[0] * args.kernel[1] <= 255 || type != &gr_op_max_pool;
    for (int i = 0; i < 2; i++) {
        args.stride[i] = args.stride[i] == 0 ? args.kernel[i] : args.stride[i]; /* as PyTorch's default */
        good = good && args.kernel[i] >= 1 && args.stride[i] >= 1 && args.pad[i] >= 0 && 2 * args.pad[i] <= args.kernel[i];
    }
    if (!good) {
        gr_fail(&g->error, GR_INVALID,
                "%s: a pooling window is at least 1 (and of at most 255 taps for max), its stride at "
                "least 1, its padding at most half of it",
                name);
        return NULL;
    }
    return gr_graph_add_value(g, type, name, &x, 1, &args, sizeof args);
}

gr_value *gr_max_pool(gr_graph *g, gr_value *x, const char *name, gr_pool_args args)
{
    return add_pool(g, &gr_op_max_pool, x, name, args);
}

gr_value *gr_avg_pool(gr_graph *g, gr_value *x, const char *name, gr_pool_args args)
{
    return add_pool(g, &gr_op_avg_pool, x, name, args);
}

static gr_status global_infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    gr_status status = gr_infer_need_map(in, err);
    bool map = *(const bool *)op->attr;
    out[0] = map ? gr_shape4(in->dim[0], 1, 1, in->dim[3]) : gr_shape2(in->dim[0], in->dim[3]);
    return status;
}

static void global_forward(const gr_call *call)
{
    const gr_shape *x = &call->in[0].shape;
    if (call->in[0].lazy != NULL) {
        const gr_stands_for f = {call->in[0].lazy->scale, call->in[0].lazy->shift, call->in[0].lazy->act};
        gr_kernels_get()->lazy_avg_pool(x->dim[0], x->dim[1] * x->dim[2], x->dim[3], call->in[0].data, &f, call->out[0].data);
        return;
    }
    gr_kernels_get()->global_avg_pool(x->dim[0], x->dim[1] * x->dim[2], x->dim[3], call->in[0].data, call->out[0].data);
}

/* The gradient of a mean becomes that of each of its numbers. */
static void share_out(int64_t count, float pixels, float *gradient)
{
    for (int64_t i = 0; i < count; i++)
        gradient[i] /= pixels;
}

static void global_backward(const gr_call *call)
{
    const gr_shape *x = &call->in[0].shape;
    if (call->in[0].left)
        share_out(gr_shape_elements(&call->out[0].shape), (float)(x->dim[1] * x->dim[2]), call->out[0].grad);
    if (call->in[0].grad != NULL)
        gr_kernels_get()->global_avg_pool_backward(x->dim[0], x->dim[1] * x->dim[2], x->dim[3], call->out[0].grad,
                                                   call->in[0].grad, call->in[0].accumulate);
}

static bool global_shares_lazy(const gr_op *op, gr_act act)
{
    (void)op;
    return act == GR_ACT_RELU || act == GR_ACT_HARD_SWISH || act == GR_ACT_SILU;
}

static void global_onnx(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    if (*(const bool *)op->attr) {
        gr_onnx_op(onnx, g, op, "GlobalAveragePool");
        return;
    }
    const char *map = gr_onnx_name(onnx, op->name, "map"); /* [N,C,1,1] */
    gr_onnx_node1(onnx, "GlobalAveragePool", map, op->in[0]->name);
    gr_onnx_node1(onnx, "Flatten", op->out[0]->name, map);
}

const gr_op_type gr_op_global_avg_pool = {
    .name = "global_avg_pool",
    .infer = global_infer,
    .forward = global_forward,
    .backward = global_backward,
    .shares_lazy = global_shares_lazy,
    .leaves = GR_LEAVES_SHARES,
    .onnx = global_onnx,
};

static gr_value *add_global(gr_graph *g, gr_value *x, const char *name, bool map)
{
    return gr_graph_add_value(g, &gr_op_global_avg_pool, name, &x, 1, &map, sizeof map);
}

gr_value *gr_global_avg_pool(gr_graph *g, gr_value *x, const char *name)
{
    return add_global(g, x, name, false);
}

gr_value *gr_squeeze(gr_graph *g, gr_value *x, const char *name)
{
    return add_global(g, x, name, true);
}
