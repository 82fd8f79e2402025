/* The statistics of several columns of classes, in statistics.json and in words: those of each column, and of the total. From add_*
 * on: 0 when all went well, as jansson's own functions. */
#include "run/write/scores.h"
#include "run/write/statistics.h"

/* ---- the files --------------------------------------------------------------------------------------------------------- */

static int add_labels(json_t *root, const gr_statistics *s)
{
    const gr_label_results *l = s->results.labels;
    json_t *list = json_array();
    int bad = 0;
    for (int k = 0; k < l->count; k++) {
        json_t *one = gr_statistics_classes_json(&s->columns[k]), *named = json_pack("{s:s}", "label", l->names[k]);
        bad |= one == NULL || json_object_del(one, "name") != 0 || json_object_del(one, "by") != 0;
        bad |= json_object_update(named, one);
        bad |= json_array_append_new(list, named);
        json_decref(one);
    }
    return bad | json_object_set_new(root, "per_label", list);
}

/* The total's, into what results.json has of it. */
static int add_total(json_t *root, const gr_statistics *s)
{
    json_t *pooled = json_object_get(json_object_get(root, "total"), "pooled");
    return s->agreement != NULL ? gr_statistics_add_agreement(pooled, s, s->agreement) : 0;
}

static int add_columns(json_t *root, const gr_statistics *s)
{
    json_t *columns = json_object();
    int bad = 0;
    for (int i = 0; i < s->by_count; i++)
        bad |= json_object_set_new(columns, s->by[i].name, gr_eval_label_values(&s->by[i]));
    return bad | json_object_set_new(root, "by", columns);
}

json_t *gr_statistics_labels_json(const gr_statistics *s)
{
    json_t *root = gr_eval_label_results(&s->results);
    json_object_del(root, "reported"); /* of the paper, not of these predictions */
    if (root != NULL && (json_object_set_new(root, "confidence", json_real(s->options.confidence)) | add_labels(root, s) |
                         add_total(root, s) | add_columns(root, s)) == 0)
        return root;
    json_decref(root);
    return NULL;
}

gr_status gr_label_statistics_write(const gr_statistics *s, const char *folder, gr_error *err)
{
    gr_text roc = {0}, pr = {0};
    gr_text_printf(&roc, "label," GR_ROC_COLUMNS "\n");
    gr_text_printf(&pr, "label," GR_PR_COLUMNS "\n");
    for (int k = 0; k < s->results.labels->count; k++) {
        gr_statistics_put_curves(&roc, s->results.labels->names[k], &s->columns[k], s->columns[k].roc);
        gr_statistics_put_curves(&pr, s->results.labels->names[k], &s->columns[k], s->columns[k].pr);
    }
    gr_status status = gr_eval_write_json(gr_statistics_labels_json(s), folder, "statistics.json", err);
    if (status == GR_OK)
        status = gr_eval_write_text(&roc, folder, "roc.csv", err);
    if (status == GR_OK)
        status = gr_eval_write_text(&pr, folder, "pr.csv", err);
    gr_text_free(&roc);
    gr_text_free(&pr);
    return status;
}

/* ---- the tables -------------------------------------------------------------------------------------------------------- */

static void put_folds(const gr_results *r, const char *title, gr_text *out)
{
    gr_text_add(out, "\n", 1);
    gr_eval_label_title(out, title);
    for (int f = 0; f < r->fold_count; f++)
        gr_eval_label_line(out, r->fold_names[f], &r->folds[f]);
}

void gr_label_statistics_table(const gr_statistics *s, gr_text *out)
{
    const gr_results *r = &s->results;
    const gr_bootstrap_options *bootstrap = s->options.bootstrap.count > 0 ? &s->options.bootstrap : NULL;
    gr_text_printf(out, "%s: %lld images, %d fold%s, %d labels\n", r->name, (long long)r->pooled.n, r->fold_count,
                   r->fold_count == 1 ? "" : "s", r->labels->count);
    put_folds(r, "fold, all labels", out);
    gr_eval_label_line(out, "pooled", &r->pooled);
    for (int i = 0; i < s->by_count; i++)
        put_folds(&s->by[i], s->by[i].name, out);
    for (int k = 0; k < r->labels->count; k++) {
        gr_text_add(out, "\n", 1);
        gr_class_statistics_table(&s->columns[k], out);
    }
    if (s->agreement == NULL)
        return;
    gr_text_add(out, "\n", 1);
    gr_statistics_agreement_table(s, "total", &r->labels->total, bootstrap, s->agreement, r->fold_count > 1, out);
    gr_statistics_score_notes(s, s->agreement->n, bootstrap, out);
}
