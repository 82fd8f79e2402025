/* A run for boxes on disk and in words: predictions.csv, results.json, results.csv, the table at its end. */
#include <math.h>

#include "grimace/box_results.h"
#include "run/write/results.h"

/* ---- predictions.csv -------------------------------------------------------------------------------------------------- */

static void put_box(const gr_plain_box *b, char between, gr_text *out)
{
    gr_text_printf(out, "%.9g%c%.9g%c%.9g%c%.9g", b->x, between, b->y, between, b->width, between, b->height);
}

static void put_boxes(const gr_box_predictions *p, const gr_kind_box *boxes, int64_t count, bool scored, gr_text *out)
{
    for (int64_t i = 0; i < count; i++) {
        gr_text_printf(out, "%s%s ", i > 0 ? "; " : "", p->kinds[boxes[i].kind]);
        put_box(&boxes[i].box, ' ', out);
        if (scored)
            gr_text_printf(out, " %.9g", boxes[i].score);
    }
}

static void put_best(const gr_box_predictions *p, const gr_box_case *found, gr_text *out)
{
    int64_t best = 0;
    while (best < found->found_count && found->found[best].kind != 0)
        best++;
    gr_text_add(out, ",", 1);
    if (best < found->found_count && found->found[best].score >= p->score) {
        put_box(&found->found[best].box, ',', out);
        gr_text_printf(out, ",%.9g", found->found[best].score);
    } else {
        gr_text_printf(out, ",,,,");
    }
}

void gr_box_predictions_csv(const gr_box_predictions *p, gr_text *out)
{
    gr_eval_head_names(out, p->groups != NULL ? p->group_column : NULL, p->fold_count > 0);
    gr_text_printf(out, ",box_x,box_y,box_w,box_h,box_score%s,predicted\n", p->known ? ",label" : "");
    for (int64_t i = 0; i < p->count; i++) {
        const gr_box_case *boxes = &p->cases[i];
        gr_eval_head(out, p->images[i], p->groups != NULL ? p->groups[i] : NULL,
                     p->fold_count > 0 ? p->folds[p->fold[i]] : NULL);
        put_best(p, boxes, out);
        gr_text_add(out, ",", 1);
        if (p->known) {
            put_boxes(p, boxes->truths, boxes->truth_count, false, out);
            gr_text_add(out, ",", 1);
        }
        put_boxes(p, boxes->found, boxes->found_count, true, out);
        gr_text_add(out, "\n", 1);
    }
}

gr_status gr_box_predictions_write_csv(const gr_box_predictions *p, const char *path, gr_error *err)
{
    gr_text out = {0};
    gr_box_predictions_csv(p, &out);
    return gr_eval_finish(&out, path, err);
}

/* ---- results.json: 0 when all went well, as jansson's own functions --------------------------------------------------- */

static double share_empty(const gr_box_numbers *n)
{
    return n->images > 0 ? (double)n->empty / (double)n->images : NAN;
}

static int add_numbers(json_t *to, const gr_box_numbers *n)
{
    int bad = json_object_set_new(to, "truths", json_integer(n->truths));
    bad |= json_object_set_new(to, "found", json_integer(n->found));
    bad |= json_object_set_new(to, "matched", json_integer(n->matched));
    bad |= json_object_set_new(to, "empty", gr_json_real(share_empty(n)));
    for (int m = 0; m < GR_BOX_METRIC_COUNT; m++)
        bad |= json_object_set_new(to, gr_box_metric_name((gr_box_metric)m),
                                   gr_json_real(gr_box_metric_of(n, (gr_box_metric)m)));
    return bad;
}

/* The first kind's numbers, those of each kind, and their mean. */
static int add_kinds(json_t *to, const gr_box_results *b, int f)
{
    const gr_box_numbers *each = b->each + (size_t)f * (size_t)b->kind_count;
    json_t *kinds = json_array();
    double sum[2] = {0, 0};
    int bad = json_object_set_new(to, "n", json_integer(each->images));
    bad |= add_numbers(to, each);
    for (int k = 0; k < b->kind_count; k++) {
        json_t *kind = json_object();
        bad |= json_object_set_new(kind, "kind", json_string(b->kinds[k]));
        bad |= add_numbers(kind, &each[k]);
        bad |= json_array_append_new(kinds, kind);
        sum[0] += each[k].ap;
        sum[1] += each[k].ap50;
    }
    bad |= json_object_set_new(to, "mean_ap", gr_json_real(sum[0] / b->kind_count));
    bad |= json_object_set_new(to, "mean_ap50", gr_json_real(sum[1] / b->kind_count));
    return bad | json_object_set_new(to, "per_kind", kinds);
}

static int add_summary(json_t *root, const char *key, const double *values)
{
    json_t *all = json_object();
    int bad = 0;
    for (int m = 0; m < GR_BOX_METRIC_COUNT; m++)
        bad |= json_object_set_new(all, gr_box_metric_name((gr_box_metric)m), gr_json_real(values[m]));
    return bad | json_object_set_new(root, key, all);
}

static int add_all(json_t *root, const gr_results *r)
{
    const gr_box_results *b = r->boxes;
    json_t *folds = json_array(), *pooled = json_object(), *kinds = json_array();
    int bad = json_object_set_new(root, "name", json_string(r->name));
    bad |= json_object_set_new(root, "task", json_string("boxes"));
    for (int k = 0; k < b->kind_count; k++)
        bad |= json_array_append_new(kinds, json_string(b->kinds[k]));
    bad |= json_object_set_new(root, "kinds", kinds);
    bad |= json_object_set_new(root, "score", gr_json_real(b->score));
    for (int f = 0; f < r->fold_count; f++) {
        json_t *fold = json_object();
        bad |= json_object_set_new(fold, "fold", json_string(r->fold_names[f]));
        bad |= add_kinds(fold, b, f);
        if (r->kept != NULL)
            bad |= json_object_set_new(fold, "kept", gr_eval_kept(&r->kept[f]));
        bad |= json_array_append_new(folds, fold);
    }
    bad |= json_object_set_new(root, "folds", folds);
    bad |= add_kinds(pooled, b, r->fold_count);
    bad |= json_object_set_new(root, "pooled", pooled);
    bad |= add_summary(root, "mean", b->mean);
    return bad | add_summary(root, "std", b->std);
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

static void put_row(gr_text *out, const char *fold, const char *kind, const gr_box_numbers *n)
{
    gr_csv_put_joined(out, "", fold);
    gr_csv_put_joined(out, ",", kind);
    gr_text_printf(out, ",%lld,%lld,%lld,%lld", (long long)n->images, (long long)n->truths, (long long)n->found,
                   (long long)n->matched);
    gr_csv_put_rounded(out, share_empty(n));
    for (int m = 0; m < GR_BOX_METRIC_COUNT; m++)
        gr_csv_put_rounded(out, gr_box_metric_of(n, (gr_box_metric)m));
    gr_text_add(out, "\n", 1);
}

static gr_status write_csv(const gr_results *r, const char *folder, gr_error *err)
{
    const gr_box_results *b = r->boxes;
    gr_text out = {0};
    gr_text_printf(&out, "fold,kind,n,truths,found,matched,empty");
    for (int m = 0; m < GR_BOX_METRIC_COUNT; m++)
        gr_text_printf(&out, ",%s", gr_box_metric_name((gr_box_metric)m));
    gr_text_add(&out, "\n", 1);
    for (int f = 0; f <= r->fold_count; f++)
        for (int k = 0; k < b->kind_count; k++)
            put_row(&out, f < r->fold_count ? r->fold_names[f] : "pooled", b->kinds[k], &b->each[f * b->kind_count + k]);
    for (int i = 0; i < 2; i++) {
        gr_text_printf(&out, "%s,", i == 0 ? "mean" : "std");
        gr_csv_put_joined(&out, "", b->kinds[0]);
        gr_text_printf(&out, ",,,,,");
        for (int m = 0; m < GR_BOX_METRIC_COUNT; m++)
            gr_csv_put_rounded(&out, i == 0 ? b->mean[m] : b->std[m]);
        gr_text_add(&out, "\n", 1);
    }
    return gr_eval_write_text(&out, folder, "results.csv", err);
}

gr_status gr_box_results_write(const gr_results *results, const char *folder, gr_error *err)
{
    gr_status status = gr_eval_write_json(results_json(results), folder, "results.json", err);
    return status == GR_OK ? write_csv(results, folder, err) : status;
}

/* ---- the table -------------------------------------------------------------------------------------------------------- */

static const gr_box_metric shown[] = {GR_BOX_AP50, GR_BOX_AP, GR_BOX_RECALL, GR_BOX_PRECISION, GR_BOX_MEAN_IOU};
enum { SHOWN = sizeof shown / sizeof *shown };

static void put_cell(gr_text *out, int width, int digits, double value)
{
    if (isfinite(value))
        gr_text_printf(out, "  %*.*f", width, digits, value);
    else
        gr_text_printf(out, "  %*s", width, "-");
}

static void put_line(gr_text *out, const char *name, int width, const gr_box_numbers *n)
{
    gr_eval_put_name(out, name, width, false);
    gr_text_printf(out, "  %8lld  %8lld", (long long)n->images, (long long)n->truths);
    put_cell(out, 9, 2, 100.0 * share_empty(n));
    for (int i = 0; i < SHOWN; i++)
        put_cell(out, 9, 4, gr_box_metric_of(n, shown[i]));
    gr_text_add(out, "\n", 1);
}

void gr_box_results_table(const gr_results *r, gr_text *out)
{
    const gr_box_results *b = r->boxes;
    int width = gr_eval_name_width("Pooled");
    for (int f = 0; f < r->fold_count; f++)
        width = gr_eval_name_width(r->fold_names[f]) > width ? gr_eval_name_width(r->fold_names[f]) : width;
    for (int k = 0; k < b->kind_count; k++)
        width = gr_eval_name_width(b->kinds[k]) > width ? gr_eval_name_width(b->kinds[k]) : width;
    gr_text_printf(out, "%s: boxes of the kind %s", r->name, b->kinds[0]);
    if (isfinite(b->score))
        gr_text_printf(out, "; recall, precision and mean IoU from score %g on", b->score);
    gr_text_printf(out, "\n");
    gr_eval_put_name(out, "fold", width, false);
    gr_text_printf(out, "  %8s  %8s  %9s", "images", "boxes", "% without");
    for (int i = 0; i < SHOWN; i++)
        gr_text_printf(out, "  %9s", gr_box_metric_name(shown[i]));
    gr_text_add(out, "\n", 1);
    for (int f = 0; f < r->fold_count; f++)
        put_line(out, r->fold_names[f], width, &b->each[f * b->kind_count]);
    if (r->fold_count > 1)
        put_line(out, "Pooled", width, &b->each[r->fold_count * b->kind_count]);
    if (r->fold_count > 1) {
        gr_text_printf(out, "mean over folds: ap50");
        put_cell(out, 0, 4, b->mean[GR_BOX_AP50]);
        gr_text_printf(out, " (sd");
        put_cell(out, 0, 4, b->std[GR_BOX_AP50]);
        gr_text_printf(out, ")\n");
    }
    if (b->kind_count > 1)
        gr_text_printf(out, "all images, kind by kind:\n");
    for (int k = 0; b->kind_count > 1 && k < b->kind_count; k++)
        put_line(out, b->kinds[k], width, &b->each[r->fold_count * b->kind_count + k]);
}
