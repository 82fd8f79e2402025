/* Agreement of totals in numbers, JSON and words; Youden's threshold. */
#include "run/several/totals.h"

#include <math.h>
#include <stdlib.h>

#include "formats/json.h"

static const double level = 0.95;

gr_status gr_totals_open(int64_t n, int folds, gr_totals *out, gr_error *err)
{
    *out = (gr_totals){.n = n,
                       .folds = folds,
                       .truth = gr_alloc((size_t)n, sizeof *out->truth),
                       .predicted = gr_alloc((size_t)n, sizeof *out->predicted),
                       .fold = gr_alloc((size_t)n, sizeof *out->fold),
                       .label = gr_alloc((size_t)n, sizeof *out->label),
                       .threshold = gr_alloc((size_t)folds, sizeof *out->threshold)};
    bool good =
        out->truth != NULL && out->predicted != NULL && out->fold != NULL && out->label != NULL && out->threshold != NULL;
    return good ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the totals of %lld images", (long long)n);
}

void gr_totals_free(gr_totals *t)
{
    gr_free(t->truth);
    gr_free(t->predicted);
    gr_free(t->fold);
    gr_free(t->label);
    gr_free(t->threshold);
    *t = (gr_totals){0};
}

/* ---- the threshold ---------------------------------------------------------------------------------------------------- */

bool gr_totals_threshold(const double *totals, const uint8_t *positive, int64_t count, double *threshold)
{
    int64_t positives = 0;
    int64_t best = INT64_MIN;
    for (int64_t i = 0; i < count; i++)
        positives += positive[i];
    if (positives == 0 || positives == count)
        return false;
    /* totals take few values: sums of a few scores */
    for (int64_t i = 0; i < count; i++) {
        bool seen = false;
        for (int64_t j = 0; j < i && !seen; j++)
            seen = totals[j] == totals[i];
        if (seen)
            continue;
        int64_t right = 0, wrong = 0;
        for (int64_t j = 0; j < count; j++) {
            right += positive[j] && totals[j] >= totals[i];
            wrong += !positive[j] && totals[j] >= totals[i];
        }
        int64_t index =
            right * (count - positives) - wrong * positives; /* over both counts: whole, so that equals are equal */
        if (index > best || (index == best && totals[i] < *threshold)) {
            best = index;
            *threshold = totals[i];
        }
    }
    return true;
}

/* ---- agreement -------------------------------------------------------------------------------------------------------- */

gr_status gr_totals_agreement(const gr_totals *t, gr_agreement_of_totals *out, gr_error *err)
{
    double absolute = 0, square = 0;
    int64_t equal = 0;
    for (int64_t i = 0; i < t->n; i++) {
        double d = t->predicted[i] - t->truth[i];
        absolute += fabs(d);
        square += d * d;
        equal += d == 0;
    }
    double n = (double)t->n;
    *out = (gr_agreement_of_totals){.mae = absolute / n,
                                    .rmse = sqrt(square / n),
                                    .exact = (double)equal / n,
                                    .pearson = gr_pearson(t->predicted, t->truth, t->n, level),
                                    .line = gr_linear_regression(t->predicted, t->truth, t->n, level)};
    gr_status status = gr_spearman(t->predicted, t->truth, t->n, level, &out->spearman, err);
    return status == GR_OK ? gr_bland_altman_limits(t->predicted, t->truth, t->n, level, &out->limits, err) : status;
}

static json_t *interval_json(gr_interval i)
{
    json_t *pair = json_array();
    json_array_append_new(pair, gr_json_real(i.low));
    json_array_append_new(pair, gr_json_real(i.high));
    return pair;
}

static json_t *correlation_json(const gr_correlation *c)
{
    json_t *object = json_object();
    json_object_set_new(object, "r", gr_json_real(c->r));
    json_object_set_new(object, "p", gr_json_real(c->p));
    json_object_set_new(object, "interval", interval_json(c->interval));
    return object;
}

static json_t *line_json(const gr_regression *l)
{
    json_t *object = json_object();
    json_object_set_new(object, "slope", gr_json_real(l->slope));
    json_object_set_new(object, "slope_interval", interval_json(l->slope_interval));
    json_object_set_new(object, "intercept", gr_json_real(l->intercept));
    json_object_set_new(object, "intercept_interval", interval_json(l->intercept_interval));
    json_object_set_new(object, "r2", gr_json_real(l->r2));
    return object;
}

static json_t *limits_json(const gr_bland_altman *b)
{
    json_t *object = json_object();
    json_object_set_new(object, "bias", gr_json_real(b->bias));
    json_object_set_new(object, "bias_interval", interval_json(b->bias_interval));
    json_object_set_new(object, "sd", gr_json_real(b->sd));
    json_object_set_new(object, "lower", gr_json_real(b->lower));
    json_object_set_new(object, "lower_interval", interval_json(b->lower_interval));
    json_object_set_new(object, "upper", gr_json_real(b->upper));
    json_object_set_new(object, "upper_interval", interval_json(b->upper_interval));
    json_object_set_new(object, "below", json_integer(b->below));
    json_object_set_new(object, "within", json_integer(b->within));
    json_object_set_new(object, "above", json_integer(b->above));
    json_object_set_new(object, "trend", correlation_json(&b->trend));
    return object;
}

json_t *gr_totals_json(const gr_totals *t, const gr_agreement_of_totals *a, const char *const *folds, double least,
                       double most)
{
    json_t *object = json_object(), *thresholds = json_object();
    for (int f = 0; f < t->folds; f++)
        json_object_set_new(thresholds, folds[f], gr_json_real(t->threshold[f]));
    json_object_set_new(object, "n", json_integer(t->n));
    json_object_set_new(object, "least", gr_json_real(least));
    json_object_set_new(object, "most", gr_json_real(most));
    json_object_set_new(object, "mae", gr_json_real(a->mae));
    json_object_set_new(object, "rmse", gr_json_real(a->rmse));
    json_object_set_new(object, "exact", gr_json_real(a->exact));
    json_object_set_new(object, "level", gr_json_real(level));
    json_object_set_new(object, "pearson", correlation_json(&a->pearson));
    json_object_set_new(object, "spearman", correlation_json(&a->spearman));
    json_object_set_new(object, "regression", line_json(&a->line));
    json_object_set_new(object, "bland_altman", limits_json(&a->limits));
    json_object_set_new(object, "thresholds", thresholds);
    return object;
}

/* " 0.8300", or " -" where it is not defined. */
static void put(gr_text *out, double value)
{
    if (isfinite(value))
        gr_text_printf(out, " %.4f", value);
    else
        gr_text_printf(out, " -");
}

void gr_totals_table(const gr_totals *t, const gr_agreement_of_totals *a, gr_text *out)
{
    double low = INFINITY, high = -INFINITY;
    for (int f = 0; f < t->folds; f++) {
        low = fmin(low, t->threshold[f]);
        high = fmax(high, t->threshold[f]);
    }
    gr_text_printf(out, "\ntotal of %lld images against the true one: Pearson", (long long)t->n);
    put(out, a->pearson.r);
    if (!isnan(a->pearson.interval.low)) {
        gr_text_printf(out, " (from");
        put(out, a->pearson.interval.low);
        gr_text_printf(out, " to");
        put(out, a->pearson.interval.high);
        gr_text_printf(out, ")");
    }
    gr_text_printf(out, ", Spearman");
    put(out, a->spearman.r);
    gr_text_printf(out, "\nmean absolute error");
    put(out, a->mae);
    gr_text_printf(out, ", exactly right");
    put(out, a->exact);
    gr_text_printf(out, "; bias");
    put(out, a->limits.bias);
    gr_text_printf(out, ", 95 %% limits of agreement");
    put(out, a->limits.lower);
    gr_text_printf(out, " to");
    put(out, a->limits.upper);
    gr_text_printf(out, "\n");
    gr_text_printf(out, "positive from a total of %g on", low);
    if (high > low)
        gr_text_printf(out, " (up to %g, by fold)", high);
    gr_text_printf(out, "\n");
}
