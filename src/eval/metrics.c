/* Metrics of one set of predictions, and the exact intervals of those that are shares of counts. */
#include <math.h>

#include "base/base.h"
#include "base/distributions.h"
#include "eval/scoring.h"

const char *gr_metric_name(gr_metric metric)
{
    return (int)metric >= 0 && (int)metric < GR_METRIC_COUNT ? gr_metric_rules[metric].key : NULL;
}

bool gr_metric_of_class(gr_metric metric)
{
    return gr_metric_rules[metric].each;
}

int32_t gr_predict_class(const float *probabilities, int class_count)
{
    int32_t best = 0;
    for (int32_t c = 1; c < class_count; c++)
        if (probabilities[c] > probabilities[best])
            best = c;
    return best;
}

/* The areas of every class against the rest. */
static gr_status all_areas(const int32_t *labels, const float *probabilities, int positive, gr_metrics *m, gr_error *err)
{
    gr_areas *areas = gr_alloc((size_t)m->class_count, sizeof *areas);
    gr_status status =
        areas != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the areas of %d classes", m->class_count);
    for (int c = 0; status == GR_OK && c < m->class_count; c++) {
        gr_ranking ranking;
        status = gr_ranking_make(probabilities + c, m->n, m->class_count, &ranking, err);
        if (status == GR_OK) {
            areas[c] = gr_ranked_areas(&ranking, labels, c, NULL);
            gr_ranking_free(&ranking);
        }
    }
    if (status == GR_OK)
        gr_metrics_put_areas(m, areas, positive);
    gr_free(areas);
    return status;
}

gr_status gr_metrics_compute(const int32_t *labels, const int32_t *predicted, const float *probabilities, int64_t n,
                             int class_count, int positive, gr_metrics *out, gr_error *err)
{
    *out = (gr_metrics){0};
    if (n < 0 || class_count < 1 || positive < 0 || positive >= class_count)
        return gr_fail(err, GR_INTERNAL, "evaluation: positive class %d of %d", positive, class_count);
    for (int64_t i = 0; i < n; i++)
        if (labels[i] < 0 || labels[i] >= class_count || predicted[i] < 0 || predicted[i] >= class_count)
            return gr_fail(err, GR_INTERNAL, "evaluation: row %lld has class %d, predicted %d, of %d", (long long)i,
                           labels[i], predicted[i], class_count);
    gr_status status = gr_metrics_make(n, class_count, out, err);
    if (status != GR_OK)
        return status;
    gr_count_confusion(labels, predicted, NULL, n, class_count, out->confusion);
    gr_metrics_from_counts(out, positive);
    if (probabilities != NULL)
        status = all_areas(labels, probabilities, positive, out, err);
    if (status != GR_OK)
        gr_metrics_free(out);
    return status;
}

/* ---- exact intervals -------------------------------------------------------------------------------------------------- */

gr_interval gr_clopper_pearson(int64_t successes, int64_t trials, double level)
{
    if (trials <= 0 || successes < 0 || successes > trials)
        return (gr_interval){NAN, NAN};
    double tail = 0.5 * (1.0 - level), k = (double)successes, rest = (double)(trials - successes);
    return (gr_interval){successes == 0 ? 0.0 : gr_beta_quantile(tail, k, rest + 1.0),
                         successes == trials ? 1.0 : gr_beta_quantile(1.0 - tail, k + 1.0, rest)};
}

bool gr_metrics_interval(const gr_metrics *m, int positive, int cls, gr_metric metric, double level, gr_interval *out)
{
    const gr_class_metrics *c = &m->classes[cls < 0 ? positive : cls];
    const gr_metric_rule *rule = &gr_metric_rules[metric];
    int64_t part, whole;
    *out = (gr_interval){NAN, NAN};
    if (rule->share == NULL)
        return false;
    gr_evidence e = {.n = m->n, .right = c->tp + c->tn, .tp = c->tp, .fp = c->fp, .fn = c->fn, .tn = c->tn};
    for (int i = 0; cls < 0 && i < m->class_count; i++)
        e.right = (i > 0 ? e.right : 0) + m->classes[i].tp;
    rule->share(&e, &part, &whole);
    if (!m->repeated)
        *out = gr_clopper_pearson(part, whole, level);
    return true;
}
