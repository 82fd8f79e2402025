/* Convolution: y[n,oh,ow,oc] = b[oc] + sum_{kh,kw,c} x[n, oh s - p + kh d, ow s - p + kw d, c] w[kh,kw,c,oc]
 *
 *   dx = the same sum read backwards (a convolution of dy with w transposed),   dw = sum_{n,oh,ow} x dy,   db = sum dy
 *
 * The arithmetic is in kernels/; this file builds the problem and picks the algorithm: the first of the table's ordered list
 * that does not refuse. The choice follows from shapes and fusion alone.
 *
 * Without training the batch norm behind is folded into weights and bias, and the residual is added and the activation applied
 * while writing; where gradients are asked for, ReLU alone, since its output says where it passed:
 *   g = dy where y > 0 (in dy's place),   dx = the data direction of g with the folded weights,   dresidual = g
 * Training leaves the sums that the batch norm behind needs, reads a lazy input, and completes a lazy gradient. */
#include "ops/activation.h"
#include "ops/batch_norm.h"
#include "ops/conv2d.h"
#include "ops/elementwise.h"
#include "ops/onnx_nodes.h"
#include "ops/shapes.h"

#include <math.h>
#include <string.h>

enum { LINE = 64 };

typedef struct conv_attr {
    gr_conv2d_args args;
    bool folds_norm, adds_residual; /* absorbed, without training only */
    gr_act act;                     /* absorbed, without training only */
    double norm_eps;                /* of the folded norm */
} conv_attr;

/* Stands for "there will be a pointer" while sizes are planned. */
static float present[1];

static gr_conv_problem problem_of(const gr_call *call)
{
    const gr_conv2d_args *a = &((const conv_attr *)call->op->attr)->args;
    const gr_shape *x = &call->in[0].shape, *y = &call->out[0].shape;
    return (gr_conv_problem){x->dim[0],    x->dim[1],      x->dim[2],      x->dim[3],    a->out,       a->kernel[0],
                             a->kernel[1], y->dim[1],      y->dim[2],      a->stride[0], a->stride[1], a->pad[0],
                             a->pad[1],    a->dilation[0], a->dilation[1], a->groups,    call->bf16,     call->exact};
}

static const float *or_present(const float *pointer)
{
    return pointer != NULL ? pointer : present;
}

/* The fusion of a direction; with `probe`, every pointer that may be set in a step is set, so that the choice of algorithm
 * is the same when planning and when running. */
static gr_conv_fusion fusion_of(const gr_call *call, gr_direction d, bool probe)
{
    const conv_attr *attr = call->op->attr;
    gr_conv_fusion f = {0};
    const gr_lazy *lazy = call->in[0].lazy;
    const gr_lazy_grad *lazy_grad = call->out[0].lazy_grad;
    if (lazy != NULL && d != GR_BACKDATA) {
        f.in_scale = or_present(lazy->scale);
        f.in_shift = or_present(lazy->shift);
        f.in_act = lazy->act;
    }
    if (lazy_grad != NULL && d != GR_FORWARD) {
        f.y = or_present(call->out[0].data);
        f.out_a = or_present(lazy_grad->a);
        f.out_b = or_present(lazy_grad->b);
        f.out_c = or_present(lazy_grad->c);
    }
    if (lazy != NULL && d == GR_BACKDATA) {
        f.mask_x = or_present(call->in[0].data);
        f.mask_scale = or_present(lazy->scale);
        f.mask_shift = or_present(lazy->shift);
        f.mask_act = lazy->act;
        f.mask_stats = probe ? present : lazy->mask_stats;
    }
    if (d == GR_FORWARD) {
        f.act = attr->act;
        f.stats = probe && call->training ? present : call->out[0].stats;
        f.residual = attr->adds_residual ? or_present(call->in[1].data) : NULL;
        if (attr->args.bias || attr->folds_norm)
            f.bias = present; /* set by the caller */
    }
    return f;
}

static const gr_conv_algorithm *choose(const gr_call *call, gr_direction d, const gr_conv_problem *p)
{
    gr_conv_fusion f = fusion_of(call, d, true);
    const gr_conv_algorithm *const *list = gr_kernels_get()->conv;
    while (list[1] != NULL && (*list)->refuses(p, d, &f) != NULL)
        list++;
    return *list;
}

static size_t whole_lines(size_t bytes)
{
    return (bytes + LINE - 1) / LINE * LINE;
}

static gr_status infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    const gr_conv2d_args *a = &((const conv_attr *)op->attr)->args;
    gr_status status = gr_infer_need_map(in, err);
    if (status != GR_OK)
        return status;
    if (in->dim[3] % a->groups != 0 || a->out % a->groups != 0)
        return gr_fail(err, GR_INVALID, "%lld input and %lld output channels cannot be cut into %lld groups",
                       (long long)in->dim[3], (long long)a->out, (long long)a->groups);
    int64_t oh = gr_window_extent(in->dim[1], a->kernel[0], a->stride[0], a->pad[0], a->dilation[0], false);
    int64_t ow = gr_window_extent(in->dim[2], a->kernel[1], a->stride[1], a->pad[1], a->dilation[1], false);
    if (oh < 1 || ow < 1)
        return gr_fail(err, GR_INVALID, "a %lldx%lld kernel does not fit a %lldx%lld feature map; a larger image would",
                       (long long)a->kernel[0], (long long)a->kernel[1], (long long)in->dim[1], (long long)in->dim[2]);
    out[0] = gr_shape4(in->dim[0], oh, ow, a->out);
    return GR_OK;
}

/* ---- without training: weights folded and packed once ----------------------------------------------------------------- */

static size_t weight_bytes(const gr_call *call)
{
    return whole_lines((size_t)gr_shape_elements(&call->param[0].shape) * sizeof(float));
}

/* Prepared: weights packed for forward, the bias, and weights packed for the data direction where gradients are asked for. */
static size_t packed_bytes(const gr_call *call, const gr_conv_problem *p, gr_direction d)
{
    return whole_lines(choose(call, d, p)->packed_size(p, d));
}

static size_t prepared_size(const gr_call *call)
{
    gr_conv_problem p = problem_of(call);
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

/* w' = w * weight / sqrt(var + eps),  b' = (b - mean) * weight / sqrt(var + eps) + bias */
static void fold_norm(const gr_call *call, float *weights, float *bias)
{
    const conv_attr *attr = call->op->attr;
    const gr_operand *norm = &call->param[attr->args.bias ? 2 : 1]; /* weight, bias, running_mean, running_var */
    int64_t oc = attr->args.out, rows = gr_shape_rows(&call->param[0].shape);
    for (int64_t o = 0; o < oc; o++) {
        double scale = (double)norm[0].data[o] / sqrt((double)norm[3].data[o] + attr->norm_eps);
        double old = attr->args.bias ? call->param[1].data[o] : 0.0;
        bias[o] = (float)((old - (double)norm[2].data[o]) * scale + (double)norm[1].data[o]);
        for (int64_t r = 0; r < rows; r++)
            weights[r * oc + o] = (float)((double)call->param[0].data[r * oc + o] * scale);
    }
}

static void prepare(const gr_call *call)
{
    const conv_attr *attr = call->op->attr;
    gr_conv_problem p = problem_of(call);
    float *bias = prepared_bias(call, &p);
    const float *weights = call->param[0].data;
    if (attr->folds_norm) {
        fold_norm(call, call->scratch, bias);
        weights = call->scratch;
    } else if (attr->args.bias) {
        memcpy(bias, call->param[1].data, (size_t)p.oc * sizeof(float));
    }
    choose(call, GR_FORWARD, &p)->pack(&p, GR_FORWARD, weights, call->prepared);
    if (call->gradients)
        choose(call, GR_BACKDATA, &p)->pack(&p, GR_BACKDATA, weights, prepared_for_data(call, &p));
}

/* ---- both modes ------------------------------------------------------------------------------------------------------- */

static size_t direction_bytes(const gr_call *call, gr_direction d)
{
    gr_conv_problem p = problem_of(call);
    const gr_conv_algorithm *algorithm = choose(call, d, &p);
    size_t packed = d == GR_BACKWEIGHT || !call->training ? 0 : algorithm->packed_size(&p, d);
    return whole_lines(packed) + whole_lines(algorithm->scratch_size(&p, d, call->threads));
}

static size_t scratch_size(const gr_call *call, gr_pass pass)
{
    if (pass == GR_PASS_PREPARE)
        return ((const conv_attr *)call->op->attr)->folds_norm ? weight_bytes(call) : 0;
    if (pass == GR_PASS_FORWARD)
        return direction_bytes(call, GR_FORWARD);
    size_t data = direction_bytes(call, GR_BACKDATA);
    size_t weight = call->training ? direction_bytes(call, GR_BACKWEIGHT) : 0;
    return data > weight ? data : weight;
}

static int64_t stat_blocks(const gr_call *call, gr_pass pass)
{
    gr_direction d = pass == GR_PASS_FORWARD ? GR_FORWARD : GR_BACKDATA;
    gr_conv_problem p = problem_of(call);
    return choose(call, d, &p)->stat_blocks(&p, d);
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
    gr_conv_problem p = problem_of(call), q = problem_of(next);
    gr_conv_fusion f = fusion_of(call, GR_FORWARD, true), g = fusion_of(next, GR_FORWARD, true);
    return choose(call, GR_FORWARD, &p) == join->first && choose(next, GR_FORWARD, &q) == join->second &&
           join->takes(&p, &f, &q, &g, call->threads);
}

static void forward_joined(const gr_call *call, const gr_call *next)
{
    gr_conv_problem p = problem_of(call), q = problem_of(next);
    gr_conv_fusion f = fusion_of(call, GR_FORWARD, false), g = fusion_of(next, GR_FORWARD, false);
    f.bias = f.bias != NULL ? prepared_bias(call, &p) : NULL;
    g.bias = g.bias != NULL ? prepared_bias(next, &q) : NULL;
    gr_conv_args a = {.x = call->in[0].data, .out = call->out[0].data, .packed = call->prepared, .fusion = &f,
                      .scratch = call->scratch};
    gr_conv_args b = {.x = a.out, .out = next->out[0].data, .packed = next->prepared, .fusion = &g, .scratch = next->scratch};
    gr_kernels_get()->join->run(&p, &a, &q, &b, call->threads);
}

static void forward(const gr_call *call)
{
    const conv_attr *attr = call->op->attr;
    gr_conv_problem p = problem_of(call);
    const gr_conv_algorithm *algorithm = choose(call, GR_FORWARD, &p);
    gr_conv_fusion f = fusion_of(call, GR_FORWARD, false);
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
    algorithm->run(&p, GR_FORWARD, &args);
}

static void backward_data(const gr_call *call, const gr_conv_problem *p)
{
    const gr_conv_algorithm *algorithm = choose(call, GR_BACKDATA, p);
    gr_conv_fusion f = fusion_of(call, GR_BACKDATA, false);
    gr_conv_args args = {.dy = call->out[0].grad,
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

static void backward(const gr_call *call)
{
    const conv_attr *attr = call->op->attr;
    gr_conv_problem p = problem_of(call);
    if (attr->act == GR_ACT_RELU)
        gr_kernels_get()->relu_backward(gr_shape_elements(&call->out[0].shape), call->out[0].data, call->out[0].grad,
                                        call->out[0].grad, false);
    if (call->param[0].grad != NULL) {
        gr_conv_fusion f = fusion_of(call, GR_BACKWEIGHT, false);
        gr_conv_args args = {.x = call->in[0].data,
                             .dy = call->out[0].grad,
                             .out = call->param[0].grad,
                             .fusion = &f,
                             .scratch = call->scratch};
        choose(call, GR_BACKWEIGHT, &p)->run(&p, GR_BACKWEIGHT, &args);
    }
    if (attr->args.bias && call->param[1].grad != NULL)
        gr_kernels_get()->sum_rows(p.n * p.oh * p.ow, p.oc, call->out[0].grad, call->param[1].grad, false);
    if (call->in[0].grad != NULL)
        backward_data(call, &p);
    if (attr->adds_residual) /* last: it may be the input once more, whose gradient then stands and is added to */
        gr_pass_gradient(gr_shape_elements(&call->out[0].shape), call->out[0].grad, &call->in[1]);
}

static unsigned backward_reads(const gr_op *op)
{
    return GR_READS_INPUT0 | (((const conv_attr *)op->attr)->act == GR_ACT_RELU ? GR_READS_OUTPUT0 : 0);
}

/* A bias before a batch norm has no gradient worth a special path: such a convolution stays unfused. */
static bool leaves_sums(const gr_op *op)
{
    return !((const conv_attr *)op->attr)->args.bias;
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

static bool absorb(gr_op *op, const gr_op *next, int position, bool training, bool gradients)
{
    conv_attr *attr = op->attr;
    if (training || attr->act != GR_ACT_NONE)
        return false;
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
    gr_conv_problem p = problem_of(call);
    return 2.0 * (double)(p.n * p.oh * p.ow * p.oc) * (double)(p.kh * p.kw * p.c / p.groups);
}

static void describe_direction(const gr_call *call, gr_direction d, gr_text *out)
{
    static const char *const words[] = {"", "data: ", "weight: "};
    gr_conv_problem p = problem_of(call);
    gr_conv_fusion f = fusion_of(call, d, true);
    const gr_conv_algorithm *chosen = choose(call, d, &p);
    char how[128];
    chosen->describe(&p, d, how, sizeof how);
    gr_text_printf(out, "%s%s%s, %s", out->size > 0 ? "; " : "", words[d], chosen->name, how);
    for (const gr_conv_algorithm *const *list = gr_kernels_get()->conv; *list != chosen; list++)
        gr_text_printf(out, " (not %s: %s)", (*list)->name, (*list)->refuses(&p, d, &f));
}

static void describe(const gr_call *call, gr_pass pass, char *text, size_t size)
{
    gr_text out = {0};
    if (pass == GR_PASS_FORWARD)
        describe_direction(call, GR_FORWARD, &out);
    if (pass == GR_PASS_BACKWARD && call->in[0].grad != NULL)
        describe_direction(call, GR_BACKDATA, &out);
    if (pass == GR_PASS_BACKWARD && call->param[0].grad != NULL)
        describe_direction(call, GR_BACKWEIGHT, &out);
    snprintf(text, size, "%s", out.data != NULL && !out.failed ? out.data : "");
    gr_text_free(&out);
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
    .joins = joins,
    .forward_joined = forward_joined,
    .backward = backward,
    .backward_reads = backward_reads,
    .scratch_size = scratch_size,
    .prepared_size = prepared_size,
    .prepare = prepare,
    .stat_blocks = stat_blocks,
    .leaves_sums = leaves_sums,
    .takes_lazy = takes_lazy,
    .absorb = absorb,
    .grad_alias = 2, /* the residual's */
    .flops = flops,
    .describe = describe,
    .onnx = onnx_node,
};

static bool args_valid(gr_graph *g, const char *name, const gr_conv2d_args *a)
{
    bool good = a->out >= 1 && a->groups >= 1;
    for (int i = 0; i < 2; i++)
        good = good && a->kernel[i] >= 1 && a->stride[i] >= 1 && a->dilation[i] >= 1 && a->pad[i] >= 0;
    if (!good)
        gr_fail(&g->error, GR_INVALID, "%s: a convolution's sizes must be at least 1 and its padding at least 0", name);
    return good;
}

gr_value *gr_conv2d(gr_graph *g, gr_value *x, const char *name, gr_conv2d_args args)
{
    for (int i = 0; i < 2; i++) {
        args.stride[i] = args.stride[i] == 0 ? 1 : args.stride[i];
        args.dilation[i] = args.dilation[i] == 0 ? 1 : args.dilation[i];
    }
    args.groups = args.groups == 0 ? 1 : args.groups;
    if (g->error.status != GR_OK || !args_valid(g, name, &args))
        return NULL;
    conv_attr attr = {.args = args};
    gr_op *op = gr_graph_add_op(g, &gr_op_conv2d, name, &x, 1, 1, &attr, sizeof attr);
    if (op == NULL)
        return NULL;
    int64_t per_group = x->shape.dim[3] / args.groups, taps = args.kernel[0] * args.kernel[1];
    gr_parameter weight = {.shape = gr_shape4(args.kernel[0], args.kernel[1], per_group, args.out),
                           .layout = GR_LAYOUT_CONV,
                           .init = args.init,
                           .fan_in = per_group * taps,
                           .fan_out = args.out * taps,
                           .depthwise = per_group == 1 && args.groups > 1 && args.groups == args.out};
    gr_parameter bias = {.shape = gr_shape1(args.out),
                         .fan_in = per_group * taps,
                         .init = args.init == GR_INIT_UNIFORM_FAN_IN || args.init == GR_INIT_RARE ? args.init : GR_INIT_ZERO};
    if (!gr_graph_add_param(g, op, "weight", weight) || (args.bias && !gr_graph_add_param(g, op, "bias", bias)))
        return NULL;
    return op->out[0];
}
