/* Classes in statistics.json, roc.csv and pr.csv. From add_* on: 0 when all went well, as jansson's own functions. */
#include <math.h>

#include "grimace/calibration.h"
#include "run/write/statistics.h"

static int add_delong(json_t *pooled, const gr_statistics *s)
{
    const gr_results *r = &s->results;
    json_t *classes = json_array();
    int bad = 0;
    for (int c = 0; c < r->class_count; c++)
        bad |= json_array_append_new(classes, json_pack("{s:s, s:o, s:o}", "class", r->classes[c], "auroc_sd",
                                                        gr_json_real(s->auroc_sd[c]), "auroc",
                                                        gr_eval_interval(s->auroc_interval[c])));
    json_t *all = json_pack("{s:f, s:o, s:o, s:o}", "level", s->options.confidence, "auroc_sd",
                            gr_json_real(s->auroc_sd[r->positive]), "auroc",
                            gr_eval_interval(s->auroc_interval[r->positive]), "per_class", classes);
    return bad | json_object_set_new(pooled, "delong", all);
}

static int add_permutation(json_t *pooled, const gr_statistics *s)
{
    const gr_bootstrap_options *o = &s->options.permutation;
    if (o->count == 0)
        return json_object_set_new(pooled, "permutation", json_null());
    return json_object_set_new(pooled, "permutation",
                               json_pack("{s:i, s:s, s:o}", "count", o->count, "by", o->by_group ? "group" : "image", "p",
                                         gr_eval_values(s->permutation_p, false)));
}

static int add_columns(json_t *root, const gr_statistics *s)
{
    json_t *columns = json_object();
    int bad = 0;
    for (int i = 0; i < s->by_count; i++) {
        const gr_results *r = &s->by[i];
        json_t *values = json_array();
        for (int v = 0; v < r->fold_count; v++) {
            json_t *one = json_pack("{s:s}", "value", r->fold_names[v]), *metrics = gr_eval_metrics(r, &r->folds[v]);
            bad |= metrics == NULL || json_object_update(one, metrics) != 0;
            json_decref(metrics);
            bad |= r->ordinal != NULL ? gr_eval_add_ordinal(one, r->ordinal->folds[v]) : 0;
            bad |= json_array_append_new(values, one);
        }
        json_t *column = json_pack("{s:o, s:o, s:o}", "values", values, "mean", gr_eval_values(r->mean, false), "std",
                                   gr_eval_values(r->std, false));
        bad |= json_object_set_new(columns, r->name, column);
    }
    return bad | json_object_set_new(root, "by", columns);
}

/* The rows of each bin of the probability of the predicted class; empty ones are left out. */
static int add_reliability(json_t *pooled, const gr_calibration_results *c)
{
    json_t *bins = json_array();
    int bad = 0;
    for (int b = 0; c != NULL && b < GR_CALIBRATION_BINS; b++)
        if (c->pooled.bins[b].count > 0)
            bad |= json_array_append_new(
                bins, json_pack("{s:f, s:f, s:I, s:f, s:f}", "above", (double)b / GR_CALIBRATION_BINS, "up_to",
                                (double)(b + 1) / GR_CALIBRATION_BINS, "n", (json_int_t)c->pooled.bins[b].count, "probability",
                                c->pooled.bins[b].confidence, "accuracy", c->pooled.bins[b].accuracy));
    return bad | json_object_set_new(pooled, "reliability", bins);
}

json_t *gr_statistics_classes_json(const gr_statistics *s)
{
    json_t *root = gr_eval_results(&s->results), *pooled = json_object_get(root, "pooled");
    json_object_del(root, "reported"); /* of the paper, not of these predictions */
    json_object_del(root, "averaged"); /* of a table of its own, predictions_averaged.csv */
    if (root != NULL && (add_delong(pooled, s) | add_permutation(pooled, s) |
                         json_object_set_new(pooled, "groups", gr_statistics_groups_json(&s->groups)) |
                         json_object_set_new(pooled, "scores", gr_statistics_scores_json(s)) |
                         add_reliability(pooled, s->results.calibration) | add_columns(root, s)) == 0)
        return root;
    json_decref(root);
    return NULL;
}

void gr_statistics_put_curves(gr_text *out, const char *label, const gr_statistics *s, const gr_curve *curves)
{
    for (int c = 0; c < s->results.class_count; c++)
        for (int64_t i = 0; i < curves[c].count; i++) {
            if (label != NULL)
                gr_csv_put(out, label, ',');
            gr_csv_put_joined(out, "", s->results.classes[c]);
            if (isinf(curves[c].threshold[i])) /* nothing counts as positive */
                gr_text_printf(out, ",inf,");
            else
                gr_text_printf(out, ",%.9g,", curves[c].threshold[i]);
            gr_text_printf(out, "%.17g,%.17g\n", curves[c].x[i], curves[c].y[i]);
        }
}

gr_status gr_class_statistics_write(const gr_statistics *s, const char *folder, gr_error *err)
{
    gr_text roc = {0}, pr = {0};
    gr_text_printf(&roc, GR_ROC_COLUMNS "\n");
    gr_statistics_put_curves(&roc, NULL, s, s->roc);
    gr_text_printf(&pr, GR_PR_COLUMNS "\n");
    gr_statistics_put_curves(&pr, NULL, s, s->pr);
    gr_status status = gr_eval_write_json(gr_statistics_classes_json(s), folder, "statistics.json", err);
    if (status == GR_OK)
        status = gr_eval_write_text(&roc, folder, "roc.csv", err);
    if (status == GR_OK)
        status = gr_eval_write_text(&pr, folder, "pr.csv", err);
    gr_text_free(&roc);
    gr_text_free(&pr);
    return status;
}
