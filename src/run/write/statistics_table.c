/* The statistics of classes for a reader. */
#include <math.h>
#include <string.h>

#include "run/write/statistics.h"

enum { NAME = GR_STATISTICS_NAME, CELL = GR_STATISTICS_CELL };

static const struct {
    gr_metric metric;
    const char *name, *brief; /* NULL: not in the tables of classes, folds and columns */
} rows[] = {{GR_METRIC_ACCURACY, "accuracy", "accuracy"},
            {GR_METRIC_BALANCED_ACCURACY, "balanced accuracy", "balanced"},
            {GR_METRIC_SENSITIVITY, "sensitivity", "sensit."},
            {GR_METRIC_SPECIFICITY, "specificity", "specif."},
            {GR_METRIC_PRECISION, "precision", "precis."},
            {GR_METRIC_F1, "F1", "F1"},
            {GR_METRIC_F1_MACRO, "F1, macro", NULL},
            {GR_METRIC_MCC, "MCC", "MCC"},
            {GR_METRIC_KAPPA, "kappa", "kappa"},
            {GR_METRIC_AUROC, "AUROC", "AUROC"},
            {GR_METRIC_AUROC_MACRO, "AUROC, macro", NULL},
            {GR_METRIC_AUPRC, "average precision", "avg.pr."},
            {GR_METRIC_AUPRC_TRAPEZOID, "AUPRC, trapezoids", NULL}};
enum { ROWS = sizeof rows / sizeof *rows };

static gr_interval interval_of(const gr_statistics *s, gr_metric metric)
{
    gr_interval i;
    if (metric == GR_METRIC_AUROC)
        return s->auroc_interval[s->results.positive];
    (void)gr_metrics_interval(&s->results.pooled, s->results.positive, -1, metric, s->options.confidence, &i);
    return i;
}

/* Classes in order: how far the predicted ones are off. */
static void put_ordinal(const gr_results *r, bool folds, gr_text *out)
{
    static const char *const names[GR_ORDINAL_METRIC_COUNT] = {[GR_ORDINAL_MAE] = "MAE, in classes",
                                                               [GR_ORDINAL_KAPPA_QUADRATIC] = "kappa, quadratic"};
    for (int i = 0; i < GR_ORDINAL_METRIC_COUNT; i++) {
        gr_text_printf(out, "%-*s", NAME, names[i]);
        gr_statistics_put_number(out, CELL, r->ordinal->pooled[i]);
        if (folds) {
            gr_statistics_put_interval(out, (gr_interval){NAN, NAN});
            if (r->bootstrap != NULL)
                gr_statistics_put_interval(out, (gr_interval){NAN, NAN});
            gr_statistics_put_number(out, CELL, r->ordinal->mean[i]);
            gr_statistics_put_number(out, CELL, r->ordinal->std[i]);
        }
        gr_text_printf(out, "\n");
    }
}

static void put_pooled(const gr_statistics *s, gr_text *out)
{
    const gr_results *r = &s->results;
    bool folds = r->fold_count > 1, chance = s->options.permutation.count > 0;
    gr_text_printf(out, "%-*s%*s  %11s %3g %%", NAME, "all predictions", CELL, "value", "interval",
                     100.0 * s->options.confidence);
    if (r->bootstrap != NULL)
        gr_text_printf(out, "  %11s %3g %%", "bootstrap", 100.0 * r->bootstrap->options.level);
    if (folds)
        gr_text_printf(out, "%*s%*s", CELL, "mean", CELL, "sd");
    gr_text_printf(out, "%s\n", chance ? "  p of chance" : "");
    for (int i = 0; i < ROWS; i++) {
        gr_metric metric = rows[i].metric;
        if (r->class_count == 2 && metric == GR_METRIC_AUROC_MACRO) /* the same as AUROC */
            continue;
        gr_text_printf(out, "%-*s", NAME, rows[i].name);
        gr_statistics_put_number(out, CELL, r->pooled.value[metric]);
        gr_statistics_put_interval(out, interval_of(s, metric));
        if (r->bootstrap != NULL)
            gr_statistics_put_interval(out, r->bootstrap->metric[metric]);
        if (folds) {
            gr_statistics_put_number(out, CELL, r->mean[metric]);
            gr_statistics_put_number(out, CELL, r->std[metric]);
        }
        if (chance && isnan(s->permutation_p[metric]))
            gr_text_printf(out, "  %11s", "-");
        else if (chance)
            gr_text_printf(out, "  %11.4g", s->permutation_p[metric]);
        gr_text_printf(out, "\n");
    }
    if (r->ordinal != NULL)
        put_ordinal(r, folds, out);
}

static void put_notes(const gr_statistics *s, gr_text *out)
{
    const gr_results *r = &s->results;
    gr_text_printf(out, "Intervals of shares are exact (Clopper-Pearson), that of AUROC is DeLong's.\n");
    if (s->images < r->pooled.n)
        gr_text_printf(out,
                         "%lld images have %.3g predictions each on average, which are not independent: exact and DeLong's "
                         "intervals are\nnot given; samples and shuffles take an image with all its predictions.\n",
                         (long long)s->images, (double)r->pooled.n / (double)s->images);
    if (r->bootstrap != NULL) {
        const gr_bootstrap *b = r->bootstrap;
        gr_text_printf(out, "Bootstrap: %d samples by %s", b->options.count, b->options.by_group ? "group" : "image");
        if (!isnan(b->auroc_p))
            gr_text_printf(out, "; p of no better than chance: AUROC %.4g, average precision %.4g", b->auroc_p,
                             b->auprc_p);
        gr_text_printf(out, ".\n");
    }
    if (s->options.permutation.count > 0)
        gr_text_printf(out, "p of chance: %d shuffles of the labels%s.\n", s->options.permutation.count,
                         s->options.permutation.by_group ? " within each group" : "");
}

static void put_header(gr_text *out, const char *name, bool with_interval, double level)
{
    gr_text_printf(out, "\n");
    gr_statistics_put_name(out, name);
    gr_text_printf(out, "%7s", "n");
    for (int i = 0; i < ROWS; i++) {
        if (rows[i].brief == NULL)
            continue;
        gr_text_printf(out, " %*s", CELL, rows[i].brief);
        if (with_interval && rows[i].metric == GR_METRIC_AUROC)
            gr_text_printf(out, "  %11s %3g %%", "interval", 100.0 * level);
    }
    gr_text_printf(out, "\n");
}

static void put_values(gr_text *out, const double *values, const gr_interval *auroc)
{
    for (int i = 0; i < ROWS; i++) {
        if (rows[i].brief == NULL)
            continue;
        gr_statistics_put_number(out, CELL + 1, values[rows[i].metric]);
        if (auroc != NULL && rows[i].metric == GR_METRIC_AUROC)
            gr_statistics_put_interval(out, *auroc);
    }
    gr_text_printf(out, "\n");
}

static void put_classes(const gr_statistics *s, gr_text *out)
{
    const gr_results *r = &s->results;
    put_header(out, "class against the rest", true, s->options.confidence);
    for (int c = 0; c < r->class_count; c++) {
        const gr_class_metrics *m = &r->pooled.classes[c];
        gr_statistics_put_name(out, r->classes[c]);
        gr_text_printf(out, "%7lld", (long long)(m->tp + m->fn));
        put_values(out, m->value, &s->auroc_interval[c]);
    }
}

/* The folds of `r`, which are folds or the values of a column. */
static void put_folds(const gr_results *r, const char *title, gr_text *out)
{
    put_header(out, title, false, 0.0);
    for (int f = 0; f < r->fold_count; f++) {
        gr_statistics_put_name(out, r->fold_names[f]);
        gr_text_printf(out, "%7lld", (long long)r->folds[f].n);
        put_values(out, r->folds[f].value, NULL);
    }
    if (r->fold_count < 2)
        return;
    gr_text_printf(out, "%-*s%7s", NAME, "mean", "");
    put_values(out, r->mean, NULL);
    gr_text_printf(out, "%-*s%7s", NAME, "sd", "");
    put_values(out, r->std, NULL);
}

void gr_class_statistics_table(const gr_statistics *s, gr_text *out)
{
    const gr_results *r = &s->results;
    gr_text_printf(out, "%s: %lld predictions, %d fold%s, %d classes; positive class %s\n\n", r->name,
                     (long long)r->pooled.n, r->fold_count, r->fold_count == 1 ? "" : "s", r->class_count,
                     r->classes[r->positive]);
    put_pooled(s, out);
    put_notes(s, out);
    gr_statistics_groups_table(s, out);
    gr_statistics_scores_table(s, out);
    put_classes(s, out);
    if (r->fold_count > 1)
        put_folds(r, "fold", out);
    for (int i = 0; i < s->by_count; i++)
        put_folds(&s->by[i], s->by[i].name, out);
}
