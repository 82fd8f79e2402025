/* The statistics of scores, in statistics.json and in words. From add_* on: 0 when all went well, as jansson's own
 * functions. */
#include <math.h>

#include "run/write/scores.h"
#include "run/write/statistics.h"

/* ---- statistics.json --------------------------------------------------------------------------------------------------- */

static json_t *icc_json(const gr_icc *icc)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "icc", gr_json_real(icc->value), "f", gr_json_real(icc->f), "df1",
                     gr_json_real(icc->df1), "df2", gr_json_real(icc->df2), "p", gr_json_real(icc->p), "interval",
                     gr_eval_interval(icc->interval));
}

static json_t *permutation_json(const gr_bootstrap_options *o, const double *p)
{
    if (o->count == 0)
        return json_null();
    json_t *all = json_object();
    int bad = 0;
    for (int i = 0; i < GR_SCORE_METRIC_COUNT; i++)
        if (gr_score_metric_ranks((gr_score_metric)i))
            bad |= json_object_set_new(all, gr_score_metric_name((gr_score_metric)i), gr_json_real(p[i]));
    json_t *object = json_pack("{s:i, s:s, s:o}", "count", o->count, "by", o->by_group ? "group" : "image", "p", all);
    if (bad == 0)
        return object;
    json_decref(object);
    return NULL;
}

/* null where there are no groups. */
static json_t *groups_json(const gr_score_group_statistics *g)
{
    const gr_clustering *c = &g->apart;
    if (g->groups == 0)
        return json_null();
    json_t *metrics = json_object();
    int bad = 0;
    for (int i = 0; i < GR_SCORE_METRIC_COUNT; i++) {
        const gr_by_cluster *m = &g->metric[i];
        bad |= json_object_set_new(metrics, gr_score_metric_name((gr_score_metric)i),
                                   json_pack("{s:o, s:o, s:o}", "sd", gr_json_real(m->error), "jackknife",
                                             gr_eval_interval(m->jackknife), "bca", gr_eval_interval(m->bca)));
    }
    json_t *all = json_pack("{s:I, s:f, s:i, s:o, s:o, s:o, s:o}", "groups", (json_int_t)g->groups, "level", g->level, "count",
                            g->count, "icc", gr_json_real(c->icc), "design_effect", gr_json_real(c->design_effect),
                            "effective_n", gr_json_real(c->effective), "metrics", metrics);
    if (bad == 0)
        return all;
    json_decref(all);
    return NULL;
}

int gr_statistics_add_agreement(json_t *to, const gr_statistics *s, const gr_score_agreement *a)
{
    json_t *scores =
        json_pack("{s:o, s:o, s:o, s:o, s:o}", "pearson", gr_statistics_correlation_json(&a->pearson), "spearman",
                  gr_statistics_correlation_json(&a->spearman), "icc", icc_json(&a->icc), "regression",
                  gr_statistics_line_json(&a->line), "bland_altman", gr_statistics_limits_json(&a->limits));
    int bad = json_object_set_new(to, "scores", scores) | json_object_set_new(to, "groups", groups_json(&a->groups));
    return bad | json_object_set_new(to, "permutation", permutation_json(&s->options.permutation, a->permutation_p));
}

static int add_columns(json_t *root, const gr_statistics *s)
{
    json_t *columns = json_object();
    int bad = 0;
    for (int i = 0; i < s->by_count; i++)
        bad |= json_object_set_new(columns, s->by[i].name, gr_eval_score_values(&s->by[i]));
    return bad | json_object_set_new(root, "by", columns);
}

json_t *gr_statistics_agreement_json(const gr_statistics *s)
{
    const gr_score_results *r = s->results.scores;
    json_t *root = gr_eval_score_results(&s->results), *pooled = json_object_get(root, "pooled");
    json_t *labels = json_object_get(pooled, "per_label");
    json_object_del(root, "reported"); /* of the paper, not of these predictions */
    json_object_del(root, "averaged"); /* of a table of its own, predictions_averaged.csv */
    int bad = root == NULL || json_object_set_new(root, "confidence", json_real(s->options.confidence)) != 0;
    bad = bad || gr_statistics_add_agreement(pooled, s, &s->agreement[r->outputs > 1 ? r->outputs : 0]) != 0;
    for (int i = 0; !bad && r->outputs > 1 && i < r->outputs; i++)
        bad = gr_statistics_add_agreement(json_array_get(labels, (size_t)i), s, &s->agreement[i]) != 0;
    if (!bad && add_columns(root, s) == 0)
        return root;
    json_decref(root);
    return NULL;
}

gr_status gr_score_statistics_write(const gr_statistics *s, const char *folder, gr_error *err)
{
    return gr_eval_write_json(gr_statistics_agreement_json(s), folder, "statistics.json", err);
}

/* ---- the tables -------------------------------------------------------------------------------------------------------- */

enum { NAME = GR_STATISTICS_NAME, CELL = GR_STATISTICS_CELL };

/* Without the sign of what rounds to zero. */
static double shown(double value)
{
    return fabs(value) < 0.00005 ? 0.0 : value;
}

/* In 20 characters: both ends may be below zero. */
static void put_interval(gr_text *out, gr_interval i)
{
    if (isnan(i.low) || isnan(i.high))
        gr_text_printf(out, "  %18s", "-");
    else
        gr_text_printf(out, "  %7.4f .. %7.4f", shown(i.low), shown(i.high));
}

/* What one row of the table knows beside its number. */
typedef struct line {
    const char *name;
    int metric; /* of gr_score_metric; -1: of the straight line, which folds and samples have not */
    double value;
    gr_interval interval;
    double p;
} line;

static void put_line(const line *l, const gr_score_summary *score, const gr_bootstrap_options *bootstrap, bool averages,
                     const double *chance, gr_text *out)
{
    const gr_interval nowhere = {NAN, NAN};
    gr_text_printf(out, "%-*s", NAME, l->name);
    gr_statistics_put_number(out, CELL, shown(l->value));
    put_interval(out, l->interval);
    if (bootstrap != NULL)
        put_interval(out, l->metric >= 0 && score->bootstrap != NULL ? score->bootstrap[l->metric] : nowhere);
    if (averages) {
        gr_statistics_put_number(out, CELL + 1, l->metric >= 0 ? shown(score->mean[l->metric]) : NAN); /* -0.1234 */
        gr_statistics_put_number(out, CELL, l->metric >= 0 ? score->std[l->metric] : NAN);
    }
    double of_chance = l->metric >= 0 && chance != NULL ? chance[l->metric] : NAN;
    if (isnan(l->p) && isnan(of_chance))
        gr_text_add(out, "\n", 1);
    else if (isnan(l->p))
        gr_text_printf(out, "  %10s  %11.4g\n", "-", of_chance);
    else if (isnan(of_chance))
        gr_text_printf(out, "  %10.4g\n", l->p);
    else
        gr_text_printf(out, "  %10.4g  %11.4g\n", l->p, of_chance);
}

void gr_statistics_agreement_table(const gr_statistics *s, const char *title, const gr_score_summary *score,
                                   const gr_bootstrap_options *bootstrap, const gr_score_agreement *a, bool averages,
                                   gr_text *out)
{
    const gr_interval nowhere = {NAN, NAN};
    const double *v = score->pooled.value;
    const line lines[] = {{"MAE", GR_SCORE_MAE, v[GR_SCORE_MAE], nowhere, NAN},
                          {"RMSE", GR_SCORE_RMSE, v[GR_SCORE_RMSE], nowhere, NAN},
                          {"r2", GR_SCORE_R2, v[GR_SCORE_R2], nowhere, NAN},
                          {"Pearson's r", GR_SCORE_PEARSON, v[GR_SCORE_PEARSON], a->pearson.interval, a->pearson.p},
                          {"Spearman's r", GR_SCORE_SPEARMAN, v[GR_SCORE_SPEARMAN], a->spearman.interval, a->spearman.p},
                          {"ICC(A,1)", GR_SCORE_ICC, v[GR_SCORE_ICC], a->icc.interval, a->icc.p},
                          {"Bland-Altman: bias", GR_SCORE_BIAS, a->limits.bias, a->limits.bias_interval, NAN},
                          {"Bland-Altman: lower", GR_SCORE_LIMITS_LOWER, a->limits.lower, a->limits.lower_interval, NAN},
                          {"Bland-Altman: upper", GR_SCORE_LIMITS_UPPER, a->limits.upper, a->limits.upper_interval, NAN},
                          {"line: slope", -1, a->line.slope, a->line.slope_interval, a->line.slope_p},
                          {"line: intercept", -1, a->line.intercept, a->line.intercept_interval, a->line.intercept_p}};
    bool chance = s->options.permutation.count > 0;
    gr_statistics_put_name(out, title);
    gr_text_printf(out, "%*s  %12s %3g %%", CELL, "value", "interval", 100.0 * s->options.confidence);
    if (bootstrap != NULL)
        gr_text_printf(out, "  %12s %3g %%", "bootstrap", 100.0 * bootstrap->level);
    if (averages)
        gr_text_printf(out, "%*s%*s", CELL + 1, "mean", CELL, "sd");
    gr_text_printf(out, "  %10s%s\n", "p", chance ? "  p of chance" : "");
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        put_line(&lines[i], score, bootstrap, averages, chance ? a->permutation_p : NULL, out);
}

/* ---- by group ------------------------------------------------------------------------------------------------------------- */

/* What images of one group leave of their number, and which interval that makes the one to read. */
static void put_group_sentence(const gr_score_group_statistics *g, gr_text *out)
{
    const gr_clustering *c = &g->apart;
    if (isnan(c->icc))
        gr_text_printf(out, "How much images of one group are alike is not known: all errors are the same.\n");
    else if (c->icc > 0.0)
        gr_text_printf(out,
                       "%lld predictions of %lld groups: within a group their errors go together (ICC %.3f), and they are worth "
                       "%.0f independent ones.\n",
                       (long long)c->n, (long long)g->groups, c->icc, c->effective);
    else
        gr_text_printf(out,
                       "%lld predictions of %lld groups: within a group their errors go no more together than between groups "
                       "(ICC %.3f).\n",
                       (long long)c->n, (long long)g->groups, c->icc);
    gr_text_printf(out, "Read the intervals by the jackknife; those that count images are too narrow where images of a group go "
                        "together.\n");
    if (g->groups < 10)
        gr_text_printf(out, "Fewer than 10 groups say little about the next one, whichever interval is read.\n");
}

static void put_groups(const gr_score_group_statistics *g, const char *title, gr_text *out)
{
    static const char *const names[GR_SCORE_METRIC_COUNT] = {"MAE",       "RMSE",
                                                             "r2",        "Pearson's r",
                                                             "Spearman's r", "ICC(A,1)",
                                                             "Bland-Altman: bias", "Bland-Altman: lower",
                                                             "Bland-Altman: upper"};
    if (g->groups == 0)
        return;
    gr_text_add(out, "\n", 1);
    gr_statistics_put_name(out, title);
    gr_text_printf(out, "%*s  %12s %3g %%", CELL, "value", "jackknife", 100.0 * g->level);
    if (g->count > 0)
        gr_text_printf(out, "  %12s %3g %%", "BCa", 100.0 * g->level);
    gr_text_add(out, "\n", 1);
    for (int i = 0; i < GR_SCORE_METRIC_COUNT; i++) {
        gr_text_printf(out, "%-*s", NAME, names[i]);
        gr_statistics_put_number(out, CELL, shown(g->metric[i].value));
        put_interval(out, g->metric[i].jackknife);
        if (g->count > 0)
            put_interval(out, g->metric[i].bca);
        gr_text_add(out, "\n", 1);
    }
    put_group_sentence(g, out);
}

void gr_statistics_score_notes(const gr_statistics *s, int64_t rows, const gr_bootstrap_options *bootstrap, gr_text *out)
{
    gr_text_printf(out,
                   "Bland-Altman: predicted - true; line: true = intercept + slope x predicted; ICC: absolute agreement of "
                   "single scores.\n");
    if (s->images < rows)
        gr_text_printf(
            out,
            "%lld images have %.3g predictions each on average, which are not independent: intervals and p that take "
            "them as\nindependent are not given; samples and shuffles take an image with all its predictions.\n",
            (long long)s->images, (double)rows / (double)s->images);
    if (bootstrap != NULL)
        gr_text_printf(out, "Bootstrap: %d samples by %s.\n", bootstrap->count, bootstrap->by_group ? "group" : "image");
    if (s->options.permutation.count > 0)
        gr_text_printf(out, "p of chance: %d shuffles of the labels%s.\n", s->options.permutation.count,
                       s->options.permutation.by_group ? " within each group" : "");
}

static void put_folds(const gr_results *r, const char *title, gr_text *out)
{
    const gr_score_summary *whole_score = gr_score_whole(r->scores);
    gr_text_add(out, "\n", 1);
    gr_eval_score_title(out, title);
    for (int f = 0; f < r->fold_count; f++)
        gr_eval_score_line(out, r->fold_names[f], &whole_score->folds[f]);
}

void gr_score_statistics_table(const gr_statistics *s, gr_text *out)
{
    const gr_results *r = &s->results;
    const gr_score_results *scores = r->scores;
    const gr_bootstrap_options *bootstrap = scores->bootstrap.count > 0 ? &scores->bootstrap : NULL;
    const gr_score_summary *whole_score = gr_score_whole(scores);
    bool several = scores->outputs > 1;
    gr_text_printf(out, "%s: %lld predictions, %d fold%s; ", r->name, (long long)whole_score->pooled.n, r->fold_count,
                   r->fold_count == 1 ? "" : "s");
    if (several)
        gr_text_printf(out, "%d scores and their total\n", scores->outputs);
    else
        gr_text_printf(out, "the score %s\n", scores->names[0]);
    for (int i = 0; i < (several ? scores->outputs + 1 : 1); i++) {
        gr_text_add(out, "\n", 1);
        gr_statistics_agreement_table(s,
                                      !several              ? "all predictions"
                                      : i < scores->outputs ? scores->names[i]
                                                            : "total",
                                      &scores->each[i], bootstrap, &s->agreement[i], r->fold_count > 1, out);
    }
    gr_statistics_score_notes(s, whole_score->pooled.n, bootstrap, out);
    put_groups(&s->agreement[several ? scores->outputs : 0].groups, several ? "by group, total" : "by group", out);
    if (r->fold_count > 1)
        put_folds(r, several ? "fold, total" : "fold", out);
    for (int i = 0; i < s->by_count; i++)
        put_folds(&s->by[i], s->by[i].name, out);
}
