#include "report/panels.h"

#include <math.h>

#include "base/base.h"

static const double two_from = 120.0, title_height = 4.5; /* mm */

int gr_panels_count(const gr_run_files *run)
{
    int outputs = run->predicted && run->table.kind == GR_TABLE_SCORES ? run->table.scores.outputs : 1;
    return outputs < GR_MOST_PANELS ? outputs : GR_MOST_PANELS;
}

static int columns_of(const gr_run_files *run, double width)
{
    return gr_panels_count(run) > 1 && width >= two_from ? 2 : 1;
}

double gr_panels_height(const gr_run_files *run, double width, double share)
{
    int columns = columns_of(run, width), rows = (gr_panels_count(run) + columns - 1) / columns;
    return rows * (share * width / columns + (gr_panels_count(run) > 1 ? title_height : 0.0));
}

gr_status gr_panel_take(const gr_run_files *run, int index, gr_panel *out, gr_error *err)
{
    const gr_score_predictions *s = &run->table.scores;
    *out = (gr_panel){.name = s->names[index],
                      .truth = gr_alloc((size_t)s->count, sizeof *out->truth),
                      .predicted = gr_alloc((size_t)s->count, sizeof *out->predicted)};
    if (out->truth == NULL || out->predicted == NULL) {
        gr_panel_free(out);
        return gr_fail(err, GR_NOMEM, "no memory for scores");
    }
    for (int64_t i = 0; i < s->count; i++) {
        double truth = s->truth[i * s->outputs + index];
        if (isnan(truth))
            continue;
        out->truth[out->n] = truth;
        out->predicted[out->n++] = s->predicted[i * s->outputs + index];
    }
    return GR_OK;
}

void gr_panel_free(gr_panel *panel)
{
    gr_free(panel->truth);
    gr_free(panel->predicted);
    *panel = (gr_panel){0};
}

gr_box gr_panel_box(const gr_run_files *run, gr_page *page, int index)
{
    int count = gr_panels_count(run), columns = columns_of(run, page->width), rows = (count + columns - 1) / columns;
    double width = page->width / columns, height = page->height / rows;
    gr_box box = {(index % columns) * width + 1.0, (index / columns) * height + 1.0, width - 2.0, height - 2.0};
    if (count == 1)
        return box;
    gr_text_fitted(page->canvas, box.x + 0.5 * box.width, box.y + 0.5, box.width, run->table.scores.names[index],
                   (gr_letters){.bold = true, .anchor = GR_MIDDLE, .level = GR_BELOW, .colour = GR_COLOUR_TEXT});
    return (gr_box){box.x, box.y + title_height, box.width, box.height - title_height};
}

bool gr_panels_can(const gr_run_files *run, gr_text *why)
{
    if (!gr_run_has_scores(run, why))
        return false;
    const gr_score_predictions *s = &run->table.scores;
    for (int k = 0; k < gr_panels_count(run); k++) {
        int64_t known = 0;
        for (int64_t i = 0; i < s->count; i++)
            known += !isnan(s->truth[i * s->outputs + k]);
        if (known < 3) {
            gr_text_printf(why, "%s has %lld labels; three at least would be right", s->names[k], (long long)known);
            return false;
        }
    }
    return true;
}
