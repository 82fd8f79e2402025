/* Scores: the numbers of one table, and those of a run, fold by fold. */
#include "grimace/scores.h"

#include <math.h>
#include <string.h>

#include "base/base.h"
#include "eval/folds.h"
#include "eval/ranks.h"
#include "eval/score_results.h"
#include "grimace/agreement.h"
#include "grimace/correlation.h"

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for the scores");
}

/* ---- the list ---------------------------------------------------------------------------------------------------------- */

#define IN_TABLE(metric, name, better) [metric] = {name, better},
static const struct {
    const char *name;
    int better;
} metrics[GR_SCORE_METRIC_COUNT] = {GR_SCORE_METRICS(IN_TABLE)};
#undef IN_TABLE

static int better(gr_score_metric metric)
{
    return (int)metric >= 0 && (int)metric < GR_SCORE_METRIC_COUNT ? metrics[metric].better : 0;
}

const char *gr_score_metric_name(gr_score_metric metric)
{
    return (int)metric >= 0 && (int)metric < GR_SCORE_METRIC_COUNT ? metrics[metric].name : NULL;
}

bool gr_score_metric_falls(gr_score_metric metric)
{
    return better(metric) < 0;
}

bool gr_score_metric_ranks(gr_score_metric metric)
{
    return better(metric) != 0;
}

int gr_score_metric_find(const char *name)
{
    for (int i = 0; i < GR_SCORE_METRIC_COUNT; i++)
        if (strcmp(metrics[i].name, name) == 0)
            return i;
    return -1;
}

bool gr_class_numbers(const char *const *classes, int count, double *numbers)
{
    for (int c = 0; c < count; c++)
        if (!gr_parse_double(classes[c], &numbers[c]))
            return false;
    return true;
}

/* ---- one table --------------------------------------------------------------------------------------------------------- */

/* What is made of the differences. */
static void measure(const double *t, const double *p, int64_t n, double *value)
{
    double count = (double)n, absolute = 0.0, square = 0.0, sum = 0.0, mean = 0.0;
    for (int64_t i = 0; i < n; i++) {
        double d = p[i] - t[i];
        absolute += fabs(d);
        square += d * d;
        sum += d;
        mean += t[i];
    }
    mean /= count;
    double bias = sum / count, spread = 0.0, about_mean = 0.0;
    for (int64_t i = 0; i < n; i++) {
        double d = p[i] - t[i] - bias, m = t[i] - mean;
        spread += d * d;
        about_mean += m * m;
    }
    value[GR_SCORE_MAE] = absolute / count;
    value[GR_SCORE_RMSE] = sqrt(square / count);
    value[GR_SCORE_R2] = gr_all_equal(t, n) ? NAN : 1.0 - square / about_mean;
    value[GR_SCORE_BIAS] = bias;
    if (n > 1) {
        double reach = 1.96 * sqrt(spread / (count - 1.0));
        value[GR_SCORE_LIMITS_LOWER] = bias - reach;
        value[GR_SCORE_LIMITS_UPPER] = bias + reach;
    }
}

/* Of rows that are whole: t[n], p[n]; pairs[n, 2] is room. */
static gr_status judge(const double *t, const double *p, int64_t n, double *pairs, double *value, gr_error *err)
{
    const double unused_level = 0.95;
    gr_correlation spearman;
    for (int64_t i = 0; i < n; i++) {
        if (!isfinite(t[i]) || !isfinite(p[i]))
            return GR_OK;
        pairs[2 * i] = t[i];
        pairs[2 * i + 1] = p[i];
    }
    measure(t, p, n, value);
    value[GR_SCORE_PEARSON] = gr_pearson(p, t, n, unused_level).r;
    value[GR_SCORE_ICC] = gr_icc_absolute(pairs, n, 2);
    gr_status status = gr_spearman(p, t, n, unused_level, &spearman, err);
    value[GR_SCORE_SPEARMAN] = spearman.r;
    return status;
}

gr_status gr_score_compute(const double *truth, const double *predicted, int64_t n, gr_score_numbers *out, gr_error *err)
{
    *out = (gr_score_numbers){0};
    for (int i = 0; i < GR_SCORE_METRIC_COUNT; i++)
        out->value[i] = NAN;
    double *room = gr_alloc((size_t)n, 4 * sizeof *room);
    if (room == NULL)
        return no_memory(err);
    double *t = room, *p = room + n, *pairs = room + 2 * n;
    for (int64_t i = 0; i < n; i++) {
        if (isnan(truth[i]))
            continue;
        t[out->n] = truth[i];
        p[out->n++] = predicted[i];
    }
    gr_status status = out->n > 0 ? judge(t, p, out->n, pairs, out->value, err) : GR_OK;
    gr_free(room);
    return status;
}

/* ---- a run ------------------------------------------------------------------------------------------------------------- */

/* One number of all folds. */
typedef struct number {
    const gr_score_numbers *folds;
    int metric;
} number;

static double in_fold(const void *ctx, int fold)
{
    const number *n = ctx;
    return n->folds[fold].value[n->metric];
}

gr_status gr_score_summarise(const gr_score_column *c, int fold_count, gr_score_summary *out, gr_error *err)
{
    out->folds = gr_alloc((size_t)fold_count, sizeof *out->folds);
    double *room = gr_alloc((size_t)c->count, 2 * sizeof *room);
    gr_status status = out->folds != NULL && room != NULL ? GR_OK : no_memory(err);
    for (int f = 0; status == GR_OK && f < fold_count; f++) {
        int64_t n = 0;
        for (int64_t i = 0; i < c->count; i++) {
            if (c->fold[i] != f)
                continue;
            room[n] = c->truth[i];
            room[c->count + n++] = c->predicted[i];
        }
        status = gr_score_compute(room, room + c->count, n, &out->folds[f], err);
    }
    if (status == GR_OK)
        status = gr_score_compute(c->truth, c->predicted, c->count, &out->pooled, err);
    for (int i = 0; status == GR_OK && i < GR_SCORE_METRIC_COUNT; i++)
        gr_mean_over_folds(fold_count, in_fold, &(number){out->folds, i}, &out->mean[i], &out->std[i]);
    gr_free(room);
    return status;
}

void gr_score_column_make(const gr_score_predictions *p, int s, double *room, gr_score_column *out)
{
    int first = s < p->outputs ? s : 0, end = s < p->outputs ? s + 1 : p->outputs;
    for (int64_t i = 0; i < p->count; i++) {
        room[i] = room[p->count + i] = 0.0;
        for (int k = first; k < end; k++) {
            room[i] += p->truth[i * p->outputs + k];
            room[p->count + i] += p->predicted[i * p->outputs + k];
        }
    }
    *out = (gr_score_column){p->count, p->fold, room, room + p->count};
}

int gr_score_column_count(int outputs)
{
    return outputs > 1 ? outputs + 1 : outputs;
}

static gr_status evaluate(const gr_score_predictions *p, int s, gr_score_summary *out, gr_error *err)
{
    double *room = gr_alloc((size_t)p->count, 2 * sizeof *room);
    if (room == NULL)
        return no_memory(err);
    gr_score_column column;
    gr_score_column_make(p, s, room, &column);
    gr_status status = gr_score_summarise(&column, p->fold_count, out, err);
    gr_free(room);
    return status;
}

const gr_score_summary *gr_score_whole(const gr_score_results *results)
{
    return &results->each[results->outputs > 1 ? results->outputs : 0];
}

gr_status gr_score_results_make(const char *name, const gr_score_predictions *p, gr_results *out, gr_error *err)
{
    int parts = gr_score_column_count(p->outputs);
    *out = (gr_results){.fold_count = p->fold_count, .confidence = 0.95};
    if (p->truth == NULL || p->fold == NULL)
        return gr_fail(err, GR_INTERNAL, "evaluation: predictions without labels or folds");
    gr_status status = gr_results_begin(name, p->folds, out, err);
    gr_score_results *s = out->scores = gr_alloc(1, sizeof *s);
    if (status == GR_OK && s == NULL)
        status = no_memory(err);
    if (status == GR_OK) {
        *s = (gr_score_results){.outputs = p->outputs, .each = gr_alloc((size_t)parts, sizeof *s->each)};
        status = s->each != NULL ? gr_names_copy(p->names, p->outputs, &s->names, err) : no_memory(err);
    }
    for (int i = 0; status == GR_OK && i < parts; i++)
        status = evaluate(p, i, &s->each[i], err);
    if (status != GR_OK)
        gr_results_free(out);
    return status;
}
