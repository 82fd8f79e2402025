/* The losses:
 *
 * cross-entropy   l_i = -log softmax(x_i)[label_i],  L = sum_i w_i l_i / sum_i w_i  (w_i: the label's class weight, else 1)
 *                 dx_i = w_i / sum w (softmax(x_i) - onehot), over the labels i that are known: not -1; with none L is 0
 *                 (by count: with their number in place of sum w, as Keras does)
 *                 (several labels of an image: each has its own block x_i of the image's logits)
 * PRSC            Liu et al. 2025, equation 5; with T the K_h highest of an image's K scores and r the mean of the others,
 *                 L = 1/N sum_n 1/K_h sum_{j in T} max(0, margin - (beta_j - r))
 *                 dbeta_j = -1/(N K_h) for an active j in T, and for each of the others active/(N K_h (K - K_h)),
 *                 active the number of terms above 0. The choice of T is held fixed: its derivative is 0 almost everywhere.
 * weighted sum    a + factor b  (equation 6) */
#include "ops/ops.h"

#include <math.h>
#include <string.h>

/* ---- cross-entropy ------------------------------------------------------------------------------------------------------- */

typedef struct ce_attr {
    const float *weights; /* [classes] in the graph's arena, or NULL */
    bool sampled;         /* input 2 has a weight for each image */
    bool by_count;        /* sum w is replaced by the number of known labels */
} ce_attr;

static gr_status ce_infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    (void)op;
    char a[GR_SHAPE_TEXT], b[GR_SHAPE_TEXT];
    if (in[0].rank != 2 || in[1].rank < 1 || in[1].rank > 2 || in[0].dim[0] != in[1].dim[0])
        return gr_fail(err, GR_INVALID, "cross-entropy needs logits [N, classes] and labels [N], got %s and %s",
                       gr_shape_text(&in[0], a), gr_shape_text(&in[1], b));
    if (in[1].rank == 2 && in[0].dim[1] % in[1].dim[1] != 0)
        return gr_fail(err, GR_INVALID, "cross-entropy of labels [N, S] needs logits [N, S classes], got %s and %s",
                       gr_shape_text(&in[1], b), gr_shape_text(&in[0], a));
    out[0] = gr_shape1(1);
    return GR_OK;
}

/* The softmax of every row, and the sum of the weights. */
static size_t ce_saved_size(const gr_call *call)
{
    return (size_t)gr_shape_elements(&call->in[0].shape) * sizeof(double) + sizeof(double);
}

/* Of label `i`, which is `label`. */
static double ce_weight(const gr_call *call, int64_t i, int32_t label)
{
    const ce_attr *attr = call->op->attr;
    double weight = attr->weights != NULL ? (double)attr->weights[label] : 1.0;
    if (!attr->sampled)
        return weight;
    return weight * (double)call->in[2].data[i * call->in[2].shape.dim[0] / gr_shape_elements(&call->in[1].shape)];
}

/* The softmax of every row and the sum of the weights, saved; returns the sum of the losses. */
static double ce_rows(const gr_call *call)
{
    int64_t n = gr_shape_elements(&call->in[1].shape), c = gr_shape_elements(&call->in[0].shape) / n;
    const int32_t *labels = (const int32_t *)call->in[1].data;
    double *sum_w = call->saved, *softmax = sum_w + 1, loss = 0.0;
    const bool by_count = ((const ce_attr *)call->op->attr)->by_count;
    *sum_w = 0.0;
    for (int64_t i = 0; i < n; i++) {
        const float *x = call->in[0].data + i * c;
        if (labels[i] < 0) {
            memset(softmax + i * c, 0, (size_t)c * sizeof *softmax);
            continue;
        }
        double largest = (double)x[0], sum = 0.0, weight = ce_weight(call, i, labels[i]);
        for (int64_t k = 1; k < c; k++)
            largest = fmax(largest, (double)x[k]);
        for (int64_t k = 0; k < c; k++)
            sum += exp((double)x[k] - largest);
        for (int64_t k = 0; k < c; k++)
            softmax[i * c + k] = exp((double)x[k] - largest) / sum;
        loss += weight * (log(sum) + largest - (double)x[labels[i]]);
        *sum_w += by_count ? 1.0 : weight;
    }
    return loss;
}

static size_t ce_sum_count(const gr_call *call, gr_pass pass)
{
    (void)call;
    return pass == GR_PASS_FORWARD ? 2 : 0;
}

static void ce_sums(const gr_call *call, gr_pass pass, double *out)
{
    (void)pass;
    out[0] = ce_rows(call);
    out[1] = *(const double *)call->saved;
}

static void ce_forward(const gr_call *call)
{
    double *sum_w = call->saved, loss = call->whole != NULL ? call->whole[0] : ce_rows(call);
    if (call->whole != NULL)
        *sum_w = call->whole[1];
    call->out[0].data[0] = *sum_w > 0.0 ? (float)(loss / *sum_w) : 0.0f;
}

static void ce_backward(const gr_call *call)
{
    if (call->in[0].grad == NULL)
        return;
    int64_t n = gr_shape_elements(&call->in[1].shape), c = gr_shape_elements(&call->in[0].shape) / n;
    const int32_t *labels = (const int32_t *)call->in[1].data;
    const double *sum_w = call->saved, *softmax = sum_w + 1;
    for (int64_t i = 0; i < n; i++) {
        bool counts = labels[i] >= 0 && *sum_w > 0.0;
        double factor = counts ? (double)call->out[0].grad[0] * ce_weight(call, i, labels[i]) / *sum_w : 0.0;
        for (int64_t k = 0; k < c; k++) {
            float value = (float)(factor * (softmax[i * c + k] - (k == labels[i] ? 1.0 : 0.0)));
            float *dx = call->in[0].grad + i * c + k;
            *dx = call->in[0].accumulate ? *dx + value : value;
        }
    }
}

static unsigned ce_backward_reads(const gr_op *op)
{
    return ((const ce_attr *)op->attr)->sampled ? 6 : 2; /* the labels, and the images' weights */
}

const gr_op_type gr_op_cross_entropy = {
    .name = "cross_entropy",
    .infer = ce_infer,
    .forward = ce_forward,
    .backward = ce_backward,
    .backward_reads = ce_backward_reads,
    .saved_size = ce_saved_size,
    .sum_count = ce_sum_count,
    .sums = ce_sums,
};

gr_value *gr_cross_entropy_with(gr_graph *g, gr_value *logits, gr_value *labels, gr_value *weights, const char *name,
                                const float *class_weights, bool by_count)
{
    ce_attr attr = {.sampled = weights != NULL, .by_count = by_count};
    if (g->error.status != GR_OK)
        return NULL;
    if (class_weights != NULL && logits != NULL && labels != NULL) {
        size_t classes = (size_t)(gr_shape_last(&logits->shape) / gr_shape_elements(&labels->shape));
        float *copy = gr_arena_alloc(g->arena, classes, sizeof(float));
        if (copy == NULL) {
            gr_fail(&g->error, GR_NOMEM, "no memory for the graph");
            return NULL;
        }
        memcpy(copy, class_weights, classes * sizeof(float));
        attr.weights = copy;
    }
    gr_value *in[] = {logits, labels, weights};
    return gr_graph_add_value(g, &gr_op_cross_entropy, name, in, weights != NULL ? 3 : 2, &attr, sizeof attr);
}

gr_value *gr_cross_entropy(gr_graph *g, gr_value *logits, gr_value *labels, const char *name, const float *class_weights)
{
    return gr_cross_entropy_with(g, logits, labels, NULL, name, class_weights, false);
}

/* ---- PRSC ------------------------------------------------------------------------------------------------------------------ */

typedef struct prsc_attr {
    double margin;
    int64_t top_k;
} prsc_attr;

static gr_status prsc_infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    const prsc_attr *attr = op->attr;
    char text[GR_SHAPE_TEXT];
    if (in->rank != 2)
        return gr_fail(err, GR_INVALID, "PRSC needs attention scores [N, K], got %s", gr_shape_text(in, text));
    if (attr->top_k < 1 || attr->top_k >= in->dim[1])
        return gr_fail(err, GR_INVALID, "top_k is %lld, but there are %lld regions; it must be at least 1 and below %lld, so "
                       "that a region rests", (long long)attr->top_k, (long long)in->dim[1], (long long)in->dim[1]);
    out[0] = gr_shape1(1);
    return GR_OK;
}

/* How many images the mean is over. Then per score: 0 one of the others, 1 one of the highest, 2 one of the highest with an active
 * hinge. */
static size_t prsc_saved_size(const gr_call *call)
{
    return sizeof(double) + (size_t)gr_shape_elements(&call->in[0].shape);
}

static uint8_t *prsc_marks(const gr_call *call)
{
    return (uint8_t *)call->saved + sizeof(double);
}

/* Marks the top_k highest of beta[k] with 1; of equal scores the earlier one wins. */
static void mark_highest(const float *beta, int64_t k, int64_t top_k, uint8_t *mark)
{
    memset(mark, 0, (size_t)k);
    for (int64_t found = 0; found < top_k; found++) {
        int64_t best = -1;
        for (int64_t j = 0; j < k; j++)
            if (!mark[j] && (best < 0 || beta[j] > beta[best]))
                best = j;
        mark[best] = 1;
    }
}

/* Marks all scores; returns the sum of the images' losses. */
static double prsc_rows(const gr_call *call)
{
    const prsc_attr *attr = call->op->attr;
    int64_t n = call->in[0].shape.dim[0], k = call->in[0].shape.dim[1];
    double loss = 0.0;
    for (int64_t i = 0; i < n; i++) {
        const float *beta = call->in[0].data + i * k;
        uint8_t *mark = prsc_marks(call) + i * k;
        mark_highest(beta, k, attr->top_k, mark);
        double rest = 0.0, sum = 0.0;
        for (int64_t j = 0; j < k; j++)
            rest += mark[j] ? 0.0 : (double)beta[j];
        rest /= (double)(k - attr->top_k);
        for (int64_t j = 0; j < k; j++) {
            double hinge = mark[j] ? attr->margin - ((double)beta[j] - rest) : 0.0;
            if (hinge > 0.0)
                mark[j] = 2;
            sum += hinge > 0.0 || isnan(hinge) ? hinge : 0.0; /* a NaN must show in the loss */
        }
        loss += sum / (double)attr->top_k;
    }
    return loss;
}

static size_t prsc_sum_count(const gr_call *call, gr_pass pass)
{
    (void)call;
    return pass == GR_PASS_FORWARD ? 2 : 0;
}

static void prsc_sums(const gr_call *call, gr_pass pass, double *out)
{
    (void)pass;
    out[0] = prsc_rows(call);
    out[1] = (double)call->in[0].shape.dim[0];
}

static void prsc_forward(const gr_call *call)
{
    double *n = call->saved, loss = call->whole != NULL ? call->whole[0] : prsc_rows(call);
    *n = call->whole != NULL ? call->whole[1] : (double)call->in[0].shape.dim[0];
    call->out[0].data[0] = (float)(loss / *n);
}

static void prsc_backward(const gr_call *call)
{
    if (call->in[0].grad == NULL)
        return;
    const prsc_attr *attr = call->op->attr;
    int64_t n = call->in[0].shape.dim[0], k = call->in[0].shape.dim[1];
    double unit = (double)call->out[0].grad[0] / (*(const double *)call->saved * (double)attr->top_k);
    for (int64_t i = 0; i < n; i++) {
        const uint8_t *mark = prsc_marks(call) + i * k;
        float *d = call->in[0].grad + i * k;
        int64_t active = 0;
        for (int64_t j = 0; j < k; j++)
            active += mark[j] == 2;
        double rest = unit * (double)active / (double)(k - attr->top_k);
        for (int64_t j = 0; j < k; j++) {
            float value = mark[j] == 0 ? (float)rest : mark[j] == 2 ? (float)-unit : 0.0f;
            d[j] = call->in[0].accumulate ? d[j] + value : value;
        }
    }
}

const gr_op_type gr_op_prsc = {
    .name = "prsc",
    .infer = prsc_infer,
    .forward = prsc_forward,
    .backward = prsc_backward,
    .saved_size = prsc_saved_size,
    .sum_count = prsc_sum_count,
    .sums = prsc_sums,
};

gr_value *gr_prsc(gr_graph *g, gr_value *beta, const char *name, double margin, int64_t top_k)
{
    prsc_attr attr = {margin, top_k};
    return gr_graph_add_value(g, &gr_op_prsc, name, &beta, 1, &attr, sizeof attr);
}

/* ---- weighted sum ------------------------------------------------------------------------------------------------------------ */

static gr_status sum_infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    (void)op;
    if (gr_shape_elements(&in[0]) != 1 || gr_shape_elements(&in[1]) != 1)
        return gr_fail(err, GR_INVALID, "a weighted sum joins two scalars");
    out[0] = gr_shape1(1);
    return GR_OK;
}

static void sum_forward(const gr_call *call)
{
    double factor = *(const double *)call->op->attr;
    call->out[0].data[0] = (float)((double)call->in[0].data[0] + factor * (double)call->in[1].data[0]);
}

static void sum_backward(const gr_call *call)
{
    double factor = *(const double *)call->op->attr;
    for (int i = 0; i < 2; i++) {
        float value = (float)((double)call->out[0].grad[0] * (i == 0 ? 1.0 : factor));
        if (call->in[i].grad != NULL)
            call->in[i].grad[0] = call->in[i].accumulate ? call->in[i].grad[0] + value : value;
    }
}

const gr_op_type gr_op_weighted_sum = {
    .name = "weighted_sum",
    .infer = sum_infer,
    .forward = sum_forward,
    .backward = sum_backward,
};

gr_value *gr_weighted_sum(gr_graph *g, gr_value *a, gr_value *b, const char *name, double factor)
{
    return gr_graph_add_value(g, &gr_op_weighted_sum, name, (gr_value *[]){a, b}, 2, &factor, sizeof factor);
}
