/* The settings of a sweep, best first: the pooled number that ranks them, and mean and deviation over folds. */
#include <math.h>

#include "base/base.h"
#include "report/axes.h"
#include "report/figure.h"
#include "report/sweep_file.h"
#include "report/ticks.h"

enum { MOST = 40 };
static const double row_height = 3.6, rest = 20.0; /* mm */

static double height(const gr_run_files *run, double width)
{
    (void)width;
    gr_sweep_file file;
    gr_error err = {0};
    int64_t rows = MOST;
    if (gr_sweep_file_open(run, &file, &err) == GR_OK) {
        rows = file.table->rows < MOST ? file.table->rows : MOST;
        gr_sweep_file_close(&file);
    }
    return fmax(35.0, rest + row_height * (double)rows);
}

static void tell(gr_page *page, const gr_sweep_file *f, int64_t shown)
{
    const gr_csv *t = f->table;
    gr_text_printf(&page->alternative, "%lld settings of a sweep by pooled %s. The best, %s, has %.3f", (long long)t->rows,
                   f->metric, gr_csv_field(t, 0, f->name), gr_run_table_number(t, 0, f->pooled));
    if (t->rows > 1)
        gr_text_printf(&page->alternative, ", the last, %s, %.3f", gr_csv_field(t, t->rows - 1, f->name),
                       gr_run_table_number(t, t->rows - 1, f->pooled));
    gr_text_printf(&page->alternative,
                   ". The smaller dots are means over folds, lines one standard deviation to either side.");
    if (shown < t->rows)
        gr_text_printf(&page->alternative, " The first %lld are shown.", (long long)shown);
    gr_numbers_columns(&page->numbers, (const char *const[]){"rank", "setting", "name", "pooled", "mean", "std"}, 6);
    for (int64_t i = 0; i < t->rows; i++) {
        gr_numbers_whole(&page->numbers, i + 1);
        gr_numbers_text(&page->numbers, gr_csv_field(t, i, f->setting));
        gr_numbers_text(&page->numbers, gr_csv_field(t, i, f->name));
        gr_numbers_real(&page->numbers, gr_run_table_number(t, i, f->pooled));
        gr_numbers_real(&page->numbers, gr_run_table_number(t, i, f->mean));
        gr_numbers_real(&page->numbers, gr_run_table_number(t, i, f->std));
    }
}

static void widen(double value, double *low, double *high)
{
    if (isfinite(value)) {
        *low = fmin(*low, value);
        *high = fmax(*high, value);
    }
}

static void draw_rows(gr_page *page, const gr_sweep_file *f, int64_t shown, const char *const *names)
{
    double low = INFINITY, high = -INFINITY;
    for (int64_t i = 0; i < shown; i++) {
        double mean = gr_run_table_number(f->table, i, f->mean), std = gr_run_table_number(f->table, i, f->std);
        widen(gr_run_table_number(f->table, i, f->pooled), &low, &high);
        widen(mean - std, &low, &high);
        widen(mean + std, &low, &high);
        widen(mean, &low, &high);
    }
    if (!(low <= high))
        low = high = 0.0;
    gr_ticks_widen(&low, &high, 6);
    gr_entry entries[] = {{"pooled", gr_fill(gr_colour(0), 1.0), true},
                          {"mean and SD over folds", gr_pen(gr_colour(1), gr_medium), false}};
    gr_box box = gr_legend_above(page->canvas, (gr_box){1.0, 1.0, page->width - 2.0, page->height - 2.0}, entries, 2);
    gr_axis y = {.low = (double)shown - 0.5, .high = -0.5, .no_grid = true, .names = names, .categories = (int)shown};
    gr_axes axes = gr_axes_draw(page->canvas, box, (gr_axis){.low = low, .high = high, .title = f->metric}, y);
    for (int64_t i = 0; i < shown; i++) {
        double mean = gr_run_table_number(f->table, i, f->mean), std = gr_run_table_number(f->table, i, f->std);
        double pooled = gr_run_table_number(f->table, i, f->pooled), at[] = {(double)i, (double)i};
        if (isfinite(std))
            gr_axes_line(&axes, (double[]){mean - std, mean + std}, at, 2, gr_pen(gr_colour(1), gr_medium));
        gr_axes_dots(&axes, &mean, at, 1, 0.6, gr_fill(gr_colour(1), 1.0));
        gr_axes_dots(&axes, &pooled, at, 1, 0.9, gr_fill(gr_colour(0), 1.0));
    }
}

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    gr_sweep_file f;
    gr_status status = gr_sweep_file_open(run, &f, err);
    if (status != GR_OK)
        return status;
    int64_t shown = f.table->rows < MOST ? f.table->rows : MOST;
    const char *names[MOST];
    for (int64_t i = 0; i < shown; i++)
        names[i] = gr_csv_field(f.table, i, f.name);
    draw_rows(page, &f, shown, names);
    tell(page, &f, shown);
    gr_sweep_file_close(&f);
    return GR_OK;
}

const gr_figure gr_ranking_figure = {
    .name = "ranking",
    .title = "Settings of a sweep, ranked",
    .shows = "the pooled number that ranks the settings of a sweep, with mean and standard deviation over folds",
    .height = height,
    .can = gr_sweep_file_can,
    .draw = draw};
