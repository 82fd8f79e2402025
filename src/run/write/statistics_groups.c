/* The test predictions by their groups, in statistics.json and in words. */
#include <math.h>

#include "run/write/statistics.h"

enum { NAME = GR_STATISTICS_NAME, CELL = GR_STATISTICS_CELL };

static json_t *number_json(const gr_by_cluster *m)
{
    return json_pack("{s:o, s:o, s:o}", "sd", gr_json_real(m->error), "jackknife", gr_eval_interval(m->jackknife), "bca",
                     gr_eval_interval(m->bca));
}

json_t *gr_statistics_groups_json(const gr_group_statistics *g)
{
    const gr_clustering *c = &g->right;
    if (g->groups == 0)
        return json_null();
    json_t *metrics = json_object();
    int bad = 0;
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        bad |= json_object_set_new(metrics, gr_metric_name((gr_metric)i), number_json(&g->metric[i]));
    for (int i = 0; g->ordered && i < GR_ORDINAL_METRIC_COUNT; i++)
        bad |= json_object_set_new(metrics, gr_ordinal_metric_name((gr_ordinal_metric)i), number_json(&g->ordinal[i]));
    json_t *delong = json_pack("{s:o, s:o}", "auroc_sd", gr_json_real(sqrt(g->delong.variance[0])), "auroc",
                               gr_eval_interval(g->delong.interval[0]));
    json_t *all = json_pack("{s:I, s:f, s:i, s:o, s:o, s:o, s:o, s:o}", "groups", (json_int_t)g->groups, "level", g->level,
                            "count", g->count, "icc", gr_json_real(c->icc), "design_effect", gr_json_real(c->design_effect),
                            "effective_n", gr_json_real(c->effective), "delong", delong, "metrics", metrics);
    if (bad == 0)
        return all;
    json_decref(all);
    return NULL;
}

static const struct {
    gr_metric metric;
    const char *name;
} rows[] = {{GR_METRIC_ACCURACY, "accuracy"},
            {GR_METRIC_BALANCED_ACCURACY, "balanced accuracy"},
            {GR_METRIC_SENSITIVITY, "sensitivity"},
            {GR_METRIC_SPECIFICITY, "specificity"},
            {GR_METRIC_F1, "F1"},
            {GR_METRIC_F1_MACRO, "F1, macro"},
            {GR_METRIC_MCC, "MCC"},
            {GR_METRIC_KAPPA, "kappa"},
            {GR_METRIC_AUROC, "AUROC"},
            {GR_METRIC_AUPRC, "average precision"}};

/* What images of one group leave of their number, and which interval that makes the one to read. */
static void put_sentence(const gr_group_statistics *g, gr_text *out)
{
    const gr_clustering *c = &g->right;
    if (isnan(c->icc))
        gr_text_printf(out, "How much images of one group are alike is not known: all predictions are right, or none is.\n");
    else if (c->icc > 0.0)
        gr_text_printf(
            out,
            "%lld predictions of %lld groups: within a group they are right or wrong together (ICC %.3f), and worth "
            "%.0f independent ones.\n",
            (long long)c->n, (long long)g->groups, c->icc, c->effective);
    else
        gr_text_printf(
            out,
            "%lld predictions of %lld groups: within a group they are right or wrong no more together than between "
            "groups (ICC %.3f).\n",
            (long long)c->n, (long long)g->groups, c->icc);
    gr_text_printf(out, "Read the intervals by the jackknife; those that count images are too narrow where images of a group go "
                        "together.\n");
    if (g->groups < 10)
        gr_text_printf(out, "Fewer than 10 groups say little about the next one, whichever interval is read.\n");
}

static void put_row(const char *name, const gr_by_cluster *m, gr_interval delong, bool drawn, gr_text *out)
{
    gr_text_printf(out, "%-*s", NAME, name);
    gr_statistics_put_number(out, CELL, m->value);
    gr_statistics_put_interval(out, m->jackknife);
    if (drawn)
        gr_statistics_put_interval(out, m->bca);
    gr_statistics_put_interval(out, delong);
    gr_text_printf(out, "\n");
}

void gr_statistics_groups_table(const gr_statistics *s, gr_text *out)
{
    const gr_group_statistics *g = &s->groups;
    const gr_interval nowhere = {NAN, NAN};
    if (g->groups == 0)
        return;
    gr_text_printf(out, "\n%-*s%*s  %11s %3g %%", NAME, "by group", CELL, "value", "jackknife", 100.0 * g->level);
    if (g->count > 0)
        gr_text_printf(out, "  %11s %3g %%", "BCa", 100.0 * g->level);
    gr_text_printf(out, "  %11s %3g %%\n", "DeLong", 100.0 * g->level);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        gr_interval delong = rows[i].metric == GR_METRIC_AUROC ? g->delong.interval[0] : nowhere;
        put_row(rows[i].name, &g->metric[rows[i].metric], delong, g->count > 0, out);
    }
    if (g->ordered) {
        put_row("MAE, in classes", &g->ordinal[GR_ORDINAL_MAE], nowhere, g->count > 0, out);
        put_row("kappa, quadratic", &g->ordinal[GR_ORDINAL_KAPPA_QUADRATIC], nowhere, g->count > 0, out);
    }
    put_sentence(g, out);
}
