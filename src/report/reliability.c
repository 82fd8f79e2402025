/* The reliability diagram: the share of right answers where the model is so and so sure, and how often it is. */
#include "eval/reliability.h"

#include <math.h>

#include "report/axes.h"
#include "report/figure.h"

static double height(const gr_run_files *run, double width)
{
    (void)run;
    return 1.1 * width;
}

static double edge(int bin)
{
    return (double)bin / GR_RELIABILITY_BINS;
}

static void tell(gr_page *page, const gr_reliability *r, int64_t n, double level)
{
    gr_text_printf(&page->alternative,
                   "Reliability of %lld predictions: the expected calibration error is %.3f (%d bins of equal width, of the "
                   "predicted class). Bars are exact %g %% intervals of independent rows.",
                   (long long)n, r->ece, GR_RELIABILITY_BINS, 100.0 * level);
    gr_numbers_columns(&page->numbers,
                       (const char *const[]){"above", "up_to", "n", "mean_probability", "share_right", "low", "high"}, 7);
    for (int b = 0; b < GR_RELIABILITY_BINS; b++) {
        gr_interval i = gr_clopper_pearson(llround(r->accuracy[b] * (double)r->count[b]), r->count[b], level);
        if (r->count[b] == 0)
            continue;
        gr_numbers_real(&page->numbers, edge(b));
        gr_numbers_real(&page->numbers, edge(b + 1));
        gr_numbers_whole(&page->numbers, r->count[b]);
        gr_numbers_real(&page->numbers, r->confidence[b]);
        gr_numbers_real(&page->numbers, r->accuracy[b]);
        gr_numbers_real(&page->numbers, i.low);
        gr_numbers_real(&page->numbers, i.high);
    }
}

static void draw_bins(const gr_axes *axes, const gr_reliability *r, double level)
{
    double x[GR_RELIABILITY_BINS], y[GR_RELIABILITY_BINS];
    int n = 0;
    for (int b = 0; b < GR_RELIABILITY_BINS; b++) {
        if (r->count[b] == 0)
            continue;
        gr_interval i = gr_clopper_pearson(llround(r->accuracy[b] * (double)r->count[b]), r->count[b], level);
        gr_axes_line(axes, (double[]){r->confidence[b], r->confidence[b]}, (double[]){i.low, i.high}, 2,
                     gr_pen(gr_colour(0), gr_medium));
        x[n] = r->confidence[b];
        y[n++] = r->accuracy[b];
    }
    gr_axes_line(axes, x, y, n, gr_pen(gr_colour(0), gr_thick));
    gr_axes_dots(axes, x, y, n, 0.8, gr_fill(gr_colour(0), 1.0));
}

static void draw_histogram(const gr_axes *axes, const gr_reliability *r)
{
    gr_canvas_clip(axes->canvas, axes->left, axes->top, axes->width, axes->height);
    for (int b = 0; b < GR_RELIABILITY_BINS; b++) {
        double top = gr_axes_y(axes, (double)r->count[b]), left = gr_axes_x(axes, edge(b));
        gr_canvas_rectangle(axes->canvas, left + 0.2, top, gr_axes_x(axes, edge(b + 1)) - left - 0.4,
                            axes->top + axes->height - top, gr_fill(gr_colour(0), 0.6));
    }
    gr_canvas_unclip(axes->canvas);
}

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    (void)err;
    const gr_predictions *p = &run->table.predictions;
    double level = run->config->evaluate.confidence, most = 1.0, split = 0.74 * page->height;
    gr_reliability r;
    gr_reliability_make(p, &r);
    for (int b = 0; b < GR_RELIABILITY_BINS; b++)
        most = fmax(most, (double)r.count[b]);
    double least = 1.0 / p->class_count; /* the largest of K probabilities is not below 1/K */
    double from = floor(fmin(least, 0.5) * 10.0 + 1e-9) / 10.0;
    gr_axis x = {.low = from, .high = 1.0, .title = "probability of the predicted class"};
    gr_axes lower = gr_axes_draw(page->canvas, (gr_box){1.0, split, page->width - 2.0, page->height - split - 1.0}, x,
                                 (gr_axis){.high = most * 1.05, .title = "images", .whole = true, .room = 8.0});
    draw_histogram(&lower, &r);
    x.title = NULL;
    gr_axes upper = gr_axes_draw(page->canvas, (gr_box){1.0, 1.0, page->width - 2.0, split - 2.0}, x,
                                 (gr_axis){.high = 1.0, .title = "share of right answers", .room = 8.0});
    gr_axes_straight(&upper, 0.0, 1.0, gr_dashed(GR_GREY, gr_medium, 1.2));
    draw_bins(&upper, &r, level);
    char text[40];
    snprintf(text, sizeof text, "ECE %.3f", r.ece);
    gr_canvas_text(page->canvas, upper.left + 2.0, upper.top + 2.0, text,
                   (gr_letters){.level = GR_BELOW, .colour = GR_COLOUR_TEXT});
    tell(page, &r, p->count, level);
    return GR_OK;
}

const gr_figure gr_reliability_figure = {
    .name = "reliability",
    .title = "Reliability diagram",
    .shows = "the share of right answers by how sure the model was, with the calibration error",
    .height = height,
    .can = gr_run_has_classes,
    .draw = draw};
