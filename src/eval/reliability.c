#include "eval/reliability.h"

#include <math.h>

#include "base/base.h"
#include "eval/scoring.h"

static double confidence_of(const gr_predictions *p, int64_t row)
{
    return p->probabilities[row * p->class_count + p->predicted[row]];
}

void gr_reliability_make(const gr_predictions *p, gr_reliability *out)
{
    *out = (gr_reliability){0};
    for (int64_t i = 0; i < p->count; i++) {
        double confidence = confidence_of(p, i);
        int bin = (int)ceil(confidence * GR_RELIABILITY_BINS) - 1;
        bin = bin < 0 ? 0 : bin < GR_RELIABILITY_BINS ? bin : GR_RELIABILITY_BINS - 1;
        out->count[bin]++;
        out->confidence[bin] += confidence;
        out->accuracy[bin] += p->predicted[i] == p->labels[i];
    }
    for (int b = 0; b < GR_RELIABILITY_BINS; b++) {
        double n = (double)out->count[b];
        out->confidence[b] = n > 0.0 ? out->confidence[b] / n : NAN;
        out->accuracy[b] = n > 0.0 ? out->accuracy[b] / n : NAN;
        if (n > 0.0)
            out->ece += n / (double)p->count * fabs(out->accuracy[b] - out->confidence[b]);
    }
}

static void walk(const gr_predictions *p, const gr_ranking *r, gr_coverage *out)
{
    int64_t right = 0;
    double sum = 0.0;
    for (int64_t i = 0; i < r->n;) {
        int64_t from = i;
        for (double score = r->scores[i]; i < r->n && r->scores[i] == score; i++)
            right += p->predicted[r->rows[i]] == p->labels[r->rows[i]];
        double accuracy = (double)right / (double)i;
        sum += (double)(i - from) * (1.0 - accuracy);
        out->coverage[out->count] = (double)i / (double)r->n;
        out->accuracy[out->count++] = accuracy;
    }
    out->area = r->n > 0 ? sum / (double)r->n : NAN;
}

gr_status gr_coverage_make(const gr_predictions *p, gr_coverage *out, gr_error *err)
{
    *out = (gr_coverage){0};
    size_t n = (size_t)p->count;
    gr_ranking r = {0};
    double *confidence = gr_alloc(n, sizeof *confidence);
    out->coverage = gr_alloc(n, sizeof *out->coverage);
    out->accuracy = gr_alloc(n, sizeof *out->accuracy);
    gr_status status = confidence != NULL && out->coverage != NULL && out->accuracy != NULL
                           ? GR_OK
                           : gr_fail(err, GR_NOMEM, "no memory for the coverage of %lld rows", (long long)p->count);
    for (int64_t i = 0; status == GR_OK && i < p->count; i++)
        confidence[i] = confidence_of(p, i);
    if (status == GR_OK)
        status = gr_ranking_make_double(confidence, p->count, &r, err);
    if (status == GR_OK)
        walk(p, &r, out);
    else
        gr_coverage_free(out);
    gr_ranking_free(&r);
    gr_free(confidence);
    return status;
}

void gr_coverage_free(gr_coverage *coverage)
{
    gr_free(coverage->coverage);
    gr_free(coverage->accuracy);
    *coverage = (gr_coverage){0};
}

double gr_coverage_at(const gr_coverage *c, double share)
{
    for (int64_t i = 0; i < c->count; i++)
        if (c->coverage[i] >= share - 1e-12)
            return c->accuracy[i];
    return NAN;
}
