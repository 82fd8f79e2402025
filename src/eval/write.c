/* predictions.csv, results.json and results.csv. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "grimace/eval.h"

/* A field as RFC 4180 wants it, with `prefix` in front. */
static void put(gr_buffer *out, const char *prefix, const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        gr_buffer_printf(out, "%s%s", prefix, text);
        return;
    }
    gr_buffer_printf(out, "\"%s", prefix);
    for (const char *c = text; *c != '\0'; c++)
        gr_buffer_add(out, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
    gr_buffer_add(out, "\"", 1);
}

static void put_comma(gr_buffer *out, const char *text)
{
    put(out, "", text);
    gr_buffer_add(out, ",", 1);
}

static gr_status finish(gr_buffer *out, const char *path, gr_error *err)
{
    gr_status status = out->failed ? gr_fail(err, GR_NOMEM, "%s: no memory to write it", path)
                                   : gr_file_write(path, out->data, out->size, err);
    gr_buffer_free(out);
    return status;
}

void gr_predictions_csv(const gr_predictions *p, gr_buffer *out)
{
    gr_buffer_printf(out, "image,");
    if (p->groups != NULL)
        put_comma(out, p->group_column);
    gr_buffer_printf(out, "%s%spredicted", p->fold_count > 0 ? "fold," : "", p->labels != NULL ? "label," : "");
    for (int c = 0; c < p->class_count; c++) {
        gr_buffer_add(out, ",", 1);
        put(out, "p_", p->classes[c]);
    }
    gr_buffer_add(out, "\n", 1);
    for (int64_t i = 0; i < p->count; i++) {
        put_comma(out, p->images[i]);
        if (p->groups != NULL)
            put_comma(out, p->groups[i]);
        if (p->fold_count > 0)
            put_comma(out, p->folds[p->fold[i]]);
        if (p->labels != NULL)
            put_comma(out, p->classes[p->labels[i]]);
        put_comma(out, p->classes[p->predicted[i]]);
        for (int c = 0; c < p->class_count; c++)
            gr_buffer_printf(out, "%s%.9g", c > 0 ? "," : "", (double)p->probabilities[i * p->class_count + c]);
        gr_buffer_add(out, "\n", 1);
    }
}

gr_status gr_predictions_write_csv(const gr_predictions *p, const char *path, gr_error *err)
{
    gr_buffer out = {0};
    gr_predictions_csv(p, &out);
    return finish(&out, path, err);
}

/* ---- results.json ---------------------------------------------------------------------------------------------------- */

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* 0 when all went well, as jansson's own functions. */
static int add_values(json_t *to, const double *values)
{
    int bad = 0;
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        bad |= json_object_set_new(to, gr_metric_name((gr_metric)i), number(values[i]));
    return bad;
}

static int add_metrics(json_t *to, const gr_metrics *m)
{
    json_t *matrix = json_array();
    int bad = json_object_set_new(to, "n", json_integer(m->n));
    for (int c = 0; c < m->class_count; c++) {
        json_t *row = json_array();
        for (int d = 0; d < m->class_count; d++)
            bad |= json_array_append_new(row, json_integer(m->confusion[c * m->class_count + d]));
        bad |= json_array_append_new(matrix, row);
    }
    bad |= json_object_set_new(to, "confusion", matrix);
    return bad | add_values(to, m->value);
}

static int add_all(json_t *root, const gr_results *r)
{
    json_t *classes = json_array(), *folds = json_array();
    json_t *pooled = json_object(), *mean = json_object(), *std = json_object();
    int bad = json_object_set_new(root, "name", json_string(r->name));
    for (int c = 0; c < r->class_count; c++)
        bad |= json_array_append_new(classes, json_string(r->classes[c]));
    bad |= json_object_set_new(root, "classes", classes);
    bad |= json_object_set_new(root, "positive", json_string(r->classes[r->positive]));
    for (int f = 0; f < r->fold_count; f++) {
        json_t *fold = json_object();
        bad |= json_object_set_new(fold, "fold", json_string(r->fold_names[f]));
        bad |= add_metrics(fold, &r->folds[f]);
        bad |= json_array_append_new(folds, fold);
    }
    bad |= json_object_set_new(root, "folds", folds);
    bad |= add_metrics(pooled, &r->pooled);
    bad |= json_object_set_new(root, "pooled", pooled);
    bad |= add_values(mean, r->mean);
    bad |= json_object_set_new(root, "mean", mean);
    bad |= add_values(std, r->std);
    return bad | json_object_set_new(root, "std", std);
}

static gr_status write_json(const gr_results *r, const char *path, gr_error *err)
{
    json_t *root = json_object();
    gr_buffer out = {0};
    char *text = root != NULL && add_all(root, r) == 0 ? json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) : NULL;
    if (text != NULL)
        gr_buffer_printf(&out, "%s\n", text);
    out.failed = out.failed || text == NULL;
    free(text); /* jansson's own block */
    json_decref(root);
    return finish(&out, path, err);
}

/* ---- results.csv ----------------------------------------------------------------------------------------------------- */

static void put_row(gr_buffer *out, const char *name, const gr_metrics *m, const double *values)
{
    put_comma(out, name);
    if (m != NULL)
        gr_buffer_printf(out, "%lld", (long long)m->n);
    for (int i = 0; i < GR_METRIC_COUNT; i++) {
        gr_buffer_printf(out, ",");
        if (isfinite(values[i]))
            gr_buffer_printf(out, "%.17g", values[i]);
    }
    gr_buffer_printf(out, "\n");
}

static gr_status write_csv(const gr_results *r, const char *path, gr_error *err)
{
    gr_buffer out = {0};
    gr_buffer_printf(&out, "fold,n");
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        gr_buffer_printf(&out, ",%s", gr_metric_name((gr_metric)i));
    gr_buffer_printf(&out, "\n");
    for (int f = 0; f < r->fold_count; f++)
        put_row(&out, r->fold_names[f], &r->folds[f], r->folds[f].value);
    put_row(&out, "pooled", &r->pooled, r->pooled.value);
    put_row(&out, "mean", NULL, r->mean);
    put_row(&out, "std", NULL, r->std);
    return finish(&out, path, err);
}

gr_status gr_results_write(const gr_results *results, const char *folder, gr_error *err)
{
    char *json = gr_path_join(folder, "results.json"), *csv = gr_path_join(folder, "results.csv");
    gr_status status = json != NULL && csv != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "%s: no memory for a path", folder);
    if (status == GR_OK)
        status = write_json(results, json, err);
    if (status == GR_OK)
        status = write_csv(results, csv, err);
    gr_free(json);
    gr_free(csv);
    return status;
}
