/* Counts, ratios of counts, and the areas under two curves. */
#include "grimace/eval.h"

#include <math.h>
#include <stdlib.h>

#include "base/base.h"

static const char *const names[GR_METRIC_COUNT] = {[GR_METRIC_ACCURACY] = "accuracy",
                                                   [GR_METRIC_F1] = "f1",
                                                   [GR_METRIC_SENSITIVITY] = "sensitivity",
                                                   [GR_METRIC_SPECIFICITY] = "specificity",
                                                   [GR_METRIC_PRECISION] = "precision",
                                                   [GR_METRIC_AUROC] = "auroc",
                                                   [GR_METRIC_AUPRC] = "auprc"};

const char *gr_metric_name(gr_metric metric)
{
    return (int)metric >= 0 && (int)metric < GR_METRIC_COUNT ? names[metric] : NULL;
}

int32_t gr_predict_class(const float *probabilities, int class_count)
{
    int32_t best = 0;
    for (int32_t c = 1; c < class_count; c++)
        if (probabilities[c] > probabilities[best])
            best = c;
    return best;
}

static double ratio(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : NAN;
}

/* The numbers that follow from the confusion matrix. */
static void ratios(gr_metrics *m, int positive)
{
    int classes = m->class_count;
    int64_t right = 0, predicted = 0, actual = 0, tp = m->confusion[positive * classes + positive];
    for (int c = 0; c < classes; c++) {
        right += m->confusion[c * classes + c];
        predicted += m->confusion[c * classes + positive];
        actual += m->confusion[positive * classes + c];
    }
    int64_t fp = predicted - tp, fn = actual - tp, tn = m->n - tp - fp - fn;
    m->value[GR_METRIC_ACCURACY] = ratio(right, m->n);
    m->value[GR_METRIC_F1] = ratio(2 * tp, 2 * tp + fp + fn);
    m->value[GR_METRIC_SENSITIVITY] = ratio(tp, tp + fn);
    m->value[GR_METRIC_SPECIFICITY] = ratio(tn, tn + fp);
    m->value[GR_METRIC_PRECISION] = ratio(tp, tp + fp);
}

typedef struct scored {
    double score;
    uint8_t positive;
} scored;

static int highest_first(const void *a, const void *b)
{
    double x = ((const scored *)a)->score, y = ((const scored *)b)->score;
    return x > y ? -1 : x < y;
}

gr_status gr_curve_areas(const double *scores, const uint8_t *is_positive, int64_t n, double *auroc, double *auprc,
                         gr_error *err)
{
    *auroc = *auprc = NAN;
    int64_t positives = 0;
    for (int64_t i = 0; i < n; i++) {
        if (isnan(scores[i]))
            return GR_OK;
        positives += is_positive[i] != 0;
    }
    int64_t negatives = n - positives;
    if (positives == 0 || negatives == 0)
        return GR_OK;
    scored *list = gr_alloc((size_t)n, sizeof *list);
    if (list == NULL)
        return gr_fail(err, GR_NOMEM, "no memory to rank %lld scores", (long long)n);
    for (int64_t i = 0; i < n; i++)
        list[i] = (scored){scores[i], is_positive[i] != 0};
    qsort(list, (size_t)n, sizeof *list, highest_first);
    /* Walk down the scores, equal ones in one step of `p` positives and `q` negatives. Pairs won by a positive, in halves: a
     * negative loses to all positives above it and ties with those of its step. */
    int64_t tp = 0, fp = 0;
    double halves = 0.0, area = 0.0;
    for (int64_t i = 0; i < n;) {
        int64_t p = 0, q = 0;
        double score = list[i].score;
        for (; i < n && list[i].score == score; i++) {
            p += list[i].positive;
            q += !list[i].positive;
        }
        halves += (double)q * (double)(2 * tp + p);
        tp += p;
        fp += q;
        area += (double)p / (double)positives * ((double)tp / (double)(tp + fp));
    }
    *auroc = halves / (2.0 * (double)positives * (double)negatives);
    *auprc = area;
    gr_free(list);
    return GR_OK;
}

/* Both areas for the positive class against all others. */
static gr_status areas(const int32_t *labels, const float *probabilities, int positive, gr_metrics *m, gr_error *err)
{
    double *scores = gr_alloc((size_t)m->n, sizeof *scores);
    uint8_t *is_positive = gr_alloc((size_t)m->n, 1);
    gr_status status = GR_OK;
    if (scores == NULL || is_positive == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory to rank %lld scores", (long long)m->n);
    for (int64_t i = 0; status == GR_OK && i < m->n; i++) {
        scores[i] = (double)probabilities[i * m->class_count + positive];
        is_positive[i] = labels[i] == positive;
    }
    if (status == GR_OK)
        status = gr_curve_areas(scores, is_positive, m->n, &m->value[GR_METRIC_AUROC], &m->value[GR_METRIC_AUPRC], err);
    gr_free(scores);
    gr_free(is_positive);
    return status;
}

gr_status gr_metrics_compute(const int32_t *labels, const int32_t *predicted, const float *probabilities, int64_t n,
                             int class_count, int positive, gr_metrics *out, gr_error *err)
{
    *out = (gr_metrics){.n = n, .class_count = class_count};
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        out->value[i] = NAN;
    if (n < 0 || class_count < 1 || positive < 0 || positive >= class_count)
        return gr_fail(err, GR_INTERNAL, "evaluation: positive class %d of %d", positive, class_count);
    out->confusion = gr_alloc((size_t)class_count * (size_t)class_count, sizeof *out->confusion);
    if (out->confusion == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a confusion matrix of %d classes", class_count);
    gr_status status = GR_OK;
    for (int64_t i = 0; status == GR_OK && i < n; i++) {
        if (labels[i] < 0 || labels[i] >= class_count || predicted[i] < 0 || predicted[i] >= class_count)
            status = gr_fail(err, GR_INTERNAL, "evaluation: row %lld has class %d, predicted %d, of %d", (long long)i,
                             labels[i], predicted[i], class_count);
        else
            out->confusion[(int64_t)labels[i] * class_count + predicted[i]]++;
    }
    if (status == GR_OK)
        ratios(out, positive);
    if (status == GR_OK && probabilities != NULL)
        status = areas(labels, probabilities, positive, out, err);
    if (status != GR_OK)
        gr_metrics_free(out);
    return status;
}

void gr_metrics_free(gr_metrics *metrics)
{
    gr_free(metrics->confusion);
    *metrics = (gr_metrics){0};
}
