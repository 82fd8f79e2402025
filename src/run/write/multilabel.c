/* A run for several columns of classes on disk and in words: predictions.csv, results.json, results.csv, the table. */
#include <math.h>

#include "run/write/reported.h"
#include "run/write/results.h"
#include "run/write/scores.h"

/* ---- predictions.csv --------------------------------------------------------------------------------------------------- */

static void put_header(const gr_label_predictions *p, bool with_total, gr_text *out)
{
    gr_eval_head_names(out, p->groups != NULL ? p->group_column : NULL, p->fold_count > 0);
    for (int k = 0; k < p->label_count + with_total; k++) {
        const char *name = k < p->label_count ? p->names[k] : "total";
        gr_text prefix = {0};
        if (p->labels != NULL) {
            gr_text_add(out, ",", 1);
            gr_csv_put_joined(out, "label_", name);
        }
        gr_text_add(out, ",", 1);
        gr_csv_put_joined(out, "predicted_", name);
        for (int c = 0; k < p->label_count && c < p->class_count; c++) {
            gr_text_printf(&prefix, "p_%s_%s", name, p->classes[c]);
            gr_text_add(out, ",", 1);
            gr_csv_put_joined(out, "", prefix.failed ? "" : prefix.data);
            out->failed = out->failed || prefix.failed;
            gr_text_free(&prefix);
        }
    }
    gr_text_add(out, "\n", 1);
}

/* numbers[K] of the classes; NULL: there is no total. */
static void put_row(const gr_label_predictions *p, int64_t i, const double *numbers, gr_text *out)
{
    double truth = 0.0, predicted = 0.0;
    gr_eval_head(out, p->images[i], p->groups != NULL ? p->groups[i] : NULL,
                 p->fold_count > 0 ? p->folds[p->fold[i]] : NULL);
    for (int64_t at = i * p->label_count; at < (i + 1) * p->label_count; at++) {
        int32_t label = p->labels != NULL ? p->labels[at] : -1;
        if (p->labels != NULL) {
            gr_text_add(out, ",", 1);
            gr_csv_put_joined(out, "", label >= 0 ? p->classes[label] : "");
        }
        gr_text_add(out, ",", 1);
        gr_csv_put_joined(out, "", p->classes[p->predicted[at]]);
        for (int c = 0; c < p->class_count; c++)
            gr_text_printf(out, ",%.9g", (double)p->probabilities[at * p->class_count + c]);
        truth += numbers != NULL && label >= 0 ? numbers[label] : NAN;
        predicted += numbers != NULL ? numbers[p->predicted[at]] : NAN;
    }
    if (numbers != NULL && p->labels != NULL)
        gr_eval_put_true(out, truth);
    if (numbers != NULL)
        gr_eval_put_true(out, predicted);
    gr_text_add(out, "\n", 1);
}

void gr_label_predictions_csv(const gr_label_predictions *p, gr_text *out)
{
    double *numbers = gr_alloc((size_t)p->class_count, sizeof *numbers);
    bool with_total = numbers != NULL && gr_class_numbers(p->classes, p->class_count, numbers);
    out->failed = out->failed || numbers == NULL;
    put_header(p, with_total, out);
    for (int64_t i = 0; i < p->count; i++)
        put_row(p, i, with_total ? numbers : NULL, out);
    gr_free(numbers);
}

gr_status gr_label_predictions_write_csv(const gr_label_predictions *p, const char *path, gr_error *err)
{
    gr_text out = {0};
    gr_label_predictions_csv(p, &out);
    return gr_eval_finish(&out, path, err);
}

/* ---- results.json: 0 when all went well, as jansson's own functions ---------------------------------------------------- */

static int add_shares(json_t *to, const double *value)
{
    int bad = json_object_set_new(to, "accuracy", gr_json_real(value[GR_METRIC_ACCURACY]));
    return bad | json_object_set_new(to, "f1_macro", gr_json_real(value[GR_METRIC_F1_MACRO]));
}

static int add_answers(json_t *to, const gr_metrics *m, int64_t answers)
{
    int bad = json_object_set_new(to, "n", json_integer(m->n));
    bad |= json_object_set_new(to, "answers", json_integer(answers));
    return bad | add_shares(to, m->value);
}

static int add_levels(json_t *root, const gr_results *r)
{
    json_t *folds = json_array(), *pooled = json_object(), *mean = json_object(), *std = json_object();
    int bad = 0;
    for (int f = 0; f < r->fold_count; f++) {
        json_t *fold = json_object();
        bad |= json_object_set_new(fold, "fold", json_string(r->fold_names[f]));
        bad |= add_answers(fold, &r->folds[f], r->labels->answers[f]);
        if (r->kept != NULL)
            bad |= json_object_set_new(fold, "kept", gr_eval_kept(&r->kept[f]));
        bad |= json_array_append_new(folds, fold);
    }
    bad |= json_object_set_new(root, "folds", folds);
    bad |= add_answers(pooled, &r->pooled, r->labels->answers[r->fold_count]);
    bad |= json_object_set_new(root, "pooled", pooled);
    bad |= add_shares(mean, r->mean);
    bad |= json_object_set_new(root, "mean", mean);
    bad |= add_shares(std, r->std);
    return bad | json_object_set_new(root, "std", std);
}

static int add_total(json_t *root, const gr_results *r)
{
    const gr_score_summary *t = &r->labels->total;
    if (!r->labels->has_total)
        return json_object_set_new(root, "total", json_null());
    json_t *total = json_object(), *folds = json_array();
    json_t *pooled = json_object(), *mean = json_object(), *std = json_object();
    int bad = 0;
    for (int f = 0; f < r->fold_count; f++) {
        json_t *fold = json_object();
        bad |= json_object_set_new(fold, "fold", json_string(r->fold_names[f]));
        bad |= gr_eval_add_score(fold, t->folds[f].n, t->folds[f].value);
        bad |= json_array_append_new(folds, fold);
    }
    bad |= json_object_set_new(total, "folds", folds);
    bad |= gr_eval_add_score(pooled, t->pooled.n, t->pooled.value);
    bad |= gr_eval_add_score_bootstrap(pooled, &r->labels->bootstrap, t);
    bad |= json_object_set_new(total, "pooled", pooled);
    bad |= gr_eval_add_score(mean, -1, t->mean);
    bad |= json_object_set_new(total, "mean", mean);
    bad |= gr_eval_add_score(std, -1, t->std);
    bad |= json_object_set_new(total, "std", std);
    return bad | json_object_set_new(root, "total", total);
}

static int add_all(json_t *root, const gr_results *r)
{
    const gr_label_results *l = r->labels;
    json_t *labels = json_array(), *list = json_array();
    int bad = json_object_set_new(root, "name", json_string(r->name));
    bad |= json_object_set_new(root, "task", json_string("classes"));
    for (int k = 0; k < l->count; k++)
        bad |= json_array_append_new(labels, json_string(l->names[k]));
    bad |= json_object_set_new(root, "labels", labels);
    bad |= add_levels(root, r);
    for (int k = 0; k < l->count; k++) {
        json_t *one = json_object();
        bad |= json_object_set_new(one, "label", json_string(l->names[k]));
        bad |= gr_eval_add_classes(one, &l->each[k]);
        bad |= json_array_append_new(list, one);
    }
    bad |= json_object_set_new(root, "per_label", list);
    bad |= add_total(root, r);
    return bad | json_object_set_new(root, "reported", gr_reported_json(r->reported));
}

json_t *gr_eval_label_results(const gr_results *r)
{
    json_t *root = json_object();
    if (root != NULL && add_all(root, r) == 0)
        return root;
    json_decref(root);
    return NULL;
}

/* One value of a column, as a fold, with the numbers of each label. */
static int add_value(json_t *to, const gr_results *r, int v)
{
    const gr_label_results *l = r->labels;
    json_t *list = json_array();
    int bad = json_object_set_new(to, "value", json_string(r->fold_names[v]));
    bad |= add_answers(to, &r->folds[v], l->answers[v]);
    for (int k = 0; k < l->count; k++) {
        json_t *one = json_pack("{s:s}", "label", l->names[k]), *metrics = gr_eval_metrics(&l->each[k], &l->each[k].folds[v]);
        bad |= metrics == NULL || json_object_update(one, metrics) != 0;
        json_decref(metrics);
        bad |= json_array_append_new(list, one);
    }
    return bad | json_object_set_new(to, "per_label", list);
}

json_t *gr_eval_label_values(const gr_results *r)
{
    json_t *object = json_object(), *values = json_array(), *mean = json_object(), *std = json_object();
    int bad = 0;
    for (int v = 0; v < r->fold_count; v++) {
        json_t *one = json_object();
        bad |= add_value(one, r, v);
        bad |= json_array_append_new(values, one);
    }
    bad |= json_object_set_new(object, "values", values);
    bad |= add_shares(mean, r->mean);
    bad |= json_object_set_new(object, "mean", mean);
    bad |= add_shares(std, r->std);
    bad |= json_object_set_new(object, "std", std);
    if (bad == 0)
        return object;
    json_decref(object);
    return NULL;
}

/* ---- results.csv ------------------------------------------------------------------------------------------------------- */

static void put_names(gr_text *out, const gr_label_results *l)
{
    gr_text_printf(out, "fold,n,answers,accuracy,f1_macro");
    for (int k = 0; k < l->count; k++)
        for (int i = -1; i < GR_METRIC_COUNT; i++) {
            char prefix[64];
            snprintf(prefix, sizeof prefix, "%s_of_", i < 0 ? "n" : gr_metric_name((gr_metric)i));
            gr_text_add(out, ",", 1);
            gr_csv_put_joined(out, prefix, l->names[k]);
        }
    if (l->has_total)
        gr_eval_score_names(out, "total");
    gr_text_add(out, "\n", 1);
}

static void put_metrics(gr_text *out, const gr_metrics *m, const double *value)
{
    if (m != NULL)
        gr_text_printf(out, ",%lld", (long long)m->n);
    else
        gr_text_add(out, ",", 1);
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        gr_csv_put_rounded(out, value[i]);
}

/* Fold f, or all together for f == fold_count. */
static void put_fold(gr_text *out, const gr_results *r, int f)
{
    const gr_label_results *l = r->labels;
    bool pooled = f == r->fold_count;
    const gr_metrics *all = pooled ? &r->pooled : &r->folds[f];
    const gr_score_numbers *total = !l->has_total ? NULL : pooled ? &l->total.pooled : &l->total.folds[f];
    gr_csv_put_joined(out, "", pooled ? "pooled" : r->fold_names[f]);
    gr_text_printf(out, ",%lld,%lld", (long long)all->n, (long long)l->answers[f]);
    gr_csv_put_rounded(out, all->value[GR_METRIC_ACCURACY]);
    gr_csv_put_rounded(out, all->value[GR_METRIC_F1_MACRO]);
    for (int k = 0; k < l->count; k++) {
        const gr_metrics *m = pooled ? &l->each[k].pooled : &l->each[k].folds[f];
        put_metrics(out, m, m->value);
    }
    if (total != NULL)
        gr_eval_score_row(out, total->n, total->value);
    gr_text_add(out, "\n", 1);
}

static void put_summary(gr_text *out, const gr_results *r, bool mean)
{
    const gr_label_results *l = r->labels;
    const double *all = mean ? r->mean : r->std;
    gr_text_printf(out, "%s,,", mean ? "mean" : "std");
    gr_csv_put_rounded(out, all[GR_METRIC_ACCURACY]);
    gr_csv_put_rounded(out, all[GR_METRIC_F1_MACRO]);
    for (int k = 0; k < l->count; k++)
        put_metrics(out, NULL, mean ? l->each[k].mean : l->each[k].std);
    if (l->has_total)
        gr_eval_score_row(out, -1, mean ? l->total.mean : l->total.std);
    gr_text_add(out, "\n", 1);
}

gr_status gr_label_results_write(const gr_results *r, const char *folder, gr_error *err)
{
    gr_text out = {0};
    gr_status status = gr_eval_write_json(gr_eval_label_results(r), folder, "results.json", err);
    if (status != GR_OK)
        return status;
    put_names(&out, r->labels);
    for (int f = 0; f <= r->fold_count; f++)
        put_fold(&out, r, f);
    put_summary(&out, r, true);
    put_summary(&out, r, false);
    return gr_eval_write_text(&out, folder, "results.csv", err);
}

/* ---- the table --------------------------------------------------------------------------------------------------------- */

static void put_cell(gr_text *out, int digits, double value)
{
    if (isfinite(value))
        gr_text_printf(out, "  %8.*f", digits, value);
    else
        gr_text_printf(out, "  %8s", "-");
}

static void put_line(gr_text *out, const char *name, int64_t n, const double *value)
{
    gr_eval_put_name(out, name, 24, false);
    gr_text_printf(out, "  %8lld", (long long)n);
    put_cell(out, 2, 100.0 * value[GR_METRIC_ACCURACY]);
    put_cell(out, 4, value[GR_METRIC_F1_MACRO]);
}

void gr_eval_label_title(gr_text *out, const char *first)
{
    gr_text_printf(out, "%-24s  %8s  %8s  %8s\n", first, "images", "accuracy", "F1 macro");
}

void gr_eval_label_line(gr_text *out, const char *name, const gr_metrics *all)
{
    put_line(out, name, all->n, all->value);
    gr_text_add(out, "\n", 1);
}

void gr_label_results_table(const gr_results *r, gr_text *out)
{
    const gr_label_results *l = r->labels;
    gr_text_printf(out, "%s: %d labels; accuracy of all answers in %%, mean of their macro F1\n", r->name, l->count);
    gr_eval_label_title(out, "fold");
    for (int f = 0; f < r->fold_count; f++)
        gr_eval_label_line(out, r->fold_names[f], &r->folds[f]);
    if (r->fold_count > 1)
        gr_eval_label_line(out, "Pooled", &r->pooled);
    gr_text_printf(out, "%-24s  %8s  %8s  %8s  %8s\n", "pooled, label", "images", "accuracy", "F1 macro", "kappa");
    for (int k = 0; k < l->count; k++) {
        const gr_metrics *m = &l->each[k].pooled;
        put_line(out, l->names[k], m->n, m->value);
        put_cell(out, 4, m->value[GR_METRIC_KAPPA]);
        gr_text_add(out, "\n", 1);
    }
    if (!l->has_total)
        return;
    gr_eval_score_title(out, "pooled");
    gr_eval_score_line(out, "total", &l->total.pooled);
    gr_eval_score_limits(out, "total", &l->total.pooled);
}
