/* Bootstrap percentiles, and the permutation test against chance. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "eval/resample.h"

/* values[slot][sample]: slots are the metrics of all classes together, then those of each class. */
typedef struct samples {
    double *values;
    int64_t count; /* of samples */
    int64_t auroc_low, auprc_low, auroc_all, auprc_all;
} samples;

static double *slot_of(samples *s, int cls, int metric)
{
    return s->values + ((int64_t)(cls + 1) * GR_METRIC_COUNT + metric) * s->count;
}

static void keep(samples *s, const gr_resample *r, int64_t sample)
{
    const gr_metrics *m = &r->metrics;
    for (int i = 0; i < GR_METRIC_COUNT; i++) {
        slot_of(s, -1, i)[sample] = m->value[i];
        for (int c = 0; c < m->class_count; c++)
            slot_of(s, c, i)[sample] = m->classes[c].value[i];
    }
    const gr_class_metrics *positive = &m->classes[r->positive];
    double share = (double)(positive->tp + positive->fn) / (double)m->n;
    double auroc = m->value[GR_METRIC_AUROC], auprc = m->value[GR_METRIC_AUPRC];
    s->auroc_all += !isnan(auroc);
    s->auprc_all += !isnan(auprc);
    s->auroc_low += auroc <= 0.5;
    s->auprc_low += auprc <= share;
}

static void summarise(samples *s, gr_bootstrap *out)
{
    for (int i = 0; i < GR_METRIC_COUNT; i++) {
        out->metric[i] = gr_percentiles(slot_of(s, -1, i), s->count, out->options.level);
        for (int c = 0; c < out->class_count; c++)
            out->classes[c][i] = gr_percentiles(slot_of(s, c, i), s->count, out->options.level);
    }
    if (s->auroc_all > 0) {
        out->auroc_p = (1.0 + (double)s->auroc_low) / (1.0 + (double)s->auroc_all);
        out->auprc_p = (1.0 + (double)s->auprc_low) / (1.0 + (double)s->auprc_all);
    }
}

gr_status gr_bootstrap_metrics(const gr_predictions *p, int positive, const gr_bootstrap_options *options, gr_bootstrap *out,
                               gr_error *err)
{
    *out = (gr_bootstrap){.options = *options, .class_count = p->class_count, .auroc_p = NAN, .auprc_p = NAN};
    gr_resample r = {0};
    gr_status status = gr_bootstrap_check(options, err);
    if (status == GR_OK)
        status = gr_resample_make(p, positive, options->by_group, &r, err);
    if (status != GR_OK)
        return status;
    samples s = {.count = options->count};
    size_t slots = ((size_t)p->class_count + 1) * GR_METRIC_COUNT, cells = 0;
    int32_t *weights = gr_alloc((size_t)p->count, sizeof *weights), *draws = gr_alloc((size_t)p->count, sizeof *draws);
    s.values = gr_mul_size(slots, (size_t)s.count, &cells) ? gr_alloc(cells, sizeof *s.values) : NULL;
    out->classes = gr_alloc((size_t)p->class_count, sizeof *out->classes);
    if (weights == NULL || draws == NULL || s.values == NULL || out->classes == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for %d bootstrap samples", options->count);
    for (int64_t b = 0; status == GR_OK && b < s.count; b++) {
        gr_draw_weights(&r.draw, options->seed, (uint64_t)b, draws, weights);
        gr_resample_evaluate(&r, p->labels, weights);
        keep(&s, &r, b);
    }
    if (status == GR_OK)
        summarise(&s, out);
    else
        gr_bootstrap_free(out);
    gr_free(weights);
    gr_free(draws);
    gr_free(s.values);
    gr_resample_free(&r);
    return status;
}

void gr_bootstrap_free(gr_bootstrap *bootstrap)
{
    gr_free(bootstrap->classes);
    bootstrap->classes = NULL;
}

gr_status gr_bootstrap_copy(const gr_bootstrap *bootstrap, gr_bootstrap **out, gr_error *err)
{
    size_t classes = (size_t)bootstrap->class_count;
    gr_bootstrap *copy = gr_alloc(1, sizeof *copy);
    gr_interval(*of_classes)[GR_METRIC_COUNT] = gr_alloc(classes, sizeof *of_classes);
    *out = copy;
    if (copy == NULL || of_classes == NULL) {
        gr_free(copy);
        gr_free(of_classes);
        *out = NULL;
        return gr_fail(err, GR_NOMEM, "no memory for a bootstrap");
    }
    *copy = *bootstrap;
    copy->classes = of_classes;
    memcpy(of_classes, bootstrap->classes, classes * sizeof *of_classes);
    return GR_OK;
}

gr_status gr_results_bootstrap(gr_results *results, const gr_predictions *predictions, const gr_bootstrap_options *options,
                               gr_error *err)
{
    gr_bootstrap *made = gr_alloc(1, sizeof *made);
    gr_status status = made != NULL ? gr_bootstrap_metrics(predictions, results->positive, options, made, err)
                                    : gr_fail(err, GR_NOMEM, "no memory for a bootstrap");
    if (status != GR_OK) {
        gr_free(made);
        return status;
    }
    if (results->bootstrap != NULL)
        gr_bootstrap_free(results->bootstrap);
    gr_free(results->bootstrap);
    results->bootstrap = made;
    return GR_OK;
}

/* ---- permutation ------------------------------------------------------------------------------------------------------ */

static void count_as_good(gr_resample *r, const double *observed, const int32_t *labels, int64_t *as_good)
{
    gr_resample_evaluate(r, labels, NULL);
    for (int i = 0; i < GR_METRIC_COUNT; i++) /* an undefined shuffle is no evidence against chance */
        as_good[i] += !(r->metrics.value[i] < observed[i] - 1e-12);
}

gr_status gr_permutation_test(const gr_predictions *p, int positive, const gr_bootstrap_options *options,
                              double result[GR_METRIC_COUNT], gr_error *err)
{
    gr_resample r = {0};
    gr_deck deck = {0};
    int64_t as_good[GR_METRIC_COUNT] = {0};
    double observed[GR_METRIC_COUNT];
    gr_status status = gr_bootstrap_check(&(gr_bootstrap_options){.count = options->count, .level = 0.5}, err);
    if (status == GR_OK)
        status = gr_resample_make(p, positive, options->by_group, &r, err);
    if (status != GR_OK)
        return status;
    int32_t *labels = gr_alloc((size_t)p->count, sizeof *labels);
    status = gr_deck_open(&r.draw, &deck, err);
    if (status == GR_OK && labels == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory to shuffle %lld labels", (long long)p->count);
    if (status == GR_OK) {
        gr_resample_evaluate(&r, p->labels, NULL);
        memcpy(observed, r.metrics.value, sizeof observed);
    }
    for (int b = 0; status == GR_OK && b < options->count; b++) {
        gr_deck_shuffle(&deck, &r.draw, options->seed, (uint64_t)b);
        for (int64_t i = 0; i < p->count; i++)
            labels[i] = p->labels[deck.source[i]];
        count_as_good(&r, observed, labels, as_good);
    }
    for (int i = 0; status == GR_OK && i < GR_METRIC_COUNT; i++)
        result[i] = isnan(observed[i]) ? NAN : (1.0 + (double)as_good[i]) / (1.0 + options->count);
    gr_free(labels);
    gr_deck_free(&deck);
    gr_resample_free(&r);
    return status;
}
