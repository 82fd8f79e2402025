/* Each tested image's SHAP value of each feature, coloured by the feature's value. */
#include <math.h>

#include "base/base.h"
#include "image/colour_maps.h"
#include "report/axes.h"
#include "report/figure.h"
#include "report/shap_file.h"
#include "report/ticks.h"

enum { BINS = 120 };

/* The ends of a feature's values; *low > *high: none is known. */
static void value_range(const gr_shap_file *f, int feature, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (int64_t i = 0; i < f->count; i++) {
        double value = gr_shap_value(f, i, feature);
        if (!isnan(value)) {
            *low = fmin(*low, value);
            *high = fmax(*high, value);
        }
    }
}

static uint32_t colour_of(double value, double low, double high)
{
    if (isnan(value))
        return GR_GREY;
    double share = high > low ? (value - low) / (high - low) : 0.5;
    return gr_colour_map_table(GR_VIRIDIS)[(int)fmin(share * GR_COLOURS, GR_COLOURS - 1)];
}

/* Dots of one row: those that fall into one bin of the axis stand above and below each other. */
static void draw_row(const gr_axes *axes, const gr_shap_file *f, int feature, int row)
{
    int filled[BINS] = {0};
    double low, high;
    value_range(f, feature, &low, &high);
    for (int64_t i = 0; i < f->count; i++) {
        double share = gr_shap_share(f, i, feature);
        int bin = (int)fmin(fmax((share - axes->x.low) / (axes->x.high - axes->x.low) * BINS, 0.0), BINS - 1.0);
        int level = filled[bin]++;
        double shift = (level % 2 == 0 ? -1.0 : 1.0) * fmin((level + 1) / 2 * 0.07, 0.42), y = row + shift;
        gr_axes_dots(axes, &share, &y, 1, 0.45, gr_fill(colour_of(gr_shap_value(f, i, feature), low, high), 1.0));
    }
}

static void tell(gr_page *page, const gr_shap_file *f, int shown)
{
    gr_text_printf(
        &page->alternative,
        "SHAP values (margin, about %s) of %lld tested images, a row of dots for each of %d features, the one that moves "
        "answers most, %s, first. Dark dots have a low value of the feature, yellow ones a high one, grey ones none.",
        f->subject, (long long)f->count, shown, gr_shap_name(f, f->order[0]));
    gr_numbers_columns(&page->numbers, (const char *const[]){"feature", "least_shap", "greatest_shap"}, 3);
    for (int r = 0; r < shown; r++) {
        double low = INFINITY, high = -INFINITY;
        for (int64_t i = 0; i < f->count; i++) {
            low = fmin(low, gr_shap_share(f, i, f->order[r]));
            high = fmax(high, gr_shap_share(f, i, f->order[r]));
        }
        gr_numbers_text(&page->numbers, gr_shap_name(f, f->order[r]));
        gr_numbers_real(&page->numbers, low);
        gr_numbers_real(&page->numbers, high);
    }
}

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    gr_shap_file f;
    const char *names[GR_SHAP_MOST];
    double low = 0.0, high = 0.0;
    gr_status status = gr_shap_file_open(run, &f, err);
    if (status != GR_OK)
        return status;
    int shown = f.width < GR_SHAP_MOST ? f.width : GR_SHAP_MOST;
    for (int r = 0; r < shown; r++) {
        names[r] = gr_shap_name(&f, f.order[r]);
        for (int64_t i = 0; i < f.count; i++) {
            low = fmin(low, gr_shap_share(&f, i, f.order[r]));
            high = fmax(high, gr_shap_share(&f, i, f.order[r]));
        }
    }
    gr_ticks_widen(&low, &high, 6);
    const uint32_t *map = gr_colour_map_table(GR_VIRIDIS);
    gr_entry entries[] = {{"low value", gr_fill(map[0], 1.0), true},
                          {"high value", gr_fill(map[GR_COLOURS - 1], 1.0), true},
                          {"missing", gr_fill(GR_GREY, 1.0), true}};
    gr_box box = gr_legend_above(page->canvas, (gr_box){1.0, 1.0, page->width - 2.0, page->height - 2.0}, entries, 3);
    gr_axis y = {.low = (double)shown - 0.5, .high = -0.5, .no_grid = true, .names = names, .categories = shown};
    gr_axes axes = gr_axes_draw(page->canvas, box, (gr_axis){.low = low, .high = high, .title = "SHAP value (margin)"}, y);
    gr_axes_upright(&axes, 0.0, gr_pen(GR_GREY, gr_medium));
    for (int r = 0; r < shown; r++)
        draw_row(&axes, &f, f.order[r], r);
    tell(page, &f, shown);
    gr_shap_file_close(&f);
    return GR_OK;
}

const gr_figure gr_shap_beeswarm_figure = {.name = "shap_beeswarm",
                                           .title = "SHAP values of each image",
                                           .shows = "each tested image's SHAP values, coloured by the feature's value",
                                           .height = gr_shap_height,
                                           .can = gr_shap_file_can,
                                           .draw = draw};
