/* Bland and Altman's plot: how far predictions lie from labels, over the range of both. */
#include <math.h>

#include "grimace/correlation.h"
#include "report/panels.h"
#include "report/ticks.h"

static double height(const gr_run_files *run, double width)
{
    return gr_panels_height(run, width, 0.8);
}

static void tell(gr_page *page, const gr_panel *p, const gr_bland_altman *b)
{
    gr_text_printf(
        &page->alternative,
        "%sPredicted %s minus label of %lld images: bias %.3g (%.3g to %.3g), limits of agreement %.3g and %.3g; %lld lie "
        "outside.",
        page->alternative.size > 0 ? " " : "", p->name, (long long)p->n, b->bias, b->bias_interval.low,
        b->bias_interval.high, b->lower, b->upper, (long long)(b->below + b->above));
    gr_numbers_text(&page->numbers, p->name);
    gr_numbers_whole(&page->numbers, p->n);
    const double values[] = {b->bias,
                             b->bias_interval.low,
                             b->bias_interval.high,
                             b->sd,
                             b->lower,
                             b->lower_interval.low,
                             b->lower_interval.high,
                             b->upper,
                             b->upper_interval.low,
                             b->upper_interval.high};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        gr_numbers_real(&page->numbers, values[i]);
}

static void draw_level(const gr_axes *axes, double at, gr_interval interval, uint32_t colour, bool dashed)
{
    if (!isfinite(at))
        return;
    const double x[] = {axes->x.low, axes->x.high};
    gr_axes_band(axes, x, (double[]){interval.low, interval.low}, (double[]){interval.high, interval.high}, 2,
                 gr_fill(colour, 0.15));
    gr_axes_level(axes, at, dashed ? gr_dashed(colour, gr_thick, 1.6) : gr_pen(colour, gr_thick));
    char text[32];
    snprintf(text, sizeof text, "%.3g", at);
    gr_canvas_text(axes->canvas, axes->left + axes->width - 0.5, gr_axes_y(axes, at) - 0.7, text,
                   (gr_letters){.size = gr_small_size, .anchor = GR_RIGHT, .colour = GR_COLOUR_TEXT});
}

static void draw_panel(const gr_run_files *run, gr_page *page, int index, const gr_panel *p, double *mean,
                       double *difference, const gr_bland_altman *b)
{
    double ends[2][2] = {{INFINITY, -INFINITY}, {b->lower, b->upper}};
    if (!isfinite(b->lower) || !isfinite(b->upper))
        ends[1][0] = ends[1][1] = 0.0;
    for (int64_t i = 0; i < p->n; i++) {
        mean[i] = 0.5 * (p->predicted[i] + p->truth[i]);
        difference[i] = p->predicted[i] - p->truth[i];
        ends[0][0] = fmin(ends[0][0], mean[i]);
        ends[0][1] = fmax(ends[0][1], mean[i]);
        ends[1][0] = fmin(ends[1][0], difference[i]);
        ends[1][1] = fmax(ends[1][1], difference[i]);
    }
    for (int k = 0; k < 2; k++)
        gr_ticks_widen(&ends[k][0], &ends[k][1], 6);
    gr_axes axes = gr_axes_draw(page->canvas, gr_panel_box(run, page, index),
                                (gr_axis){.low = ends[0][0], .high = ends[0][1], .title = "mean of predicted and label"},
                                (gr_axis){.low = ends[1][0], .high = ends[1][1], .title = "predicted - label"});
    gr_axes_level(&axes, 0.0, gr_pen(GR_GREY, gr_thin));
    gr_axes_dots(&axes, mean, difference, p->n, p->n > 500 ? 0.35 : 0.6, gr_fill(gr_colour(0), 0.45));
    draw_level(&axes, b->bias, b->bias_interval, gr_colour(1), false);
    draw_level(&axes, b->lower, b->lower_interval, gr_colour(2), true);
    draw_level(&axes, b->upper, b->upper_interval, gr_colour(2), true);
    tell(page, p, b);
}

static gr_status one(const gr_run_files *run, gr_page *page, int index, gr_error *err)
{
    gr_panel p;
    gr_bland_altman b;
    gr_status status = gr_panel_take(run, index, &p, err);
    if (status != GR_OK)
        return status;
    double *room = gr_alloc((size_t)p.n, 2 * sizeof *room);
    status = room != NULL ? gr_bland_altman_limits(p.predicted, p.truth, p.n, run->config->evaluate.confidence, &b, err)
                          : gr_fail(err, GR_NOMEM, "no memory for differences");
    if (status == GR_OK)
        draw_panel(run, page, index, &p, room, room + p.n, &b);
    gr_free(room);
    gr_panel_free(&p);
    return status;
}

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    static const char *const columns[] = {"score", "n",         "bias",       "bias_low", "bias_high", "sd",
                                          "lower", "lower_low", "lower_high", "upper",    "upper_low", "upper_high"};
    gr_status status = GR_OK;
    gr_numbers_columns(&page->numbers, columns, sizeof columns / sizeof columns[0]);
    for (int k = 0; status == GR_OK && k < gr_panels_count(run); k++)
        status = one(run, page, k, err);
    return status;
}

const gr_figure gr_bland_altman_figure = {.name = "bland_altman",
                                          .title = "Bland-Altman plot",
                                          .shows =
                                              "predicted minus label against their mean, with bias and limits of agreement",
                                          .height = height,
                                          .can = gr_panels_can,
                                          .draw = draw};
