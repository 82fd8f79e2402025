/* summary.csv: the few numbers that a reader wants first, with six digits; results.json has all. */
#include <math.h>
#include <string.h>

#include "base/table.h"
#include "grimace/box_results.h"
#include "grimace/ordinal.h"
#include "grimace/results.h"
#include "run/write/pieces.h"

static const gr_metric shown[] = {GR_METRIC_ACCURACY,    GR_METRIC_BALANCED_ACCURACY, GR_METRIC_F1,  GR_METRIC_SENSITIVITY,
                                  GR_METRIC_SPECIFICITY, GR_METRIC_PRECISION,         GR_METRIC_MCC, GR_METRIC_AUROC,
                                  GR_METRIC_AUPRC};
enum { SHOWN = sizeof shown / sizeof *shown };

static void put_header(const gr_results *r, gr_text *out)
{
    gr_text_printf(out, "fold,group,n");
    if (r->landmarks != NULL)
        gr_text_printf(out, ",nrmse,pixels");
    else if (r->boxes != NULL)
        for (int i = 0; i < GR_BOX_METRIC_COUNT; i++)
            gr_text_printf(out, ",%s", gr_box_metric_name((gr_box_metric)i));
    else if (r->scores != NULL)
        for (int i = 0; i < GR_SCORE_METRIC_COUNT; i++)
            gr_text_printf(out, ",%s", gr_score_metric_name((gr_score_metric)i));
    else if (r->labels != NULL)
        gr_text_printf(out, ",answers,accuracy,f1_macro%s",
                       r->labels->has_total ? ",mae_of_total,pearson_of_total,icc_of_total" : "");
    else {
        for (int i = 0; i < SHOWN; i++)
            gr_text_printf(out, ",%s", gr_metric_name(shown[i]));
        for (int i = 0; r->ordinal != NULL && i < GR_ORDINAL_METRIC_COUNT; i++)
            gr_text_printf(out, ",%s", gr_ordinal_metric_name((gr_ordinal_metric)i));
    }
    gr_text_add(out, "\n", 1);
}

/* The groups that fold f tests, in the order of the predictions. */
static void put_groups(int64_t count, const char *const *groups, const int32_t *fold, int f, gr_text *out)
{
    gr_table names = {0};
    gr_arena *arena = gr_arena_create();
    gr_text list = {0};
    bool good = arena != NULL;
    for (int64_t i = 0; good && groups != NULL && i < count; i++)
        if (fold[i] == f)
            good = gr_table_add(&names, arena, groups[i], strlen(groups[i])) >= 0;
    for (int64_t i = 0; i < names.count; i++)
        gr_text_printf(&list, "%s%s", i > 0 ? "; " : "", names.items[i]);
    out->failed = out->failed || !good || list.failed;
    gr_text_add(out, ",", 1);
    if (list.size > 0)
        gr_csv_put_joined(out, "", list.data);
    gr_text_free(&list);
    gr_table_free(&names);
    gr_arena_destroy(arena);
}

static void put_total(const gr_label_results *l, const gr_score_numbers *total, gr_text *out)
{
    static const gr_score_metric of_total[] = {GR_SCORE_MAE, GR_SCORE_PEARSON, GR_SCORE_ICC};
    for (size_t i = 0; l->has_total && i < sizeof of_total / sizeof *of_total; i++)
        gr_csv_put_rounded(out, total->value[of_total[i]]);
}

/* Fold f, or all together for f == fold_count. */
static void put_numbers(const gr_results *r, int f, gr_text *out)
{
    bool pooled = f == r->fold_count;
    if (r->landmarks != NULL) {
        const gr_landmark_error *e = pooled ? &r->landmarks->pooled : &r->landmarks->folds[f];
        gr_text_printf(out, ",%lld", (long long)(e->images + e->left_out));
        gr_csv_put_rounded(out, e->nrmse);
        gr_csv_put_rounded(out, e->pixels);
        return;
    }
    if (r->boxes != NULL) {
        const gr_box_numbers *n = &r->boxes->each[(size_t)f * (size_t)r->boxes->kind_count];
        gr_text_printf(out, ",%lld", (long long)n->images);
        for (int i = 0; i < GR_BOX_METRIC_COUNT; i++)
            gr_csv_put_rounded(out, gr_box_metric_of(n, (gr_box_metric)i));
        return;
    }
    if (r->scores != NULL) {
        const gr_score_summary *whole = gr_score_whole(r->scores);
        const gr_score_numbers *n = pooled ? &whole->pooled : &whole->folds[f];
        gr_text_printf(out, ",%lld", (long long)n->n);
        for (int i = 0; i < GR_SCORE_METRIC_COUNT; i++)
            gr_csv_put_rounded(out, n->value[i]);
        return;
    }
    const gr_metrics *m = pooled ? &r->pooled : &r->folds[f];
    gr_text_printf(out, ",%lld", (long long)m->n);
    if (r->labels != NULL) {
        gr_text_printf(out, ",%lld", (long long)r->labels->answers[f]);
        gr_csv_put_rounded(out, m->value[GR_METRIC_ACCURACY]);
        gr_csv_put_rounded(out, m->value[GR_METRIC_F1_MACRO]);
        put_total(r->labels, pooled ? &r->labels->total.pooled : &r->labels->total.folds[f], out);
        return;
    }
    for (int i = 0; i < SHOWN; i++)
        gr_csv_put_rounded(out, m->value[shown[i]]);
    for (int i = 0; r->ordinal != NULL && i < GR_ORDINAL_METRIC_COUNT; i++)
        gr_csv_put_rounded(out, pooled ? r->ordinal->pooled[i] : r->ordinal->folds[f][i]);
}

gr_status gr_summary_write(const gr_results *r, int64_t count, const char *const *groups, const int32_t *fold,
                           const char *folder, gr_error *err)
{
    gr_text out = {0};
    put_header(r, &out);
    for (int f = 0; f <= r->fold_count; f++) {
        gr_csv_put_joined(&out, "", f < r->fold_count ? r->fold_names[f] : "pooled");
        put_groups(f < r->fold_count ? count : 0, groups, fold, f, &out);
        put_numbers(r, f, &out);
        gr_text_add(&out, "\n", 1);
    }
    return gr_eval_write_text(&out, folder, "summary.csv", err);
}
