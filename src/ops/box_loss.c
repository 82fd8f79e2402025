/* The loss of maps of boxes [N,H,W,5 K], of K heats z (logits, p = sigmoid(z)) and 4 K numbers v, against targets t of that
 * shape:
 *
 *   L = 1/M sum over heats    - (1 - p)^2 ln p              where t = 1
 *                             - (1 - t)^4 p^2 ln(1 - p)     elsewhere
 *     + 1/P sum over numbers  |v - t|
 *
 * with M the number of heats with t = 1, at least 1: the focal loss of Law and Deng 2018, "CornerNet", equation 1 (alpha 2,
 * beta 4), as Zhou et al. 2019, "Objects as points", use it, and P the number of places whose four numbers are known (not
 * NaN), which are a middle and those near it; without one the second sum is 0. */
#include "ops/ops.h"

#include <math.h>
#include <string.h>

typedef struct box_attr {
    int64_t kinds;
} box_attr;

static gr_status infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    const box_attr *a = op->attr;
    char x[GR_SHAPE_TEXT], t[GR_SHAPE_TEXT];
    if (in[0].rank != 4 || in[0].dim[3] != 5 * a->kinds || !gr_shape_equal(&in[0], &in[1]))
        return gr_fail(err, GR_INVALID, "a loss of boxes needs maps and targets of one shape [N, H, W, %lld], got %s and %s",
                       (long long)(5 * a->kinds), gr_shape_text(&in[0], x), gr_shape_text(&in[1], t));
    out[0] = gr_shape1(1);
    return GR_OK;
}

/* ln(1 + e^x) without overflow. */
static double softplus(double x)
{
    return x > 0.0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

static double fourth_power(double x)
{
    return (x * x) * (x * x);
}

static double heat_value(double z, double t)
{
    double p = 1.0 / (1.0 + exp(-z));
    if (t == 1.0)
        return (1.0 - p) * (1.0 - p) * softplus(-z);
    return fourth_power(1.0 - t) * p * p * softplus(z);
}

static double heat_slope(double z, double t)
{
    double p = 1.0 / (1.0 + exp(-z)), q = 1.0 - p;
    if (t == 1.0)
        return -2.0 * q * q * p * softplus(-z) - q * q * q;
    return fourth_power(1.0 - t) * (2.0 * p * p * q * softplus(z) + p * p * p);
}

/* What `sums` tells, and forward saves. */
enum { HEATS, NUMBERS, MIDDLES, KNOWN, SUMS };

static size_t saved_size(const gr_call *call)
{
    (void)call;
    return SUMS * sizeof(double);
}

static size_t sum_count(const gr_call *call, gr_pass pass)
{
    (void)call;
    return pass == GR_PASS_FORWARD ? SUMS : 0;
}

/* Losses of heats and of numbers, how many middles there are, and numbers that are known. */
static void sums(const gr_call *call, gr_pass pass, double *out)
{
    (void)pass;
    const box_attr *a = call->op->attr;
    const float *x = call->in[0].data, *t = call->in[1].data;
    int64_t elements = gr_shape_elements(&call->in[0].shape);
    for (int i = 0; i < SUMS; i++)
        out[i] = 0.0;
    for (int64_t i = 0; i < elements; i++) {
        if (i % (5 * a->kinds) < a->kinds) {
            out[HEATS] += heat_value((double)x[i], (double)t[i]);
            out[MIDDLES] += t[i] == 1.0f;
        } else if (!isnan(t[i])) {
            out[NUMBERS] += fabs((double)x[i] - (double)t[i]);
            out[KNOWN] += 1.0;
        }
    }
}

static void forward(const gr_call *call)
{
    double *s = call->saved;
    if (call->whole == NULL)
        sums(call, GR_PASS_FORWARD, s);
    else
        memcpy(s, call->whole, SUMS * sizeof *s);
    s[MIDDLES] = s[MIDDLES] > 0.0 ? s[MIDDLES] : 1.0;
    call->out[0].data[0] = (float)(s[HEATS] / s[MIDDLES] + (s[KNOWN] > 0.0 ? 4.0 * s[NUMBERS] / s[KNOWN] : 0.0));
}

static void backward(const gr_call *call)
{
    if (call->in[0].grad == NULL)
        return;
    const box_attr *a = call->op->attr;
    const float *x = call->in[0].data, *t = call->in[1].data;
    int64_t elements = gr_shape_elements(&call->in[0].shape);
    const double *s = call->saved;
    double seed = (double)call->out[0].grad[0];
    for (int64_t i = 0; i < elements; i++) {
        float *dx = call->in[0].grad + i;
        double slope = 0.0, error = (double)x[i] - (double)t[i];
        if (i % (5 * a->kinds) < a->kinds)
            slope = heat_slope((double)x[i], (double)t[i]) / s[MIDDLES];
        else if (!isnan(t[i]))
            slope = 4.0 / s[KNOWN] * (error > 0.0 ? 1.0 : error < 0.0 ? -1.0 : isnan(error) ? error : 0.0);
        *dx = (float)(seed * slope) + (call->in[0].accumulate ? *dx : 0.0f);
    }
}

static unsigned backward_reads(const gr_op *op)
{
    (void)op;
    return 3; /* maps and targets */
}

const gr_op_type gr_op_box_loss = {
    .name = "box_loss", .infer = infer, .forward = forward, .backward = backward, .backward_reads = backward_reads,
    .saved_size = saved_size, .sum_count = sum_count, .sums = sums};

gr_value *gr_box_loss(gr_graph *g, gr_value *x, gr_value *target, const char *name)
{
    if (x == NULL || target == NULL)
        return NULL;
    const box_attr attr = {.kinds = gr_value_shape(x).dim[3] / 5};
    return gr_graph_add_value(g, &gr_op_box_loss, name, (gr_value *[]){x, target}, 2, &attr, sizeof attr);
}
