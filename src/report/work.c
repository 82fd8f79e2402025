/* Where the time of a run went: the epochs of each fold. */
#include <math.h>

#include "base/base.h"
#include "report/axes.h"
#include "report/figure.h"
#include "report/ticks.h"

static const double row_height = 3.8, rest = 16.0, most_height = 250.0; /* mm */

static double seconds_of(const gr_run_epochs *fold)
{
    double sum = 0.0;
    for (int64_t e = 0; e < fold->count; e++) {
        double seconds = gr_run_epoch_number(fold, e, "seconds");
        sum += isfinite(seconds) ? seconds : 0.0;
    }
    return sum;
}

static bool can(const gr_run_files *run, gr_text *why)
{
    double sum = 0.0;
    for (int f = 0; f < run->fold_count; f++)
        sum += seconds_of(&run->folds[f]);
    if (!(sum > 0.0))
        gr_text_printf(why, "no fold has a metrics.jsonl with seconds of an epoch");
    return sum > 0.0;
}

static double height(const gr_run_files *run, double width)
{
    (void)width;
    return fmax(35.0, fmin(most_height, rest + row_height * run->fold_count));
}

static void tell(const gr_run_files *run, gr_page *page, double all)
{
    gr_text_printf(&page->alternative, "Seconds of training by fold, each epoch a block: %.4g in all", all);
    double whole = json_number_value(json_object_get(run->about, "seconds"));
    if (whole > 0.0)
        gr_text_printf(&page->alternative, "; the run with reading, testing and writing took %.4g by the clock", whole);
    gr_text_printf(&page->alternative, ".");
    gr_numbers_columns(&page->numbers, (const char *const[]){"fold", "epochs", "seconds", "images_per_second"}, 4);
    for (int f = 0; f < run->fold_count; f++) {
        double rate = 0.0;
        int64_t rates = 0;
        for (int64_t e = 0; e < run->folds[f].count; e++) {
            double one = gr_run_epoch_number(&run->folds[f], e, "images_per_second");
            rate += isfinite(one) ? one : 0.0;
            rates += isfinite(one);
        }
        gr_numbers_text(&page->numbers, run->folds[f].fold);
        gr_numbers_whole(&page->numbers, run->folds[f].count);
        gr_numbers_real(&page->numbers, seconds_of(&run->folds[f]));
        gr_numbers_real(&page->numbers, rates > 0 ? rate / (double)rates : NAN);
    }
}

static void draw_fold(const gr_axes *axes, const gr_run_epochs *fold, int row)
{
    double from = 0.0, top = gr_axes_y(axes, row - 0.36), high = gr_axes_y(axes, row + 0.36) - top;
    for (int64_t e = 0; e < fold->count; e++) {
        double seconds = gr_run_epoch_number(fold, e, "seconds");
        if (!(seconds > 0.0))
            continue;
        double left = gr_axes_x(axes, from), right = gr_axes_x(axes, from + seconds);
        gr_canvas_rectangle(axes->canvas, left, top, right - left, high, gr_fill(gr_colour(e % 2 == 0 ? 0 : 6), 1.0));
        from += seconds;
    }
}

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    int folds = run->fold_count;
    const char **names = gr_alloc((size_t)folds + 1, sizeof *names);
    if (names == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a figure");
    double most = 0.0, all = 0.0, low = 0.0;
    for (int f = 0; f < folds; f++) {
        names[f] = run->folds[f].fold;
        most = fmax(most, seconds_of(&run->folds[f]));
        all += seconds_of(&run->folds[f]);
    }
    gr_ticks_widen(&low, &most, 6);
    bool named = folds * 2.6 <= page->height - rest + 4.0;
    gr_axis y = {
        .low = folds - 0.5, .high = -0.5, .no_grid = true, .names = names, .categories = named ? folds : 0, .title = "fold"};
    gr_axes axes = gr_axes_draw(page->canvas, (gr_box){1.0, 1.0, page->width - 2.0, page->height - 2.0},
                                (gr_axis){.low = 0.0, .high = most, .title = "seconds of training"}, y);
    for (int f = 0; f < folds; f++)
        draw_fold(&axes, &run->folds[f], f);
    tell(run, page, all);
    gr_free(names);
    return GR_OK;
}

const gr_figure gr_work_figure = {.name = "work",
                                  .title = "Where the time went",
                                  .shows = "the seconds of training of each fold, epoch by epoch",
                                  .height = height,
                                  .can = can,
                                  .draw = draw};
