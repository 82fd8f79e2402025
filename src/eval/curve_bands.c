#include "eval/curve_bands.h"

#include <math.h>

#include "base/base.h"
#include "eval/resample.h"

/* The rows of one class in the order of their ranking: what every sample walks over. */
typedef struct ranked {
    int64_t n;
    const int64_t *rows;
    uint8_t *positive; /* [n] */
    uint8_t *last;     /* [n]: the next row has another score */
} ranked;

/* Where the walk stands: counts above the threshold, and the point of the grid that comes next. */
typedef struct walk {
    int64_t tp, fp;
    double positives, negatives;
    double *roc, *pr; /* [GR_BAND_POINTS] */
    int at_roc, at_pr;
    double auroc, auprc;
} walk;

static double place(int i)
{
    return (double)i / (GR_BAND_POINTS - 1);
}

/* The curves go on from (fp0, tp0) to the counts of the walk. A point of the ROC grid is given its height when the curve
 * leaves it to the right. */
static void go(walk *w, int64_t tp0, int64_t fp0)
{
    w->auroc += (double)(w->fp - fp0) * (double)(w->tp + tp0);
    if (w->fp > fp0) {
        double x0 = (double)fp0 / w->negatives, x1 = (double)w->fp / w->negatives;
        double y0 = (double)tp0 / w->positives, y1 = (double)w->tp / w->positives;
        for (; w->at_roc < GR_BAND_POINTS && place(w->at_roc) < x1; w->at_roc++)
            w->roc[w->at_roc] = y0 + (place(w->at_roc) - x0) / (x1 - x0) * (y1 - y0);
    }
    if (w->tp > tp0) {
        double precision = (double)w->tp / (double)(w->tp + w->fp), recall = (double)w->tp / w->positives;
        w->auprc += (double)(w->tp - tp0) * precision;
        for (; w->at_pr < GR_BAND_POINTS && place(w->at_pr) <= recall; w->at_pr++)
            w->pr[w->at_pr] = precision;
    }
}

/* One sample. Without positives or negatives there are no curves. */
static void sample_curves(const ranked *r, const int32_t *weights, walk *w)
{
    int64_t counts[2] = {0, 0};
    for (int i = 0; i < GR_BAND_POINTS; i++)
        w->roc[i] = w->pr[i] = NAN;
    w->auroc = w->auprc = NAN;
    for (int64_t i = 0; i < r->n; i++)
        counts[r->positive[i]] += weights[r->rows[i]];
    if (counts[0] == 0 || counts[1] == 0)
        return;
    w->negatives = (double)counts[0];
    w->positives = (double)counts[1];
    w->auroc = w->auprc = 0.0;
    for (int64_t i = 0, tp = 0, fp = 0; i < r->n; i++) {
        int32_t weight = weights[r->rows[i]];
        *(r->positive[i] ? &w->tp : &w->fp) += weight;
        if (r->last[i] && (w->tp != tp || w->fp != fp)) {
            go(w, tp, fp);
            tp = w->tp;
            fp = w->fp;
        }
    }
    while (w->at_roc < GR_BAND_POINTS)
        w->roc[w->at_roc++] = 1.0;
    for (; w->at_pr < GR_BAND_POINTS; w->at_pr++)
        w->pr[w->at_pr] = w->pr[w->at_pr - 1]; /* the last recall is 1 but for rounding */
    w->auroc /= 2.0 * w->positives * w->negatives;
    w->auprc /= w->positives;
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
    const gr_draw *draw;
    ranked rows;
    double *heights; /* [2, count, GR_BAND_POINTS], then [2, count] areas */
    double *column;  /* [count] */
    int32_t *draws, *weights;
} again;

static void draw_again(const again *a, const gr_bootstrap_options *o, int64_t rows, gr_curve_band *roc, gr_curve_band *pr)
{
    size_t count = (size_t)o->count;
    double *of_pr = a->heights + count * GR_BAND_POINTS, *areas = of_pr + count * GR_BAND_POINTS;
    for (size_t b = 0; b < count; b++) {
        walk w = {.roc = a->heights + b * GR_BAND_POINTS, .pr = of_pr + b * GR_BAND_POINTS};
        gr_draw_weights(a->draw, o->seed, (uint64_t)b, a->draws, a->weights);
        sample_curves(&a->rows, a->weights, &w);
        areas[b] = w.auroc;
        areas[count + b] = w.auprc;
    }
    summarise(a->heights, o->count, o->level, a->column, roc);
    summarise(of_pr, o->count, o->level, a->column, pr);
    roc->area = gr_percentiles(areas, (int64_t)count, o->level);
    pr->area = gr_percentiles(areas + count, (int64_t)count, o->level);
    for (int64_t i = 0; i < rows; i++)
        a->weights[i] = 1;
    sample_curves(&a->rows, a->weights, &(walk){.roc = roc->y, .pr = pr->y});
}

static bool take_rows(const gr_ranking *ranking, const int32_t *labels, int cls, ranked *out)
{
    *out = (ranked){.n = ranking->n, .rows = ranking->rows};
    out->positive = gr_alloc((size_t)ranking->n, sizeof *out->positive);
    out->last = gr_alloc((size_t)ranking->n, sizeof *out->last);
    for (int64_t i = 0; out->positive != NULL && out->last != NULL && i < ranking->n; i++) {
        out->positive[i] = labels[ranking->rows[i]] == cls;
        out->last[i] = i + 1 == ranking->n || ranking->scores[i + 1] != ranking->scores[i];
    }
    return out->positive != NULL && out->last != NULL;
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
    again a = {.draw = &r.draw,
               .heights = fits ? gr_alloc(cells, sizeof *a.heights) : NULL,
               .column = gr_alloc(count, sizeof *a.column),
               .draws = gr_alloc((size_t)p->count, sizeof *a.draws),
               .weights = gr_alloc((size_t)p->count, sizeof *a.weights)};
    bool good = take_rows(&r.rankings[cls], p->labels, cls, &a.rows);
    if (good && a.heights != NULL && a.column != NULL && a.draws != NULL && a.weights != NULL)
        draw_again(&a, options, p->count, roc, pr);
    else
        status = gr_fail(err, GR_NOMEM, "no memory for the bands of a curve");
    gr_free(a.rows.positive);
    gr_free(a.rows.last);
    gr_free(a.heights);
    gr_free(a.column);
    gr_free(a.draws);
    gr_free(a.weights);
    gr_resample_free(&r);
    return status;
}
