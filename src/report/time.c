/* The model's answers over time beside the raters' scores, a panel for each treatment (BlackMice's Figures 5 to 7). */
#include <math.h>
#include <stdio.h>

#include "base/base.h"
#include "report/box_plot.h"
#include "report/figure.h"
#include "report/ticks.h"
#include "report/time_points.h"

static const double title_height = 4.5, panel_height = 42.0; /* mm */
enum { RATED = 0x5f5f5f };

/* How many plots lie below each other: raters' scores and answers of each treatment. */
static int plots_of(const gr_time_points *p)
{
    return p->treatment_count * (p->rating != NULL ? 2 : 1);
}

static double height(const gr_run_files *run, double width)
{
    gr_time_points p;
    gr_error err = {0};
    int plots = 2;
    if (gr_time_points_open(run, &p, &err) == GR_OK) {
        plots = plots_of(&p);
        gr_time_points_free(&p);
    }
    return fmin(1500.0, plots * fmin(panel_height, 0.6 * width) + (double)plots * 0.5 * title_height);
}

/* From so many time points on their names and boxes are crowded in one column. */
static bool broad(const gr_run_files *run)
{
    enum { CROWDED = 6 };
    gr_time_points p;
    gr_error err = {0};
    if (gr_time_points_open(run, &p, &err) != GR_OK)
        return false;
    bool crowded = p.time_count >= CROWDED;
    gr_time_points_free(&p);
    return crowded;
}

/* The known values of one treatment and time point; returns how many. */
static int64_t pick(const gr_time_points *p, const double *values, int treatment, int time, double *out)
{
    int64_t count = 0;
    for (int64_t i = 0; i < p->count; i++)
        if (p->treatment_of[i] == treatment && p->time_of[i] == time && isfinite(values[i]))
            out[count++] = values[i];
    return count;
}

static void range(const gr_time_points *p, const double *values, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (int64_t i = 0; i < p->count; i++)
        if (isfinite(values[i])) {
            *low = fmin(*low, values[i]);
            *high = fmax(*high, values[i]);
        }
    if (!(*low <= *high))
        *low = *high = 0.0;
    gr_ticks_widen(low, high, 4);
}

static void add_numbers(gr_page *page, const gr_time_points *p, int treatment, int time, const char *what,
                        const gr_quartiles *q)
{
    if (p->treatment != NULL)
        gr_numbers_text(&page->numbers, p->treatments[treatment]);
    gr_numbers_text(&page->numbers, p->times[time]);
    gr_numbers_text(&page->numbers, what);
    gr_numbers_whole(&page->numbers, q->n);
    const double values[] = {q->low, q->first, q->median, q->third, q->high};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        gr_numbers_real(&page->numbers, values[i]);
}

/* One plot: a box for each time point. `names` have the number of images below the time point. */
static void draw_plot(const gr_time_points *p, gr_page *page, gr_box box, int treatment, const double *values,
                      const char *what, uint32_t colour, gr_axis y, const char *const *names, double *spare)
{
    gr_axis x = {-0.5, p->time_count - 0.5, NULL, names, p->time_count, .no_grid = true};
    gr_axes axes = gr_axes_draw(page->canvas, box, x, y);
    for (int t = 0; t < p->time_count; t++) {
        int64_t n = pick(p, values, treatment, t, spare);
        gr_quartiles q = gr_quartiles_of(spare, n);
        gr_box_plot(&axes, t, 0.5, &q, spare, colour);
        add_numbers(page, p, treatment, t, what, &q);
        if (q.n > 0)
            gr_text_printf(&page->alternative, "%s %s %.3g", t > 0 ? "," : "", p->times[t], q.median);
    }
}

static void tell_plot(const gr_time_points *p, gr_page *page, int treatment, const char *what)
{
    gr_text_printf(&page->alternative, "%sMedian %s", page->alternative.size > 0 ? "; " : "", what);
    if (p->treatment != NULL)
        gr_text_printf(&page->alternative, " (%s)", p->treatments[treatment]);
    gr_text_printf(&page->alternative, " by %s:", p->time);
}

static void draw_treatment(const gr_run_files *run, const gr_time_points *p, gr_page *page, int treatment, double *spare,
                           const char *const *names)
{
    bool classes = run->table.kind == GR_TABLE_CLASSES;
    double tall = page->height / plots_of(p), room = 8.0, low = 0.0, high = 1.0;
    gr_text answer = {0};
    if (classes)
        gr_text_printf(&answer, "p(%s)", run->table.predictions.classes[run->table.positive]);
    else
        gr_text_printf(&answer, "predicted %s", run->table.scores.names[0]);
    int plots = p->rating != NULL ? 2 : 1;
    gr_box box = {1.0, treatment * plots * tall + 1.0, page->width - 2.0, plots * tall - 2.0};
    if (p->treatment != NULL) {
        gr_text_fitted(page->canvas, box.x + 0.5 * box.width, box.y, box.width, p->treatments[treatment],
                       (gr_letters){.bold = true, .anchor = GR_MIDDLE, .level = GR_BELOW, .colour = GR_COLOUR_TEXT});
        box.y += title_height;
        box.height -= title_height;
    }
    box.height /= plots;
    if (p->rating != NULL) {
        range(p, p->rated, &low, &high);
        tell_plot(p, page, treatment, p->rating);
        draw_plot(p, page, box, treatment, p->rated, p->rating, RATED,
                  (gr_axis){.low = low, .high = high, .title = p->rating, .room = room}, names, spare);
        box.y += box.height;
    }
    if (classes) {
        low = 0.0;
        high = 1.0;
    } else if (p->rating == NULL) {
        range(p, p->predicted, &low, &high);
    }
    const char *what = answer.failed ? "" : answer.data;
    tell_plot(p, page, treatment, what);
    draw_plot(p, page, box, treatment, p->predicted, what, gr_colour(0),
              (gr_axis){.low = low, .high = high, .title = what, .room = room}, names, spare);
    gr_text_free(&answer);
}

static gr_status draw_all(const gr_run_files *run, const gr_time_points *p, gr_page *page, gr_error *err)
{
    static const char *const columns[] = {"treatment",      "time",   "value",          "n",   "low",
                                          "first_quartile", "median", "third_quartile", "high"};
    double *spare = gr_alloc((size_t)p->count, sizeof *spare);
    gr_arena *arena = gr_arena_create();
    gr_status status = spare != NULL && arena != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for a figure");
    gr_numbers_columns(&page->numbers, p->treatment != NULL ? columns : columns + 1, p->treatment != NULL ? 9 : 8);
    for (int r = 0; status == GR_OK && r < p->treatment_count; r++) {
        const char *names[GR_MOST_TIMES];
        for (int t = 0; t < p->time_count; t++) {
            int64_t n = pick(p, p->predicted, r, t, spare);
            names[t] = gr_arena_printf(arena, "%s (%lld)", p->times[t], (long long)n);
            if (names[t] == NULL)
                names[t] = p->times[t];
        }
        draw_treatment(run, p, page, r, spare, names);
    }
    gr_text_printf(&page->alternative, ". In parentheses the number of images.");
    gr_free(spare);
    gr_arena_destroy(arena);
    return status;
}

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    gr_time_points p;
    gr_status status = gr_time_points_open(run, &p, err);
    if (status == GR_OK) {
        status = draw_all(run, &p, page, err);
        gr_time_points_free(&p);
    }
    return status;
}

const gr_figure gr_time_figure = {
    .name = "time",
    .title = "Answers over time",
    .shows = "the model's answers at each time point beside the raters' scores, by treatment, as box plots with all images",
    .height = height,
    .broad = broad,
    .can = gr_time_points_can,
    .draw = draw};
