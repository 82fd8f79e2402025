/* Classes that are numbers on a scale: how closely the scores follow the labels. */
#include <math.h>

#include "base/base.h"
#include "eval/statistics_private.h"

/* The numbers that the classes are named after; false when there are fewer than three, or one is no number. */
static bool class_numbers(const gr_predictions *p, double *numbers)
{
    for (int c = 0; c < p->class_count; c++)
        if (!gr_parse_double(p->classes[c], &numbers[c]))
            return false;
    return p->class_count > 2;
}

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
    s->scored = class_numbers(p, numbers) && rising(numbers, p->class_count);
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

/* ---- for others ------------------------------------------------------------------------------------------------------- */

static json_t *correlation(const gr_correlation *c)
{
    return json_pack("{s:o, s:o, s:o}", "r", gr_json_real(c->r), "p", gr_json_real(c->p), "interval",
                     gr_eval_interval(c->interval));
}

static json_t *line(const gr_regression *l)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "slope", gr_json_real(l->slope), "slope_interval",
                     gr_eval_interval(l->slope_interval), "slope_p", gr_json_real(l->slope_p), "intercept",
                     gr_json_real(l->intercept), "intercept_interval", gr_eval_interval(l->intercept_interval),
                     "intercept_p", gr_json_real(l->intercept_p), "r2", gr_json_real(l->r2), "residual_sd",
                     gr_json_real(l->residual_sd));
}

static json_t *limits(const gr_bland_altman *b)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:o}", "bias", gr_json_real(b->bias),
                     "bias_interval", gr_eval_interval(b->bias_interval), "sd", gr_json_real(b->sd), "lower",
                     gr_json_real(b->lower), "lower_interval", gr_eval_interval(b->lower_interval), "upper",
                     gr_json_real(b->upper), "upper_interval", gr_eval_interval(b->upper_interval), "below",
                     (json_int_t)b->below, "within", (json_int_t)b->within, "above", (json_int_t)b->above, "trend",
                     correlation(&b->trend));
}

static json_t *kappa(const gr_kappa *k)
{
    return json_pack("{s:o, s:o, s:o}", "kappa", gr_json_real(k->kappa), "error", gr_json_real(k->error), "interval",
                     gr_eval_interval(k->interval));
}

json_t *gr_statistics_scores_json(const gr_statistics *s)
{
    const gr_scores *o = &s->scores;
    if (!s->scored)
        return json_null();
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "pearson", correlation(&o->pearson), "spearman",
                     correlation(&o->spearman), "regression", line(&o->line), "bland_altman", limits(&o->limits),
                     "kappa_linear", kappa(&o->kappa[0]), "kappa_quadratic", kappa(&o->kappa[1]));
}

/* Without the sign of what rounds to zero. */
static double shown(double value)
{
    return fabs(value) < 0.00005 ? 0.0 : value;
}

static void put(gr_text *out, const char *name, double value, gr_interval interval, double p)
{
    gr_text_printf(out, "%-24s", name);
    if (isnan(value))
        gr_text_printf(out, "%8s", "-");
    else
        gr_text_printf(out, "%8.4f", shown(value));
    if (isnan(interval.low) || isnan(interval.high))
        gr_text_printf(out, "  %16s", "-");
    else
        gr_text_printf(out, "  %7.4f .. %5.4f", shown(interval.low), shown(interval.high));
    if (!isnan(p))
        gr_text_printf(out, "  p %.4g", p);
    gr_text_printf(out, "\n");
}

void gr_statistics_scores_table(const gr_statistics *s, gr_text *out)
{
    const gr_scores *o = &s->scores;
    if (!s->scored)
        return;
    gr_text_printf(out, "\n%-24s%8s  %11s %3g %%\n", "score against label", "value", "interval",
                     100.0 * s->options.confidence);
    put(out, "Pearson's r", o->pearson.r, o->pearson.interval, o->pearson.p);
    put(out, "Spearman's r", o->spearman.r, o->spearman.interval, o->spearman.p);
    put(out, "line: slope", o->line.slope, o->line.slope_interval, o->line.slope_p);
    put(out, "line: intercept", o->line.intercept, o->line.intercept_interval, o->line.intercept_p);
    put(out, "Bland-Altman: bias", o->limits.bias, o->limits.bias_interval, NAN);
    put(out, "Bland-Altman: lower", o->limits.lower, o->limits.lower_interval, NAN);
    put(out, "Bland-Altman: upper", o->limits.upper, o->limits.upper_interval, NAN);
    put(out, "kappa, linear", o->kappa[0].kappa, o->kappa[0].interval, NAN);
    put(out, "kappa, quadratic", o->kappa[1].kappa, o->kappa[1].interval, NAN);
    gr_text_printf(
        out, "Score: sum of class number times probability; line: label = intercept + slope x score; Bland-Altman: score - "
             "label;\nweighted kappas: of predicted classes.\n");
}
