#include "eval/by_cluster.h"

#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/distributions.h"
#include "eval/resample.h"

static double mean_of(const double *x, int64_t n)
{
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++)
        sum += x[i];
    return sum / (double)n;
}

gr_interval gr_jackknife(double value, const double *left_out, int64_t lots, double level, double lowest, double highest,
                         double *error)
{
    double mean = mean_of(left_out, lots), squares = 0.0, rest = (double)(lots - 1);
    *error = NAN;
    if (lots < 2 || isnan(mean) || isnan(value))
        return (gr_interval){NAN, NAN};
    for (int64_t i = 0; i < lots; i++)
        squares += (left_out[i] - mean) * (left_out[i] - mean);
    *error = sqrt(rest / (double)lots * squares);
    double half = gr_t_quantile(0.5 + 0.5 * level, rest) * *error, range = highest - lowest, share = (value - lowest) / range;
    if (isfinite(lowest) && isinf(highest) && value > lowest) { /* a size: its logarithm has no end */
        double size = value - lowest;
        return (gr_interval){lowest + size * exp(-half / size), lowest + size * exp(half / size)};
    }
    if (!(share > 0.0 && share < 1.0)) /* at an end of its range, or without one */
        return (gr_interval){fmax(lowest, value - half), fmin(highest, value + half)};
    double logit = log(share / (1.0 - share)), wide = half / (range * share * (1.0 - share));
    return (gr_interval){lowest + range / (1.0 + exp(wide - logit)), lowest + range / (1.0 + exp(-wide - logit))};
}

static double acceleration(const double *left_out, int64_t lots)
{
    double mean = mean_of(left_out, lots), squares = 0.0, cubes = 0.0;
    for (int64_t i = 0; i < lots; i++) {
        double d = mean - left_out[i];
        squares += d * d;
        cubes += d * d * d;
    }
    return squares > 0.0 ? cubes / (6.0 * pow(squares, 1.5)) : 0.0 * mean;
}

gr_interval gr_bca(double *samples, int64_t count, double value, const double *left_out, int64_t lots, double level)
{
    int64_t kept = 0, below = 0, same = 0;
    for (int64_t i = 0; i < count; i++)
        if (!isnan(samples[i])) {
            below += samples[i] < value;
            same += samples[i] == value;
            samples[kept++] = samples[i];
        }
    double a = acceleration(left_out, lots), share = ((double)below + 0.5 * (double)same) / (double)kept;
    if (kept == 0 || isnan(a) || isnan(value) || !(share > 0.0 && share < 1.0))
        return (gr_interval){NAN, NAN};
    double z0 = gr_normal_quantile(share), tail = 0.5 * (1.0 - level), ends[2];
    gr_sort_numbers(samples, kept);
    for (int i = 0; i < 2; i++) {
        double z = z0 + gr_normal_quantile(i == 0 ? tail : 1.0 - tail);
        ends[i] = gr_percentile(samples, kept, gr_normal_tail(-(z0 + z / (1.0 - a * z))));
    }
    return (gr_interval){ends[0], ends[1]};
}

/* samples[slot][sample], left_out[slot][lot], weights[rows], draws[rows], values[slots]. */
typedef struct room {
    double *samples, *left_out, *values;
    int32_t *weights, *draws;
    int64_t lots;
} room;

static gr_status make_room(const gr_draw *d, const gr_cluster_numbers *n, room *r, gr_error *err)
{
    size_t slots = (size_t)n->slots, rows = (size_t)d->rows;
    r->lots = d->group_count < GR_MOST_LOTS ? d->group_count : GR_MOST_LOTS;
    r->samples = gr_alloc((size_t)n->count, slots * sizeof *r->samples);
    r->left_out = gr_alloc((size_t)r->lots, slots * sizeof *r->left_out);
    r->values = gr_alloc(slots, 2 * sizeof *r->values);
    r->weights = gr_alloc(rows, sizeof *r->weights);
    r->draws = gr_alloc(rows, sizeof *r->draws);
    if (r->samples != NULL && r->left_out != NULL && r->values != NULL && r->weights != NULL && r->draws != NULL)
        return GR_OK;
    return gr_fail(err, GR_NOMEM, "no memory for %d bootstrap samples", n->count);
}

static void free_room(room *r)
{
    gr_free(r->samples);
    gr_free(r->left_out);
    gr_free(r->values);
    gr_free(r->weights);
    gr_free(r->draws);
}

static void repeat(const gr_draw *d, const gr_cluster_numbers *n, room *r)
{
    double *now = r->values + n->slots;
    for (int64_t lot = 0; lot < r->lots; lot++) {
        for (int64_t i = 0; i < d->rows; i++)
            r->weights[i] = d->group[i] % r->lots != lot;
        n->evaluate(n->ctx, r->weights, now);
        for (int s = 0; s < n->slots; s++)
            r->left_out[s * r->lots + lot] = now[s];
    }
    for (int64_t b = 0; b < n->count; b++) {
        gr_draw_weights(d, n->seed, (uint64_t)b, r->draws, r->weights);
        n->evaluate(n->ctx, r->weights, now);
        for (int s = 0; s < n->slots; s++)
            r->samples[s * (int64_t)n->count + b] = now[s];
    }
}

gr_status gr_by_clusters(const gr_draw *d, const gr_cluster_numbers *n, gr_by_cluster *out, gr_error *err)
{
    room r = {0};
    gr_status status = make_room(d, n, &r, err);
    if (status == GR_OK) {
        for (int64_t i = 0; i < d->rows; i++)
            r.weights[i] = 1;
        n->evaluate(n->ctx, r.weights, r.values);
        repeat(d, n, &r);
    }
    for (int s = 0; status == GR_OK && s < n->slots; s++) {
        const double *left_out = r.left_out + s * r.lots;
        out[s].value = r.values[s];
        out[s].jackknife = gr_jackknife(r.values[s], left_out, r.lots, n->level, n->lowest(s), n->highest(s), &out[s].error);
        out[s].bca = gr_bca(r.samples + s * (int64_t)n->count, n->count, r.values[s], left_out, r.lots, n->level);
    }
    free_room(&r);
    return status;
}
