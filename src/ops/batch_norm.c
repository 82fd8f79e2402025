/* Batch norm: with mean and biased variance over the R = N H W rows of each channel, s = weight / sqrt(var + eps),
 *
 *   y = x s + (bias - mean s)   (then + residual, then an activation, when those operators were absorbed)
 *
 * Backward, with g = dy where ReLU passed or dy act'(y), xhat = (x - mean) / sqrt(var + eps):
 *   dbias = sum g,   dweight = sum g xhat,   dx = s (g - dbias / R - xhat dweight / R) = a g + b x + c per channel.
 *
 * Lazy: forward only makes s and the shift, and the reader applies them; backward only makes a, b, c from sums that the
 * reader gathered, and the maker of x applies them. A frozen norm, or any at inference, works with the running statistics.
 *
 * Of a batch in blocks (call->whole) each block tells [R, R mean, R (var + mean^2)] and in backward [R, sum g, sum g x], of which
 * the whole batch's mean and variance, and b and c, are made; the parameters' gradients are those of the block's own sums.
 */
#include "ops/activation.h"
#include "ops/batch_norm.h"
#include "ops/elementwise.h"
#include "ops/onnx_nodes.h"
#include "ops/shapes.h"

#include <math.h>
#include <string.h>

typedef struct norm_attr {
    double eps, momentum; /* of the running statistics */
    gr_batch_norm_variance variance;
    bool residual;        /* absorbed; it is input 1 */
    gr_act act;           /* absorbed; with a residual only ReLU */
} norm_attr;

enum { WEIGHT, BIAS, RUNNING_MEAN, RUNNING_VAR };

/* What forward saves, [C] each. */
typedef struct norm_state {
    float *mean, *invstd, *scale, *shift, *a, *b, *c;
} norm_state;

static norm_state state_of(const gr_call *call)
{
    float *s = call->saved;
    int64_t c = gr_shape_last(&call->in[0].shape);
    return (norm_state){s, s + c, s + 2 * c, s + 3 * c, s + 4 * c, s + 5 * c, s + 6 * c};
}

static size_t saved_size(const gr_call *call)
{
    return (size_t)gr_shape_last(&call->in[0].shape) * 7 * sizeof(float);
}

static size_t scratch_size(const gr_call *call, gr_pass pass)
{
    return pass == GR_PASS_BACKWARD ? (size_t)gr_shape_last(&call->in[0].shape) * 2 * sizeof(double) : 0;
}

static bool uses_batch(const gr_call *call)
{
    return call->training && !call->param[WEIGHT].frozen;
}

static void lazy(const gr_call *call, gr_lazy *record, gr_lazy_grad *grad)
{
    norm_state s = state_of(call);
    record->scale = s.scale;
    record->shift = s.shift;
    *grad = (gr_lazy_grad){s.a, s.b, s.c};
}

/* Mean and biased variance of this call's rows. */
static void own_statistics(const gr_call *call, int64_t rows, int64_t c, float *mean, float *var)
{
    const gr_kernels *k = gr_kernels_get();
    if (call->in[0].stats != NULL)
        k->bn_stats_from_blocks(rows, c, call->in[0].stat_blocks, call->in[0].stats, mean, var);
    else
        k->bn_stats(rows, c, call->in[0].data, mean, var);
}

/* Those of all blocks' rows, from their sums. */
static void whole_statistics(const double *whole, int64_t c, float *mean, float *var)
{
    for (int64_t i = 0; i < c; i++) {
        double m = whole[1 + i] / whole[0], v = whole[1 + c + i] / whole[0] - m * m;
        mean[i] = (float)m;
        var[i] = v < 0.0 ? 0.0f : (float)v; /* a NaN stays */
    }
}

static void batch_statistics(const gr_call *call, double rows, int64_t c, norm_state s)
{
    const norm_attr *attr = call->op->attr;
    double keep = 1.0 - attr->momentum, take = attr->momentum;
    float *var = s.invstd;
    if (call->whole != NULL)
        whole_statistics(call->whole, c, s.mean, var);
    else
        own_statistics(call, (int64_t)rows, c, s.mean, var);
    bool unbiased = attr->variance == GR_VARIANCE_UNBIASED ||
                    (attr->variance == GR_VARIANCE_IMAGES && call->in[0].shape.rank == 4);
    double unbias = unbiased && rows > 1.0 ? rows / (rows - 1.0) : 1.0;
    float *running_mean = call->param[RUNNING_MEAN].data, *running_var = call->param[RUNNING_VAR].data;
    for (int64_t i = 0; i < c; i++) {
        if (call->settles) {
            running_mean[i] = (float)(keep * (double)running_mean[i] + take * (double)s.mean[i]);
            running_var[i] = (float)(keep * (double)running_var[i] + take * unbias * (double)var[i]);
        }
        s.invstd[i] = (float)(1.0 / sqrt((double)var[i] + attr->eps));
    }
}

static void running_statistics(const gr_call *call, int64_t c, norm_state s)
{
    const norm_attr *attr = call->op->attr;
    for (int64_t i = 0; i < c; i++) {
        s.mean[i] = call->param[RUNNING_MEAN].data[i];
        s.invstd[i] = (float)(1.0 / sqrt((double)call->param[RUNNING_VAR].data[i] + attr->eps));
    }
}

/* The residual; the batch norm that made it may have left itself to this one. */
static gr_residual residual_of(const gr_call *call)
{
    const gr_lazy *left = call->in[1].lazy;
    return (gr_residual){call->in[1].data, left != NULL ? left->scale : NULL, left != NULL ? left->shift : NULL};
}

/* The passes' arguments where some tensor is narrow. */
static gr_norm_stored stored_of(const gr_call *call)
{
    const norm_attr *attr = call->op->attr;
    norm_state s = state_of(call);
    const gr_operand *x = &call->in[0], *y = &call->out[0];
    gr_norm_stored n = {.rows = gr_shape_rows(&x->shape), .c = gr_shape_last(&x->shape), .act = attr->act};
    n.x = (gr_stored){x->data, x->narrow}, n.y = (gr_stored){y->data, y->narrow};
    n.dx = (gr_stored){x->grad, x->narrow_grad}, n.dy = n.g = (gr_stored){y->grad, y->narrow_grad};
    if (attr->residual) {
        const gr_residual r = residual_of(call);
        n.residual = (gr_stored){call->in[1].data, call->in[1].narrow};
        n.residual_scale = r.scale, n.residual_shift = r.shift;
    }
    n.scale = s.scale, n.shift = s.shift, n.a = s.a, n.b = s.b, n.k = s.c;
    n.accumulate = x->accumulate;
    return n;
}

/* Normalises by the scale and shift that are saved. */
static void again(const gr_call *call)
{
    const norm_attr *attr = call->op->attr;
    norm_state s = state_of(call);
    if (call->in[0].narrow || call->out[0].narrow || (attr->residual && call->in[1].narrow)) {
        gr_norm_stored n = stored_of(call);
        gr_kernels_get()->affine_stored(&n);
        return;
    }
    const gr_residual residual = attr->residual ? residual_of(call) : (gr_residual){NULL, NULL, NULL};
    gr_kernels_get()->affine(gr_shape_rows(&call->in[0].shape), gr_shape_last(&call->in[0].shape), call->in[0].data, s.scale,
                             s.shift, &residual, attr->act, call->out[0].data);
}

static void forward(const gr_call *call)
{
    int64_t rows = gr_shape_rows(&call->in[0].shape), c = gr_shape_last(&call->in[0].shape);
    norm_state s = state_of(call);
    if (uses_batch(call))
        batch_statistics(call, call->whole != NULL ? call->whole[0] : (double)rows, c, s);
    else
        running_statistics(call, c, s);
    for (int64_t i = 0; i < c; i++) {
        double scale = (double)call->param[WEIGHT].data[i] * (double)s.invstd[i];
        s.scale[i] = (float)scale;
        s.shift[i] = (float)((double)call->param[BIAS].data[i] - (double)s.mean[i] * scale);
    }
    if (call->out[0].lazy == NULL)
        again(call);
}

/* Sums of g and g x per channel; afterwards the output's gradient holds g. */
static void backward_sums(const gr_call *call, int64_t rows, int64_t c, double *sum_g, double *sum_gx)
{
    const norm_attr *attr = call->op->attr;
    const gr_lazy *record = call->out[0].lazy;
    const bool by_reader = record != NULL && attr->act == GR_ACT_NONE && record->mask_stats == NULL && record->factors == NULL;
    if ((record == NULL || by_reader) && (call->in[0].narrow || call->out[0].narrow || call->out[0].narrow_grad)) {
        gr_norm_stored n = stored_of(call);
        gr_kernels_get()->bn_sums_stored(&n, sum_g, sum_gx);
        return;
    }
    if (record == NULL || record->mask_stats == NULL) {
        gr_bn_gradient g = {.dy = call->out[0].grad, .act = attr->act};
        if (attr->act == GR_ACT_RELU && record == NULL)
            g.relu_out = call->out[0].data;
        else if (attr->act != GR_ACT_NONE)
            g.scale = state_of(call).scale, g.shift = state_of(call).shift;
        g.out = attr->act != GR_ACT_NONE ? call->out[0].grad : NULL;
        if (record != NULL && record->factors != NULL) {
            g.factors = record->factors, g.shares = record->shares;
            g.pixels = call->in[0].shape.dim[1] * call->in[0].shape.dim[2];
        }
        gr_kernels_get()->bn_backward_sums(rows, c, call->in[0].data, &g, sum_g, sum_gx);
        return;
    }
    memset(sum_g, 0, (size_t)c * 2 * sizeof(double));
    for (int64_t block = 0; block < record->blocks; block++) {
        const float *sums = record->mask_stats + block * 2 * c;
        for (int64_t i = 0; i < c; i++) {
            sum_g[i] += (double)sums[i];
            sum_gx[i] += (double)sums[c + i];
        }
    }
}

static size_t sum_count(const gr_call *call, gr_pass pass)
{
    (void)pass;
    return uses_batch(call) ? 1 + 2 * (size_t)gr_shape_last(&call->in[0].shape) : 0;
}

static void sums(const gr_call *call, gr_pass pass, double *out)
{
    int64_t rows = gr_shape_rows(&call->in[0].shape), c = gr_shape_last(&call->in[0].shape);
    out[0] = (double)rows;
    if (pass == GR_PASS_BACKWARD) {
        double *own = call->scratch; /* the pass reads them again */
        backward_sums(call, rows, c, own, own + c);
        memcpy(out + 1, own, 2 * (size_t)c * sizeof *out);
        return;
    }
    norm_state s = state_of(call);
    own_statistics(call, rows, c, s.mean, s.invstd);
    for (int64_t i = 0; i < c; i++) {
        double mean = (double)s.mean[i];
        out[1 + i] = (double)rows * mean;
        out[1 + c + i] = (double)rows * ((double)s.invstd[i] + mean * mean);
    }
}

static void backward(const gr_call *call)
{
    const norm_attr *attr = call->op->attr;
    int64_t rows = gr_shape_rows(&call->in[0].shape), c = gr_shape_last(&call->in[0].shape);
    norm_state s = state_of(call);
    double *sum_g = call->scratch, *sum_gx = sum_g + c, all = (double)rows;
    const double *all_g = sum_g, *all_gx = sum_gx;
    if (call->whole == NULL) {
        backward_sums(call, rows, c, sum_g, sum_gx);
    } else {
        all = call->whole[0];
        all_g = call->whole + 1;
        all_gx = all_g + c;
    }
    for (int64_t i = 0; i < c; i++) {
        double invstd = (double)s.invstd[i], mean = (double)s.mean[i];
        double dweight = invstd * (sum_gx[i] - mean * sum_g[i]), a = (double)s.scale[i], b = 0.0, k = 0.0;
        if (uses_batch(call)) {
            b = -a * invstd * (invstd * (all_gx[i] - mean * all_g[i])) / all;
            k = -a * all_g[i] / all - b * mean;
        }
        if (call->param[WEIGHT].grad != NULL)
            call->param[WEIGHT].grad[i] = (float)dweight;
        if (call->param[BIAS].grad != NULL)
            call->param[BIAS].grad[i] = (float)sum_g[i];
        s.a[i] = (float)a;
        s.b[i] = (float)b;
        s.c[i] = (float)k;
    }
    bool here = call->in[0].grad != NULL && call->in[0].lazy_grad == NULL;
    if (here && (call->in[0].narrow || call->in[0].narrow_grad || call->out[0].narrow_grad)) {
        gr_norm_stored n = stored_of(call);
        gr_kernels_get()->bn_data_stored(&n);
    } else if (here)
        gr_kernels_get()->bn_backward_data(rows, c, call->in[0].data, call->out[0].grad, NULL, s.a, s.b, s.c,
                                           call->in[0].grad, call->in[0].accumulate);
    if (attr->residual) /* last: it may be the input once more, whose gradient then stands and is added to */
        gr_pass_gradient(rows * c, &call->out[0], &call->in[1]);
}

static unsigned backward_reads(const gr_op *op)
{
    return GR_READS_INPUT0 | (((const norm_attr *)op->attr)->act == GR_ACT_RELU ? GR_READS_OUTPUT0 : 0);
}

static bool absorb(gr_op *op, const gr_op *next, int position, bool training, bool gradients)
{
    (void)training;
    (void)gradients;
    (void)position;
    norm_attr *attr = op->attr;
    if (attr->act != GR_ACT_NONE)
        return false;
    gr_act act = gr_activation_of(next->type);
    if (act == GR_ACT_RELU || (act != GR_ACT_NONE && !attr->residual)) {
        attr->act = act;
        return true;
    }
    if (next->type == &gr_op_add && !attr->residual && next->in[0] != next->in[1]) {
        attr->residual = true;
        return true;
    }
    return false;
}

/* Where the maker of x leaves its sums: no kernel takes them of narrow numbers. */
static bool takes_narrow(const gr_call *call, int input)
{
    return input > 0 || call->in[0].lazy_grad != NULL;
}

static bool gives_narrow(const gr_call *call)
{
    (void)call;
    return true;
}

/* Without an activation: this batch norm's pass adds it as it reads it. */
static bool takes_lazy_residual(const gr_op *op)
{
    return ((const norm_attr *)op->attr)->residual;
}

static bool can_be_lazy(const gr_op *op, gr_act *act)
{
    const norm_attr *attr = op->attr;
    *act = attr->act;
    return !attr->residual;
}

static gr_status infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    char text[GR_SHAPE_TEXT];
    if (in->rank < 2)
        return gr_fail(err, GR_INVALID, "batch norm needs [N, ..., C], got %s", gr_shape_text(in, text));
    return gr_infer_same(op, in, out, err);
}

static void onnx_node(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    gr_onnx_op(onnx, g, op, "BatchNormalization");
    gr_onnx_float(onnx, "epsilon", ((const norm_attr *)op->attr)->eps);
}

const gr_op_type gr_op_batch_norm = {
    .name = "batch_norm",
    .infer = infer,
    .forward = forward,
    .again = again,
    .backward = backward,
    .backward_reads = backward_reads,
    .saved_size = saved_size,
    .scratch_size = scratch_size,
    .sum_count = sum_count,
    .sums = sums,
    .absorb = absorb,
    .takes_lazy_residual = takes_lazy_residual,
    .can_be_lazy = can_be_lazy,
    .takes_narrow = takes_narrow,
    .gives_narrow = gives_narrow,
    .lazy = lazy,
    .grad_alias = 2, /* the residual's */
    .onnx = onnx_node,
};

const char *gr_batch_norm_of_one(const gr_graph *graph)
{
    for (int i = 0; i < graph->op_count; i++) {
        const gr_op *op = graph->ops[i];
        if (op->type->forward != forward || gr_graph_parameter(graph, op->param[WEIGHT])->frozen)
            continue;
        gr_shape shape = gr_value_shape(op->in[0]);
        if (gr_shape_rows(&shape) == 1)
            return op->name;
    }
    return NULL;
}

double gr_batch_norm_momentum(const gr_op *op)
{
    return ((const norm_attr *)op->attr)->momentum;
}

double gr_batch_norm_eps(const gr_op *op)
{
    return ((const norm_attr *)op->attr)->eps;
}

gr_value *gr_batch_norm(gr_graph *g, gr_value *x, const char *name)
{
    return gr_batch_norm_with(g, x, name, 1e-5, 0.1);
}

gr_value *gr_batch_norm_with(gr_graph *g, gr_value *x, const char *name, double eps, double momentum)
{
    return gr_batch_norm_own(g, x, name, g->norm_eps > 0.0 ? g->norm_eps : eps,
                             g->norm_momentum > 0.0 ? g->norm_momentum : momentum);
}

gr_value *gr_batch_norm_own(gr_graph *g, gr_value *x, const char *name, double eps, double momentum)
{
    if (!(eps > 0.0 && momentum > 0.0 && momentum <= 1.0)) {
        gr_fail(&g->error, GR_INVALID, "%s: a batch norm's eps must be above 0 and its momentum above 0 and at most 1",
                name);
        return NULL;
    }
    norm_attr attr = {.eps = eps, .momentum = momentum, .variance = g->norm_variance};
    gr_op *op = gr_graph_add_op(g, &gr_op_batch_norm, name, &x, 1, 1, &attr, sizeof attr);
    if (op == NULL)
        return NULL;
    gr_parameter of_channels = {.shape = gr_shape1(gr_shape_last(&x->shape)), .init = GR_INIT_ONE};
    gr_parameter mean = {.shape = of_channels.shape, .init = GR_INIT_ZERO, .buffer = true, .momentum = momentum}, var = mean;
    gr_parameter bias = {.shape = of_channels.shape, .init = GR_INIT_ZERO};
    var.init = GR_INIT_ONE;
    bool good = gr_graph_add_param(g, op, "weight", of_channels) && gr_graph_add_param(g, op, "bias", bias) &&
                gr_graph_add_param(g, op, "running_mean", mean) && gr_graph_add_param(g, op, "running_var", var);
    return good ? op->out[0] : NULL;
}
