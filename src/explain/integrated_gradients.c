/* Integrated gradients (Sundararajan et al. 2017): (x - x0) times the mean gradient on the straight path from a baseline x0
 * to the image x, summed over the colours. The mean is an integral over t in [0, 1], taken by Gauss-Legendre: nodes (1 + u)
 * / 2, weights w / 2. The sum over all pixels is f(x) - f(x0) up to what the steps miss, which is told. */
#include <math.h>
#include <string.h>

#include "explain/gradient.h"
#include "explain/method.h"

enum { STEPS = 128 };

typedef struct path {
    gr_gradient gradient;
    float *seeds;       /* [batch, values] */
    float *baseline;    /* [S, S, C] */
    double *base;       /* [values], of the baseline */
    double *mean;       /* [S, S, C], of gradients */
    double *at, *share; /* [steps]: where on the path, and its weight */
    int steps;
} path;

/* Nodes and weights on [0, 1] (Newton's method on the Legendre polynomial, from its asymptotic zeros). */
static void gauss_legendre(int n, double *at, double *share)
{
    for (int i = 0; i < n; i++) {
        double u = cos(3.14159265358979323846 * (i + 0.75) / (n + 0.5)), slope = 1, change = 1;
        for (int round = 0; round < 100 && fabs(change) > 1e-16; round++) {
            double p = 1, before = 0;
            for (int k = 1; k <= n; k++) {
                double next = ((2 * k - 1) * u * p - (k - 1) * before) / k;
                before = p;
                p = next;
            }
            slope = n * (u * p - before) / (u * u - 1);
            change = p / slope;
            u -= change;
        }
        at[i] = (1 - u) / 2; /* zeros come from 1 down */
        share[i] = 1 / ((1 - u * u) * slope * slope);
    }
}

static void close_path(void *state)
{
    path *p = state;
    if (p == NULL)
        return;
    gr_gradient_close(&p->gradient);
    gr_free(p->seeds);
    gr_free(p->baseline);
    gr_free(p->base);
    gr_free(p->mean);
    gr_free(p->at);
    gr_free(p->share);
    gr_free(p);
}

static gr_status set_baseline(path *p, gr_subject *s, const char *name, gr_error *err)
{
    bool mean = name != NULL && strcmp(name, "mean") == 0;
    if (name != NULL && !mean && strcmp(name, "black") != 0)
        return gr_fail(err, GR_INVALID, "--baseline: there is no baseline \"%.80s\"; black or mean would be right", name);
    for (int64_t i = 0; i < s->pixels; i++) {
        int64_t c = i % s->channels;
        p->baseline[i] = mean ? 0 : (0 - (float)s->card->mean[c]) / (float)s->card->std[c];
    }
    return gr_subject_values(s, GR_AS_PREDICTED, p->baseline, 1, p->base, NULL, err);
}

static gr_status open_path(gr_subject *s, const gr_explain_options *options, int64_t batch, gr_method_at *at, void **state,
                           gr_error *err)
{
    path *p = gr_alloc(1, sizeof *p);
    size_t steps = (size_t)(options->steps > 0 ? options->steps : STEPS), pixels = (size_t)s->pixels;
    (void)at;
    *state = p;
    if (p == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for heat maps");
    p->steps = (int)steps;
    p->seeds = gr_alloc((size_t)(batch * s->values), sizeof *p->seeds);
    p->baseline = gr_alloc(pixels, sizeof *p->baseline);
    p->base = gr_alloc((size_t)s->values, sizeof *p->base);
    p->mean = gr_alloc(pixels, sizeof *p->mean);
    p->at = gr_alloc(steps, sizeof *p->at);
    p->share = gr_alloc(steps, sizeof *p->share);
    if (p->seeds == NULL || p->baseline == NULL || p->base == NULL || p->mean == NULL || p->at == NULL || p->share == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for heat maps");
    gauss_legendre(p->steps, p->at, p->share);
    gr_status status = set_baseline(p, s, options->baseline, err);
    if (status == GR_OK)
        status = gr_gradient_open(s, p->steps < GR_GRADIENT_BATCH ? p->steps : GR_GRADIENT_BATCH, &p->gradient, err);
    return status;
}

/* p->mean of one picture. */
static void integrate(path *p, const float *x, const float *seed)
{
    gr_gradient *g = &p->gradient;
    int64_t pixels = g->subject->pixels;
    memset(p->mean, 0, (size_t)pixels * sizeof *p->mean);
    for (int done = 0; done < p->steps; done += (int)g->batch) {
        int now = p->steps - done < (int)g->batch ? p->steps - done : (int)g->batch;
        float *to = gr_gradient_pixels(g);
        for (int k = 0; k < now; k++)
            for (int64_t i = 0; i < pixels; i++)
                to[k * pixels + i] =
                    (float)((double)p->baseline[i] + p->at[done + k] * ((double)x[i] - (double)p->baseline[i]));
        const float *gradients = gr_gradient_of(g, now, seed, 0);
        for (int k = 0; k < now; k++)
            for (int64_t i = 0; i < pixels; i++)
                p->mean[i] += p->share[done + k] * (double)gradients[k * pixels + i];
    }
}

static gr_status run(void *state, gr_method_batch *batch, gr_error *err)
{
    path *p = state;
    gr_subject *s = p->gradient.subject;
    int64_t size = s->size * s->size;
    gr_status status = gr_gradient_choose(s, GR_AS_PREDICTED, &batch->images, p->seeds, err);
    for (int64_t n = 0; status == GR_OK && n < batch->images.n; n++) {
        const float *x = batch->images.pixels + n * s->pixels, *seed = p->seeds + n * s->values;
        double sum = 0.0, base = gr_gradient_value(s, seed, p->base);
        integrate(p, x, seed);
        for (int64_t k = 0; k < size; k++) {
            double here = 0.0;
            for (int64_t i = k * s->channels; i < (k + 1) * s->channels; i++)
                here += p->mean[i] * ((double)x[i] - (double)p->baseline[i]);
            batch->maps[n * size + k] = (float)here;
            sum += here;
        }
        batch->sums[n] = sum;
        batch->gaps[n] = sum - (batch->images.found[n].value - base);
    }
    return status;
}

const gr_method gr_integrated_gradients_method = {
    .name = "integrated_gradients",
    .summary = "how much each pixel adds to the answer, from a black picture to this one",
    .needs = GR_NEEDS_NETWORK,
    .takes = GR_TAKES_STEPS | GR_TAKES_BASELINE,
    .is_signed = true,
    .open = open_path,
    .close = close_path,
    .run = run,
};
