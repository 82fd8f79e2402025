#include "eval/scoring.h"

#include <math.h>
#include <stdlib.h>

#include "base/base.h"

/* ---- ranking ---------------------------------------------------------------------------------------------------------- */

typedef struct scored {
    double score;
    int64_t row;
} scored;

static int highest_first(const void *a, const void *b)
{
    const scored *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static gr_status rank(scored *list, int64_t n, gr_ranking *out, gr_error *err)
{
    gr_status status = GR_OK;
    bool ranked = list != NULL;
    for (int64_t i = 0; ranked && i < n; i++)
        ranked = !isnan(list[i].score);
    *out = (gr_ranking){.n = ranked ? n : 0};
    if (ranked) {
        qsort(list, (size_t)n, sizeof *list, highest_first);
        out->rows = gr_alloc((size_t)n, sizeof *out->rows);
        out->scores = gr_alloc((size_t)n, sizeof *out->scores);
    }
    if (list == NULL || (ranked && (out->rows == NULL || out->scores == NULL)))
        status = gr_fail(err, GR_NOMEM, "no memory to rank %lld scores", (long long)n);
    for (int64_t i = 0; status == GR_OK && i < out->n; i++) {
        out->rows[i] = list[i].row;
        out->scores[i] = list[i].score;
    }
    gr_free(list);
    if (status != GR_OK)
        gr_ranking_free(out);
    return status;
}

gr_status gr_ranking_make(const float *scores, int64_t n, int stride, gr_ranking *out, gr_error *err)
{
    scored *list = gr_alloc((size_t)n, sizeof *list);
    for (int64_t i = 0; list != NULL && i < n; i++)
        list[i] = (scored){(double)scores[i * stride], i};
    return rank(list, n, out, err);
}

gr_status gr_ranking_make_double(const double *scores, int64_t n, gr_ranking *out, gr_error *err)
{
    scored *list = gr_alloc((size_t)n, sizeof *list);
    for (int64_t i = 0; list != NULL && i < n; i++)
        list[i] = (scored){scores[i], i};
    return rank(list, n, out, err);
}

void gr_ranking_free(gr_ranking *ranking)
{
    gr_free(ranking->rows);
    gr_free(ranking->scores);
    *ranking = (gr_ranking){0};
}

/* ---- areas ------------------------------------------------------------------------------------------------------------ */

gr_areas gr_ranked_areas(const gr_ranking *r, const int32_t *labels, int positive, const int32_t *weights)
{
    gr_areas areas = {NAN, NAN, NAN};
    int64_t positives = 0, all = 0;
    for (int64_t i = 0; i < r->n; i++) {
        int64_t weight = weights != NULL ? weights[i] : 1;
        positives += labels[i] == positive ? weight : 0;
        all += weight;
    }
    int64_t negatives = all - positives;
    if (positives == 0 || negatives == 0)
        return areas;
    /* Walk down the scores, equal ones in one step of `p` positives and `q` negatives. Pairs won by a positive, in halves: a
     * negative loses to all positives above it and ties with those of its step. */
    int64_t tp = 0, fp = 0;
    double halves = 0.0, area = 0.0, trapezoid = 0.0, before = 1.0;
    for (int64_t i = 0; i < r->n;) {
        int64_t p = 0, q = 0;
        double score = r->scores[i];
        for (; i < r->n && r->scores[i] == score; i++) {
            int64_t row = r->rows[i], weight = weights != NULL ? weights[row] : 1;
            *(labels[row] == positive ? &p : &q) += weight;
        }
        if (p + q == 0)
            continue;
        halves += (double)q * (double)(2 * tp + p);
        tp += p;
        fp += q;
        double precision = (double)tp / (double)(tp + fp), step = (double)p / (double)positives;
        area += step * precision;
        trapezoid += 0.5 * step * (before + precision);
        before = precision;
    }
    areas.auroc = halves / (2.0 * (double)positives * (double)negatives);
    areas.auprc = area;
    areas.trapezoid = trapezoid;
    return areas;
}

/* ---- counts ----------------------------------------------------------------------------------------------------------- */

void gr_count_confusion(const int32_t *labels, const int32_t *predicted, const int32_t *weights, int64_t n, int class_count,
                        int64_t *confusion)
{
    for (int64_t i = 0; i < (int64_t)class_count * class_count; i++)
        confusion[i] = 0;
    for (int64_t i = 0; i < n; i++)
        confusion[(int64_t)labels[i] * class_count + predicted[i]] += weights != NULL ? weights[i] : 1;
}

static double ratio(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : NAN;
}

gr_evidence gr_evidence_of(const int64_t *confusion, int classes, const gr_class_metrics *about)
{
    gr_evidence e = {.tp = about->tp, .fp = about->fp, .fn = about->fn, .tn = about->tn};
    for (int c = 0; c < classes; c++) {
        int64_t actual = 0, predicted = 0, hit = confusion[(int64_t)c * classes + c];
        for (int d = 0; d < classes; d++) {
            actual += confusion[(int64_t)c * classes + d];
            predicted += confusion[(int64_t)d * classes + c];
        }
        e.n += actual;
        e.right += hit;
        e.both += (double)actual * (double)predicted;
        e.squares_true += (double)actual * (double)actual;
        e.squares_predicted += (double)predicted * (double)predicted;
        if (actual + predicted > 0) {
            e.f1 += ratio(2 * hit, actual + predicted);
            e.with_f1++;
        }
        if (actual > 0) {
            e.recall += ratio(hit, actual);
            e.with_recall++;
        }
    }
    return e;
}

/* The numbers that follow from counts; those of areas are not known yet. */
static void put_counts(const gr_evidence *e, double *value)
{
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        value[i] = gr_metric_rules[i].areas ? NAN : gr_metric_rules[i].formula(e);
}

void gr_metrics_from_counts(gr_metrics *m, int positive)
{
    int classes = m->class_count;
    m->n = 0;
    for (int64_t i = 0; i < (int64_t)classes * classes; i++)
        m->n += m->confusion[i];
    for (int c = 0; c < classes; c++) {
        gr_class_metrics *one = &m->classes[c];
        int64_t predicted = 0, actual = 0;
        for (int d = 0; d < classes; d++) {
            predicted += m->confusion[(int64_t)d * classes + c];
            actual += m->confusion[(int64_t)c * classes + d];
        }
        one->tp = m->confusion[(int64_t)c * classes + c];
        one->fp = predicted - one->tp;
        one->fn = actual - one->tp;
        one->tn = m->n - one->tp - one->fp - one->fn;
        gr_evidence alone = gr_evidence_of((int64_t[4]){one->tn, one->fp, one->fn, one->tp}, 2, one);
        put_counts(&alone, one->value);
    }
    gr_evidence all = gr_evidence_of(m->confusion, classes, &m->classes[positive]);
    put_counts(&all, m->value);
}

/* `whole`: of all classes together, not of one against the rest. */
static void put_areas(double *value, const gr_areas *areas, double mean_auroc, bool whole)
{
    const gr_evidence e = {.areas = *areas, .mean_auroc = mean_auroc};
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        if (gr_metric_rules[i].areas && (whole || gr_metric_rules[i].each))
            value[i] = gr_metric_rules[i].formula(&e);
}

void gr_metrics_put_areas(gr_metrics *m, const gr_areas *areas, int positive)
{
    double sum = 0.0;
    for (int c = 0; c < m->class_count; c++) {
        put_areas(m->classes[c].value, &areas[c], NAN, false);
        sum += areas[c].auroc;
    }
    put_areas(m->value, &areas[positive], m->class_count == 2 ? areas[positive].auroc : sum / m->class_count, true);
}

gr_status gr_metrics_make(int64_t n, int class_count, gr_metrics *out, gr_error *err)
{
    *out = (gr_metrics){.n = n, .class_count = class_count};
    out->confusion = gr_alloc((size_t)class_count * (size_t)class_count, sizeof *out->confusion);
    out->classes = gr_alloc((size_t)class_count, sizeof *out->classes);
    if (out->confusion != NULL && out->classes != NULL)
        return GR_OK;
    gr_metrics_free(out);
    return gr_fail(err, GR_NOMEM, "no memory for a confusion matrix of %d classes", class_count);
}

void gr_metrics_free(gr_metrics *metrics)
{
    gr_free(metrics->confusion);
    gr_free(metrics->classes);
    *metrics = (gr_metrics){0};
}
