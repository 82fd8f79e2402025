/* The statistics of scores, and of the total of several columns of classes. */
#include <math.h>

#include "base/base.h"
#include "eval/score_resample.h"
#include "eval/statistics_private.h"

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for the statistics");
}

/* ---- one column --------------------------------------------------------------------------------------------------------- */

static gr_status correlate(const gr_known_scores *s, double level, gr_score_agreement *out, gr_error *err)
{
    const double *p = s->predicted, *t = s->truth;
    gr_icc forms[GR_ICC_FORMS];
    double *pairs = gr_alloc((size_t)s->count, 2 * sizeof *pairs);
    if (pairs == NULL)
        return no_memory(err);
    bool finite = true;
    for (int64_t i = 0; i < s->count; i++) {
        pairs[2 * i] = t[i];
        pairs[2 * i + 1] = p[i];
        finite = finite && isfinite(t[i]) && isfinite(p[i]);
    }
    out->n = s->count;
    out->pearson = gr_pearson(p, t, s->count, level);
    out->line = gr_linear_regression(p, t, s->count, level);
    gr_status status = gr_spearman(p, t, s->count, level, &out->spearman, err);
    if (status == GR_OK)
        status = gr_bland_altman_limits(p, t, s->count, level, &out->limits, err);
    if (finite && s->count > 1) {
        gr_intraclass(pairs, s->count, 2, level, forms);
        out->icc = forms[GR_ICC_2_1];
        out->icc.value = gr_icc_absolute(pairs, s->count, 2);
    }
    gr_free(pairs);
    return status;
}

/* Rows of the same image are not independent: what assumes it goes. */
static void blank(gr_score_agreement *a)
{
    const gr_interval nowhere = {NAN, NAN};
    gr_correlation *correlations[] = {&a->pearson, &a->spearman, &a->limits.trend};
    for (int i = 0; i < 3; i++) {
        correlations[i]->p = NAN;
        correlations[i]->interval = nowhere;
    }
    a->icc.p = NAN;
    a->icc.interval = nowhere;
    a->line.slope_p = a->line.intercept_p = a->line.slope_error = a->line.intercept_error = NAN;
    a->line.slope_interval = a->line.intercept_interval = nowhere;
    a->limits.bias_interval = a->limits.lower_interval = a->limits.upper_interval = nowhere;
}

gr_status gr_statistics_agree(const gr_score_predictions *p, const gr_score_column *column, const gr_statistics_options *options,
                              gr_score_agreement *out, gr_interval **bootstrap, gr_error *err)
{
    gr_known_scores known;
    *out = (gr_score_agreement){.icc = {NAN, NAN, NAN, NAN, NAN, {NAN, NAN}}};
    for (int i = 0; i < GR_SCORE_METRIC_COUNT; i++)
        out->permutation_p[i] = NAN;
    gr_status status = gr_known_scores_make(p, column, &known, err);
    if (status == GR_OK)
        status = correlate(&known, options->confidence, out, err);
    if (status == GR_OK && known.repeated)
        blank(out);
    if (status == GR_OK && options->bootstrap.count > 0) {
        *bootstrap = gr_alloc(GR_SCORE_METRIC_COUNT, sizeof **bootstrap); /* gr_results_free frees it */
        status = *bootstrap != NULL ? gr_score_bootstrap(&known, &options->bootstrap, *bootstrap, err) : no_memory(err);
    }
    if (status == GR_OK && options->permutation.count > 0)
        status = gr_score_permutation(&known, &options->permutation, out->permutation_p, err);
    gr_known_scores_free(&known);
    return status;
}

static gr_status group(const gr_score_predictions *p, const gr_score_column *column, const gr_statistics_options *options,
                       gr_score_group_statistics *out, gr_error *err)
{
    gr_known_scores known;
    gr_status status = gr_known_scores_make(p, column, &known, err);
    if (status == GR_OK)
        status = gr_score_by_groups(&known, options->confidence, options->bootstrap.count, options->bootstrap.seed, out, err);
    gr_known_scores_free(&known);
    return status;
}

/* ---- all ---------------------------------------------------------------------------------------------------------------- */

/* Draws again what the results are of, and says how closely it agrees; `by_group`: by groups, too. */
static gr_status judge(const gr_score_predictions *p, const gr_statistics_options *options, bool by_group,
                       gr_score_results *results, gr_score_agreement *out, gr_error *err)
{
    double *room = gr_alloc((size_t)p->count, 2 * sizeof *room);
    gr_status status = room != NULL ? GR_OK : no_memory(err);
    results->bootstrap = options->bootstrap;
    for (int s = 0; status == GR_OK && s < gr_score_column_count(p->outputs); s++) {
        gr_score_column column;
        gr_score_column_make(p, s, room, &column);
        gr_free(results->each[s].bootstrap);
        results->each[s].bootstrap = NULL;
        status = gr_statistics_agree(p, &column, options, &out[s], &results->each[s].bootstrap, err);
        if (status == GR_OK && by_group)
            status = group(p, &column, options, &out[s].groups, err);
    }
    gr_free(room);
    return status;
}

gr_status gr_score_results_bootstrap(gr_results *results, const gr_score_predictions *p, const gr_bootstrap_options *options,
                                     gr_error *err)
{
    const gr_statistics_options all = {.confidence = 0.95, .bootstrap = *options};
    gr_score_agreement *unused = gr_alloc((size_t)gr_score_column_count(p->outputs), sizeof *unused);
    gr_status status = unused != NULL ? judge(p, &all, false, results->scores, unused, err) : no_memory(err);
    gr_free(unused);
    return status;
}

gr_status gr_score_statistics_make(const char *name, const gr_score_predictions *p, const gr_statistics_options *options,
                                   gr_statistics *out, gr_error *err)
{
    gr_status status = gr_statistics_begin(p->images, p->count, options, out, err);
    if (status == GR_OK)
        status = gr_score_results_make(name, p, &out->results, err);
    if (status == GR_OK) {
        out->results.confidence = options->confidence;
        out->agreement = gr_alloc((size_t)gr_score_column_count(p->outputs), sizeof *out->agreement);
        status = out->agreement != NULL ? judge(p, options, true, out->results.scores, out->agreement, err) : no_memory(err);
    }
    if (status != GR_OK)
        gr_statistics_free(out);
    return status;
}

gr_status gr_score_statistics_break_down(gr_statistics *s, const gr_score_predictions *p, const char *column,
                                         const char *const *values, gr_error *err)
{
    gr_parted parted;
    gr_score_predictions rows = *p;
    gr_status status = gr_statistics_part(s, column, values, p->count, &parted, err);
    if (status == GR_OK) {
        rows.folds = parted.names;
        rows.fold_count = parted.count;
        rows.fold = parted.of_row;
        status = gr_score_results_make(column, &rows, &s->by[s->by_count], err);
    }
    return gr_statistics_parted(s, &parted, status);
}
