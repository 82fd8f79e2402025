/* The table at the end of a run for scores. */
#include <math.h>

#include "run/write/results.h"
#include "run/write/scores.h"

static const struct {
    const char *name;
    gr_score_metric metric;
} columns[] = {{"MAE", GR_SCORE_MAE},         {"RMSE", GR_SCORE_RMSE},         {"r2", GR_SCORE_R2},
               {"Pearson", GR_SCORE_PEARSON}, {"Spearman", GR_SCORE_SPEARMAN}, {"ICC", GR_SCORE_ICC}};
enum { COLUMNS = sizeof columns / sizeof *columns };

/* Without the sign of what rounds to zero. */
static void put_number(gr_text *out, int width, double value)
{
    if (isfinite(value))
        gr_text_printf(out, "%*.4f", width, fabs(value) < 0.00005 ? 0.0 : value);
    else
        gr_text_printf(out, "%*s", width, "-");
}

void gr_eval_score_title(gr_text *out, const char *first)
{
    gr_text_printf(out, "%-24s  %8s", first, "n");
    for (int c = 0; c < COLUMNS; c++)
        gr_text_printf(out, "  %8s", columns[c].name);
    gr_text_add(out, "\n", 1);
}

void gr_eval_score_line(gr_text *out, const char *name, const gr_score_numbers *numbers)
{
    gr_eval_put_name(out, name, 24, false);
    gr_text_printf(out, "  %8lld", (long long)numbers->n);
    for (int c = 0; c < COLUMNS; c++) {
        gr_text_add(out, "  ", 2);
        put_number(out, 8, numbers->value[columns[c].metric]);
    }
    gr_text_add(out, "\n", 1);
}

void gr_eval_score_limits(gr_text *out, const char *what, const gr_score_numbers *numbers)
{
    gr_text_printf(out, "%s, predicted - true: bias ", what);
    put_number(out, 0, numbers->value[GR_SCORE_BIAS]);
    gr_text_printf(out, ", limits of agreement ");
    put_number(out, 0, numbers->value[GR_SCORE_LIMITS_LOWER]);
    gr_text_printf(out, " to ");
    put_number(out, 0, numbers->value[GR_SCORE_LIMITS_UPPER]);
    gr_text_add(out, "\n", 1);
}

void gr_score_results_table(const gr_results *r, gr_text *out)
{
    const gr_score_results *s = r->scores;
    const gr_score_summary *whole = gr_score_whole(s);
    gr_text_printf(out, "%s: ", r->name);
    if (s->outputs > 1)
        gr_text_printf(out, "the total of %d scores\n", s->outputs);
    else
        gr_text_printf(out, "the score %s\n", s->names[0]);
    gr_eval_score_title(out, "fold");
    for (int f = 0; f < r->fold_count; f++)
        gr_eval_score_line(out, r->fold_names[f], &whole->folds[f]);
    if (r->fold_count > 1)
        gr_eval_score_line(out, "Pooled", &whole->pooled);
    gr_eval_score_limits(out, "pooled", &whole->pooled);
    if (r->fold_count > 1) {
        gr_text_printf(out, "mean over folds: MAE ");
        put_number(out, 0, whole->mean[GR_SCORE_MAE]);
        gr_text_printf(out, " (sd ");
        put_number(out, 0, whole->std[GR_SCORE_MAE]);
        gr_text_printf(out, ")\n");
    }
    if (s->outputs == 1)
        return;
    gr_eval_score_title(out, "pooled, label");
    for (int i = 0; i < s->outputs; i++)
        gr_eval_score_line(out, s->names[i], &s->each[i].pooled);
    gr_eval_score_line(out, "total", &whole->pooled);
}
