/* Losses of values, scores or coordinates: over the M values whose target is known (NaN stands for one that is not; with none
 * known the loss is 0), d = s (prediction - target) with s the unit of the target in the loss's,
 *
 *   L = 1/M sum f(d)            dL = s f'(d) / M
 *
 *   mse    f(d) = d^2
 *   mae    f(d) = |d|
 *   huber  f(d) = d^2 / 2              for |d| <= delta,  delta (|d| - delta / 2)  else
 *   wing   f(d) = w ln(1 + |d| / e)    for |d| < w,       |d| - w + w ln(1 + w / e)  else
 *
 * Huber 1964, "Robust estimation of a location parameter", in PyTorch's form. Feng et al. 2018, "Wing loss for robust facial
 * landmark localisation with convolutional neural networks", equation 5. */
#include "ops/ops.h"

#include <math.h>

typedef struct value_attr value_attr;

/* One loss: f of d, and its derivative. A new one is a pair of functions, a record and a builder below. */
typedef struct value_loss {
    double (*value)(const value_attr *a, double d);
    double (*slope)(const value_attr *a, double d);
} value_loss;

struct value_attr {
    const value_loss *loss;
    double scale, width, epsilon; /* s; delta or w; e */
};

static double sign_of(double d)
{
    return d > 0.0 ? 1.0 : d < 0.0 ? -1.0 : 0.0;
}

static double mse_value(const value_attr *a, double d)
{
    (void)a;
    return d * d;
}

static double mse_slope(const value_attr *a, double d)
{
    (void)a;
    return 2.0 * d;
}

static double mae_value(const value_attr *a, double d)
{
    (void)a;
    return fabs(d);
}

static double mae_slope(const value_attr *a, double d)
{
    (void)a;
    return isnan(d) ? d : sign_of(d);
}

static double huber_value(const value_attr *a, double d)
{
    double size = fabs(d);
    return size <= a->width ? 0.5 * d * d : a->width * (size - 0.5 * a->width);
}

static double huber_slope(const value_attr *a, double d)
{
    return fabs(d) > a->width ? a->width * sign_of(d) : d;
}

static double wing_value(const value_attr *a, double d)
{
    double size = fabs(d), w = a->width;
    return size < w ? w * log1p(size / a->epsilon) : size - (w - w * log1p(w / a->epsilon));
}

static double wing_slope(const value_attr *a, double d)
{
    return sign_of(d) * (fabs(d) < a->width ? a->width / (a->epsilon + fabs(d)) : 1.0);
}

static const value_loss mse = {mse_value, mse_slope}, mae = {mae_value, mae_slope}, huber = {huber_value, huber_slope},
                        wing = {wing_value, wing_slope};

/* ---- the operator ---------------------------------------------------------------------------------------------------------- */

static gr_status infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    (void)op;
    char a[GR_SHAPE_TEXT], b[GR_SHAPE_TEXT];
    if (in[0].rank != 2 || !gr_shape_equal(&in[0], &in[1]))
        return gr_fail(err, GR_INVALID, "a loss of values needs predictions and targets of one shape [N, F], got %s and %s",
                       gr_shape_text(&in[0], a), gr_shape_text(&in[1], b));
    out[0] = gr_shape1(1);
    return GR_OK;
}

/* How many targets are known. */
static size_t saved_size(const gr_call *call)
{
    (void)call;
    return sizeof(double);
}

static int64_t known(const gr_call *call)
{
    int64_t count = 0, elements = gr_shape_elements(&call->in[1].shape);
    for (int64_t i = 0; i < elements; i++)
        count += !isnan(call->in[1].data[i]);
    return count;
}

static double sum_of(const gr_call *call)
{
    const value_attr *a = call->op->attr;
    const float *x = call->in[0].data, *target = call->in[1].data;
    int64_t elements = gr_shape_elements(&call->in[0].shape);
    double sum = 0.0;
    for (int64_t i = 0; i < elements; i++)
        if (!isnan(target[i]))
            sum += a->loss->value(a, a->scale * ((double)x[i] - (double)target[i]));
    return sum;
}

static size_t sum_count(const gr_call *call, gr_pass pass)
{
    (void)call;
    return pass == GR_PASS_FORWARD ? 2 : 0;
}

static void sums(const gr_call *call, gr_pass pass, double *out)
{
    (void)pass;
    out[0] = sum_of(call);
    out[1] = (double)known(call);
}

static void forward(const gr_call *call)
{
    double own[2], *count = call->saved;
    const double *all = call->whole != NULL ? call->whole : own;
    if (call->whole == NULL)
        sums(call, GR_PASS_FORWARD, own);
    *count = all[1];
    call->out[0].data[0] = *count > 0.0 ? (float)(all[0] / *count) : 0.0f;
}

static void backward(const gr_call *call)
{
    if (call->in[0].grad == NULL)
        return;
    const value_attr *a = call->op->attr;
    const float *x = call->in[0].data, *target = call->in[1].data;
    double count = *(const double *)call->saved;
    int64_t elements = gr_shape_elements(&call->in[0].shape);
    double factor = count > 0.0 ? (double)call->out[0].grad[0] * a->scale / count : 0.0;
    for (int64_t i = 0; i < elements; i++) {
        float *dx = call->in[0].grad + i;
        double error = a->scale * ((double)x[i] - (double)target[i]);
        float d = isnan(target[i]) ? 0.0f : (float)(factor * a->loss->slope(a, error));
        *dx = call->in[0].accumulate ? *dx + d : d;
    }
}

static unsigned backward_reads(const gr_op *op)
{
    (void)op;
    return 3; /* predictions and targets */
}

const gr_op_type gr_op_value_loss = {
    .name = "value_loss",
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .backward_reads = backward_reads,
    .saved_size = saved_size,
    .sum_count = sum_count,
    .sums = sums,
};

static gr_value *add(gr_graph *g, gr_value *x, gr_value *target, const char *name, value_attr attr)
{
    gr_op *op = gr_graph_add_op(g, &gr_op_value_loss, name, (gr_value *[]){x, target}, 2, 1, &attr, sizeof attr);
    return op != NULL ? op->out[0] : NULL;
}

gr_value *gr_mse_loss(gr_graph *g, gr_value *x, gr_value *target, const char *name)
{
    return add(g, x, target, name, (value_attr){.loss = &mse, .scale = 1.0});
}

gr_value *gr_mae_loss(gr_graph *g, gr_value *x, gr_value *target, const char *name)
{
    return add(g, x, target, name, (value_attr){.loss = &mae, .scale = 1.0});
}

gr_value *gr_huber_loss(gr_graph *g, gr_value *x, gr_value *target, const char *name, double delta)
{
    if (!(delta > 0.0)) {
        gr_fail(&g->error, GR_INVALID, "%s: the delta of a Huber loss must be above 0, got %g", name, delta);
        return NULL;
    }
    return add(g, x, target, name, (value_attr){.loss = &huber, .scale = 1.0, .width = delta});
}

gr_value *gr_wing_loss(gr_graph *g, gr_value *x, gr_value *target, const char *name, double unit, double w, double epsilon)
{
    if (!(unit > 0.0 && w > 0.0 && epsilon > 0.0)) {
        gr_fail(&g->error, GR_INVALID, "%s: the unit, the width and the epsilon of a landmark loss must be above 0", name);
        return NULL;
    }
    return add(g, x, target, name, (value_attr){.loss = &wing, .scale = unit, .width = w, .epsilon = epsilon});
}
