/* The same by group, by a column, of averages, and beside what a paper reports. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "report/page_metrics.h"
#include "report/page_parts.h"

static const unsigned all_numbers = ~1u;
enum { MOST_GROUPS = 500 };

/* ---- groups ------------------------------------------------------------------------------------------------------ */

typedef struct tally {
    const char *name;
    int64_t images, right;
    double error, absolute; /* sums */
} tally;

static void count_row(const gr_prediction_table *t, int64_t row, tally *to)
{
    if (t->kind == GR_TABLE_CLASSES) {
        to->images++;
        to->right += t->predictions.labels[row] == t->predictions.predicted[row];
    } else if (t->kind == GR_TABLE_SCORES && isfinite(t->scores.truth[row])) {
        double d = t->scores.predicted[row] - t->scores.truth[row];
        to->images++;
        to->error += d;
        to->absolute += fabs(d);
    }
}

static void put_tally(gr_html_table *t, const tally *g, bool scores)
{
    double n = (double)g->images;
    gr_html_cell(t, g->name);
    gr_html_cell_whole(t, g->images);
    if (scores) {
        gr_html_cell_real(t, g->images > 0 ? g->absolute / n : NAN, 3);
        gr_html_cell_real(t, g->images > 0 ? g->error / n : NAN, 3);
    } else {
        gr_html_cell_whole(t, g->right);
        gr_html_cell_real(t, g->images > 0 ? (double)g->right / n : NAN, 3);
    }
}

static void put_tallies(gr_html *html, const gr_page_run *run, const tally *groups)
{
    bool scores = run->files.table.kind == GR_TABLE_SCORES;
    char caption[160];
    snprintf(caption, sizeof caption, "By %s", run->noun.one);
    gr_html_table t = gr_html_table_begin(html, 4, all_numbers, true, caption);
    gr_html_head(&t, run->noun.one);
    gr_html_head(&t, "images");
    gr_html_head(&t, scores ? "MAE" : "right");
    gr_html_head(&t, scores ? "bias" : "share of right");
    for (int64_t g = 0; g < run->group_count && g < MOST_GROUPS; g++)
        put_tally(&t, &groups[g], scores);
    gr_html_table_end(&t);
    if (run->group_count > MOST_GROUPS)
        gr_html_put(html, "<p class=\"soft\">The first %d of %d.</p>\n", (long long)MOST_GROUPS,
                    (long long)run->group_count);
}

/* Where each fold left one group out, the table of folds says it all. */
static bool folds_are_groups(const gr_page_run *run)
{
    return run->config != NULL && strcmp(run->config->split.scheme, "leave_one_group_out") == 0 &&
           run->config->split.repeats == 1;
}

static void put_by_group(gr_html *html, const gr_page_run *run)
{
    const gr_prediction_table *t = &run->files.table;
    bool one = t->kind == GR_TABLE_CLASSES || (t->kind == GR_TABLE_SCORES && t->scores.outputs == 1);
    if (!run->files.predicted || run->group_count < 2 || !one || folds_are_groups(run))
        return;
    int64_t different = 0, *number = gr_names_number(t->groups, t->count, &different);
    tally *groups = number != NULL ? gr_alloc((size_t)different, sizeof *groups) : NULL;
    for (int64_t i = 0; groups != NULL && i < t->count; i++) {
        groups[number[i]].name = t->groups[i];
        count_row(t, i, &groups[number[i]]);
    }
    if (groups != NULL)
        put_tallies(html, run, groups);
    else
        html->text.failed = true;
    gr_free(groups);
    gr_free(number);
}

/* ---- columns ----------------------------------------------------------------------------------------------------- */

static void put_by_column(gr_html *html, const char *column, const json_t *values)
{
    const char *keys[GR_MOST_METRICS];
    gr_text caption = {0};
    gr_text_printf(&caption, "By ");
    gr_html_name(&caption, column);
    gr_metrics_shown(json_array_get(values, 0), false, keys);
    gr_html_table t =
        gr_html_table_begin(html, 2 + gr_metrics_count(keys), all_numbers, true, caption.failed ? "" : caption.data);
    gr_html_head(&t, column);
    gr_html_head(&t, "images");
    gr_metrics_heads(&t, keys);
    for (size_t i = 0; i < json_array_size(values); i++) {
        const json_t *one = json_array_get(values, i);
        const char *value = gr_page_text(one, "value");
        gr_html_cell(&t, value != NULL ? value : "");
        gr_html_cell_real(&t, gr_page_number(one, "n"), 0);
        gr_metrics_cells(&t, one, keys);
    }
    gr_html_table_end(&t);
    html->text.failed |= caption.failed;
    gr_text_free(&caption);
}

static void put_by(gr_html *html, const json_t *by)
{
    const char *column;
    json_t *one;
    json_object_foreach((json_t *)by, column, one)
    {
        const json_t *values = json_object_get(one, "values");
        if (json_array_size(values) > 0)
            put_by_column(html, column, values);
    }
}

/* ---- averages and a paper's numbers ------------------------------------------------------------------------------ */

static void put_averaged(gr_html *html, const json_t *averaged)
{
    const json_t *pooled = gr_page_at(averaged, "pooled");
    const char *over = gr_page_text(averaged, "over"), *keys[GR_MOST_METRICS];
    if (pooled == NULL || over == NULL)
        return;
    gr_text caption = {0};
    gr_text_printf(&caption, "Predictions averaged over ");
    gr_html_name(&caption, over);
    gr_metrics_shown(pooled, false, keys);
    gr_html_table t =
        gr_html_table_begin(html, 2 + gr_metrics_count(keys), all_numbers, false, caption.failed ? "" : caption.data);
    gr_html_head(&t, "");
    gr_html_head(&t, "averages");
    gr_metrics_heads(&t, keys);
    gr_html_cell(&t, "all together");
    gr_html_cell_real(&t, gr_page_number(pooled, "n"), 0);
    gr_metrics_cells(&t, pooled, keys);
    gr_html_table_end(&t);
    html->text.failed |= caption.failed;
    gr_text_free(&caption);
}

static void put_reported(gr_html *html, const gr_page_run *run)
{
    static const char *const levels[][2] = {{"pooled", ""}, {"mean", ", mean over folds"}, {"std", ", sd over folds"}};
    const json_t *reported = gr_page_at(run->files.results, "reported");
    const char *source = gr_page_text(reported, "source");
    if (reported == NULL)
        return;
    gr_html_table t = gr_html_table_begin(html, 3, all_numbers, false, "What the paper reports, and this run");
    gr_html_head(&t, "number");
    gr_html_head(&t, "paper");
    gr_html_head(&t, "run");
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        const char *key;
        json_t *value;
        json_object_foreach(json_object_get(reported, levels[i][0]), key, value)
        {
            char name[120];
            if (!json_is_number(value))
                continue;
            snprintf(name, sizeof name, "%s%s", gr_metric_word(key), levels[i][1]);
            gr_html_cell(&t, name);
            gr_html_cell_real(&t, json_number_value(value), 3);
            gr_html_cell_real(&t, gr_page_number(gr_page_at(run->numbers, levels[i][0]), key), 3);
        }
    }
    gr_html_table_end(&t);
    if (source != NULL)
        gr_html_put(html, "<p class=\"soft\">The paper&#39;s numbers: %s.</p>\n", source);
}

void gr_put_groups(gr_html *html, const gr_page_run *run)
{
    put_by_group(html, run);
    put_by(html, gr_page_at(run->numbers, "by"));
    put_averaged(html, gr_page_at(run->files.results, "averaged"));
    put_reported(html, run);
}
