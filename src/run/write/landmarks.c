/* A run for landmarks on disk and in words: predictions.csv, results.json, results.csv, the table at its end. */
#include <math.h>

#include "run/write/reported.h"
#include "run/write/results.h"

/* ---- predictions.csv -------------------------------------------------------------------------------------------------- */

static void put_nrmse(const gr_landmark_predictions *p, int64_t i, gr_text *out)
{
    gr_landmark_error error;
    int64_t row = i * 2 * p->landmarks;
    gr_landmark_nrmse(p->coordinates + row, p->truth + row, p->lengths + i, 1, p->landmarks, &error, NULL);
    if (isfinite(error.nrmse))
        gr_text_printf(out, ",%.9g", error.nrmse);
    else
        gr_text_printf(out, ",");
}

void gr_landmark_predictions_csv(const gr_landmark_predictions *p, gr_text *out)
{
    gr_eval_head_names(out, p->groups != NULL ? p->group_column : NULL, p->fold_count > 0);
    gr_text_printf(out, "%s", p->truth != NULL ? ",nrmse" : "");
    for (int l = 1; l <= p->landmarks; l++)
        gr_text_printf(out, ",lm%d_x,lm%d_y", l, l);
    gr_text_printf(out, "\n");
    for (int64_t i = 0; i < p->count; i++) {
        gr_eval_head(out, p->images[i], p->groups != NULL ? p->groups[i] : NULL,
                     p->fold_count > 0 ? p->folds[p->fold[i]] : NULL);
        if (p->truth != NULL)
            put_nrmse(p, i, out);
        for (int k = 0; k < 2 * p->landmarks; k++)
            gr_text_printf(out, ",%.9g", (double)p->coordinates[i * 2 * p->landmarks + k]);
        gr_text_printf(out, "\n");
    }
}

gr_status gr_landmark_predictions_write_csv(const gr_landmark_predictions *p, const char *path, gr_error *err)
{
    gr_text out = {0};
    gr_landmark_predictions_csv(p, &out);
    return gr_eval_finish(&out, path, err);
}

/* ---- results.json: 0 when all went well, as jansson's own functions --------------------------------------------------- */

static int add_units(json_t *to, const gr_landmark_results *l, int fold)
{
    json_t *list = json_array();
    int bad = 0;
    for (int u = 0; u < l->units; u++)
        bad |= json_array_append_new(list, json_pack("{s:s, s:i, s:o}", "unit", l->unit_names[u], "landmarks", l->unit_sizes[u],
                                                     "nrmse", gr_json_real(l->of_unit[fold * l->units + u])));
    return bad | json_object_set_new(to, "per_unit", list);
}

/* Of fold `fold`, or of all together. */
static int add_error(json_t *to, const gr_landmark_results *l, int fold, bool pooled)
{
    const gr_landmark_error *e = pooled ? &l->pooled : &l->folds[fold];
    const double *each = l->each + (size_t)fold * (size_t)l->landmarks;
    int landmarks = l->landmarks;
    json_t *list = json_array();
    int bad = json_object_set_new(to, "n", json_integer(e->images + e->left_out));
    bad |= json_object_set_new(to, "left_out", json_integer(e->left_out));
    bad |= json_object_set_new(to, "nrmse", gr_json_real(e->nrmse));
    bad |= json_object_set_new(to, "pixels", gr_json_real(e->pixels));
    for (int l = 0; l < landmarks; l++)
        bad |= json_array_append_new(list, json_pack("{s:i, s:o}", "landmark", l + 1, "nrmse", gr_json_real(each[l])));
    if (l->units > 0)
        bad |= add_units(to, l, fold);
    return bad | json_object_set_new(to, "per_landmark", list);
}

static int add_summary(json_t *root, const char *key, const double values[2])
{
    return json_object_set_new(
        root, key, json_pack("{s:o, s:o}", "nrmse", gr_json_real(values[0]), "pixels", gr_json_real(values[1])));
}

static int add_all(json_t *root, const gr_results *r)
{
    const gr_landmark_results *l = r->landmarks;
    json_t *folds = json_array(), *pooled = json_object();
    int bad = json_object_set_new(root, "name", json_string(r->name));
    bad |= json_object_set_new(root, "task", json_string("landmarks"));
    bad |= json_object_set_new(root, "landmarks", json_integer(l->landmarks));
    bad |= json_object_set_new(root, "normalised_by", json_string(l->normalised_by));
    for (int f = 0; f < r->fold_count; f++) {
        json_t *fold = json_object();
        bad |= json_object_set_new(fold, "fold", json_string(r->fold_names[f]));
        bad |= add_error(fold, l, f, false);
        if (r->kept != NULL)
            bad |= json_object_set_new(fold, "kept", gr_eval_kept(&r->kept[f]));
        bad |= json_array_append_new(folds, fold);
    }
    bad |= json_object_set_new(root, "folds", folds);
    bad |= add_error(pooled, l, r->fold_count, true);
    bad |= json_object_set_new(root, "pooled", pooled);
    bad |= add_summary(root, "mean", l->mean);
    bad |= add_summary(root, "std", l->std);
    return bad | json_object_set_new(root, "reported", gr_reported_json(r->reported));
}

static json_t *results_json(const gr_results *r)
{
    json_t *root = json_object();
    if (root != NULL && add_all(root, r) == 0)
        return root;
    json_decref(root);
    return NULL;
}

/* ---- results.csv ------------------------------------------------------------------------------------------------------ */

static void put_row(gr_text *out, const char *name, const gr_landmark_results *l, int fold, bool pooled)
{
    const gr_landmark_error *e = pooled ? &l->pooled : &l->folds[fold];
    const double *each = l->each + (size_t)fold * (size_t)l->landmarks;
    gr_csv_put_joined(out, "", name);
    gr_text_printf(out, ",%lld,%lld", (long long)(e->images + e->left_out), (long long)e->left_out);
    gr_csv_put_rounded(out, e->nrmse);
    gr_csv_put_rounded(out, e->pixels);
    for (int k = 0; k < l->landmarks; k++)
        gr_csv_put_rounded(out, each[k]);
    for (int u = 0; u < l->units; u++)
        gr_csv_put_rounded(out, l->of_unit[fold * l->units + u]);
    gr_text_printf(out, "\n");
}

static gr_status write_csv(const gr_results *r, const char *folder, gr_error *err)
{
    const gr_landmark_results *l = r->landmarks;
    gr_text out = {0};
    gr_text_printf(&out, "fold,n,left_out,nrmse,pixels");
    for (int i = 1; i <= l->landmarks; i++)
        gr_text_printf(&out, ",nrmse_of_lm%d", i);
    for (int u = 0; u < l->units; u++)
        gr_text_printf(&out, ",nrmse_of_%s", l->unit_names[u]);
    gr_text_printf(&out, "\n");
    for (int f = 0; f <= r->fold_count; f++)
        put_row(&out, f < r->fold_count ? r->fold_names[f] : "pooled", l, f, f == r->fold_count);
    for (int i = 0; i < 2; i++) {
        const double *values = i == 0 ? l->mean : l->std;
        gr_text_printf(&out, "%s,,", i == 0 ? "mean" : "std");
        gr_csv_put_rounded(&out, values[0]);
        gr_csv_put_rounded(&out, values[1]);
        for (int k = 0; k < l->landmarks + l->units; k++)
            gr_text_printf(&out, ",");
        gr_text_printf(&out, "\n");
    }
    return gr_eval_write_text(&out, folder, "results.csv", err);
}

gr_status gr_landmark_results_write(const gr_results *results, const char *folder, gr_error *err)
{
    gr_status status = gr_eval_write_json(results_json(results), folder, "results.json", err);
    return status == GR_OK ? write_csv(results, folder, err) : status;
}

/* ---- the table -------------------------------------------------------------------------------------------------------- */

static void put_cell(gr_text *out, int width, double value)
{
    if (isfinite(value))
        gr_text_printf(out, "  %*.2f", width, value);
    else
        gr_text_printf(out, "  %*s", width, "-");
}

static void put_line(gr_text *out, const char *name, const gr_landmark_error *e)
{
    gr_text_printf(out, "%-24.24s  %8lld", name, (long long)(e->images + e->left_out));
    put_cell(out, 8, 100.0 * e->nrmse);
    put_cell(out, 8, e->pixels);
    gr_text_printf(out, "\n");
}

void gr_landmark_results_table(const gr_results *r, int columns, gr_text *out)
{
    enum { ACROSS = 8, WIDTH = 13 };
    int across = columns > 0 && columns / WIDTH < ACROSS ? columns / WIDTH : ACROSS;
    const gr_landmark_results *l = r->landmarks;
    const double *each = l->each + (size_t)r->fold_count * (size_t)l->landmarks;
    gr_text_printf(out, "%s: %d landmarks; NRMSE in %% of %s, mean distance in pixels\n", r->name, l->landmarks,
                     l->normalised_by);
    gr_text_printf(out, "%-24s  %8s  %8s  %8s\n", "fold", "images", "NRMSE", "pixels");
    for (int f = 0; f < r->fold_count; f++)
        put_line(out, r->fold_names[f], &l->folds[f]);
    if (r->fold_count > 1) {
        put_line(out, "Pooled", &l->pooled);
        gr_text_printf(out, "mean over folds: NRMSE");
        put_cell(out, 0, 100.0 * l->mean[0]);
        gr_text_printf(out, " (sd");
        put_cell(out, 0, 100.0 * l->std[0]);
        gr_text_printf(out, ")\n");
    }
    if (l->pooled.left_out > 0)
        gr_text_printf(out, "no length normalises %lld image%s: counted in the mean distance only\n",
                         (long long)l->pooled.left_out, l->pooled.left_out == 1 ? "" : "s");
    for (int u = 0; u < l->units; u++) {
        gr_text_printf(out, "%s%s", u == 0 ? "NRMSE by action unit: " : ", ", l->unit_names[u]);
        put_cell(out, 0, 100.0 * l->of_unit[r->fold_count * l->units + u]);
    }
    gr_text_printf(out, "%sNRMSE of each landmark:", l->units > 0 ? "\n" : "");
    for (int i = 0; i < l->landmarks; i++) {
        gr_text_printf(out, "%s  %3d", i % (across > 0 ? across : 1) == 0 ? "\n" : "", i + 1);
        put_cell(out, 6, 100.0 * each[i]);
    }
    gr_text_printf(out, "\n");
}
