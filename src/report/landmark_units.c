/* The error of each action unit's landmarks (FelineGrimace's Figure 1): a bar for each, and how far folds differ. */
#include <math.h>

#include "base/base.h"
#include "report/axes.h"
#include "report/figure.h"

static const double row_height = 6.0, rest = 14.0; /* mm */

static const json_t *units_of(const json_t *part)
{
    return json_object_get(part, "per_unit");
}

static const json_t *pooled_of(const gr_run_files *run)
{
    return units_of(json_object_get(run->results, "pooled"));
}

static bool can(const gr_run_files *run, gr_text *why)
{
    bool good = json_array_size(pooled_of(run)) > 0;
    if (!good)
        gr_text_printf(why, "its results.json has no action units of landmarks (data.landmark_units)");
    return good;
}

static double height(const gr_run_files *run, double width)
{
    (void)width;
    return fmax(30.0, rest + row_height * (double)json_array_size(pooled_of(run)));
}

static double nrmse_of(const json_t *units, size_t u)
{
    const json_t *value = json_object_get(json_array_get(units, u), "nrmse");
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static const char *name_of(const json_t *units, size_t u)
{
    const char *name = json_string_value(json_object_get(json_array_get(units, u), "unit"));
    return name != NULL ? name : "";
}

/* The standard deviation of unit `u` over folds, n - 1; NaN below two of them. */
static double deviation_of(const gr_run_files *run, size_t u)
{
    const json_t *folds = json_object_get(run->results, "folds");
    double sum = 0.0, square = 0.0;
    int n = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t f = 0; f < json_array_size(folds); f++) {
            double value = nrmse_of(units_of(json_array_get(folds, f)), u);
            if (!isfinite(value))
                continue;
            if (pass == 0) {
                sum += value;
                n++;
            } else
                square += (value - sum / n) * (value - sum / n);
        }
    return n > 1 ? sqrt(square / (n - 1)) : NAN;
}

static void tell(const gr_run_files *run, gr_page *page)
{
    const json_t *units = pooled_of(run);
    size_t count = json_array_size(units), worst = 0, best = 0;
    for (size_t u = 1; u < count; u++) {
        worst = nrmse_of(units, u) > nrmse_of(units, worst) ? u : worst;
        best = nrmse_of(units, u) < nrmse_of(units, best) ? u : best;
    }
    gr_text_printf(&page->alternative,
                   "NRMSE of the landmarks of %zu action units, all test predictions together. The largest: %s, %.3g; the "
                   "smallest: %s, %.3g. Lines are one standard deviation over folds to either side.",
                   count, name_of(units, worst), nrmse_of(units, worst), name_of(units, best), nrmse_of(units, best));
    gr_numbers_columns(&page->numbers, (const char *const[]){"unit", "landmarks", "nrmse", "std"}, 4);
    for (size_t u = 0; u < count; u++) {
        gr_numbers_text(&page->numbers, name_of(units, u));
        gr_numbers_whole(&page->numbers, json_integer_value(json_object_get(json_array_get(units, u), "landmarks")));
        gr_numbers_real(&page->numbers, nrmse_of(units, u));
        gr_numbers_real(&page->numbers, deviation_of(run, u));
    }
}

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    const json_t *units = pooled_of(run);
    size_t count = json_array_size(units);
    const char **names = gr_alloc(count, sizeof *names);
    double most = 0.0;
    if (names == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for %zu action units", count);
    for (size_t u = 0; u < count; u++) {
        double value = nrmse_of(units, u), deviation = deviation_of(run, u);
        names[u] = name_of(units, u);
        most = isfinite(value) ? fmax(most, value + (isfinite(deviation) ? deviation : 0.0)) : most;
    }
    gr_axis y = {.low = (double)count - 0.5, .high = -0.5, .no_grid = true, .names = names, .categories = (int)count};
    gr_axes axes = gr_axes_draw(page->canvas, (gr_box){1.0, 1.0, page->width - 2.0, page->height - 2.0},
                                (gr_axis){.low = 0.0, .high = most > 0.0 ? most * 1.05 : 1.0, .title = "NRMSE"}, y);
    for (size_t u = 0; u < count; u++) {
        double value = nrmse_of(units, u), deviation = deviation_of(run, u), at = (double)u;
        double top = gr_axes_y(&axes, at - 0.32), bottom = gr_axes_y(&axes, at + 0.32), left = gr_axes_x(&axes, 0.0);
        if (!isfinite(value))
            continue;
        gr_canvas_rectangle(page->canvas, left, top, gr_axes_x(&axes, value) - left, bottom - top,
                            gr_fill(gr_colour(0), 1.0));
        if (isfinite(deviation))
            gr_axes_line(&axes, (double[]){fmax(0.0, value - deviation), value + deviation}, (double[]){at, at}, 2,
                         gr_pen(gr_colour(1), gr_medium));
    }
    tell(run, page);
    gr_free(names);
    return GR_OK;
}

const gr_figure gr_landmark_units_figure = {.name = "landmark_units",
                                            .title = "Errors by action unit",
                                            .shows = "the error of each action unit's landmarks",
                                            .height = height,
                                            .can = can,
                                            .draw = draw};
