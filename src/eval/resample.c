#include "eval/resample.h"

#include <math.h>
#include <stdlib.h>

#include "base/base.h"

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory to draw the test images again");
}

gr_status gr_bootstrap_check(const gr_bootstrap_options *options, gr_error *err)
{
    if (options->count < 1 || !(options->level > 0.0) || !(options->level < 1.0))
        return gr_fail(err, GR_INVALID,
                       "%d repetitions at the level %g; at least 1, and a level between 0 and 1, would be right",
                       options->count, options->level);
    return GR_OK;
}

static bool same_label(const void *ctx, int64_t a, int64_t b)
{
    const gr_predictions *p = ctx;
    return p->labels[a] == p->labels[b];
}

gr_status gr_resample_make(const gr_predictions *p, int positive, bool groups, gr_resample *out, gr_error *err)
{
    *out = (gr_resample){.p = p, .positive = positive};
    if (p->labels == NULL || p->probabilities == NULL)
        return gr_fail(err, GR_INTERNAL, "evaluation: predictions without labels or probabilities");
    /* Judges every index. */
    gr_status status =
        gr_metrics_compute(p->labels, p->predicted, NULL, p->count, p->class_count, positive, &out->metrics, err);
    if (status == GR_OK) {
        out->rankings = gr_alloc((size_t)p->class_count, sizeof *out->rankings);
        out->areas = gr_alloc((size_t)p->class_count, sizeof *out->areas);
        status = out->rankings != NULL && out->areas != NULL ? GR_OK : no_memory(err);
    }
    for (int c = 0; status == GR_OK && c < p->class_count; c++)
        status = gr_ranking_make(p->probabilities + c, p->count, p->class_count, &out->rankings[c], err);
    if (status == GR_OK)
        status = gr_draw_open(p->count, p->images, p->groups, groups, same_label, p, &out->draw, err);
    if (status != GR_OK)
        gr_resample_free(out);
    return status;
}

void gr_resample_free(gr_resample *r)
{
    for (int c = 0; r->rankings != NULL && c < r->p->class_count; c++)
        gr_ranking_free(&r->rankings[c]);
    gr_free(r->rankings);
    gr_free(r->areas);
    gr_draw_free(&r->draw);
    gr_metrics_free(&r->metrics);
    *r = (gr_resample){0};
}

void gr_resample_evaluate(gr_resample *r, const int32_t *labels, const int32_t *weights)
{
    const gr_predictions *p = r->p;
    gr_count_confusion(labels, p->predicted, weights, p->count, p->class_count, r->metrics.confusion);
    gr_metrics_from_counts(&r->metrics, r->positive);
    for (int c = 0; c < p->class_count; c++)
        r->areas[c] = gr_ranked_areas(&r->rankings[c], labels, c, weights);
    gr_metrics_put_areas(&r->metrics, r->areas, r->positive);
}

static int lowest_first(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

void gr_sort_numbers(double *values, int64_t count)
{
    qsort(values, (size_t)count, sizeof *values, lowest_first);
}

double gr_percentile(const double *values, int64_t count, double share)
{
    double place = share * (double)(count - 1);
    int64_t at = (int64_t)floor(place);
    return at + 1 < count ? values[at] + (place - (double)at) * (values[at + 1] - values[at]) : values[count - 1];
}

gr_interval gr_percentiles(double *values, int64_t count, double level)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < count; i++)
        if (!isnan(values[i]))
            values[kept++] = values[i];
    if (kept == 0)
        return (gr_interval){NAN, NAN};
    gr_sort_numbers(values, kept);
    return (gr_interval){gr_percentile(values, kept, 0.5 * (1.0 - level)), gr_percentile(values, kept, 0.5 * (1.0 + level))};
}
