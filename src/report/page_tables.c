/* Folds, classes, columns of labels, and all numbers with all that is known of them. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "report/page_metrics.h"
#include "report/page_parts.h"
#include "report/page_words.h"

static const unsigned all_numbers = ~1u; /* of a table whose first column is a name */

/* ---- all numbers ------------------------------------------------------------------------------------------------- */

static void put_interval(gr_html_table *t, const json_t *json, const char *head, const char *key)
{
    char path[80];
    snprintf(path, sizeof path, "%s.%s", head, key);
    gr_html_cell_interval(t, gr_page_end(json, path, 0), gr_page_end(json, path, 1));
}

/* The exact interval of a share of counts, DeLong's of an area. */
static void put_exact(gr_html_table *t, const json_t *pooled, const char *key)
{
    put_interval(t, pooled, strcmp(key, "auroc") == 0 ? "delong" : "intervals", key);
}

static void put_jackknife(gr_html_table *t, const json_t *pooled, const char *key)
{
    const json_t *metric = json_object_get(gr_page_at(pooled, "groups.metrics"), key);
    gr_html_cell_interval(t, gr_page_end(metric, "jackknife", 0), gr_page_end(metric, "jackknife", 1));
}

static void put_all(gr_html *html, const json_t *numbers, const char *caption)
{
    const json_t *pooled = gr_page_at(numbers, "pooled"), *mean = gr_page_at(numbers, "mean"),
                 *sd = gr_page_at(numbers, "std");
    const char *keys[GR_MOST_METRICS], *names[8] = {"number", "value"};
    bool exact = gr_page_at(pooled, "intervals") != NULL, drawn = gr_page_at(pooled, "bootstrap") != NULL;
    bool jackknife = gr_page_at(pooled, "groups.metrics") != NULL;
    bool folds = json_array_size(gr_page_at(numbers, "folds")) > 1, chance = gr_page_at(pooled, "permutation") != NULL;
    int columns = 2;
    if (exact)
        names[columns++] = "exact interval";
    if (jackknife)
        names[columns++] = "jackknife of groups";
    if (drawn)
        names[columns++] = "bootstrap interval";
    if (folds) {
        names[columns++] = "mean over folds";
        names[columns++] = "sd over folds";
    }
    if (chance)
        names[columns++] = "p of chance";
    gr_metrics_shown(pooled, true, keys);
    gr_html_table t = gr_html_table_begin(html, columns, all_numbers, false, caption);
    for (int i = 0; i < columns; i++)
        gr_html_head(&t, names[i]);
    for (int i = 0; keys[i] != NULL; i++) {
        char path[80];
        gr_html_cell(&t, gr_metric_word(keys[i]));
        gr_html_cell_real(&t, gr_page_number(pooled, keys[i]), 3);
        if (exact)
            put_exact(&t, pooled, keys[i]);
        if (jackknife)
            put_jackknife(&t, pooled, keys[i]);
        if (drawn)
            put_interval(&t, pooled, "bootstrap", keys[i]);
        if (folds) {
            gr_html_cell_real(&t, gr_page_number(mean, keys[i]), 3);
            gr_html_cell_real(&t, gr_page_number(sd, keys[i]), 3);
        }
        snprintf(path, sizeof path, "permutation.p.%s", keys[i]);
        if (chance)
            gr_html_cell_real(&t, gr_page_number(pooled, path), 4);
    }
    gr_html_table_end(&t);
}

/* ---- folds ------------------------------------------------------------------------------------------------------- */

static const json_t *kept_of(const gr_page_run *run, size_t fold)
{
    return gr_page_at(json_array_get(gr_page_at(run->files.results, "folds"), fold), "kept");
}

/* Was another epoch than the last one tested somewhere? */
static bool any_kept(const gr_page_run *run)
{
    for (size_t i = 0; i < json_array_size(gr_page_at(run->files.results, "folds")); i++)
        if (gr_page_number(kept_of(run, i), "epoch") < gr_page_number(kept_of(run, i), "epochs"))
            return true;
    return false;
}

static void put_summary_row(gr_html_table *t, const char *name, const json_t *numbers, const char *const *keys, bool kept)
{
    gr_html_cell(t, name);
    gr_html_cell_real(t, gr_page_number(numbers, "n"), 0);
    gr_metrics_cells(t, numbers, keys);
    if (kept)
        gr_html_cell_real(t, NAN, 0);
}

static void put_folds(gr_html *html, const gr_page_run *run)
{
    const json_t *folds = gr_page_at(run->numbers, "folds");
    const char *keys[GR_MOST_METRICS];
    bool kept = any_kept(run);
    bool left_out = run->config != NULL && strcmp(run->config->split.scheme, "leave_one_group_out") == 0;
    char caption[120];
    if (json_array_size(folds) < 2)
        return;
    snprintf(caption, sizeof caption, left_out ? "Folds, each named after the %s that it was tested on" : "Folds",
             run->noun.one);
    gr_metrics_shown(gr_page_at(run->numbers, "pooled"), false, keys);
    gr_html_table t = gr_html_table_begin(html, 2 + gr_metrics_count(keys) + kept, all_numbers, true, caption);
    gr_html_head(&t, "fold");
    gr_html_head(&t, "images");
    gr_metrics_heads(&t, keys);
    if (kept)
        gr_html_head(&t, "epoch kept");
    for (size_t i = 0; i < json_array_size(folds); i++) {
        const json_t *fold = json_array_get(folds, i);
        const char *name = gr_page_text(fold, "fold");
        gr_html_cell(&t, name != NULL ? name : "");
        gr_html_cell_real(&t, gr_page_number(fold, "n"), 0);
        gr_metrics_cells(&t, fold, keys);
        if (kept)
            gr_html_cell_real(&t, gr_page_number(kept_of(run, i), "epoch"), 0);
    }
    gr_html_table_foot(&t);
    put_summary_row(&t, "all together", gr_page_at(run->numbers, "pooled"), keys, kept);
    put_summary_row(&t, "mean over folds", gr_page_at(run->numbers, "mean"), keys, kept);
    put_summary_row(&t, "standard deviation", gr_page_at(run->numbers, "std"), keys, kept);
    gr_html_table_end(&t);
}

/* ---- classes, columns, landmarks --------------------------------------------------------------------------------- */

static void put_classes(gr_html *html, const json_t *numbers, const char *caption)
{
    static const char *const keys[] = {"sensitivity", "specificity", "precision", "f1", "auroc", NULL};
    const json_t *list = gr_page_at(numbers, "pooled.per_class"), *drawn = gr_page_at(numbers, "pooled.bootstrap.per_class");
    if (json_array_size(list) == 0)
        return;
    gr_html_table t = gr_html_table_begin(html, drawn != NULL ? 9 : 8, all_numbers, true, caption);
    gr_html_head(&t, "class");
    gr_html_head(&t, "images");
    gr_html_head(&t, "recognised");
    gr_metrics_heads(&t, keys);
    if (drawn != NULL)
        gr_html_head(&t, "interval of sensitivity");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const char *name = gr_page_text(one, "class");
        gr_html_cell(&t, name != NULL ? name : "");
        gr_html_cell_real(&t, gr_page_number(one, "n"), 0);
        gr_html_cell_real(&t, gr_page_number(one, "tp"), 0);
        gr_metrics_cells(&t, one, keys);
        if (drawn != NULL)
            gr_html_cell_interval(&t, gr_page_end(json_array_get(drawn, i), "sensitivity", 0),
                                  gr_page_end(json_array_get(drawn, i), "sensitivity", 1));
    }
    gr_html_table_end(&t);
}

/* Columns of labels: objects with "label" and numbers, their own or in "pooled". */
static void put_columns(gr_html *html, const gr_page_run *run)
{
    const json_t *list = gr_page_at(run->numbers, "per_label");
    const char *keys[GR_MOST_METRICS];
    list = list != NULL ? list : gr_page_at(run->numbers, "pooled.per_label");
    if (json_array_size(list) == 0)
        return;
    const json_t *first = json_array_get(list, 0);
    gr_metrics_shown(gr_page_at(first, "pooled") != NULL ? gr_page_at(first, "pooled") : first, false, keys);
    gr_html_table t = gr_html_table_begin(html, 2 + gr_metrics_count(keys), all_numbers, true, "Columns of labels");
    gr_html_head(&t, "column");
    gr_html_head(&t, "images");
    gr_metrics_heads(&t, keys);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i), *pooled = gr_page_at(one, "pooled");
        const char *name = gr_page_text(one, "label");
        pooled = pooled != NULL ? pooled : one;
        gr_html_cell(&t, name != NULL ? name : "");
        gr_html_cell_real(&t, gr_page_number(pooled, "n"), 0);
        gr_metrics_cells(&t, pooled, keys);
    }
    gr_html_table_end(&t);
}

static void put_landmarks(gr_html *html, const gr_page_run *run)
{
    const json_t *list = gr_page_at(run->numbers, "pooled.per_landmark");
    if (json_array_size(list) == 0)
        return;
    gr_html_table t = gr_html_table_begin(html, 2, ~0u, true, "Landmarks, all images together");
    gr_html_head(&t, "landmark");
    gr_html_head(&t, "NRMSE");
    for (size_t i = 0; i < json_array_size(list); i++) {
        gr_html_cell_real(&t, gr_page_number(json_array_get(list, i), "landmark"), 0);
        gr_html_cell_real(&t, gr_page_number(json_array_get(list, i), "nrmse"), 3);
    }
    gr_html_table_end(&t);
}

static void put_kinds(gr_html *html, const gr_page_run *run)
{
    static const char *const keys[] = {"truths", "found", "matched", "empty",     "ap50",    "ap",
                                       "ap75",   "voc",   "recall",  "precision", "mean_iou"};
    enum { KEYS = sizeof keys / sizeof *keys, COUNTS = 3 };
    const json_t *list = gr_page_at(run->numbers, "pooled.per_kind");
    if (json_array_size(list) == 0)
        return;
    gr_html_table t = gr_html_table_begin(html, 1 + KEYS, ~0u - 1, true, "Kinds of boxes, all images together");
    gr_html_head(&t, "kind");
    for (int k = 0; k < KEYS; k++)
        gr_html_head(&t, keys[k]);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *kind = json_array_get(list, i);
        const char *name = gr_page_text(kind, "kind");
        gr_html_cell(&t, name != NULL ? name : "");
        for (int k = 0; k < KEYS; k++)
            gr_html_cell_real(&t, gr_page_number(kind, keys[k]), k < COUNTS ? 0 : 3);
    }
    gr_html_table_end(&t);
}

void gr_put_tables(gr_html *html, const gr_page_run *run)
{
    if (gr_page_at(run->numbers, "pooled") == NULL)
        return;
    gr_html_put(html, "<section id=\"%itables\">\n<%h>Tables</%h>\n");
    put_folds(html, run);
    put_classes(html, run->numbers, "Classes, each against the rest");
    put_columns(html, run);
    put_landmarks(html, run);
    put_kinds(html, run);
    gr_put_groups(html, run);
    if (gr_page_at(run->numbers, "pooled.per_kind") == NULL) /* those of boxes stand with their kinds */
        put_all(html, run->numbers, "All numbers, all predictions together");
    gr_html_put(html, "</section>\n");
}
