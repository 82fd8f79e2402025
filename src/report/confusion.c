/* The confusion matrix: counts, and shares of each row, which the colours show. */
#include <math.h>

#include "report/axes.h"
#include "report/figure.h"
#include "report/heat.h"

static bool can(const gr_run_files *run, gr_text *why)
{
    enum { MOST = 40 };
    if (!gr_run_has_classes(run, why))
        return false;
    bool fits = run->table.predictions.class_count <= MOST;
    if (!fits)
        gr_text_printf(why, "%d classes are too many for a page; up to %d would be right",
                       run->table.predictions.class_count, MOST);
    return fits;
}

static double height(const gr_run_files *run, double width)
{
    (void)run;
    return 0.9 * width;
}

static void draw_cell(const gr_axes *axes, int row, int column, int classes, int64_t count, int64_t all)
{
    double width = axes->width / classes, high = axes->height / classes;
    double x = axes->left + column * width, y = axes->top + row * high;
    double share = all > 0 ? (double)count / (double)all : 0.0;
    char text[32];
    gr_canvas_rectangle(axes->canvas, x, y, width, high, gr_fill(gr_heat_shade(share), 1.0));
    double size = fmin(9.0, fmin(width * 0.55, high * 0.75));
    if (size < 2.0)
        return;
    bool two = high > 0.9 * size;
    gr_letters l = {.size = size, .anchor = GR_MIDDLE, .level = GR_HALF_WAY, .colour = share > 0.82 ? 0xffffff : 0};
    snprintf(text, sizeof text, "%lld", (long long)count);
    gr_canvas_text(axes->canvas, x + 0.5 * width, y + (two ? 0.5 * high - 0.2 * size : 0.5 * high), text, l);
    snprintf(text, sizeof text, "%.1f %%", 100.0 * share);
    l.size = 0.8 * size;
    if (two && all > 0)
        gr_canvas_text(axes->canvas, x + 0.5 * width, y + 0.5 * high + 0.22 * size, text, l);
}

static void tell(const gr_run_files *run, gr_page *page, const gr_metrics *m)
{
    const gr_predictions *p = &run->table.predictions;
    int classes = p->class_count;
    gr_text_printf(&page->alternative, "Confusion matrix of %lld predictions, %.1f %% of them right.", (long long)p->count,
                   100.0 * m->value[GR_METRIC_ACCURACY]);
    gr_numbers_columns(&page->numbers, (const char *const[]){"true", "predicted", "count", "share_of_row"}, 4);
    for (int r = 0; r < classes; r++) {
        int64_t all = 0;
        for (int c = 0; c < classes; c++)
            all += m->confusion[r * classes + c];
        gr_text_printf(&page->alternative, "%s %s: %lld of %lld", r == 0 ? " Right of" : ";", p->classes[r],
                       (long long)m->confusion[r * classes + r], (long long)all);
        for (int c = 0; c < classes; c++) {
            gr_numbers_text(&page->numbers, p->classes[r]);
            gr_numbers_text(&page->numbers, p->classes[c]);
            gr_numbers_whole(&page->numbers, m->confusion[r * classes + c]);
            gr_numbers_real(&page->numbers, all > 0 ? (double)m->confusion[r * classes + c] / (double)all : NAN);
        }
    }
    gr_text_printf(&page->alternative, ".");
}

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    const gr_predictions *p = &run->table.predictions;
    int classes = p->class_count;
    gr_metrics m;
    gr_status status = gr_metrics_compute(p->labels, p->predicted, NULL, p->count, classes, run->table.positive, &m, err);
    if (status != GR_OK)
        return status;
    gr_axis x = {-0.5, classes - 0.5, "predicted", p->classes, classes, .no_grid = true};
    gr_axis y = {classes - 0.5, -0.5, "true", p->classes, classes, .no_grid = true};
    gr_axes axes = gr_axes_draw(page->canvas, (gr_box){1.0, 1.0, page->width - 2.0, page->height - 2.0}, x, y);
    for (int r = 0; r < classes; r++) {
        int64_t all = 0;
        for (int c = 0; c < classes; c++)
            all += m.confusion[r * classes + c];
        for (int c = 0; c < classes; c++)
            draw_cell(&axes, r, c, classes, m.confusion[r * classes + c], all);
    }
    gr_canvas_rectangle(page->canvas, axes.left, axes.top, axes.width, axes.height, gr_pen(GR_COLOUR_TEXT, gr_medium));
    tell(run, page, &m);
    gr_metrics_free(&m);
    return GR_OK;
}

const gr_figure gr_confusion_figure = {
    .name = "confusion",
    .title = "Confusion matrix",
    .shows = "how often each class was taken for each, as counts and as shares of the true class",
    .height = height,
    .can = can,
    .draw = draw};
