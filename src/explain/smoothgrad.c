/* SmoothGrad (Smilkov et al. 2017): the mean gradient of noisy copies of the picture, summed over the colours. The noise is
 * normal with a standard deviation of a share of the picture's range; it follows from the seed and the copy's number alone,
 * so that every picture sees the same. */
#include <string.h>

#include "explain/gradient.h"
#include "explain/method.h"

enum { SAMPLES = 32 };
static const double usual_noise = 0.1;

typedef struct smooth {
    gr_gradient gradient;
    float *seeds;  /* [batch, values] */
    float *noise;  /* [gradient.batch, S, S, C] */
    double *means; /* [batch, S, S, C] */
    uint64_t seed;
    int samples, done; /* how many copies, and how many are made */
    double share;
} smooth;

static void close_smooth(void *state)
{
    smooth *m = state;
    if (m == NULL)
        return;
    gr_gradient_close(&m->gradient);
    gr_free(m->seeds);
    gr_free(m->noise);
    gr_free(m->means);
    gr_free(m);
}

static gr_status open_smooth(gr_subject *s, const gr_explain_options *options, int64_t batch, gr_method_at *at, void **state,
                             gr_error *err)
{
    smooth *m = gr_alloc(1, sizeof *m);
    (void)at;
    *state = m;
    if (m == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for heat maps");
    m->samples = options->samples > 0 ? options->samples : SAMPLES;
    m->share = options->noise > 0 ? options->noise : usual_noise;
    m->seed = options->seed;
    int64_t copies = m->samples < GR_GRADIENT_BATCH ? m->samples : GR_GRADIENT_BATCH;
    m->seeds = gr_alloc((size_t)(batch * s->values), sizeof *m->seeds);
    m->noise = gr_alloc((size_t)(copies * s->pixels), sizeof *m->noise);
    m->means = gr_alloc((size_t)(batch * s->pixels), sizeof *m->means);
    if (m->seeds == NULL || m->noise == NULL || m->means == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for heat maps");
    return gr_gradient_open(s, copies, &m->gradient, err);
}

static void draw(void *ctx, int64_t index, int thread)
{
    smooth *m = ctx;
    int64_t pixels = m->gradient.subject->pixels;
    gr_rng rng = gr_rng_make(m->seed, GR_FOR_EXPLAIN, (uint32_t)(m->done + index), 0);
    (void)thread;
    for (int64_t i = 0; i < pixels; i++)
        m->noise[index * pixels + i] = (float)gr_rng_normal(&rng);
}

/* Adds the gradients of `now` noisy copies of x to mean. */
static void add_copies(smooth *m, const float *x, const float *seed, int64_t now, double *mean)
{
    gr_gradient *g = &m->gradient;
    int64_t pixels = g->subject->pixels;
    float *to = gr_gradient_pixels(g), low = x[0], high = x[0];
    for (int64_t i = 0; i < pixels; i++) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    float deviation = (float)m->share * (high - low);
    for (int64_t k = 0; k < now; k++)
        for (int64_t i = 0; i < pixels; i++)
            to[k * pixels + i] = x[i] + deviation * m->noise[k * pixels + i];
    const float *gradients = gr_gradient_of(g, now, seed, 0);
    for (int64_t k = 0; k < now; k++)
        for (int64_t i = 0; i < pixels; i++)
            mean[i] += (double)gradients[k * pixels + i] / m->samples;
}

static gr_status run(void *state, gr_method_batch *batch, gr_error *err)
{
    smooth *m = state;
    gr_subject *s = m->gradient.subject;
    int64_t size = s->size * s->size, n = batch->images.n;
    gr_status status = gr_gradient_choose(s, GR_AS_PREDICTED, &batch->images, m->seeds, err);
    if (status != GR_OK)
        return status;
    memset(m->means, 0, (size_t)(n * s->pixels) * sizeof *m->means);
    for (m->done = 0; m->done < m->samples; m->done += (int)m->gradient.batch) {
        int64_t now = m->samples - m->done < m->gradient.batch ? m->samples - m->done : m->gradient.batch;
        gr_parallel_for(now, draw, m);
        for (int64_t i = 0; i < n; i++)
            add_copies(m, batch->images.pixels + i * s->pixels, m->seeds + i * s->values, now, m->means + i * s->pixels);
    }
    for (int64_t i = 0; i < n; i++) {
        batch->sums[i] = 0.0;
        for (int64_t k = 0; k < size; k++) {
            double here = 0.0;
            for (int64_t c = 0; c < s->channels; c++)
                here += m->means[i * s->pixels + k * s->channels + c];
            batch->maps[i * size + k] = (float)here;
            batch->sums[i] += here;
        }
    }
    return GR_OK;
}

const gr_method gr_smoothgrad_method = {
    .name = "smoothgrad",
    .summary = "the gradient, averaged over noisy copies of the picture",
    .needs = GR_NEEDS_NETWORK,
    .takes = GR_TAKES_SAMPLES | GR_TAKES_NOISE | GR_TAKES_SEED,
    .is_signed = true,
    .open = open_smooth,
    .close = close_smooth,
    .run = run,
};
