/* The points of ROC and precision-recall curves. */
#include "grimace/curves.h"

#include <math.h>

#include "base/base.h"
#include "eval/scoring.h"

/* Makes one point from what stands at or above a threshold. */
typedef void put_point(int64_t tp, int64_t fp, int64_t positives, int64_t negatives, double *x, double *y);

static void roc_point(int64_t tp, int64_t fp, int64_t positives, int64_t negatives, double *x, double *y)
{
    *x = (double)fp / (double)negatives;
    *y = (double)tp / (double)positives;
}

static void pr_point(int64_t tp, int64_t fp, int64_t positives, int64_t negatives, double *x, double *y)
{
    (void)negatives;
    *x = (double)tp / (double)positives;
    *y = tp + fp > 0 ? (double)tp / (double)(tp + fp) : 1.0;
}

static void walk(const gr_ranking *r, const uint8_t *is_positive, int64_t positives, put_point *put, gr_curve *out)
{
    int64_t tp = 0, fp = 0;
    put(0, 0, positives, r->n - positives, &out->x[0], &out->y[0]);
    out->threshold[0] = INFINITY;
    out->count = 1;
    for (int64_t i = 0; i < r->n;) {
        double score = r->scores[i];
        for (; i < r->n && r->scores[i] == score; i++)
            (*(is_positive[r->rows[i]] ? &tp : &fp))++;
        put(tp, fp, positives, r->n - positives, &out->x[out->count], &out->y[out->count]);
        out->threshold[out->count++] = score;
    }
}

static gr_status make(const double *scores, const uint8_t *is_positive, int64_t n, put_point *put, gr_curve *out,
                      gr_error *err)
{
    *out = (gr_curve){0};
    gr_ranking ranking;
    gr_status status = gr_ranking_make_double(scores, n, &ranking, err);
    if (status != GR_OK)
        return status;
    int64_t positives = 0;
    for (int64_t i = 0; i < ranking.n; i++)
        positives += is_positive[i] != 0;
    if (positives > 0 && positives < ranking.n) {
        size_t points = (size_t)ranking.n + 1;
        out->x = gr_alloc(points, sizeof *out->x);
        out->y = gr_alloc(points, sizeof *out->y);
        out->threshold = gr_alloc(points, sizeof *out->threshold);
        if (out->x != NULL && out->y != NULL && out->threshold != NULL)
            walk(&ranking, is_positive, positives, put, out);
        else
            status = gr_fail(err, GR_NOMEM, "no memory for a curve of %lld points", (long long)points);
    }
    gr_ranking_free(&ranking);
    if (status != GR_OK)
        gr_curve_free(out);
    return status;
}

gr_status gr_roc_curve(const double *scores, const uint8_t *is_positive, int64_t n, gr_curve *out, gr_error *err)
{
    return make(scores, is_positive, n, roc_point, out, err);
}

gr_status gr_pr_curve(const double *scores, const uint8_t *is_positive, int64_t n, gr_curve *out, gr_error *err)
{
    return make(scores, is_positive, n, pr_point, out, err);
}

void gr_curve_free(gr_curve *curve)
{
    gr_free(curve->x);
    gr_free(curve->y);
    gr_free(curve->threshold);
    *curve = (gr_curve){0};
}
