#include "eval/isotonic.h"

#include "base/base.h"
#include "eval/scoring.h"

/* The points in rising order of score, equal scores as one: x, y and how many rows; returns how many points. */
static int64_t join_equals(const gr_ranking *r, const int32_t *labels, int cls, double *x, double *y, double *weight)
{
    int64_t points = 0;
    for (int64_t i = r->n - 1; i >= 0; points++) {
        x[points] = r->scores[i];
        y[points] = weight[points] = 0.0;
        for (; i >= 0 && r->scores[i] == x[points]; i--) {
            y[points] += labels[r->rows[i]] == cls;
            weight[points] += 1.0;
        }
        y[points] /= weight[points];
    }
    return points;
}

/* Pools neighbours that fall (pool adjacent violators), and spreads the means again over their points. size[points] is
 * scratch. */
static void pool(double *y, double *weight, int64_t *size, int64_t points)
{
    int64_t blocks = 0;
    for (int64_t i = 0; i < points; i++) {
        double value = y[i], all = weight[i];
        int64_t of = 1;
        while (blocks > 0 && y[blocks - 1] >= value) {
            blocks--;
            value = (value * all + y[blocks] * weight[blocks]) / (all + weight[blocks]);
            all += weight[blocks];
            of += size[blocks];
        }
        y[blocks] = value;
        weight[blocks] = all;
        size[blocks++] = of;
    }
    for (int64_t b = blocks - 1, i = points - 1; b >= 0; b--)
        for (double value = y[b], left = (double)size[b]; left > 0; left--)
            y[i--] = value;
}

static int64_t keep_ends(double *x, double *y, int64_t points)
{
    int64_t kept = 0;
    double before = 0.0;
    for (int64_t i = 0; i < points; i++) {
        bool end = i == 0 || i == points - 1 || y[i] != before || y[i] != y[i + 1];
        before = y[i];
        if (end) {
            x[kept] = x[i];
            y[kept++] = y[i];
        }
    }
    return kept;
}

gr_status gr_isotonic_fit(const int32_t *labels, int cls, const float *scores, int stride, int64_t n, gr_steps *out,
                          gr_error *err)
{
    gr_ranking r = {0};
    double *weight = gr_alloc((size_t)n, sizeof *weight);
    int64_t *size = gr_alloc((size_t)n, sizeof *size);
    *out = (gr_steps){.x = gr_alloc((size_t)n, sizeof *out->x), .y = gr_alloc((size_t)n, sizeof *out->y)};
    bool good = weight != NULL && size != NULL && out->x != NULL && out->y != NULL;
    gr_status status = good ? gr_ranking_make(scores, n, stride, &r, err)
                            : gr_fail(err, GR_NOMEM, "no memory to calibrate %lld predictions", (long long)n);
    if (status == GR_OK) {
        int64_t points = join_equals(&r, labels, cls, out->x, out->y, weight);
        pool(out->y, weight, size, points);
        out->count = keep_ends(out->x, out->y, points);
    }
    gr_ranking_free(&r);
    gr_free(weight);
    gr_free(size);
    return status;
}

double gr_isotonic_at(const gr_steps *s, double score)
{
    if (s->count == 0)
        return 0.0;
    if (!(score > s->x[0]))
        return s->y[0];
    if (score >= s->x[s->count - 1])
        return s->y[s->count - 1];
    int64_t low = 0, high = s->count - 1; /* x[low] < score <= x[high] */
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        *(s->x[middle] < score ? &low : &high) = middle;
    }
    return s->y[low] + (s->y[high] - s->y[low]) * (score - s->x[low]) / (s->x[high] - s->x[low]);
}
