#include "fitting/bins.h"

#include "base/base.h"

size_t gr_bins_room(const gr_samples *samples)
{
    return 2 * (size_t)samples->stride; /* values, and bytes behind them */
}

void gr_bins_free(gr_bins *bins)
{
    gr_free(bins->bytes);
    gr_free(bins->low);
    gr_free(bins->scale);
    *bins = (gr_bins){0};
}

static void measure(const gr_samples *s, const float *values, float *low, float *scale)
{
    float least = values[0], most = values[0];
    for (int64_t i = 1; i < s->count; i++) {
        least = values[i] < least ? values[i] : least;
        most = values[i] > most ? values[i] : most;
    }
    *low = least;
    *scale = most > least ? (GR_BINS - 0.5f) / (most - least) : 0;
}

static void put_bins(const gr_samples *s, const float *values, float low, float scale, uint8_t *to)
{
    for (int64_t i = 0; i < s->count; i++)
        to[i] = (uint8_t)(int)((values[i] - low) * scale);
}

typedef struct making {
    gr_bins *bins;
    float *scratch; /* [threads, gr_bins_room] */
} making;

static void make_one(void *ctx, int64_t f, int thread)
{
    const making *m = ctx;
    const gr_bins *b = m->bins;
    const gr_samples *s = b->samples;
    uint8_t *to = f < b->kept ? b->bytes + f * s->stride : NULL;
    if (s->kind == GR_CASCADE_LBP) {
        if (to != NULL)
            gr_samples_lbp(s, &b->features[f], to);
        return;
    }
    float *values = m->scratch + (size_t)thread * gr_bins_room(s);
    gr_samples_haar(s, &b->features[f], values);
    measure(s, values, &b->low[f], &b->scale[f]);
    if (to != NULL)
        put_bins(s, values, b->low[f], b->scale[f], to);
}

gr_status gr_bins_make(const gr_samples *samples, const gr_cascade_feature *features, int64_t count, size_t most, gr_bins *b,
                       gr_error *err)
{
    int64_t room = (int64_t)(most / (size_t)(samples->stride > 0 ? samples->stride : 1));
    *b = (gr_bins){.samples = samples, .features = features, .count = count, .kept = count < room ? count : room};
    b->bytes = gr_alloc((size_t)b->kept, (size_t)samples->stride);
    b->low = gr_alloc((size_t)count, sizeof *b->low);
    b->scale = gr_alloc((size_t)count, sizeof *b->scale);
    making m = {b, gr_alloc((size_t)gr_threads_get() * gr_bins_room(samples), sizeof(float))};
    if (b->bytes == NULL || b->low == NULL || b->scale == NULL || m.scratch == NULL) {
        gr_free(m.scratch);
        gr_bins_free(b);
        return gr_fail(err, GR_NOMEM, "no memory for %lld features of %lld windows", (long long)count,
                       (long long)samples->count);
    }
    gr_parallel_for(count, make_one, &m);
    gr_free(m.scratch);
    return GR_OK;
}

const uint8_t *gr_bins_row(const gr_bins *b, int64_t index, float *scratch)
{
    const gr_samples *s = b->samples;
    if (index < b->kept)
        return b->bytes + index * s->stride;
    uint8_t *to = (uint8_t *)(scratch + s->stride);
    if (s->kind == GR_CASCADE_LBP) {
        gr_samples_lbp(s, &b->features[index], to);
    } else {
        gr_samples_haar(s, &b->features[index], scratch);
        put_bins(s, scratch, b->low[index], b->scale[index], to);
    }
    return to;
}
