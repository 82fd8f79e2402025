/* Proportional odds, a model of ordered classes 1..K (McCullagh 1980, "Regression models for ordinal data"): one score s of an
 * image and K - 1 thresholds in order,
 *
 *   P(y <= k) = sigmoid(theta_k - s)             theta_1 = a_1,  theta_k = theta_(k-1) + exp(a_k)
 *
 * a is the parameter: whatever its numbers, the thresholds are in order (statsmodels' OrderedModel has the same). The output is
 * log P(y = k). With u_k = theta_k - s, u_0 = -inf, u_K = inf, and the gap g_k = theta_k - theta_(k-1) = exp(a_k),
 *
 *   sigmoid(b) - sigmoid(c) = sigmoid(b) sigmoid(-c) (1 - exp(c - b))      (both sides are (e^b - e^c) / (1 + e^b) / (1 + e^c))
 *   log P(y = k) = log sigmoid(u_k) + log sigmoid(-u_(k-1)) + log(1 - exp(-g_k)),  no third term for k = 1 and k = K
 *
 * so that nothing cancels in the tails. The softmax of these logarithms is the probabilities, and their cross-entropy the
 * negative log-likelihood: operators for logits fit as they are. Gradients, with d_k that of log P(y = k):
 *
 *   t_k        = d_k sigmoid(-u_k) - d_(k+1) sigmoid(u_k)                  (d/dtheta_k by the first two terms)
 *   d/ds       = -sum_k t_k
 *   d/da_1     = sum_j t_j
 *   d/da_k     = exp(a_k) sum_(j >= k) t_j + d_k g_k / (exp(g_k) - 1)      (g_k = exp(a_k) moves theta_k and all behind it) */
#include "ops/onnx_nodes.h"
#include "ops/ops.h"

#include <math.h>
#include <string.h>

static gr_status infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    int64_t classes = *(const int64_t *)op->attr;
    char text[GR_SHAPE_TEXT];
    if (in->rank != 2 || in->dim[1] != 1 || classes < 2)
        return gr_fail(err, GR_INVALID, "proportional odds need a score [N, 1] and at least 2 classes, got %s and %lld",
                       gr_shape_text(in, text), (long long)classes);
    out[0] = gr_shape2(in->dim[0], classes);
    return GR_OK;
}

/* Thresholds and logarithms of 1 - exp(-gap); in a backward the sums of t_k and of d_k behind them. */
static size_t scratch_size(const gr_call *call, gr_pass pass)
{
    size_t thresholds = (size_t)call->param[0].shape.dim[0] * sizeof(double);
    return pass == GR_PASS_FORWARD ? 2 * thresholds : pass == GR_PASS_BACKWARD ? 3 * thresholds : 0;
}

static double sigmoid(double u)
{
    return u >= 0.0 ? 1.0 / (1.0 + exp(-u)) : exp(u) / (1.0 + exp(u));
}

static double log_sigmoid(double u)
{
    return u >= 0.0 ? -log1p(exp(-u)) : u - log1p(exp(u));
}

/* log(1 - exp(-g)) for g > 0 (Maechler 2012). */
static double log_1m_exp(double g)
{
    return g > log(2.0) ? log1p(-exp(-g)) : log(-expm1(-g));
}

/* g / (exp(g) - 1) for g >= 0. */
static double gap_slope(double g)
{
    return g < 1e-12 ? 1.0 : g > 700.0 ? 0.0 : g / expm1(g);
}

static void make_thresholds(const float *a, int64_t count, double *theta)
{
    theta[0] = (double)a[0];
    for (int64_t k = 1; k < count; k++)
        theta[k] = theta[k - 1] + exp((double)a[k]);
}

static void forward(const gr_call *call)
{
    int64_t n = call->in[0].shape.dim[0], count = call->param[0].shape.dim[0];
    double *theta = call->scratch, *gap = theta + count;
    make_thresholds(call->param[0].data, count, theta);
    for (int64_t k = 1; k < count; k++)
        gap[k] = log_1m_exp(exp((double)call->param[0].data[k]));
    for (int64_t i = 0; i < n; i++) {
        double s = (double)call->in[0].data[i];
        float *y = call->out[0].data + i * (count + 1);
        for (int64_t k = 0; k <= count; k++) {
            double below = k < count ? log_sigmoid(theta[k] - s) : 0.0, above = k > 0 ? log_sigmoid(s - theta[k - 1]) : 0.0;
            y[k] = (float)(below + above + (k > 0 && k < count ? gap[k] : 0.0));
        }
    }
}

/* Adds an image's part to t and to the sums of d; returns its d/ds. */
static double add_row(const double *theta, int64_t count, double s, const float *d, double *t, double *sums)
{
    double ds = 0.0;
    for (int64_t k = 0; k < count; k++) {
        double part = (double)d[k] * sigmoid(s - theta[k]) - (double)d[k + 1] * sigmoid(theta[k] - s);
        ds -= part; /* a threshold up is a score down */
        t[k] += part;
        sums[k] += (double)d[k];
    }
    return ds;
}

static void backward(const gr_call *call)
{
    int64_t n = call->in[0].shape.dim[0], count = call->param[0].shape.dim[0];
    const float *a = call->param[0].data;
    double *theta = call->scratch, *t = theta + count, *sums = t + count, behind = 0.0;
    make_thresholds(a, count, theta);
    memset(t, 0, 2 * (size_t)count * sizeof *t);
    for (int64_t i = 0; i < n; i++) {
        const float *d = call->out[0].grad + i * (count + 1);
        float ds = (float)add_row(theta, count, (double)call->in[0].data[i], d, t, sums);
        if (call->in[0].grad != NULL)
            call->in[0].grad[i] = call->in[0].accumulate ? call->in[0].grad[i] + ds : ds;
    }
    for (int64_t k = count - 1; call->param[0].grad != NULL && k >= 0; k--) {
        double g = exp((double)a[k]);
        behind += t[k];
        call->param[0].grad[k] = (float)(k == 0 ? behind : g * behind + sums[k] * gap_slope(g));
    }
}

static unsigned backward_reads(const gr_op *op)
{
    (void)op;
    return GR_READS_INPUT0;
}

/* gaps = exp(a_2..), and theta = [a_1, gaps] times a triangle of ones. */
static const char *onnx_thresholds(gr_onnx *onnx, const char *n, const char *a, int64_t count, const char *gaps)
{
    const char *places[] = {gr_onnx_name(onnx, n, "at_0"), gr_onnx_name(onnx, n, "at_1"), gr_onnx_name(onnx, n, "at_end")};
    const char *first = gr_onnx_name(onnx, n, "first"), *rest = gr_onnx_name(onnx, n, "rest");
    const char *steps = gr_onnx_name(onnx, n, "steps"), *triangle = gr_onnx_name(onnx, n, "triangle");
    const char *theta = gr_onnx_name(onnx, n, "ordered");
    float *ones = gr_alloc((size_t)(count * count), sizeof *ones);
    for (int64_t row = 0; ones != NULL && row < count; row++)
        for (int64_t column = row; column < count; column++)
            ones[row * count + column] = 1.0f;
    for (int i = 0; i < 3; i++)
        gr_onnx_int64s(onnx, places[i], (int64_t[]){i == 2 ? count : i}, 1);
    gr_onnx_matrix(onnx, triangle, ones, count, count);
    gr_free(ones);
    gr_onnx_node2(onnx, "Slice", first, a, places[0]);
    gr_onnx_reads(onnx, places[1]);
    gr_onnx_node2(onnx, "Slice", rest, a, places[1]);
    gr_onnx_reads(onnx, places[2]);
    gr_onnx_node1(onnx, "Exp", gaps, rest);
    gr_onnx_node2(onnx, "Concat", steps, first, gaps);
    gr_onnx_int(onnx, "axis", 0);
    gr_onnx_node2(onnx, "MatMul", theta, steps, triangle);
    return theta;
}

/* log sigmoid(-u) [N, K - 1], which is -softplus(u), as [N, K] with a 0 in front or behind. */
static const char *onnx_half(gr_onnx *onnx, const char *n, const char *half, const char *u, const int64_t pads[4])
{
    const char *soft = gr_onnx_name(onnx, n, gr_onnx_name(onnx, half, "softplus"));
    const char *logs = gr_onnx_name(onnx, n, gr_onnx_name(onnx, half, "logs"));
    const char *widths = gr_onnx_name(onnx, n, gr_onnx_name(onnx, half, "pads"));
    const char *padded = gr_onnx_name(onnx, n, gr_onnx_name(onnx, half, "padded"));
    gr_onnx_int64s(onnx, widths, pads, 4);
    gr_onnx_node1(onnx, "Softplus", soft, u);
    gr_onnx_node1(onnx, "Neg", logs, soft);
    gr_onnx_node2(onnx, "Pad", padded, logs, widths);
    return padded;
}

/* log(1 - exp(-gaps)) [K - 2] as [K] with a 0 at each end. */
static const char *onnx_gap_logs(gr_onnx *onnx, const char *n, const char *gaps)
{
    const char *one = gr_onnx_name(onnx, n, "gap.one"), *ends = gr_onnx_name(onnx, n, "gap.pads");
    const char *minus = gr_onnx_name(onnx, n, "gap.minus"), *power = gr_onnx_name(onnx, n, "gap.exp");
    const char *rest = gr_onnx_name(onnx, n, "gap.rest"), *logs = gr_onnx_name(onnx, n, "gap.logs");
    const char *padded = gr_onnx_name(onnx, n, "gap.padded");
    gr_onnx_scalar(onnx, one, 1.0);
    gr_onnx_int64s(onnx, ends, (int64_t[]){1, 1}, 2);
    gr_onnx_node1(onnx, "Neg", minus, gaps);
    gr_onnx_node1(onnx, "Exp", power, minus);
    gr_onnx_node2(onnx, "Sub", rest, one, power);
    gr_onnx_node1(onnx, "Log", logs, rest);
    gr_onnx_node2(onnx, "Pad", padded, logs, ends);
    return padded;
}

static void onnx_nodes(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    const char *n = op->name, *a = g->params[op->param[0]]->name, *gaps = gr_onnx_name(onnx, n, "gaps");
    int64_t count = g->params[op->param[0]]->shape.dim[0];
    const char *theta = count > 1 ? onnx_thresholds(onnx, n, a, count, gaps) : a; /* of one threshold there is no gap */
    const char *u = gr_onnx_name(onnx, n, "u"), *minus = gr_onnx_name(onnx, n, "minus_u");
    gr_onnx_node2(onnx, "Sub", u, theta, op->in[0]->name);
    gr_onnx_node1(onnx, "Neg", minus, u);
    const char *below = onnx_half(onnx, n, "below", minus, (int64_t[]){0, 0, 0, 1});
    const char *above = onnx_half(onnx, n, "above", u, (int64_t[]){0, 1, 0, 0});
    const char *both = count > 1 ? gr_onnx_name(onnx, n, "both") : op->out[0]->name;
    gr_onnx_node2(onnx, "Add", both, below, above);
    if (count > 1)
        gr_onnx_node2(onnx, "Add", op->out[0]->name, both, onnx_gap_logs(onnx, n, gaps));
}

const gr_op_type gr_op_proportional_odds = {
    .name = "proportional_odds",
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .backward_reads = backward_reads,
    .scratch_size = scratch_size,
    .onnx = onnx_nodes,
};

gr_value *gr_proportional_odds(gr_graph *g, gr_value *s, const char *name, const char *layer, int64_t classes)
{
    gr_op *op = gr_graph_add_op(g, &gr_op_proportional_odds, name, &s, 1, 1, &classes, sizeof classes);
    if (op == NULL)
        return NULL;
    gr_parameter thresholds = {.shape = gr_shape1(classes - 1), .init = GR_INIT_THRESHOLDS};
    return gr_graph_add_param_of(g, op, layer, "thresholds", thresholds) ? op->out[0] : NULL;
}
