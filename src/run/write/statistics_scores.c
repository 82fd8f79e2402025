/* Classes that are numbers on a scale, in statistics.json and in words. */
#include <math.h>

#include "run/write/statistics.h"

json_t *gr_statistics_correlation_json(const gr_correlation *c)
{
    return json_pack("{s:o, s:o, s:o}", "r", gr_json_real(c->r), "p", gr_json_real(c->p), "interval",
                     gr_eval_interval(c->interval));
}

json_t *gr_statistics_line_json(const gr_regression *l)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "slope", gr_json_real(l->slope), "slope_interval",
                     gr_eval_interval(l->slope_interval), "slope_p", gr_json_real(l->slope_p), "intercept",
                     gr_json_real(l->intercept), "intercept_interval", gr_eval_interval(l->intercept_interval),
                     "intercept_p", gr_json_real(l->intercept_p), "r2", gr_json_real(l->r2), "residual_sd",
                     gr_json_real(l->residual_sd));
}

json_t *gr_statistics_limits_json(const gr_bland_altman *b)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:o}", "bias", gr_json_real(b->bias),
                     "bias_interval", gr_eval_interval(b->bias_interval), "sd", gr_json_real(b->sd), "lower",
                     gr_json_real(b->lower), "lower_interval", gr_eval_interval(b->lower_interval), "upper",
                     gr_json_real(b->upper), "upper_interval", gr_eval_interval(b->upper_interval), "below",
                     (json_int_t)b->below, "within", (json_int_t)b->within, "above", (json_int_t)b->above, "trend",
                     gr_statistics_correlation_json(&b->trend));
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
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "pearson", gr_statistics_correlation_json(&o->pearson), "spearman",
                     gr_statistics_correlation_json(&o->spearman), "regression", gr_statistics_line_json(&o->line),
                     "bland_altman", gr_statistics_limits_json(&o->limits), "kappa_linear", kappa(&o->kappa[0]),
                     "kappa_quadratic", kappa(&o->kappa[1]));
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
        gr_text_printf(out, "  %17s", "-");
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
