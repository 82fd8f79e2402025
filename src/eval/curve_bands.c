#include "eval/curve_bands.h"

#include <math.h>

#include "base/base.h"
#include "eval/resample.h"

/* The rows of one class in the order of their ranking: what every sample walks over. */
typedef struct ranked {
    int64_t n;
    const int64_t *rows;
    int32_t *positive; /* [n]: all bits or none */
    uint8_t *last;     /* [n]: the next row has another score */
} ranked;

/* Where the walk stands: counts above the threshold, and the point of the grid that comes next. */
typedef struct walk {
    double positives, negatives;
    double *roc, *pr; /* [GR_BAND_POINTS] */
    int at_roc, at_pr;
    double next_fp, next_tp; /* about the counts at these points */
    double auroc, auprc;
} walk;

static double place(int i)
{
    return (double)i / (GR_BAND_POINTS - 1);
}

/* The curves go on from (fp0, tp0) to (fp, tp), past points of the grids. A point of the ROC grid is given its height when
 * the curve leaves it to the right. */
static void pass(walk *w, int64_t tp0, int64_t fp0, int64_t tp, int64_t fp)
{
    double x0 = (double)fp0 / w->negatives, x1 = (double)fp / w->negatives;
    double y0 = (double)tp0 / w->positives, y1 = (double)tp / w->positives;
    for (; fp > fp0 && w->at_roc < GR_BAND_POINTS && place(w->at_roc) < x1; w->at_roc++)
        w->roc[w->at_roc] = y0 + (place(w->at_roc) - x0) / (x1 - x0) * (y1 - y0);
    for (; tp > tp0 && w->at_pr < GR_BAND_POINTS && place(w->at_pr) <= y1; w->at_pr++)
        w->pr[w->at_pr] = (double)tp / (double)(tp + fp);
    w->next_fp = w->at_roc < GR_BAND_POINTS ? place(w->at_roc) * w->negatives : INFINITY;
    w->next_tp = w->at_pr < GR_BAND_POINTS ? place(w->at_pr) * w->positives : INFINITY;
}

/* From the highest score down. Which rows are positive nobody can foretell, so that nothing branches on it; few rows are
 * near the next point of a grid. */
static void walk_down(const ranked *r, const int32_t *weights, walk *w)
{
    int64_t tp = 0, fp = 0, tp0 = 0, fp0 = 0;
    for (int64_t i = 0; i < r->n; i++) {
        int32_t weight = weights[r->rows[i]], of_positive = weight & r->positive[i];
        tp += of_positive;
        fp += weight - of_positive;
        if (!r->last[i] || tp + fp == 0)
            continue;
        w->auroc += (double)(fp - fp0) * (double)(tp + tp0);
        w->auprc += (double)(tp - tp0) * ((double)tp / (double)(tp + fp));
        if ((double)fp + 1.0 > w->next_fp || (double)tp + 1.0 > w->next_tp)
            pass(w, tp0, fp0, tp, fp);
        tp0 = tp;
        fp0 = fp;
    }
}

/* One sample. Without positives or negatives there are no curves. */
static void sample_curves(const ranked *r, const int32_t *weights, walk *w)
{
    int64_t all = 0, positives = 0;
    for (int i = 0; i < GR_BAND_POINTS; i++)
        w->roc[i] = w->pr[i] = NAN;
    w->auroc = w->auprc = NAN;
    for (int64_t i = 0; i < r->n; i++) {
        all += weights[r->rows[i]];
        positives += weights[r->rows[i]] & r->positive[i];
    }
    if (positives == 0 || positives == all)
        return;
    w->negatives = (double)(all - positives);
    w->positives = (double)positives;
    w->auroc = w->auprc = 0.0;
    walk_down(r, weights, w);
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
    const gr_bootstrap_options *options;
    ranked rows;
    double *heights; /* [2, count, GR_BAND_POINTS], then [2, count] areas */
    double *column;  /* [count] */
    int32_t *room;   /* [threads, 2, rows] */
} again;

static void sample(void *ctx, int64_t b, int thread)
{
    const again *a = ctx;
    size_t count = (size_t)a->options->count, rows = (size_t)a->draw->rows;
    double *of_pr = a->heights + count * GR_BAND_POINTS, *areas = of_pr + count * GR_BAND_POINTS;
    int32_t *draws = a->room + 2 * rows * (size_t)thread, *weights = draws + rows;
    walk w = {.roc = a->heights + b * GR_BAND_POINTS, .pr = of_pr + b * GR_BAND_POINTS};
    gr_draw_weights(a->draw, a->options->seed, (uint64_t)b, draws, weights);
    sample_curves(&a->rows, weights, &w);
    areas[b] = w.auroc;
    areas[count + (size_t)b] = w.auprc;
}

static void draw_again(again *a, gr_curve_band *roc, gr_curve_band *pr)
{
    const gr_bootstrap_options *o = a->options;
    size_t count = (size_t)o->count;
    double *of_pr = a->heights + count * GR_BAND_POINTS, *areas = of_pr + count * GR_BAND_POINTS;
    gr_parallel_for(o->count, sample, a);
    summarise(a->heights, o->count, o->level, a->column, roc);
    summarise(of_pr, o->count, o->level, a->column, pr);
    roc->area = gr_percentiles(areas, (int64_t)count, o->level);
    pr->area = gr_percentiles(areas + count, (int64_t)count, o->level);
    for (int64_t i = 0; i < a->draw->rows; i++)
        a->room[i] = 1;
    sample_curves(&a->rows, a->room, &(walk){.roc = roc->y, .pr = pr->y});
}

static bool take_rows(const gr_ranking *ranking, const int32_t *labels, int cls, ranked *out)
{
    *out = (ranked){.n = ranking->n, .rows = ranking->rows};
    out->positive = gr_alloc((size_t)ranking->n, sizeof *out->positive);
    out->last = gr_alloc((size_t)ranking->n, sizeof *out->last);
    for (int64_t i = 0; out->positive != NULL && out->last != NULL && i < ranking->n; i++) {
        out->positive[i] = labels[ranking->rows[i]] == cls ? -1 : 0;
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
    size_t room = 2 * (size_t)gr_threads_get();
    again a = {.draw = &r.draw,
               .options = options,
               .heights = fits ? gr_alloc(cells, sizeof *a.heights) : NULL,
               .column = gr_alloc(count, sizeof *a.column),
               .room = gr_mul_size(room, (size_t)p->count, &room) ? gr_alloc(room, sizeof *a.room) : NULL};
    bool good = take_rows(&r.rankings[cls], p->labels, cls, &a.rows);
    if (good && a.heights != NULL && a.column != NULL && a.room != NULL)
        draw_again(&a, roc, pr);
    else
        status = gr_fail(err, GR_NOMEM, "no memory for the bands of a curve");
    gr_free(a.rows.positive);
    gr_free(a.rows.last);
    gr_free(a.heights);
    gr_free(a.column);
    gr_free(a.room);
    gr_resample_free(&r);
    return status;
}
