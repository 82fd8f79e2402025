/* Learning curves: the loss of each fold epoch by epoch, and their mean. */
#include <math.h>
#include <stdlib.h>

#include "report/axes.h"
#include "report/figure.h"
#include "report/ticks.h"

static bool can(const gr_run_files *run, gr_text *why)
{
    if (run->fold_count == 0)
        gr_text_printf(why, run->table_alone ? "a table of predictions has no epochs"
                                             : "no fold has a metrics.jsonl with an epoch");
    return run->fold_count > 0;
}

/* One number of all folds: a row of `most` epochs for each, then their mean. */
typedef struct curves {
    const char *key;
    double *values; /* [folds + 1, most] */
    bool any;
} curves;

static bool collect(const gr_run_files *run, int64_t most, curves *c)
{
    int folds = run->fold_count;
    c->values = gr_alloc((size_t)(folds + 1) * (size_t)most, sizeof *c->values);
    for (int64_t e = 0; c->values != NULL && e < most; e++) {
        double sum = 0.0;
        int64_t count = 0;
        for (int f = 0; f < folds; f++) {
            double v = e < run->folds[f].count ? gr_run_epoch_number(&run->folds[f], e, c->key) : NAN;
            c->values[f * most + e] = v;
            if (!isnan(v)) {
                sum += v;
                count++;
            }
        }
        c->values[folds * most + e] = count > 0 ? sum / (double)count : NAN;
        c->any |= count > 0;
    }
    return c->values != NULL;
}

static void extend(const curves *c, int64_t count, double *low, double *high)
{
    for (int64_t i = 0; i < count; i++)
        if (isfinite(c->values[i])) {
            *low = fmin(*low, c->values[i]);
            *high = fmax(*high, c->values[i]);
        }
}

static void draw_curves(const gr_axes *axes, const curves *c, const double *epochs, int64_t most, int folds, uint32_t colour)
{
    gr_paint thin = gr_pen(colour, gr_thin);
    thin.line_opacity = folds > 1 ? 0.35 : 1.0;
    for (int f = 0; f < folds; f++)
        gr_axes_line(axes, epochs, c->values + f * most, most, thin);
    if (most == 1)
        gr_axes_dots(axes, epochs, c->values + folds * most, 1, 0.7, gr_fill(colour, 1.0));
    gr_axes_line(axes, epochs, c->values + folds * most, most, gr_pen(colour, gr_thick));
}

static void tell(const gr_run_files *run, gr_page *page, const curves *c, int64_t most)
{
    int folds = run->fold_count;
    const double *mean = c[0].values + folds * most;
    int64_t last = most - 1;
    gr_text_printf(&page->alternative, "Loss of %d fold%s over %lld epoch%s. The mean training loss goes from %.3g to %.3g",
                   folds, folds == 1 ? "" : "s", (long long)most, most == 1 ? "" : "s", mean[0], mean[last]);
    if (c[1].any)
        gr_text_printf(&page->alternative, ", the mean validation loss from %.3g to %.3g", c[1].values[folds * most],
                       c[1].values[folds * most + last]);
    gr_text_printf(&page->alternative, ".");
    gr_numbers_columns(&page->numbers, (const char *const[]){"epoch", "folds", "train_loss", "val_loss"}, c[1].any ? 4 : 3);
    for (int64_t e = 0; e < most; e++) {
        int64_t there = 0;
        for (int f = 0; f < folds; f++)
            there += e < run->folds[f].count;
        gr_numbers_whole(&page->numbers, e + 1);
        gr_numbers_whole(&page->numbers, there);
        gr_numbers_real(&page->numbers, mean[e]);
        if (c[1].any)
            gr_numbers_real(&page->numbers, c[1].values[folds * most + e]);
    }
}

static gr_status draw_all(const gr_run_files *run, gr_page *page, const curves *c, const double *epochs, int64_t most)
{
    static const char *const names[] = {"training", "validation"};
    gr_entry entries[2];
    int shown = 1 + c[1].any;
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < shown; i++) {
        entries[i] = (gr_entry){.name = names[i], .paint = gr_pen(gr_colour(i), gr_thick)};
        extend(&c[i], (run->fold_count + 1) * most, &low, &high);
    }
    if (!(high >= low))
        low = high = 0.0;
    gr_ticks_widen(&low, &high, 5);
    gr_box box = gr_legend_above(page->canvas, (gr_box){1.0, 1.0, page->width - 2.0, page->height - 2.0}, entries, shown);
    gr_axis x = {.low = 1.0, .high = most > 1 ? (double)most : 2.0, .title = "epoch", .whole = true};
    gr_axes axes = gr_axes_draw(page->canvas, box, x, (gr_axis){.low = low, .high = high, .title = "loss"});
    for (int i = 0; i < shown; i++)
        draw_curves(&axes, &c[i], epochs, most, run->fold_count, gr_colour(i));
    tell(run, page, c, most);
    return GR_OK;
}

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    curves c[2] = {{.key = "train_loss"}, {.key = "val_loss"}};
    int64_t most = 0;
    for (int f = 0; f < run->fold_count; f++)
        most = run->folds[f].count > most ? run->folds[f].count : most;
    double *epochs = gr_alloc((size_t)most, sizeof *epochs);
    for (int64_t e = 0; epochs != NULL && e < most; e++)
        epochs[e] = (double)(e + 1);
    gr_status status = epochs != NULL && collect(run, most, &c[0]) && collect(run, most, &c[1])
                           ? draw_all(run, page, c, epochs, most)
                           : gr_fail(err, GR_NOMEM, "no memory for learning curves");
    gr_free(c[0].values);
    gr_free(c[1].values);
    gr_free(epochs);
    return status;
}

const gr_figure gr_learning_figure = {
    .name = "learning",
    .title = "Learning curves",
    .shows = "the loss of training and validation by epoch, each fold thin and their mean thick",
    .can = can,
    .draw = draw};
