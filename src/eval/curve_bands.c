#include "eval/curve_bands.h"

#include <math.h>

#include "base/base.h"
#include "eval/resample.h"

/* Where the walk stands: counts above the threshold, and the point of the grid that comes next. */
typedef struct walk {
    int64_t tp, fp, positives, negatives;
    double *roc, *pr; /* [GR_BAND_POINTS] */
    int at_roc, at_pr;
} walk;

static double place(int i)
{
    return (double)i / (GR_BAND_POINTS - 1);
}

/* The curves go on from (fp0, tp0) to the counts of the walk. */
static void go(walk *w, int64_t tp0, int64_t fp0)
{
    double x0 = (double)fp0 / (double)w->negatives, x1 = (double)w->fp / (double)w->negatives;
    double y0 = (double)tp0 / (double)w->positives, y1 = (double)w->tp / (double)w->positives;
    for (; w->at_roc < GR_BAND_POINTS && place(w->at_roc) < x1; w->at_roc++)
        w->roc[w->at_roc] = y0 + (place(w->at_roc) - x0) / (x1 - x0) * (y1 - y0);
    for (; w->tp > 0 && w->at_pr < GR_BAND_POINTS && place(w->at_pr) <= y1; w->at_pr++)
        w->pr[w->at_pr] = (double)w->tp / (double)(w->tp + w->fp);
}

/* One sample. A point of the ROC grid is given its height when the curve leaves it to the right. */
static void sample_curves(const gr_ranking *r, const int32_t *labels, int cls, const int32_t *weights, walk *w)
{
    for (int i = 0; i < GR_BAND_POINTS; i++)
        w->roc[i] = w->pr[i] = NAN;
    for (int64_t i = 0; i < r->n; i++)
        *(labels[r->rows[i]] == cls ? &w->positives : &w->negatives) += weights != NULL ? weights[r->rows[i]] : 1;
    if (w->positives == 0 || w->negatives == 0)
        return;
    for (int64_t i = 0; i < r->n;) {
        double score = r->scores[i];
        int64_t tp = w->tp, fp = w->fp;
        for (; i < r->n && r->scores[i] == score; i++)
            *(labels[r->rows[i]] == cls ? &w->tp : &w->fp) += weights != NULL ? weights[r->rows[i]] : 1;
        if (w->tp != tp || w->fp != fp)
            go(w, tp, fp);
    }
    while (w->at_roc < GR_BAND_POINTS)
        w->roc[w->at_roc++] = 1.0;
    while (w->at_pr < GR_BAND_POINTS) {
        w->pr[w->at_pr] = w->at_pr > 0 ? w->pr[w->at_pr - 1] : NAN;
        w->at_pr++;
    }
}

/* heights[sample, point] to percentiles; `column` is scratch. */
static void summarise(const double *heights, int count, double level, double *column, gr_curve_band *out)
{
    for (int i = 0; i < GR_BAND_POINTS; i++) {
        int there = 0;
        for (int b = 0; b < count; b++) {
            column[b] = heights[(size_t)b * GR_BAND_POINTS + (size_t)i];
            there += !isnan(column[b]);
        }
        gr_interval ends = 2 * there >= count ? gr_percentiles(column, count, level) : (gr_interval){NAN, NAN};
        out->x[i] = place(i);
        out->low[i] = ends.low;
        out->high[i] = ends.high;
    }
}

/* What drawing again needs. */
typedef struct again {
    gr_resample *resample;
    int cls;
    const gr_bootstrap_options *options;
    double *heights; /* [2, count, GR_BAND_POINTS], then [2, count] areas */
    double *column;  /* [count] */
    int32_t *draws, *weights;
} again;

static void draw_again(const again *a, gr_curve_band *roc, gr_curve_band *pr)
{
    size_t count = (size_t)a->options->count;
    const gr_ranking *ranking = &a->resample->rankings[a->cls];
    const int32_t *labels = a->resample->p->labels;
    double *of_pr = a->heights + count * GR_BAND_POINTS, *areas = of_pr + count * GR_BAND_POINTS;
    for (size_t b = 0; b < count; b++) {
        walk w = {.roc = a->heights + b * GR_BAND_POINTS, .pr = of_pr + b * GR_BAND_POINTS};
        gr_draw_weights(&a->resample->draw, a->options->seed, (uint64_t)b, a->draws, a->weights);
        sample_curves(ranking, labels, a->cls, a->weights, &w);
        gr_areas all = gr_ranked_areas(ranking, labels, a->cls, a->weights);
        areas[b] = all.auroc;
        areas[count + b] = all.auprc;
    }
    summarise(a->heights, a->options->count, a->options->level, a->column, roc);
    summarise(of_pr, a->options->count, a->options->level, a->column, pr);
    roc->area = gr_percentiles(areas, (int64_t)count, a->options->level);
    pr->area = gr_percentiles(areas + count, (int64_t)count, a->options->level);
    sample_curves(ranking, labels, a->cls, NULL, &(walk){.roc = roc->y, .pr = pr->y});
}

gr_status gr_curve_bands(const gr_predictions *p, int cls, const gr_bootstrap_options *options, gr_curve_band *roc,
                         gr_curve_band *pr, gr_error *err)
{
    gr_resample r = {0};
    gr_status status = gr_bootstrap_check(options, err);
    if (status == GR_OK)
        status = gr_resample_make(p, cls, options->by_group, &r, err);
    if (status != GR_OK)
        return status;
    size_t count = (size_t)options->count, cells = 0;
    bool fits = gr_mul_size(count, 2 * GR_BAND_POINTS + 2, &cells);
    double *heights = fits ? gr_alloc(cells, sizeof *heights) : NULL, *column = gr_alloc(count, sizeof *column);
    int32_t *draws = gr_alloc((size_t)p->count, sizeof *draws), *weights = gr_alloc((size_t)p->count, sizeof *weights);
    if (heights != NULL && column != NULL && draws != NULL && weights != NULL)
        draw_again(&(again){&r, cls, options, heights, column, draws, weights}, roc, pr);
    else
        status = gr_fail(err, GR_NOMEM, "no memory for the bands of a curve");
    gr_free(heights);
    gr_free(column);
    gr_free(draws);
    gr_free(weights);
    gr_resample_free(&r);
    return status;
}
