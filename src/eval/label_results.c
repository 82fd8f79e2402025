/* Several columns of classes at once: each alone, all answers together, the total. */
#include "grimace/multilabel.h"

#include <math.h>
#include <string.h>

#include "base/base.h"
#include "eval/folds.h"
#include "eval/label_results.h"
#include "eval/score_results.h"

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for the results");
}

/* ---- one column -------------------------------------------------------------------------------------------------------- */

/* The rows that have the label, closed up; what gr_predictions borrows. */
typedef struct rows {
    const char **images, **groups;
    int64_t *row;
    int32_t *fold, *labels, *predicted;
    float *probabilities;
} rows;

void gr_label_column_free(gr_label_column *column)
{
    rows *r = column->memory;
    if (r != NULL) {
        gr_free(r->images);
        gr_free(r->groups);
        gr_free(r->row);
        gr_free(r->fold);
        gr_free(r->labels);
        gr_free(r->predicted);
        gr_free(r->probabilities);
    }
    gr_free(r);
    *column = (gr_label_column){0};
}

static bool make_rows(const gr_label_predictions *p, rows *r)
{
    size_t n = (size_t)p->count, cells;
    return (r->images = gr_alloc(n, sizeof *r->images)) != NULL && (r->groups = gr_alloc(n, sizeof *r->groups)) != NULL &&
           (r->row = gr_alloc(n, sizeof *r->row)) != NULL && (r->fold = gr_alloc(n, sizeof *r->fold)) != NULL &&
           (r->labels = gr_alloc(n, sizeof *r->labels)) != NULL && (r->predicted = gr_alloc(n, sizeof *r->predicted)) != NULL &&
           gr_mul_size(n, (size_t)p->class_count, &cells) &&
           (r->probabilities = gr_alloc(cells, sizeof *r->probabilities)) != NULL;
}

gr_status gr_label_column_make(const gr_label_predictions *p, int label, gr_label_column *out, gr_error *err)
{
    rows *r = gr_alloc(1, sizeof *r);
    int64_t n = 0, width = p->label_count;
    size_t classes = (size_t)p->class_count;
    *out = (gr_label_column){.memory = r};
    if (r == NULL || !make_rows(p, r)) {
        gr_label_column_free(out);
        return no_memory(err);
    }
    for (int64_t i = 0; i < p->count; i++) {
        int64_t at = i * width + label;
        if (p->labels[at] < 0)
            continue;
        r->images[n] = p->images != NULL ? p->images[i] : NULL;
        r->groups[n] = p->groups != NULL ? p->groups[i] : NULL;
        r->row[n] = i;
        r->fold[n] = p->fold[i];
        r->labels[n] = p->labels[at];
        r->predicted[n] = p->predicted[at];
        memcpy(r->probabilities + (size_t)n * classes, p->probabilities + (size_t)at * classes,
               classes * sizeof *r->probabilities);
        n++;
    }
    out->rows = r->row;
    out->predictions = (gr_predictions){.count = n,
                                        .class_count = p->class_count,
                                        .classes = p->classes,
                                        .fold_count = p->fold_count,
                                        .folds = p->folds,
                                        .group_column = p->group_column,
                                        .images = p->images != NULL ? r->images : NULL,
                                        .groups = p->groups != NULL ? r->groups : NULL,
                                        .fold = r->fold,
                                        .labels = r->labels,
                                        .predicted = r->predicted,
                                        .probabilities = r->probabilities};
    return GR_OK;
}

/* ---- all answers ------------------------------------------------------------------------------------------------------- */

/* Of fold f, or of all for f < 0; the numbers of each column are there. */
static void count_answers(const gr_label_predictions *p, const gr_label_results *l, int f, gr_metrics *out,
                          int64_t *answers)
{
    int64_t right = 0, width = p->label_count;
    *answers = 0;
    for (int64_t i = 0; i < p->count; i++) {
        int64_t known = 0;
        for (int64_t at = i * width; (f < 0 || p->fold[i] == f) && at < (i + 1) * width; at++) {
            known += p->labels[at] >= 0;
            right += p->labels[at] >= 0 && p->labels[at] == p->predicted[at];
        }
        out->n += known > 0;
        *answers += known;
    }
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        out->value[i] = NAN;
    double sum = 0.0;
    int defined = 0;
    for (int k = 0; k < l->count; k++) {
        const gr_metrics *m = f < 0 ? &l->each[k].pooled : &l->each[k].folds[f];
        double f1 = m->value[GR_METRIC_F1_MACRO];
        sum += isnan(f1) ? 0.0 : f1;
        defined += !isnan(f1);
    }
    out->value[GR_METRIC_ACCURACY] = *answers > 0 ? (double)right / (double)*answers : NAN;
    out->value[GR_METRIC_F1_MACRO] = defined > 0 ? sum / defined : NAN;
}

/* One number of all folds. */
typedef struct number {
    const gr_metrics *folds;
    int metric;
} number;

static double in_fold(const void *ctx, int fold)
{
    const number *n = ctx;
    return n->folds[fold].value[n->metric];
}

static void take_together(const gr_label_predictions *p, gr_results *r)
{
    for (int f = 0; f < r->fold_count; f++)
        count_answers(p, r->labels, f, &r->folds[f], &r->labels->answers[f]);
    count_answers(p, r->labels, -1, &r->pooled, &r->labels->answers[r->fold_count]);
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        gr_mean_over_folds(r->fold_count, in_fold, &(number){r->folds, i}, &r->mean[i], &r->std[i]);
}

/* ---- the total --------------------------------------------------------------------------------------------------------- */

bool gr_label_totals(const gr_label_predictions *p, double *numbers, double *room)
{
    if (!gr_class_numbers(p->classes, p->class_count, numbers))
        return false;
    for (int64_t i = 0; i < p->count; i++) {
        room[i] = room[p->count + i] = 0.0;
        for (int64_t at = i * p->label_count; at < (i + 1) * p->label_count; at++) {
            room[i] += p->labels[at] >= 0 ? numbers[p->labels[at]] : NAN;
            room[p->count + i] += numbers[p->predicted[at]];
        }
    }
    return true;
}

static gr_status add_total(const gr_label_predictions *p, gr_label_results *l, gr_error *err)
{
    double *numbers = gr_alloc((size_t)p->class_count, sizeof *numbers);
    double *room = gr_alloc((size_t)p->count, 2 * sizeof *room);
    gr_status status = numbers != NULL && room != NULL ? GR_OK : no_memory(err);
    l->has_total = status == GR_OK && gr_label_totals(p, numbers, room);
    gr_score_column totals = {p->count, p->fold, room, room != NULL ? room + p->count : NULL};
    if (l->has_total)
        status = gr_score_summarise(&totals, p->fold_count, &l->total, err);
    gr_free(numbers);
    gr_free(room);
    return status;
}

/* ---- a run ------------------------------------------------------------------------------------------------------------- */

static gr_status begin(const char *name, const gr_label_predictions *p, gr_results *out, gr_error *err)
{
    size_t folds = (size_t)p->fold_count, labels = (size_t)p->label_count;
    gr_label_results *l = out->labels = gr_alloc(1, sizeof *l);
    out->folds = gr_alloc(folds, sizeof *out->folds);
    if (l == NULL || out->folds == NULL)
        return no_memory(err);
    l->count = p->label_count;
    l->each = gr_alloc(labels, sizeof *l->each);
    l->answers = gr_alloc(folds + 1, sizeof *l->answers);
    if (l->each == NULL || l->answers == NULL)
        return no_memory(err);
    gr_status status = gr_results_begin(name, p->folds, out, err);
    return status == GR_OK ? gr_names_copy(p->names, p->label_count, &l->names, err) : status;
}

/* Indices that are used before gr_results_make looks at them. */
static gr_status check(const gr_label_predictions *p, gr_error *err)
{
    if (p->labels == NULL || p->fold == NULL || p->probabilities == NULL)
        return gr_fail(err, GR_INTERNAL, "evaluation: predictions without labels, folds or probabilities");
    for (int64_t i = 0; i < p->count * p->label_count; i++)
        if (p->labels[i] >= p->class_count || p->predicted[i] < 0 || p->predicted[i] >= p->class_count)
            return gr_fail(err, GR_INTERNAL, "evaluation: answer %lld has class %d, predicted %d, of %d", (long long)i,
                           p->labels[i], p->predicted[i], p->class_count);
    return GR_OK;
}

gr_status gr_label_results_make(const char *name, const gr_label_predictions *p, int positive, gr_results *out,
                                gr_error *err)
{
    *out = (gr_results){.fold_count = p->fold_count, .confidence = 0.95};
    gr_status status = check(p, err);
    if (status == GR_OK)
        status = begin(name, p, out, err);
    for (int k = 0; status == GR_OK && k < p->label_count; k++) {
        gr_label_column alone;
        status = gr_label_column_make(p, k, &alone, err);
        if (status == GR_OK)
            status = gr_results_make(p->names[k], &alone.predictions, positive, &out->labels->each[k], err);
        gr_label_column_free(&alone);
    }
    if (status == GR_OK) {
        take_together(p, out);
        status = add_total(p, out->labels, err);
    }
    if (status != GR_OK)
        gr_results_free(out);
    return status;
}
