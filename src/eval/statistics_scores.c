/* Classes that are numbers on a scale: how closely the scores follow the labels. */
#include <math.h>

#include "base/base.h"
#include "eval/statistics_private.h"
#include "grimace/scores.h"

/* Kappa weights the distance of categories, which must stand in the order of their numbers. */
static bool rising(const double *numbers, int count)
{
    for (int c = 1; c < count; c++)
        if (!(numbers[c] > numbers[c - 1]))
            return false;
    return true;
}

static gr_status judge(const gr_predictions *p, const double *numbers, double level, gr_scores *out, gr_error *err)
{
    int64_t n = p->count;
    double *score = gr_alloc((size_t)n, sizeof *score), *truth = gr_alloc((size_t)n, sizeof *truth);
    gr_status status = score != NULL && truth != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the scores");
    for (int64_t i = 0; status == GR_OK && i < n; i++) {
        for (int c = 0; c < p->class_count; c++)
            score[i] += numbers[c] * (double)p->probabilities[i * p->class_count + c];
        truth[i] = numbers[p->labels[i]];
    }
    if (status == GR_OK) {
        out->pearson = gr_pearson(score, truth, n, level);
        out->line = gr_linear_regression(score, truth, n, level);
        status = gr_spearman(score, truth, n, level, &out->spearman, err);
    }
    if (status == GR_OK)
        status = gr_bland_altman_limits(score, truth, n, level, &out->limits, err);
    gr_free(score);
    gr_free(truth);
    return status;
}

/* Rows of the same image are not independent: what assumes it goes. */
static void blank(gr_correlation *c)
{
    c->p = NAN;
    c->interval = (gr_interval){NAN, NAN};
}

static void blank_all(gr_scores *s)
{
    const gr_interval nowhere = {NAN, NAN};
    blank(&s->pearson);
    blank(&s->spearman);
    blank(&s->limits.trend);
    s->line.slope_p = s->line.intercept_p = s->line.slope_error = s->line.intercept_error = NAN;
    s->line.slope_interval = s->line.intercept_interval = nowhere;
    s->limits.bias_interval = s->limits.lower_interval = s->limits.upper_interval = nowhere;
    for (int k = 0; k < 2; k++) {
        s->kappa[k].error = NAN;
        s->kappa[k].interval = nowhere;
    }
}

gr_status gr_statistics_score(gr_statistics *s, const gr_predictions *p, gr_error *err)
{
    double *numbers = gr_alloc((size_t)p->class_count, sizeof *numbers);
    gr_status status = GR_OK;
    if (numbers == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the scores");
    s->scored = p->class_count > 2 && gr_class_numbers(p->classes, p->class_count, numbers) &&
                rising(numbers, p->class_count);
    if (s->scored)
        status = judge(p, numbers, s->options.confidence, &s->scores, err);
    const gr_kappa_weights weights[] = {GR_KAPPA_LINEAR, GR_KAPPA_QUADRATIC};
    for (int k = 0; status == GR_OK && s->scored && k < 2; k++)
        status = gr_cohen_kappa(p->labels, p->predicted, p->count, p->class_count, weights[k], s->options.confidence,
                                &s->scores.kappa[k], err);
    if (status == GR_OK && s->scored && s->results.pooled.repeated)
        blank_all(&s->scores);
    gr_free(numbers);
    return status;
}
