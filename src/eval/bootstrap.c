/* Bootstrap percentiles, and the permutation test against chance. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "eval/resample.h"

static gr_status check(const gr_bootstrap_options *options, gr_error *err)
{
    if (options->count < 1 || !(options->level > 0.0) || !(options->level < 1.0))
        return gr_fail(err, GR_INVALID,
                       "%d repetitions at the level %g; at least 1, and a level between 0 and 1, would be right",
                       options->count, options->level);
    return GR_OK;
}

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
    gr_status status = check(options, err);
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
        gr_resample_draw(&r, options->seed, (uint64_t)b, draws, weights);
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

/* What is shuffled: the rows in which images appear first, group by group. */
typedef struct deck {
    int64_t *rows, *first; /* [count]: those rows; of each image, its first row */
    int64_t count;
    int32_t *labels; /* [predictions->count] */
} deck;

static void free_deck(deck *d)
{
    gr_free(d->rows);
    gr_free(d->first);
    gr_free(d->labels);
}

/* The rows of `first`, group by group; starts[group_count + 2] is scratch. */
static void order_by_group(const gr_resample *r, int64_t *starts, deck *d)
{
    for (int64_t i = 0; i < d->count; i++)
        starts[(r->group != NULL ? r->group[d->first[i]] : 0) + 1]++;
    for (int64_t g = 0; g < r->group_count; g++)
        starts[g + 1] += starts[g];
    for (int64_t i = 0; i < d->count; i++)
        d->rows[starts[r->group != NULL ? r->group[d->first[i]] : 0]++] = d->first[i];
}

static gr_status make_deck(const gr_resample *r, deck *d, gr_error *err)
{
    size_t n = (size_t)r->p->count;
    *d = (deck){gr_alloc(n, sizeof *d->rows), gr_alloc(n, sizeof *d->first), 0, gr_alloc(n, sizeof *d->labels)};
    int64_t *starts = gr_alloc((size_t)r->group_count + 2, sizeof *starts);
    if (d->rows == NULL || d->first == NULL || d->labels == NULL || starts == NULL) {
        gr_free(starts);
        return gr_fail(err, GR_NOMEM, "no memory to shuffle %zu labels", n);
    }
    for (int64_t i = 0; i < r->p->count; i++)
        if (r->image == NULL || r->image[i] == d->count)
            d->first[d->count++] = i;
    memcpy(d->labels, r->p->labels, n * sizeof *d->labels);
    order_by_group(r, starts, d);
    gr_free(starts);
    return GR_OK;
}

/* Shuffles the labels of images, over all of them or within each group, and gives each row its image's. */
static void shuffle(const gr_resample *r, gr_rng *rng, deck *d)
{
    int32_t *labels = d->labels;
    for (int64_t begin = 0, end; begin < d->count; begin = end) {
        for (end = begin + 1; end < d->count && (r->group == NULL || r->group[d->rows[end]] == r->group[d->rows[begin]]);)
            end++;
        for (int64_t i = end - 1; i > begin; i--) {
            int64_t a = d->rows[i], b = d->rows[begin + (int64_t)gr_rng_below(rng, (uint64_t)(i - begin) + 1)];
            int32_t label = labels[a];
            labels[a] = labels[b];
            labels[b] = label;
        }
    }
    for (int64_t i = 0; r->image != NULL && i < r->p->count; i++)
        labels[i] = labels[d->first[r->image[i]]];
}

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
    deck d = {0};
    int64_t as_good[GR_METRIC_COUNT] = {0};
    double observed[GR_METRIC_COUNT];
    gr_status status = check(&(gr_bootstrap_options){.count = options->count, .level = 0.5}, err);
    if (status == GR_OK)
        status = gr_resample_make(p, positive, options->by_group, &r, err);
    if (status != GR_OK)
        return status;
    status = make_deck(&r, &d, err);
    if (status == GR_OK) {
        gr_resample_evaluate(&r, d.labels, NULL);
        memcpy(observed, r.metrics.value, sizeof observed);
    }
    for (int b = 0; status == GR_OK && b < options->count; b++) {
        gr_rng rng = gr_rng_make(options->seed, GR_FOR_BOOTSTRAP, 1, (uint64_t)b);
        shuffle(&r, &rng, &d);
        count_as_good(&r, observed, d.labels, as_good);
    }
    for (int i = 0; status == GR_OK && i < GR_METRIC_COUNT; i++)
        result[i] = isnan(observed[i]) ? NAN : (1.0 + (double)as_good[i]) / (1.0 + options->count);
    free_deck(&d);
    gr_resample_free(&r);
    return status;
}
