/* The features of boosted trees by how much they move the answer on average. */
#include <math.h>

#include "base/base.h"
#include "report/axes.h"
#include "report/figure.h"
#include "report/shap_file.h"

static void tell(gr_page *page, const gr_shap_file *f, int shown)
{
    gr_text_printf(
        &page->alternative,
        "Mean absolute SHAP value (margin) of each feature over %lld tested images, about %s. The largest: %s, %.3g",
        (long long)f->count, f->subject, gr_shap_name(f, f->order[0]), f->weights[f->order[0]]);
    if (f->width > 1)
        gr_text_printf(&page->alternative, "; then %s, %.3g", gr_shap_name(f, f->order[1]), f->weights[f->order[1]]);
    gr_text_printf(&page->alternative, shown < f->width ? ". The first %d are shown." : ".", shown);
    gr_numbers_columns(&page->numbers, (const char *const[]){"rank", "feature", "mean_absolute_shap"}, 3);
    for (int i = 0; i < f->width; i++) {
        gr_numbers_whole(&page->numbers, i + 1);
        gr_numbers_text(&page->numbers, gr_shap_name(f, f->order[i]));
        gr_numbers_real(&page->numbers, f->weights[f->order[i]]);
    }
}

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    gr_shap_file f;
    const char *names[GR_SHAP_MOST];
    gr_status status = gr_shap_file_open(run, &f, err);
    if (status != GR_OK)
        return status;
    int shown = f.width < GR_SHAP_MOST ? f.width : GR_SHAP_MOST;
    double most = f.weights[f.order[0]];
    for (int i = 0; i < shown; i++)
        names[i] = gr_shap_name(&f, f.order[i]);
    gr_axis y = {.low = (double)shown - 0.5, .high = -0.5, .no_grid = true, .names = names, .categories = shown};
    gr_axes axes =
        gr_axes_draw(page->canvas, (gr_box){1.0, 1.0, page->width - 2.0, page->height - 2.0},
                     (gr_axis){.low = 0.0, .high = most > 0.0 ? most * 1.05 : 1.0, .title = "mean |SHAP value|"}, y);
    for (int i = 0; i < shown; i++) {
        double top = gr_axes_y(&axes, i - 0.32), bottom = gr_axes_y(&axes, i + 0.32), left = gr_axes_x(&axes, 0.0);
        gr_canvas_rectangle(page->canvas, left, top, gr_axes_x(&axes, f.weights[f.order[i]]) - left, bottom - top,
                            gr_fill(gr_colour(0), 1.0));
    }
    tell(page, &f, shown);
    gr_shap_file_close(&f);
    return GR_OK;
}

const gr_figure gr_shap_summary_figure = {.name = "shap_summary",
                                          .title = "What moves the trees",
                                          .shows = "the features of boosted trees by their mean absolute SHAP value",
                                          .height = gr_shap_height,
                                          .can = gr_shap_file_can,
                                          .draw = draw};
