/* Classes in order: the median class, and the numbers that weigh how far a prediction is off. */
#include "eval/ordinal.h"

#include <math.h>
#include <string.h>

#include "base/base.h"
#include "eval/folds.h"
#include "grimace/agreement.h"

int32_t gr_predict_median(const float *probabilities, int class_count)
{
    const double half = 0.5 - 1e-7;
    double cumulative = 0.0;
    for (int32_t c = 0; c < class_count - 1; c++) {
        cumulative += (double)probabilities[c];
        if (cumulative >= half)
            return c;
    }
    return class_count - 1;
}

#define IN_TABLE(metric, name, better) [metric] = {name, better},
static const struct {
    const char *name;
    int better;
} metrics[GR_ORDINAL_METRIC_COUNT] = {GR_ORDINAL_METRICS(IN_TABLE)};
#undef IN_TABLE

const char *gr_ordinal_metric_name(gr_ordinal_metric metric)
{
    return (int)metric >= 0 && (int)metric < GR_ORDINAL_METRIC_COUNT ? metrics[metric].name : NULL;
}

bool gr_ordinal_metric_falls(gr_ordinal_metric metric)
{
    return (int)metric >= 0 && (int)metric < GR_ORDINAL_METRIC_COUNT && metrics[metric].better < 0;
}

int gr_ordinal_metric_find(const char *name)
{
    for (int i = 0; i < GR_ORDINAL_METRIC_COUNT; i++)
        if (strcmp(metrics[i].name, name) == 0)
            return i;
    return -1;
}

static gr_status compute(const int32_t *labels, const int32_t *predicted, int64_t n, int class_count, double *value,
                         gr_error *err)
{
    const double unused_level = 0.95;
    gr_kappa kappa;
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++)
        sum += fabs((double)predicted[i] - (double)labels[i]);
    gr_status status =
        gr_cohen_kappa(labels, predicted, n, class_count, GR_KAPPA_QUADRATIC, unused_level, &kappa, err);
    value[GR_ORDINAL_MAE] = n > 0 ? sum / (double)n : NAN;
    value[GR_ORDINAL_KAPPA_QUADRATIC] = kappa.kappa;
    return status;
}

void gr_ordinal_weigh(const gr_predictions *p, const int32_t *weights, double *table, double value[GR_ORDINAL_METRIC_COUNT])
{
    int classes = p->class_count;
    double n = 0.0, apart = 0.0, squares = 0.0, expected = 0.0;
    memset(table, 0, (size_t)classes * (size_t)classes * sizeof *table);
    for (int64_t i = 0; i < p->count; i++)
        table[p->labels[i] * classes + p->predicted[i]] += weights[i];
    for (int a = 0; a < classes; a++)
        for (int b = 0; b < classes; b++) {
            double rows = 0.0, columns = 0.0, d = b - a;
            for (int c = 0; c < classes; c++) {
                rows += table[a * classes + c];
                columns += table[c * classes + b];
            }
            n += table[a * classes + b];
            apart += fabs(d) * table[a * classes + b];
            squares += d * d * table[a * classes + b];
            expected += d * d * rows * columns;
        }
    value[GR_ORDINAL_MAE] = n > 0.0 ? apart / n : NAN;
    value[GR_ORDINAL_KAPPA_QUADRATIC] = expected > 0.0 ? 1.0 - n * squares / expected : NAN;
}

/* One number of all folds. */
typedef struct number {
    const gr_ordinal_results *results;
    int metric;
} number;

static double in_fold(const void *ctx, int fold)
{
    const number *n = ctx;
    return n->results->folds[fold][n->metric];
}

/* room[2, count]: the rows of one fold, closed up. */
static gr_status fill(const gr_predictions *p, int32_t *room, gr_ordinal_results *out, gr_error *err)
{
    gr_status status = compute(p->labels, p->predicted, p->count, p->class_count, out->pooled, err);
    for (int f = 0; status == GR_OK && f < p->fold_count; f++) {
        int64_t n = 0;
        for (int64_t i = 0; i < p->count; i++) {
            if (p->fold[i] != f)
                continue;
            room[n] = p->labels[i];
            room[p->count + n++] = p->predicted[i];
        }
        status = compute(room, room + p->count, n, p->class_count, out->folds[f], err);
    }
    for (int i = 0; status == GR_OK && i < GR_ORDINAL_METRIC_COUNT; i++)
        gr_mean_over_folds(p->fold_count, in_fold, &(number){out, i}, &out->mean[i], &out->std[i]);
    return status;
}

gr_status gr_results_add_ordinal(gr_results *results, const gr_predictions *p, gr_error *err)
{
    gr_ordinal_results *o = gr_alloc(1, sizeof *o);
    int32_t *room = gr_alloc((size_t)p->count, 2 * sizeof *room);
    if (o != NULL)
        o->folds = gr_alloc((size_t)p->fold_count, sizeof *o->folds);
    gr_status status = GR_OK;
    if (results->ordinal != NULL || results->fold_count != p->fold_count)
        status = gr_fail(err, GR_INTERNAL, "evaluation: these results are not of these predictions of classes in order");
    else if (o == NULL || room == NULL || o->folds == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for the results");
    if (status == GR_OK)
        status = fill(p, room, o, err);
    gr_free(room);
    if (status == GR_OK) {
        results->ordinal = o;
        return GR_OK;
    }
    if (o != NULL)
        gr_free(o->folds);
    gr_free(o);
    return status;
}
