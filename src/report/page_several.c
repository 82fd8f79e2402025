/* What stands beside a run's own numbers where several trainings make it: a sweep's settings, a study's labels, total and
 * matrix. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "report/page_metrics.h"
#include "report/page_parts.h"
#include "report/run_table.h"

static const unsigned all_numbers = ~1u;
enum { MOST_SETTINGS = 300, MOST_KEYS = 32 };

static const char *text_of(const json_t *json, const char *key)
{
    const char *text = gr_page_text(json, key);
    return text != NULL ? text : "";
}

/* ---- sweeps ------------------------------------------------------------------------------------------------------ */

/* A value of a key is text, or a number in older files. */
static void put_value(gr_html_table *t, const json_t *value)
{
    char number[40];
    if (json_is_string(value)) {
        gr_html_cell(t, json_string_value(value));
        return;
    }
    snprintf(number, sizeof number, "%.10g", json_is_number(value) ? json_number_value(value) : NAN);
    gr_html_cell(t, json_is_number(value) ? number : "");
}

static int list_keys(const json_t *settings, const char *keys[MOST_KEYS])
{
    const char *key;
    json_t *value;
    int count = 0;
    json_object_foreach(json_object_get(json_array_get(settings, 0), "values"), key, value)
    {
        if (count < MOST_KEYS)
            keys[count++] = key;
    }
    return count;
}

static void put_settings(gr_html *html, const json_t *settings)
{
    const char *metrics[GR_MOST_METRICS], *keys[MOST_KEYS];
    int key_count = list_keys(settings, keys);
    gr_metrics_shown(gr_page_at(json_array_get(settings, 0), "pooled"), false, metrics);
    unsigned bits = 1u | ~((2u << (2 + key_count)) - 1u) | (1u << (2 + key_count));
    gr_html_table t = gr_html_table_begin(html, 3 + key_count + gr_metrics_count(metrics), bits, true,
                                          "Settings, best first; all test predictions of a setting together");
    gr_html_head(&t, "rank");
    gr_html_head(&t, "setting");
    for (int k = 0; k < key_count; k++)
        gr_html_head(&t, keys[k]);
    gr_html_head(&t, "folds");
    gr_metrics_heads(&t, metrics);
    for (size_t i = 0; i < json_array_size(settings) && i < MOST_SETTINGS; i++) {
        const json_t *one = json_array_get(settings, i);
        gr_html_cell_real(&t, gr_page_number(one, "rank"), 0);
        gr_html_cell(&t, text_of(one, "name"));
        for (int k = 0; k < key_count; k++)
            put_value(&t, json_object_get(json_object_get(one, "values"), keys[k]));
        gr_html_cell_real(&t, gr_page_number(one, "folds"), 0);
        gr_metrics_cells(&t, gr_page_at(one, "pooled"), metrics);
    }
    gr_html_table_end(&t);
    if (json_array_size(settings) > MOST_SETTINGS)
        gr_html_put(html, "<p class=\"soft\">The first %d of %d; sweep.csv has all.</p>\n", (long long)MOST_SETTINGS,
                    (long long)json_array_size(settings));
}

static void put_spread(gr_html *html, const json_t *spread)
{
    const char *keys[GR_MOST_METRICS];
    gr_metrics_shown(spread, true, keys);
    if (keys[0] == NULL)
        return;
    gr_html_table t = gr_html_table_begin(html, 5, all_numbers, true, "Spread over the settings");
    gr_html_head(&t, "number");
    gr_html_head(&t, "best");
    gr_html_head(&t, "worst");
    gr_html_head(&t, "mean");
    gr_html_head(&t, "standard deviation");
    for (int i = 0; keys[i] != NULL; i++) {
        const json_t *one = gr_page_at(spread, keys[i]);
        gr_html_cell(&t, gr_metric_word(keys[i]));
        gr_html_cell_real(&t, gr_page_number(one, "best"), 3);
        gr_html_cell_real(&t, gr_page_number(one, "worst"), 3);
        gr_html_cell_real(&t, gr_page_number(one, "mean"), 3);
        gr_html_cell_real(&t, gr_page_number(one, "std"), 3);
    }
    gr_html_table_end(&t);
}

/* The columns of costs.csv as they are: what was measured, and what the paper says (paper_...). */
static void put_costs(gr_html *html, const gr_page_run *run)
{
    gr_csv *costs = NULL;
    gr_text why = {0};
    gr_error unread = {0};
    bool there = gr_run_has_table(&run->files, "costs.csv", "sweep", &why);
    gr_text_free(&why);
    if (!there || gr_run_table_read(&run->files, "costs.csv", &costs, &unread) != GR_OK)
        return;
    gr_html_table t = gr_html_table_begin(html, costs->columns - 1, all_numbers, true,
                                          "What each setting costs: its first fold's model; milliseconds of an image alone, from "
                                          "its file on, as a median over passes");
    for (int c = 1; c < costs->columns; c++)
        gr_html_head(&t, costs->header[c]);
    for (int64_t i = 0; i < costs->rows && i < MOST_SETTINGS; i++)
        for (int c = 1; c < costs->columns; c++)
            gr_html_cell(&t, gr_csv_field(costs, i, c));
    gr_html_table_end(&t);
    gr_csv_destroy(costs);
}

void gr_put_sweep(gr_html *html, const gr_page_run *run)
{
    const json_t *settings = gr_page_at(run->sweep, "settings");
    if (json_array_size(settings) == 0)
        return;
    gr_html_put(
        html,
        "<section id=\"%isettings\">\n<%h>Settings</%h>\n"
        "<p>Each is a whole run in a folder of its own; <code>grimace report %t/setting-%t</code> makes its page.</p>\n",
        run->files.path, text_of(json_array_get(settings, 0), "setting"));
    put_settings(html, settings);
    put_spread(html, gr_page_at(run->sweep, "spread"));
    put_costs(html, run);
    gr_html_put(html, "</section>\n");
}

/* ---- studies ----------------------------------------------------------------------------------------------------- */

static void put_labels(gr_html *html, const json_t *labels)
{
    const char *keys[GR_MOST_METRICS];
    gr_metrics_shown(gr_page_at(json_array_get(labels, 0), "pooled"), false, keys);
    gr_html_table t = gr_html_table_begin(html, 2 + gr_metrics_count(keys), all_numbers, true, "A model for each label");
    gr_html_head(&t, "label");
    gr_html_head(&t, "images");
    gr_metrics_heads(&t, keys);
    for (size_t i = 0; i < json_array_size(labels); i++) {
        const json_t *one = json_array_get(labels, i);
        gr_html_cell(&t, text_of(one, "label"));
        gr_html_cell_real(&t, gr_page_number(one, "n"), 0);
        gr_metrics_cells(&t, gr_page_at(one, "pooled"), keys);
    }
    gr_html_table_end(&t);
}

static void put_total(gr_html *html, const json_t *total)
{
    gr_html_put(html,
                "<p>The total of the answers runs from %g to %g. Over %d images it lies %g from the true total on average "
                "and equals it "
                "in %p %%; Pearson&#39;s correlation is %f, the limits of agreement are %g and %g.</p>\n",
                gr_page_number(total, "least"), gr_page_number(total, "most"), gr_page_whole(total, "n"),
                gr_page_number(total, "mae"), gr_page_number(total, "exact"), gr_page_number(total, "pearson.r"),
                gr_page_number(total, "bland_altman.lower"), gr_page_number(total, "bland_altman.upper"));
}

static void put_matrix(gr_html *html, const json_t *matrix)
{
    const json_t *cells = gr_page_at(matrix, "cells");
    const char *keys[GR_MOST_METRICS];
    gr_metrics_shown(gr_page_at(json_array_get(cells, 0), "pooled"), false, keys);
    gr_html_table t =
        gr_html_table_begin(html, 4 + gr_metrics_count(keys), ~3u, true, "Trained on one value, tested on each");
    gr_html_head(&t, "trained on");
    gr_html_head(&t, "tested on");
    gr_html_head(&t, "images");
    gr_html_head(&t, "left out");
    gr_metrics_heads(&t, keys);
    for (size_t i = 0; i < json_array_size(cells); i++) {
        const json_t *one = json_array_get(cells, i);
        gr_html_cell(&t, text_of(one, "train"));
        gr_html_cell(&t, text_of(one, "test"));
        gr_html_cell_real(&t, gr_page_number(one, "n"), 0);
        gr_html_cell_real(&t, gr_page_number(one, "left_out"), 0);
        gr_metrics_cells(&t, gr_page_at(one, "pooled"), keys);
    }
    gr_html_table_end(&t);
}

void gr_put_study(gr_html *html, const gr_page_run *run)
{
    const json_t *results = run->files.results, *matrix = gr_page_at(results, "matrix");
    const json_t *labels = gr_page_at(results, "labels"), *total = gr_page_at(results, "total");
    bool own = json_is_object(json_array_get(labels, 0)); /* of a run of several columns they are names */
    if (!own && matrix == NULL)
        return;
    gr_html_put(html, "<section id=\"%istudy\">\n<%h>The study</%h>\n");
    if (own) {
        put_labels(html, labels);
        put_total(html, total);
    }
    if (matrix != NULL)
        put_matrix(html, matrix);
    gr_html_put(html, "</section>\n");
}
