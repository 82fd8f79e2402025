/* One sentence above all others: what was done, on what, and what came of it. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "report/page_parts.h"
#include "report/page_words.h"

static bool is_task(const gr_page_run *run, const char *task)
{
    return run->config != NULL && strcmp(run->config->task, task) == 0;
}

static void put_aim(gr_html *html, const gr_page_run *run)
{
    const gr_config *c = run->config;
    if (is_task(run, "landmarks"))
        gr_html_put(html, " to find landmarks in faces");
    else if (is_task(run, "boxes"))
        gr_html_put(html, " to find boxes in pictures");
    else if (c->data.labels.count > 0) {
        gr_html_put(html, " to tell ");
        gr_put_names(html, c->data.labels.items, c->data.labels.count);
    } else if (c->data.label != NULL)
        gr_html_put(html, " to tell %s", c->data.label);
}

/* "120 images of 3 animals" */
static void put_tested(gr_html *html, const gr_page_run *run)
{
    long long n = gr_page_whole(run->numbers, "pooled.n");
    gr_html_put(html, "%d image%m", n, n == 1 ? "" : "s");
    if (run->group_count > 0)
        gr_html_put(html, " of %d %t", (long long)run->group_count, gr_noun_for(run->noun, run->group_count));
}

static void put_outcome(gr_html *html, const gr_page_run *run)
{
    const json_t *pooled = gr_page_at(run->numbers, "pooled");
    double accuracy = gr_page_number(pooled, "accuracy"), mae = gr_page_number(pooled, "mae");
    if (isfinite(gr_page_number(pooled, "pixels")))
        gr_html_put(html, "its landmarks are %g pixels off on average", gr_page_number(pooled, "pixels"));
    else if (isfinite(gr_page_number(pooled, "ap50")))
        gr_html_put(html, "its average precision at IoU 0.5 is %f", gr_page_number(pooled, "ap50"));
    else if (isfinite(accuracy) && isfinite(gr_page_number(pooled, "answers")))
        gr_html_put(html, "%p %% of its answers are right", accuracy);
    else if (isfinite(accuracy))
        gr_html_put(html, "%p %% of its predictions are right", accuracy);
    else if (isfinite(mae))
        gr_html_put(html, "its scores lie %g from the true ones on average", mae);
}

static void put_sweep(gr_html *html, const gr_page_run *run)
{
    const json_t *best = json_array_get(gr_page_at(run->sweep, "settings"), 0);
    const char *by = gr_page_text(run->sweep, "rank_by"), *name = gr_page_text(best, "name");
    char path[80];
    snprintf(path, sizeof path, "pooled.%s", by != NULL ? by : "");
    gr_html_put(html, "<p class=\"lead\">%d settings of ", (long long)json_array_size(gr_page_at(run->sweep, "settings")));
    gr_put_model(html, run->config, false);
    gr_html_put(html, " were cross-validated, ");
    gr_put_split(html, run);
    gr_html_put(html, "; ranked by %t, the best is <strong>%s</strong> with %f.</p>\n", by != NULL ? by : "its numbers",
                name != NULL ? name : "", gr_page_number(best, path));
}

void gr_put_lead(gr_html *html, const gr_page_run *run)
{
    if (run->sweep != NULL) {
        put_sweep(html, run);
        return;
    }
    gr_html_put(html, "<p class=\"lead\">");
    if (run->config != NULL && (!run->files.predicted || run->files.table.of_run)) {
        gr_put_model(html, run->config, true);
        gr_html_put(html, " was trained");
        put_aim(html, run);
        gr_html_put(html, ", ");
        gr_put_split(html, run);
        gr_html_put(html, ", and tested on ");
        put_tested(html, run);
        gr_html_put(html, gr_split_whole_groups(run->config) ? " that it had not seen" : "");
    } else if (gr_page_whole(run->files.results, "evaluated.models") > 0) {
        long long models = gr_page_whole(run->files.results, "evaluated.models");
        gr_html_put(html, models == 1 ? "A finished model" : "The %d models of a finished run", models);
        if (gr_page_text(run->files.results, "name") != NULL)
            gr_html_put(html, ", %s,", gr_page_text(run->files.results, "name"));
        gr_html_put(html, models == 1 ? " was evaluated on " : " were evaluated on ");
        put_tested(html, run);
    } else {
        gr_html_put(html, "A model was tested on ");
        put_tested(html, run);
    }
    gr_html_put(html, ": <strong>");
    put_outcome(html, run);
    gr_html_put(html, "</strong>.</p>\n");
}
