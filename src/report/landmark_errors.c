/* How far each landmark is off, drawn on the mean of the predicted faces. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "report/axes.h"
#include "report/figure.h"
#include "report/run_table.h"

/* Landmark `index` of the face: its place as a share of the face's box, and its error as a share of the normalising length.
 */
typedef struct point {
    double x, y, error;
} point;

static const json_t *errors_of(const gr_run_files *run)
{
    return json_object_get(json_object_get(run->results, "pooled"), "per_landmark");
}

static bool can(const gr_run_files *run, gr_text *why)
{
    bool good = json_array_size(errors_of(run)) > 0;
    if (!good)
        gr_text_printf(why, "its results.json has no landmarks");
    return good && gr_run_has_table(run, "predictions.csv", "run", why);
}

static double height(const gr_run_files *run, double width)
{
    (void)run;
    return width;
}

/* The mean of the faces, each moved and scaled so that its landmarks' spread is the same: the shape, whatever the pictures'
 * sizes. */
static void mean_shape(const gr_csv *table, const int *columns, point *points, int count)
{
    for (int64_t r = 0; r < table->rows; r++) {
        double sum[2] = {0.0, 0.0}, square = 0.0;
        int known = 0;
        for (int pass = 0; pass < 3; pass++) /* the middle, the spread, the shape */
            for (int k = 0; k < count; k++) {
                double x = gr_run_table_number(table, r, columns[2 * k]),
                       y = gr_run_table_number(table, r, columns[2 * k + 1]);
                if (!isfinite(x) || !isfinite(y))
                    continue;
                double dx = x - sum[0] / fmax(1, known), dy = y - sum[1] / fmax(1, known);
                if (pass == 0) {
                    sum[0] += x;
                    sum[1] += y;
                    known++;
                } else if (pass == 1) {
                    square += dx * dx + dy * dy;
                } else if (square > 0.0) {
                    points[k].x += dx / sqrt(square / known);
                    points[k].y += dy / sqrt(square / known);
                }
            }
    }
    for (int k = 0; k < count && table->rows > 0; k++) {
        points[k].x /= (double)table->rows;
        points[k].y /= (double)table->rows;
    }
}

static void draw_points(gr_page *page, const point *points, int count)
{
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY}, worst = 0.0;
    for (int k = 0; k < count; k++) {
        low[0] = fmin(low[0], points[k].x);
        high[0] = fmax(high[0], points[k].x);
        low[1] = fmin(low[1], points[k].y);
        high[1] = fmax(high[1], points[k].y);
        worst = isfinite(points[k].error) ? fmax(worst, points[k].error) : worst;
    }
    double side = fmin(page->width, page->height), margin = 0.14 * side;
    double scale = (side - 2.0 * margin) / fmax(1e-9, fmax(high[0] - low[0], high[1] - low[1]));
    double left = 0.5 * (page->width - scale * (high[0] - low[0])), top = 0.5 * (page->height - scale * (high[1] - low[1]));
    for (int k = 0; k < count; k++) {
        double x = left + scale * (points[k].x - low[0]), y = top + scale * (points[k].y - low[1]);
        double share = worst > 0.0 && isfinite(points[k].error) ? points[k].error / worst : 0.0;
        char text[24];
        gr_canvas_circle(page->canvas, x, y, 0.8 + 0.08 * side * sqrt(share), gr_fill(gr_colour(1), 0.35));
        gr_canvas_circle(page->canvas, x, y, 0.6, gr_fill(gr_colour(0), 1.0));
        snprintf(text, sizeof text, "%d", k + 1);
        gr_canvas_text(page->canvas, x + 1.0, y - 0.8, text, (gr_letters){.size = gr_small_size, .colour = GR_COLOUR_TEXT});
    }
}

static void tell(const gr_run_files *run, gr_page *page, const point *points, int count)
{
    int worst = 0, best = 0;
    for (int k = 1; k < count; k++) {
        worst = points[k].error > points[worst].error ? k : worst;
        best = points[k].error < points[best].error ? k : best;
    }
    const char *by = json_string_value(json_object_get(run->results, "normalised_by"));
    gr_text_printf(
        &page->alternative,
        "Errors of %d landmarks on the mean predicted face; the area of a disc is the landmark's NRMSE%s%s. The largest is "
        "%.3g of landmark %d, the smallest %.3g of landmark %d.",
        count, by != NULL ? ", by " : "", by != NULL ? by : "", points[worst].error, worst + 1, points[best].error,
        best + 1);
    gr_numbers_columns(&page->numbers, (const char *const[]){"landmark", "nrmse"}, 2);
    for (int k = 0; k < count; k++) {
        gr_numbers_whole(&page->numbers, k + 1);
        gr_numbers_real(&page->numbers, points[k].error);
    }
}

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    int count = (int)json_array_size(errors_of(run));
    point *points = gr_alloc((size_t)count, sizeof *points);
    int *columns = gr_alloc(2 * (size_t)count, sizeof *columns);
    gr_csv *table = NULL;
    gr_status status = points != NULL && columns != NULL ? gr_run_table_read(run, "predictions.csv", &table, err)
                                                         : gr_fail(err, GR_NOMEM, "no memory for %d landmarks", count);
    if (status == GR_OK) {
        for (int k = 0; k < count; k++) {
            const json_t *error = json_object_get(json_array_get(errors_of(run), (size_t)k), "nrmse");
            points[k].error = json_is_number(error) ? json_number_value(error) : NAN;
            for (int axis = 0; axis < 2; axis++) {
                char name[24];
                snprintf(name, sizeof name, "lm%d_%c", k + 1, "xy"[axis]);
                columns[2 * k + axis] = gr_csv_column(table, name);
            }
        }
        mean_shape(table, columns, points, count);
        draw_points(page, points, count);
        tell(run, page, points, count);
    }
    gr_csv_destroy(table);
    gr_free(columns);
    gr_free(points);
    return status;
}

const gr_figure gr_landmarks_figure = {.name = "landmarks",
                                       .title = "Errors of each landmark",
                                       .shows = "the error of each landmark on the mean predicted face",
                                       .height = height,
                                       .can = can,
                                       .draw = draw};
