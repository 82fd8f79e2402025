/* Convolution: y[n,oh,ow,oc] = b[oc] + sum_{kh,kw,c} x[n, oh s - p + kh d, ow s - p + kw d, c] w[kh,kw,c,oc]
 *
 *   dx = the same sum read backwards (a convolution of dy with w transposed),   dw = sum_{n,oh,ow} x dy,   db = sum dy
 *
 * The arithmetic is in kernels/; this file builds the problem and picks the algorithm: the first of the table's ordered list
 * that does not refuse. The choice follows from shapes and fusion alone.
 *
 * Without training the batch norm behind is folded into weights and bias, and the residual is added and the activation
 * applied while writing; where gradients are asked for, ReLU alone, since its output says where it passed: g = dy where y >
 * 0 (in dy's place),   dx = the data direction of g with the folded weights,   dresidual = g Training leaves the sums that
 * the batch norm behind needs, reads a lazy input, and completes a lazy gradient; a max pool behind whose windows do not
 * overlap, and a ReLU behind that, are applied while writing where the algorithm can (conv2d_pool.h). */
#include "ops/activation.h"
#include "ops/batch_norm.h"
#include "ops/conv2d.h"
#include "ops/conv2d_choice.h"
#include "ops/conv2d_pool.h"
#include "ops/elementwise.h"
#include "ops/onnx_nodes.h"
#include "ops/shapes.h"

#include <math.h>
#include <string.h>

enum { LINE = 64 };

typedef gr_conv_attr conv_attr;

static size_t whole_lines(size_t bytes)
{
    return (bytes + LINE - 1) / LINE * LINE;
}

static gr_status infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    const conv_attr *attr = op->attr;
    const gr_conv2d_args *a = &attr->args;
    gr_status status = gr_infer_need_map(in, err);
    if (status != GR_OK)
        return status;
    if (in->dim[3] % a->groups != 0 || a->out % a->groups != 0)
        return gr_fail(err, GR_INVALID, "%lld input and %lld output channels cannot be cut into %lld groups",
                       (long long)in->dim[3], (long long)a->out, (long long)a->groups);
    out[0] = gr_conv_map_shape(attr, in);
    if (out[0].dim[1] < 1 || out[0].dim[2] < 1)
        return gr_fail(err, GR_INVALID, "a %lldx%lld kernel does not fit a %lldx%lld feature map; a larger image would",
                       (long long)a->kernel[0], (long long)a->kernel[1], (long long)in->dim[1], (long long)in->dim[2]);
    if (attr->pools)
        out[0] = gr_conv_pool_shape(&out[0], &attr->pool);
    return GR_OK;
}

/* ---- without training: weights folded and packed once ----------------------------------------------------------------- */

static size_t weight_bytes(const gr_call *call)
{
    return whole_lines((size_t)gr_shape_elements(&call->param[0].shape) * sizeof(float));
}

/* Prepared: weights packed for forward, the bias, and weights packed for the data direction where gradients are asked for.
 */
static size_t packed_bytes(const gr_call *call, const gr_conv_problem *p, gr_direction d)
{
    return whole_lines(gr_conv_choose(call, d, p)->packed_size(p, d));
}

static size_t prepared_size(const gr_call *call)
{
    gr_conv_problem p = gr_conv_problem_of(call);
    return packed_bytes(call, &p, GR_FORWARD) + whole_lines((size_t)p.oc * sizeof(float)) +
           (call->gradients ? packed_bytes(call, &p, GR_BACKDATA) : 0);
}

static float *prepared_bias(const gr_call *call, const gr_conv_problem *p)
{
    return (float *)((char *)call->prepared + packed_bytes(call, p, GR_FORWARD));
}

static void *prepared_for_data(const gr_call *call, const gr_conv_problem *p)
{
    return (char *)prepared_bias(call, p) + whole_lines((size_t)p->oc * sizeof(float));
}

/* A batch norm on its way into the weights in front of it. */
typedef struct folding {
    const gr_call *call;
    float *weights, *bias;
} folding;

enum { FOLDED = 32 }; /* output channels at a time: they lie beside each other in every row */

/* w' = w * weight / sqrt(var + eps),  b' = (b - mean) * weight / sqrt(var + eps) + bias */
static void fold_channels(void *ctx, int64_t index, int thread)
{
    const folding *f = ctx;
    const gr_call *call = f->call;
    const conv_attr *attr = call->op->attr;
    const gr_operand *norm = &call->param[attr->args.bias ? 2 : 1]; /* weight, bias, running_mean, running_var */
    int64_t oc = attr->args.out, rows = gr_shape_rows(&call->param[0].shape), first = index * FOLDED;
    int64_t count = first + FOLDED < oc ? FOLDED : oc - first;
    double scale[FOLDED];
    (void)thread;
    for (int64_t i = 0, o = first; i < count; i++, o++) {
        scale[i] = (double)norm[0].data[o] / sqrt((double)norm[3].data[o] + attr->norm_eps);
        double old = attr->args.bias ? call->param[1].data[o] : 0.0;
        f->bias[o] = (float)((old - (double)norm[2].data[o]) * scale[i] + (double)norm[1].data[o]);
    }
    for (int64_t r = 0; r < rows; r++) {
        const float *restrict from = call->param[0].data + r * oc + first;
        float *restrict to = f->weights + r * oc + first;
        for (int64_t i = 0; i < count; i++)
            to[i] = (float)((double)from[i] * scale[i]);
    }
}

static void fold_norm(const gr_call *call, float *weights, float *bias)
{
    folding f = {call, weights, bias};
    gr_parallel_for((((const conv_attr *)call->op->attr)->args.out + FOLDED - 1) / FOLDED, fold_channels, &f);
}

static void prepare(const gr_call *call)
{
    const conv_attr *attr = call->op->attr;
    gr_conv_problem p = gr_conv_problem_of(call);
    float *bias = prepared_bias(call, &p);
    const float *weights = call->param[0].data;
    if (attr->folds_norm) {
        fold_norm(call, call->scratch, bias);
        weights = call->scratch;
    } else if (attr->args.bias) {
        memcpy(bias, call->param[1].data, (size_t)p.oc * sizeof(float));
    }
    gr_conv_choose(call, GR_FORWARD, &p)->pack(&p, GR_FORWARD, weights, call->prepared);
    if (call->gradients)
        gr_conv_choose(call, GR_BACKDATA, &p)->pack(&p, GR_BACKDATA, weights, prepared_for_data(call, &p));
}

/* ---- both modes ------------------------------------------------------------------------------------------------------- */

static size_t bytes_of(const gr_call *call, const gr_conv_algorithm *algorithm, const gr_conv_problem *p, gr_direction d)
{
    size_t packed = d == GR_BACKWEIGHT || !call->training ? 0 : algorithm->packed_size(p, d);
    return whole_lines(packed) + whole_lines(algorithm->scratch_size(p, d, call->threads));
}

static size_t direction_bytes(const gr_call *call, gr_direction d)
{
    gr_conv_problem p = gr_conv_problem_of(call);
    return bytes_of(call, gr_conv_choose(call, d, &p), &p, d);
}

static size_t pass_bytes(const gr_call *call, gr_pass pass)
{
    if (pass == GR_PASS_FORWARD)
        return direction_bytes(call, GR_FORWARD);
    gr_conv_problem p = gr_conv_problem_of(call);
    const gr_conv_algorithm *back = call->in[0].wants_grad ? gr_conv_choose_back(call, &p) : NULL;
    size_t data = !call->in[0].wants_grad ? 0
                  : back != NULL          ? bytes_of(call, back, &p, GR_BACKDATA)
                                          : direction_bytes(call, GR_BACKDATA);
    size_t weight = call->training ? direction_bytes(call, GR_BACKWEIGHT) : 0; /* where nobody wants dx it stands alone */
    return data > weight ? data : weight;
}

static size_t map_bytes(const gr_call *call)
{
    gr_conv_problem p = gr_conv_problem_of(call);
    return sizeof(float) * (size_t)(p.n * p.oh * p.ow * p.oc);
}

/* Where the pool is a pass of its own, the map in front of it, or its gradient, stands in scratch behind all else. */
static bool needs_map(const gr_call *call, gr_pass pass)
{
    gr_conv_problem p = gr_conv_problem_of(call);
    if (!((const conv_attr *)call->op->attr)->pools)
        return false;
    if (pass == GR_PASS_FORWARD)
        return gr_conv_pooling(call, GR_FORWARD, &p) == NULL;
    return (call->in[0].wants_grad && gr_conv_pooling(call, GR_BACKDATA, &p) == NULL) ||
           (!call->param[0].frozen && gr_conv_pooling(call, GR_BACKWEIGHT, &p) == NULL);
}

static float *map_at(const gr_call *call, gr_pass pass)
{
    return (float *)((char *)call->scratch + pass_bytes(call, pass));
}

static size_t scratch_size(const gr_call *call, gr_pass pass)
{
    if (pass == GR_PASS_PREPARE)
        return ((const conv_attr *)call->op->attr)->folds_norm ? weight_bytes(call) : 0;
    return pass_bytes(call, pass) + (needs_map(call, pass) ? map_bytes(call) : 0);
}

static size_t saved_size(const gr_call *call)
{
    return ((const conv_attr *)call->op->attr)->pools ? (size_t)gr_shape_elements(&call->out[0].shape) : 0;
}

static int64_t stat_blocks(const gr_call *call, gr_pass pass)
{
    gr_direction d = pass == GR_PASS_FORWARD ? GR_FORWARD : GR_BACKDATA;
    gr_conv_problem p = gr_conv_problem_of(call);
    const gr_conv_algorithm *back = d == GR_BACKDATA ? gr_conv_choose_back(call, &p) : NULL;
    return (back != NULL ? back : gr_conv_choose(call, d, &p))->stat_blocks(&p, d);
}

/* In training the weights are packed anew for each pass, at the beginning of the scratch; once for all blocks of a batch. */
static const void *pack(const gr_call *call, const gr_conv_algorithm *algorithm, const gr_conv_problem *p, gr_direction d)
{
    if (call->packed != NULL)
        return call->packed;
    algorithm->pack(p, d, call->param[0].data, call->scratch);
    return call->scratch;
}

/* Two convolutions without training whose kernels may run as one. */
static bool joins(const gr_call *call, const gr_call *next)
{
    if (next->op->type != &gr_op_conv2d)
        return false;
    const gr_conv_join *join = gr_kernels_get()->join;
    gr_conv_problem p = gr_conv_problem_of(call), q = gr_conv_problem_of(next);
    gr_conv_fusion f = gr_conv_fusion_of(call, GR_FORWARD, true), g = gr_conv_fusion_of(next, GR_FORWARD, true);
    return gr_conv_choose(call, GR_FORWARD, &p) == join->first && gr_conv_choose(next, GR_FORWARD, &q) == join->second &&
           join->takes(&p, &f, &q, &g, call->threads);
}

static void forward_joined(const gr_call *call, const gr_call *next)
{
    gr_conv_problem p = gr_conv_problem_of(call), q = gr_conv_problem_of(next);
    gr_conv_fusion f = gr_conv_fusion_of(call, GR_FORWARD, false), g = gr_conv_fusion_of(next, GR_FORWARD, false);
    f.bias = f.bias != NULL ? prepared_bias(call, &p) : NULL;
    g.bias = g.bias != NULL ? prepared_bias(next, &q) : NULL;
    gr_conv_args a = {
        .x = call->in[0].data, .out = call->out[0].data, .packed = call->prepared, .fusion = &f, .scratch = call->scratch};
    gr_conv_args b = {
        .x = a.out, .out = next->out[0].data, .packed = next->prepared, .fusion = &g, .scratch = next->scratch};
    gr_kernels_get()->join->run(&p, &a, &q, &b, call->threads);
}

static void forward(const gr_call *call)
{
    const conv_attr *attr = call->op->attr;
    gr_conv_problem p = gr_conv_problem_of(call);
    const gr_conv_algorithm *algorithm = gr_conv_choose(call, GR_FORWARD, &p);
    gr_conv_fusion f = gr_conv_fusion_for(call, GR_FORWARD, &p, false);
    gr_conv_args args = {.x = call->in[0].data, .out = call->out[0].data, .fusion = &f};
    if (call->training) {
        args.packed = pack(call, algorithm, &p, GR_FORWARD);
        args.scratch = (char *)call->scratch + whole_lines(algorithm->packed_size(&p, GR_FORWARD));
        f.bias = attr->args.bias ? call->param[1].data : NULL;
    } else {
        args.packed = call->prepared;
        args.scratch = call->scratch;
        f.bias = f.bias != NULL ? prepared_bias(call, &p) : NULL;
    }
    bool map = needs_map(call, GR_PASS_FORWARD);
    if (map)
        args.out = map_at(call, GR_PASS_FORWARD);
    algorithm->run(&p, GR_FORWARD, &args);
    if (map)
        gr_conv_pool_forward(&p, &attr->pool, attr->act, args.out, call->out[0].data, call->saved);
}

/* Without the sums for a batch norm: it has them since the first time. */
static void redo(const gr_call *call)
{
    gr_call once_more = *call;
    once_more.out[0].stats = NULL;
    once_more.packed = NULL; /* of another direction */
    forward(&once_more);
}

/* `map`: the gradient in front of the pool, where there is one and the algorithm does not know of it. */
static void backward_data(const gr_call *call, const gr_conv_problem *p, const float *map)
{
    const gr_conv_algorithm *algorithm = gr_conv_choose(call, GR_BACKDATA, p);
    gr_conv_fusion f = gr_conv_fusion_for(call, GR_BACKDATA, p, false);
    gr_conv_args args = {.dy = gr_conv_pooling(call, GR_BACKDATA, p) != NULL ? call->out[0].grad : map,
                         .out = call->in[0].grad,
                         .accumulate = call->in[0].accumulate,
                         .fusion = &f};
    if (call->training) {
        args.packed = pack(call, algorithm, p, GR_BACKDATA);
        args.scratch = (char *)call->scratch + whole_lines(algorithm->packed_size(p, GR_BACKDATA));
    } else {
        args.packed = prepared_for_data(call, p);
        args.scratch = call->scratch;
    }
    algorithm->run(p, GR_BACKDATA, &args);
}

static void backward_weight(const gr_call *call, const gr_conv_problem *p, const float *map, float *bias_gradient)
{
    gr_conv_fusion f = gr_conv_fusion_for(call, GR_BACKWEIGHT, p, false);
    gr_conv_args args = {.x = call->in[0].data,
                         .dy = gr_conv_pooling(call, GR_BACKWEIGHT, p) != NULL ? call->out[0].grad : map,
                         .out = call->param[0].grad,
                         .fusion = &f,
                         .scratch = call->scratch};
    f.bias_gradient = bias_gradient;
    gr_conv_choose(call, GR_BACKWEIGHT, p)->run(p, GR_BACKWEIGHT, &args);
}

static void backward_at_once(const gr_call *call, const gr_conv_algorithm *algorithm, const gr_conv_problem *p)
{
    gr_conv_fusion f = gr_conv_back_fusion_of(call, false);
    gr_conv_args args = {.x = call->in[0].data,
                         .packed = pack(call, algorithm, p, GR_BACKDATA),
                         .dy = call->out[0].grad,
                         .out = call->in[0].grad,
                         .accumulate = call->in[0].accumulate,
                         .dw = call->param[0].grad,
                         .fusion = &f};
    args.scratch = (char *)call->scratch + whole_lines(algorithm->packed_size(p, GR_BACKDATA));
    algorithm->run(p, GR_BACKDATA, &args);
}

static void backward(const gr_call *call)
{
    const conv_attr *attr = call->op->attr;
    const gr_shape *out = &call->out[0].shape;
    gr_conv_problem p = gr_conv_problem_of(call);
    const gr_conv_algorithm *weight = call->param[0].grad != NULL ? gr_conv_pooling(call, GR_BACKWEIGHT, &p) : NULL;
    float *bias = attr->args.bias ? call->param[1].grad : NULL, *map = call->out[0].grad;
    const bool sums_bias = weight != NULL && weight->sums_bias, expands = needs_map(call, GR_PASS_BACKWARD);
    /* Where forward pooled, the taps say where the ReLU is closed, to those that read them. */
    const bool known = gr_conv_pooling(call, GR_FORWARD, &p) != NULL && !expands && (bias == NULL || sums_bias);
    if (attr->act == GR_ACT_RELU && !known)
        gr_kernels_get()->relu_backward(gr_shape_elements(out), call->out[0].data, map, map, false);
    if (expands) {
        map = map_at(call, GR_PASS_BACKWARD);
        gr_conv_pool_backward(&p, &attr->pool, call->saved, call->out[0].grad, map);
    }
    const gr_conv_algorithm *back = call->in[0].grad != NULL ? gr_conv_choose_back(call, &p) : NULL;
    if (back == NULL && call->param[0].grad != NULL)
        backward_weight(call, &p, map, sums_bias ? bias : NULL);
    if (bias != NULL && !sums_bias)
        gr_kernels_get()->sum_rows(gr_shape_rows(out), p.oc, call->out[0].grad, bias, false);
    if (back != NULL)
        backward_at_once(call, back, &p);
    else if (call->in[0].grad != NULL)
        backward_data(call, &p, map);
    if (attr->adds_residual) /* last: it may be the input once more, whose gradient then stands and is added to */
        gr_pass_gradient(gr_shape_elements(out), &call->out[0], &call->in[1]);
}

static unsigned backward_reads(const gr_op *op)
{
    return GR_READS_INPUT0 | (((const conv_attr *)op->attr)->act == GR_ACT_RELU ? GR_READS_OUTPUT0 : 0);
}

/* A bias before a batch norm has no gradient worth a special path: such a convolution stays unfused. */
static bool leaves_sums(const gr_op *op)
{
    const conv_attr *attr = op->attr;
    return !attr->args.bias && !attr->pools;
}

/* Winograd serves these, and knows no activation but ReLU: fusing another would cost more than the pass that it saves. */
static bool knows_relu_alone(const gr_conv2d_args *a)
{
    return a->kernel[0] == 3 && a->kernel[1] == 3 && a->stride[0] == 1 && a->stride[1] == 1 && a->groups == 1;
}

static bool takes_lazy(const gr_op *op, gr_act act)
{
    return act == GR_ACT_RELU || !knows_relu_alone(&((const conv_attr *)op->attr)->args);
}

/* Kernels of grouped convolutions, and those that pool, read and write float32 alone. */
static bool takes_narrow(const gr_call *call, int input)
{
    const conv_attr *attr = call->op->attr;
    return input == 0 && attr->args.groups == 1 && !attr->pools;
}

/* So does the sum of a bias's gradient. */
static bool gives_narrow(const gr_call *call)
{
    const conv_attr *attr = call->op->attr;
    return attr->args.groups == 1 && !attr->args.bias && !attr->pools;
}

/* A pool whose windows do not overlap, then a ReLU (the plan has put it there). */
static bool absorb_in_training(conv_attr *attr, const gr_op *next)
{
    if (!attr->pools && next->type == &gr_op_max_pool && gr_conv_pool_takes(next->attr)) {
        attr->pools = true;
        attr->pool = *(const gr_pool_args *)next->attr;
        return true;
    }
    if (attr->pools && next->type == &gr_op_relu)
        attr->act = GR_ACT_RELU;
    return attr->act == GR_ACT_RELU;
}

/* A pad adds zeros as the convolution's own padding does, but not as many on both sides. */
static bool takes_over(gr_op *op, const gr_op *maker)
{
    conv_attr *attr = op->attr;
    if (maker->type != &gr_op_pad)
        return false;
    const gr_pad_args *pad = maker->attr;
    if (pad->top < 0 || pad->left < 0 || pad->bottom < 0 || pad->right < 0)
        return false;
    attr->before[0] += pad->top, attr->before[1] += pad->left;
    attr->behind[0] += pad->bottom, attr->behind[1] += pad->right;
    return true;
}

static bool absorb(gr_op *op, const gr_op *next, int position, bool training, bool gradients)
{
    conv_attr *attr = op->attr;
    if (attr->act != GR_ACT_NONE)
        return false;
    if (training)
        return absorb_in_training(attr, next);
    if (next->type == &gr_op_batch_norm && position == 0 && !attr->folds_norm && !attr->adds_residual &&
        next->in_count == 1) {
        attr->folds_norm = true;
        attr->norm_eps = gr_batch_norm_eps(next);
        return true;
    }
    if (next->type == &gr_op_stochastic_depth && !gradients)
        return true; /* which does nothing here */
    if (next->type == &gr_op_add && !attr->adds_residual && next->in[0] != next->in[1]) {
        attr->adds_residual = true;
        return true;
    }
    gr_act act = gr_activation_of(next->type);
    if (act != GR_ACT_NONE && (act == GR_ACT_RELU || (!gradients && !knows_relu_alone(&attr->args)))) {
        attr->act = act;
        return true;
    }
    return false;
}

const gr_conv2d_args *gr_conv2d_args_of(const gr_op *op)
{
    return &((const conv_attr *)op->attr)->args;
}

static double flops(const gr_call *call)
{
    gr_conv_problem p = gr_conv_problem_of(call);
    return 2.0 * (double)(p.n * p.oh * p.ow * p.oc) * (double)(p.kh * p.kw * p.c / p.groups);
}

static double least_share(const gr_call *call)
{
    const gr_conv2d_args *a = &((const conv_attr *)call->op->attr)->args;
    bool depthwise = a->groups > 1 && a->groups == call->in[0].shape.dim[3];
    return knows_relu_alone(a) && !call->exact ? 0.4 : call->bf16 && !depthwise ? 0.5 : 1.0;
}

static void onnx_node(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    const gr_conv2d_args *a = &((const conv_attr *)op->attr)->args;
    gr_onnx_op(onnx, g, op, "Conv");
    gr_onnx_window(onnx, a->kernel, a->stride, a->pad, a->pad);
    gr_onnx_ints(onnx, "dilations", a->dilation, 2);
    gr_onnx_int(onnx, "group", a->groups);
}

const gr_op_type gr_op_conv2d = {
    .name = "conv2d",
    .infer = infer,
    .forward = forward,
    .redo = redo,
    .joins = joins,
    .forward_joined = forward_joined,
    .backward = backward,
    .backward_reads = backward_reads,
    .saved_size = saved_size,
    .scratch_size = scratch_size,
    .prepared_size = prepared_size,
    .prepare = prepare,
    .stat_blocks = stat_blocks,
    .leaves_sums = leaves_sums,
    .takes_lazy = takes_lazy,
    .takes_narrow = takes_narrow,
    .gives_narrow = gives_narrow,
    .takes_over = takes_over,
    .absorb = absorb,
    .over_second = gr_conv_over_residual,
    .grad_alias = 2, /* the residual's */
    .flops = flops,
    .least_share = least_share,
    .describe = gr_conv_describe,
    .onnx = onnx_node,
};
