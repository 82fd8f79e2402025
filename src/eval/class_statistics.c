/* All that is computed from one table of predictions. */
#include "eval/statistics_private.h"

#include <math.h>
#include <string.h>

#include "base/base.h"
#include "grimace/comparison.h"
#include "grimace/ordinal.h"

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for the statistics");
}

/* DeLong's interval and both curves of one class against the rest. */
static gr_status judge_class(const gr_predictions *p, int cls, double level, double *scores, uint8_t *is_positive,
                             gr_statistics *out, gr_error *err)
{
    gr_delong d;
    for (int64_t i = 0; i < p->count; i++) {
        scores[i] = (double)p->probabilities[i * p->class_count + cls];
        is_positive[i] = p->labels[i] == cls;
    }
    gr_status status = gr_delong_test(scores, scores, is_positive, p->count, level, &d, err);
    if (status != GR_OK)
        return status;
    bool repeated = out->results.pooled.repeated; /* DeLong's variance is of independent rows */
    out->auroc_sd[cls] = repeated ? NAN : sqrt(d.variance[0]);
    out->auroc_interval[cls] = repeated ? (gr_interval){NAN, NAN} : d.interval[0];
    status = gr_roc_curve(scores, is_positive, p->count, &out->roc[cls], err);
    return status == GR_OK ? gr_pr_curve(scores, is_positive, p->count, &out->pr[cls], err) : status;
}

static gr_status judge_classes(const gr_predictions *p, double level, gr_statistics *out, gr_error *err)
{
    size_t classes = (size_t)p->class_count, n = (size_t)p->count;
    out->auroc_sd = gr_alloc(classes, sizeof *out->auroc_sd);
    out->auroc_interval = gr_alloc(classes, sizeof *out->auroc_interval);
    out->roc = gr_alloc(classes, sizeof *out->roc);
    out->pr = gr_alloc(classes, sizeof *out->pr);
    double *scores = gr_alloc(n, sizeof *scores);
    uint8_t *is_positive = gr_alloc(n, 1);
    gr_status status = GR_OK;
    if (out->auroc_sd == NULL || out->auroc_interval == NULL || out->roc == NULL || out->pr == NULL || scores == NULL ||
        is_positive == NULL)
        status = no_memory(err);
    for (int c = 0; status == GR_OK && c < p->class_count; c++)
        status = judge_class(p, c, level, scores, is_positive, out, err);
    gr_free(scores);
    gr_free(is_positive);
    return status;
}

gr_status gr_statistics_begin(const char *const *images, int64_t count, const gr_statistics_options *options, gr_statistics *out,
                              gr_error *err)
{
    *out = (gr_statistics){.options = *options, .images = count};
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        out->permutation_p[i] = NAN;
    if (!(options->confidence > 0.0 && options->confidence < 1.0))
        return gr_fail(err, GR_INVALID, "the confidence %g is not between 0 and 1; such as 0.95 would be right",
                       options->confidence);
    int64_t *numbers = images != NULL ? gr_names_number(images, count, &out->images) : NULL;
    gr_free(numbers);
    return numbers != NULL || images == NULL ? GR_OK : no_memory(err);
}

gr_status gr_statistics_make(const char *name, const gr_predictions *p, int positive, const gr_statistics_options *options,
                             gr_statistics *out, gr_error *err)
{
    gr_status status = gr_statistics_begin(p->images, p->count, options, out, err);
    out->class_count = p->class_count;
    if (status == GR_OK)
        status = gr_results_make(name, p, positive, &out->results, err);
    if (status == GR_OK) {
        out->results.confidence = options->confidence;
        status = judge_classes(p, options->confidence, out, err);
    }
    if (status == GR_OK)
        status = gr_statistics_score(out, p, err);
    if (status == GR_OK && options->bootstrap.count > 0)
        status = gr_results_bootstrap(&out->results, p, &options->bootstrap, err);
    if (status == GR_OK)
        status = gr_group_statistics_make(p, positive, options->confidence, options->bootstrap.count, options->bootstrap.seed,
                                          &out->groups, err);
    if (status == GR_OK && options->permutation.count > 0)
        status = gr_permutation_test(p, positive, &options->permutation, out->permutation_p, err);
    if (status == GR_OK && p->ordered)
        status = gr_results_add_ordinal(&out->results, p, err);
    if (status != GR_OK)
        gr_statistics_free(out);
    return status;
}

void gr_statistics_free(gr_statistics *s)
{
    for (int c = 0; c < s->class_count; c++) {
        if (s->roc != NULL)
            gr_curve_free(&s->roc[c]);
        if (s->pr != NULL)
            gr_curve_free(&s->pr[c]);
    }
    for (int k = 0; s->columns != NULL && k < s->column_count; k++)
        gr_statistics_free(&s->columns[k]);
    for (int i = 0; i < s->by_count; i++)
        gr_results_free(&s->by[i]);
    gr_free(s->by);
    gr_free(s->roc);
    gr_free(s->pr);
    gr_free(s->auroc_sd);
    gr_free(s->auroc_interval);
    gr_free(s->agreement);
    gr_free(s->columns);
    gr_results_free(&s->results);
    *s = (gr_statistics){0};
}

/* ---- by the values of a column -------------------------------------------------------------------------------------------- */

/* Numbers the values in the order of their bytes: names[*count] and of_row[rows]. */
static gr_status number_values(const char *column, const char *const *values, int64_t rows, const char **names, int *count,
                               int32_t *of_row, gr_error *err)
{
    int64_t *order = gr_names_sort(values, rows);
    gr_status status = order != NULL ? GR_OK : no_memory(err);
    *count = 0;
    for (int64_t i = 0; status == GR_OK && i < rows; i++) {
        const char *value = values[order[i]];
        if (i == 0 || strcmp(value, names[*count - 1]) != 0) {
            if (*count == GR_MOST_VALUES)
                status = gr_fail(err, GR_INVALID, "column \"%.80s\" has more than %d values, fewer would be right", column,
                                 GR_MOST_VALUES);
            else
                names[(*count)++] = value;
        }
        of_row[order[i]] = *count - 1;
    }
    gr_free(order);
    return status;
}

gr_status gr_statistics_part(gr_statistics *s, const char *column, const char *const *values, int64_t rows, gr_parted *out,
                             gr_error *err)
{
    gr_results *by = gr_realloc(s->by, (size_t)s->by_count + 1, sizeof *by);
    out->of_row = gr_alloc((size_t)rows, sizeof *out->of_row);
    s->by = by != NULL ? by : s->by;
    gr_status status = by != NULL && out->of_row != NULL ? GR_OK : no_memory(err);
    return status == GR_OK ? number_values(column, values, rows, out->names, &out->count, out->of_row, err) : status;
}

gr_status gr_statistics_parted(gr_statistics *s, gr_parted *parted, gr_status status)
{
    if (status == GR_OK)
        s->by[s->by_count++].confidence = s->options.confidence;
    gr_free(parted->of_row);
    return status;
}

gr_status gr_statistics_break_down(gr_statistics *s, const gr_predictions *p, const char *column, const char *const *values,
                                   gr_error *err)
{
    gr_parted parted;
    gr_predictions rows = *p;
    gr_status status = gr_statistics_part(s, column, values, p->count, &parted, err);
    if (status == GR_OK) {
        rows.folds = parted.names;
        rows.fold_count = parted.count;
        rows.fold = parted.of_row;
        status = gr_results_make(column, &rows, s->results.positive, &s->by[s->by_count], err);
    }
    if (status == GR_OK && p->ordered && (status = gr_results_add_ordinal(&s->by[s->by_count], &rows, err)) != GR_OK)
        gr_results_free(&s->by[s->by_count]);
    return gr_statistics_parted(s, &parted, status);
}
