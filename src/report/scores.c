/* Predicted scores against labels, with the straight line through them. */
#include <math.h>

#include "grimace/correlation.h"
#include "report/panels.h"
#include "report/ticks.h"

static double height(const gr_run_files *run, double width)
{
    return gr_panels_height(run, width, 1.0);
}

/* Equal scales on both axes, so that the diagonal is where all should lie. */
static void range(const gr_panel *p, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (int64_t i = 0; i < p->n; i++) {
        *low = fmin(*low, fmin(p->truth[i], p->predicted[i]));
        *high = fmax(*high, fmax(p->truth[i], p->predicted[i]));
    }
    gr_ticks_widen(low, high, 6);
}

static void tell(gr_page *page, const gr_panel *p, const gr_regression *line, const gr_correlation *r)
{
    gr_text_printf(
        &page->alternative,
        "%sPredicted %s against labels of %lld images: predicted = %.3g + %.3g label, Pearson's r %.3f (%.3f to %.3f).",
        page->alternative.size > 0 ? " " : "", p->name, (long long)p->n, line->intercept, line->slope, r->r, r->interval.low,
        r->interval.high);
    gr_numbers_text(&page->numbers, p->name);
    gr_numbers_whole(&page->numbers, p->n);
    const double values[] = {line->intercept, line->slope, line->r2, r->r, r->interval.low, r->interval.high};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        gr_numbers_real(&page->numbers, values[i]);
}

static void draw_panel(const gr_run_files *run, gr_page *page, int index, const gr_panel *p)
{
    double level = run->config->evaluate.confidence, low, high;
    gr_regression line = gr_linear_regression(p->truth, p->predicted, p->n, level);
    gr_correlation r = gr_pearson(p->truth, p->predicted, p->n, level);
    range(p, &low, &high);
    gr_axes axes =
        gr_axes_draw(page->canvas, gr_panel_box(run, page, index), (gr_axis){.low = low, .high = high, .title = "label"},
                     (gr_axis){.low = low, .high = high, .title = "predicted"});
    gr_axes_straight(&axes, 0.0, 1.0, gr_dashed(GR_GREY, gr_medium, 1.2));
    gr_axes_dots(&axes, p->truth, p->predicted, p->n, p->n > 500 ? 0.35 : 0.6, gr_fill(gr_colour(0), 0.45));
    if (isfinite(line.slope))
        gr_axes_straight(&axes, line.intercept, line.slope, gr_pen(gr_colour(1), gr_thick));
    char text[80];
    snprintf(text, sizeof text, "n = %lld, r = %.3f", (long long)p->n, r.r);
    gr_canvas_text(page->canvas, axes.left + 1.5, axes.top + 1.5, text,
                   (gr_letters){.size = gr_small_size, .level = GR_BELOW, .colour = GR_COLOUR_TEXT});
    tell(page, p, &line, &r);
}

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    gr_status status = GR_OK;
    gr_numbers_columns(&page->numbers,
                       (const char *const[]){"score", "n", "intercept", "slope", "r2", "pearson", "low", "high"}, 8);
    for (int k = 0; status == GR_OK && k < gr_panels_count(run); k++) {
        gr_panel p;
        status = gr_panel_take(run, k, &p, err);
        if (status == GR_OK) {
            draw_panel(run, page, k, &p);
            gr_panel_free(&p);
        }
    }
    return status;
}

const gr_figure gr_scores_figure = {
    .name = "scores",
    .title = "Predicted scores against labels",
    .shows = "predicted scores against labels, with the regression line of the predicted on the true",
    .height = height,
    .can = gr_panels_can,
    .draw = draw};
