/* The mixed model with a random intercept, by restricted maximum likelihood: with lambda = between / within and weights
 * w = m / (1 + lambda m) of clusters of m rows, minus twice the log-likelihood is, but for a constant,
 * (n - 1) log R + sum log(1 + lambda m) + log sum w, where R = (squares within) + sum w (cluster's mean - mean)^2. */
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/distributions.h"
#include "eval/ranks.h"
#include "grimace/clusters.h"

typedef struct sums {
    int64_t n, clusters;
    double *mean, *size; /* [clusters] */
    double within;       /* squares about the clusters' means */
} sums;

typedef struct fit {
    double mean, weight, squares; /* sum w, R */
    double loss, slope;           /* by lambda */
} fit;

static fit at(const sums *s, double lambda)
{
    fit f = {0.0, 0.0, s->within, 0.0, 0.0};
    double logs = 0.0, less = 0.0, bend = 0.0;
    for (int64_t c = 0; c < s->clusters; c++) {
        double w = s->size[c] / (1.0 + lambda * s->size[c]);
        f.weight += w;
        f.mean += w * s->mean[c];
        logs += log1p(lambda * s->size[c]);
    }
    f.mean /= f.weight;
    for (int64_t c = 0; c < s->clusters; c++) {
        double w = s->size[c] / (1.0 + lambda * s->size[c]), d = s->mean[c] - f.mean;
        f.squares += w * d * d;
        less -= w * w * d * d;
        bend += w * w;
    }
    f.loss = (double)(s->n - 1) * log(f.squares) + logs + log(f.weight);
    f.slope = (double)(s->n - 1) * less / f.squares + f.weight - bend / f.weight;
    return f;
}

/* The lambda of the smallest loss: the best place of a grid, then halving between its neighbours where the slope is zero. */
static double best_lambda(const sums *s)
{
    enum { STEPS = 400 };
    const double first = 1e-8, factor = 1.1220184543019633; /* 20 places a decade: to 1e12 */
    double best = 0.0, least = at(s, 0.0).loss, lambda = first;
    for (int i = 0; i < STEPS; i++, lambda *= factor) {
        double loss = at(s, lambda).loss;
        if (loss < least) {
            least = loss;
            best = lambda;
        }
    }
    double low = best / factor, high = best * factor;
    if (best == 0.0 || at(s, low).slope > 0.0 || at(s, high).slope < 0.0)
        return best;
    for (int i = 0; i < 200 && high - low > 1e-15 * high; i++) {
        double middle = 0.5 * (low + high);
        *(at(s, middle).slope < 0.0 ? &low : &high) = middle;
    }
    return 0.5 * (low + high);
}

static void conclude(double level, gr_mixed *out)
{
    double half = gr_t_quantile(0.5 + 0.5 * level, out->df) * out->error;
    out->interval = (gr_interval){out->mean - half, out->mean + half};
    if (out->error > 0.0) {
        out->t = out->mean / out->error;
        out->p = gr_t_both_tails(out->t, out->df);
    }
}

/* Nothing varies within clusters: their means are all there is. */
static void judge_means(const sums *s, gr_mixed *out)
{
    double count = (double)s->clusters, square = 0.0;
    out->mean = 0.0;
    for (int64_t c = 0; c < s->clusters; c++)
        out->mean += s->mean[c] / count;
    for (int64_t c = 0; c < s->clusters; c++)
        square += (s->mean[c] - out->mean) * (s->mean[c] - out->mean);
    out->between = gr_all_equal(s->mean, s->clusters) ? 0.0 : square / (count - 1.0);
    out->within = 0.0;
    out->error = sqrt(out->between / count);
}

static void judge(const sums *s, gr_mixed *out)
{
    double lambda = best_lambda(s);
    fit f = at(s, lambda);
    out->mean = f.mean;
    out->within = f.squares / (double)(s->n - 1);
    out->between = lambda * out->within;
    out->error = sqrt(out->within / f.weight);
}

gr_status gr_mixed_test(const double *x, const int64_t *cluster, int64_t n, int64_t clusters, double level, gr_mixed *out,
                        gr_error *err)
{
    *out = (gr_mixed){NAN, NAN, NAN, NAN, NAN, (double)(clusters - 1), NAN, {NAN, NAN}};
    double *block = gr_alloc((size_t)clusters, 2 * sizeof *block), sum = 0.0;
    if (block == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for %lld groups", (long long)clusters);
    sums s = {n, clusters, block, block + clusters, 0.0};
    bool constant = true;
    int64_t *first = gr_alloc((size_t)clusters, sizeof *first);
    for (int64_t i = 0; first != NULL && i < n; i++) {
        if (s.size[cluster[i]] == 0.0)
            first[cluster[i]] = i;
        constant = constant && x[i] == x[first[cluster[i]]];
        s.mean[cluster[i]] += x[i];
        s.size[cluster[i]] += 1.0;
        sum += x[i];
    }
    gr_status status = first != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for %lld groups", (long long)clusters);
    gr_free(first);
    if (status == GR_OK && clusters > 1 && isfinite(sum)) {
        for (int64_t c = 0; c < clusters; c++)
            s.mean[c] /= s.size[c];
        for (int64_t i = 0; i < n; i++)
            s.within += (x[i] - s.mean[cluster[i]]) * (x[i] - s.mean[cluster[i]]);
        (constant ? judge_means : judge)(&s, out);
        conclude(level, out);
    }
    gr_free(block);
    return status;
}
