/* The table at the end of a run, as in PainSeeker's Table 3: folds as columns where they fit, else as rows. */
#include <math.h>
#include <string.h>

#include "run/write/results.h"

enum { CELL = 12 /* 0.8516/75.57, and 1.0000/100.00 leans over by one */ };

static void put_number(gr_text *out, int column, int digits, double value)
{
    if (isnan(value))
        gr_text_printf(out, "%*s", column, "-");
    else
        gr_text_printf(out, "%*.*f", column, digits, value);
}

/* F1 and accuracy in percent, `0.8516/75.57`. */
static void put_pair(gr_text *out, int column, const gr_metrics *m)
{
    char f1[32] = "-", accuracy[32] = "-", pair[80];
    if (!isnan(m->value[GR_METRIC_F1]))
        snprintf(f1, sizeof f1, "%.4f", m->value[GR_METRIC_F1]);
    if (!isnan(m->value[GR_METRIC_ACCURACY]))
        snprintf(accuracy, sizeof accuracy, "%.2f", 100.0 * m->value[GR_METRIC_ACCURACY]);
    snprintf(pair, sizeof pair, "%s/%s", f1, accuracy);
    gr_text_printf(out, "%*s", column, pair);
}

/* A fold, or all folds together behind the last one. */
static const gr_metrics *entry(const gr_results *r, int i, const char **name)
{
    *name = i < r->fold_count ? r->fold_names[i] : "Pooled";
    return i < r->fold_count ? &r->folds[i] : &r->pooled;
}

static int column_width(const gr_results *r, int i)
{
    const char *name;
    (void)entry(r, i, &name);
    int width = gr_eval_name_width(name);
    return (width > CELL ? width : CELL) + 2;
}

static const struct {
    const char *name;
    gr_metric metric;
} lines[] = {{"sensitivity", GR_METRIC_SENSITIVITY}, {"specificity", GR_METRIC_SPECIFICITY}};
enum { LINES = sizeof lines / sizeof *lines };

static void folds_as_columns(const gr_results *r, int entries, gr_text *out)
{
    const char *name;
    gr_text_printf(out, "%-11s", "");
    for (int i = 0; i < entries; i++) {
        (void)entry(r, i, &name);
        gr_eval_put_name(out, name, column_width(r, i), true);
    }
    gr_text_printf(out, "\n%-11s", "F1/accuracy");
    for (int i = 0; i < entries; i++)
        put_pair(out, column_width(r, i), entry(r, i, &name));
    for (int l = 0; l < LINES; l++) {
        gr_text_printf(out, "\n%-11s", lines[l].name);
        for (int i = 0; i < entries; i++)
            put_number(out, column_width(r, i), 4, entry(r, i, &name)->value[lines[l].metric]);
    }
    gr_text_printf(out, "\n%-11s", "images");
    for (int i = 0; i < entries; i++)
        gr_text_printf(out, "%*lld", column_width(r, i), (long long)entry(r, i, &name)->n);
    gr_text_printf(out, "\n");
}

static void folds_as_rows(const gr_results *r, int entries, gr_text *out)
{
    const char *name;
    int widest = (int)strlen("Pooled");
    for (int i = 0; i < entries; i++) {
        (void)entry(r, i, &name);
        widest = gr_eval_name_width(name) > widest ? gr_eval_name_width(name) : widest;
    }
    gr_eval_put_name(out, "fold", widest, false);
    gr_text_printf(out, "  %8s  %13s", "images", "F1/accuracy");
    for (int l = 0; l < LINES; l++)
        gr_text_printf(out, "  %11s", lines[l].name);
    for (int i = 0; i < entries; i++) {
        const gr_metrics *m = entry(r, i, &name);
        gr_text_printf(out, "\n");
        gr_eval_put_name(out, name, widest, false);
        gr_text_printf(out, "  %8lld  ", (long long)m->n);
        put_pair(out, CELL + 1, m);
        for (int l = 0; l < LINES; l++)
            put_number(out, 13, 4, m->value[lines[l].metric]);
    }
    gr_text_printf(out, "\n");
}

/* The exact intervals of what the table shows of all predictions. */
static void put_intervals(const gr_results *r, gr_text *out)
{
    static const struct {
        const char *name;
        gr_metric metric;
        double scale;
        int digits;
    } shares[] = {{"F1", GR_METRIC_F1, 1.0, 4},
                  {"accuracy", GR_METRIC_ACCURACY, 100.0, 2},
                  {"sensitivity", GR_METRIC_SENSITIVITY, 1.0, 4},
                  {"specificity", GR_METRIC_SPECIFICITY, 1.0, 4}};
    gr_text_printf(out, "pooled, exact intervals at %g %%:\n ", 100.0 * r->confidence);
    for (int i = 0; i < (int)(sizeof shares / sizeof *shares); i++) {
        gr_interval exact;
        (void)gr_metrics_interval(&r->pooled, r->positive, -1, shares[i].metric, r->confidence, &exact);
        gr_text_printf(out, "%s %s ", i > 0 ? "," : "", shares[i].name);
        put_number(out, 0, shares[i].digits, shares[i].scale * exact.low);
        gr_text_printf(out, " to ");
        put_number(out, 0, shares[i].digits, shares[i].scale * exact.high);
    }
    gr_text_printf(out, "\n");
}

static void put_means(const gr_results *r, gr_text *out)
{
    gr_text_printf(out, "mean over folds: F1 ");
    put_number(out, 0, 4, r->mean[GR_METRIC_F1]);
    gr_text_printf(out, " (sd ");
    put_number(out, 0, 4, r->std[GR_METRIC_F1]);
    gr_text_printf(out, "), accuracy ");
    put_number(out, 0, 2, 100.0 * r->mean[GR_METRIC_ACCURACY]);
    gr_text_printf(out, " (sd ");
    put_number(out, 0, 2, 100.0 * r->std[GR_METRIC_ACCURACY]);
    gr_text_printf(out, ")\n");
}

/* Classes in order: how far the predicted ones are off. */
static void put_ordinal(const gr_ordinal_results *o, gr_text *out)
{
    gr_text_printf(out, "pooled, in classes: MAE ");
    put_number(out, 0, 4, o->pooled[GR_ORDINAL_MAE]);
    gr_text_printf(out, ", quadratic kappa ");
    put_number(out, 0, 4, o->pooled[GR_ORDINAL_KAPPA_QUADRATIC]);
    gr_text_printf(out, "\n");
}

static void class_table(const gr_results *r, int columns, gr_text *out)
{
    int entries = r->fold_count > 1 ? r->fold_count + 1 : r->fold_count, width = 11;
    for (int i = 0; i < entries; i++)
        width += column_width(r, i);
    gr_text_printf(out, "%s: F1 of class %s / accuracy in %%\n", r->name, r->classes[r->positive]);
    if (width <= (columns > 0 ? columns : 100))
        folds_as_columns(r, entries, out);
    else
        folds_as_rows(r, entries, out);
    if (!r->pooled.repeated)
        put_intervals(r, out);
    if (r->fold_count > 1)
        put_means(r, out);
    if (r->ordinal != NULL)
        put_ordinal(r->ordinal, out);
}

void gr_results_table(const gr_results *r, int columns, gr_text *out)
{
    if (r->landmarks != NULL)
        gr_landmark_results_table(r, columns, out);
    else if (r->boxes != NULL)
        gr_box_results_table(r, out);
    else if (r->scores != NULL)
        gr_score_results_table(r, out);
    else if (r->labels != NULL)
        gr_label_results_table(r, out);
    else
        class_table(r, columns, out);
}
