/* Each animal on a line: the share of its images that is right, or how far its scores lie from the labels. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/axes.h"
#include "report/figure.h"
#include "report/ticks.h"

static const double row_height = 3.4, rest = 16.0, most_height = 250.0; /* mm */

typedef struct animal {
    const char *name;
    int64_t n, right;
    double sum, squares; /* of predicted - label */
    double value;
    gr_interval interval;
} animal;

static bool can(const gr_run_files *run, gr_text *why)
{
    if (!gr_run_has_predictions(run, why))
        return false;
    bool good = run->table.groups != NULL && run->table.kind != GR_TABLE_LABELS;
    if (run->table.kind == GR_TABLE_LABELS)
        gr_text_printf(why, "the predictions are of several columns of classes; it is about one column, or scores");
    else if (!good)
        gr_text_printf(why, "the predictions have no group (data.group)");
    return good;
}

static int64_t animals_of(const gr_run_files *run)
{
    int64_t count = 0;
    int64_t *number =
        run->predicted && run->table.groups != NULL ? gr_names_number(run->table.groups, run->table.count, &count) : NULL;
    gr_free(number);
    return count;
}

static double height(const gr_run_files *run, double width)
{
    (void)width;
    return fmax(35.0, fmin(most_height, rest + row_height * (double)animals_of(run)));
}

static void count_rows(const gr_prediction_table *t, const int64_t *number, animal *animals)
{
    for (int64_t i = 0; i < t->count; i++) {
        animal *a = &animals[number[i]];
        a->name = t->groups[i];
        if (t->kind == GR_TABLE_CLASSES) {
            a->n++;
            a->right += t->predictions.labels[i] == t->predictions.predicted[i];
            continue;
        }
        for (int k = 0; k < t->scores.outputs; k++) {
            double d = t->scores.predicted[i * t->scores.outputs + k] - t->scores.truth[i * t->scores.outputs + k];
            if (isnan(d))
                continue;
            a->n++;
            a->sum += d;
            a->squares += d * d;
        }
    }
}

/* Classes: the exact interval of a share. Scores: mean and standard deviation of the differences. */
static void summarise(animal *a, bool classes, double level)
{
    double n = (double)a->n, mean = a->sum / n, sd = sqrt(fmax(0.0, a->squares - n * mean * mean) / (n - 1.0));
    a->value = classes ? (double)a->right / n : mean;
    a->interval = classes ? gr_clopper_pearson(a->right, a->n, level) : (gr_interval){mean - sd, mean + sd};
    if (!classes && a->n < 2)
        a->interval = (gr_interval){NAN, NAN};
}

static int best_first(const void *x, const void *y)
{
    const animal *a = x, *b = y;
    if (a->value != b->value && !(isnan(a->value) && isnan(b->value)))
        return isnan(b->value) || a->value > b->value ? -1 : 1;
    return strcmp(a->name, b->name);
}

static void tell(const gr_run_files *run, gr_page *page, const animal *animals, int count, const animal *all, bool classes)
{
    const animal *last = &animals[count - 1];
    gr_text_printf(&page->alternative,
                   classes ? "Share of right answers for %d values of %s: " : "Predicted minus label for %d values of %s: ",
                   count, run->table.group_column);
    gr_text_printf(&page->alternative, "from %.3g (%s, n = %lld) to %.3g (%s, n = %lld); of all images %.3g. ", last->value,
                   last->name, (long long)last->n, animals[0].value, animals[0].name, (long long)animals[0].n, all->value);
    gr_text_printf(&page->alternative,
                   classes ? "Bars are exact %g %% intervals of independent images."
                           : "Bars are one standard deviation to either side.",
                   100.0 * run->config->evaluate.confidence);
    gr_numbers_columns(
        &page->numbers,
        (const char *const[]){run->table.group_column, "n", classes ? "share_right" : "mean_difference", "low", "high"}, 5);
    for (int i = 0; i < count; i++) {
        gr_numbers_text(&page->numbers, animals[i].name);
        gr_numbers_whole(&page->numbers, animals[i].n);
        gr_numbers_real(&page->numbers, animals[i].value);
        gr_numbers_real(&page->numbers, animals[i].interval.low);
        gr_numbers_real(&page->numbers, animals[i].interval.high);
    }
}

static gr_axis value_axis(const animal *animals, int count, bool classes)
{
    gr_axis x = {.high = 1.0, .title = "share of right answers"};
    if (classes)
        return x;
    x = (gr_axis){.title = "predicted - label (mean, SD)"};
    for (int i = 0; i < count; i++) {
        const double ends[] = {animals[i].value, animals[i].interval.low, animals[i].interval.high};
        for (int k = 0; k < 3; k++) {
            x.low = isfinite(ends[k]) ? fmin(x.low, ends[k]) : x.low;
            x.high = isfinite(ends[k]) ? fmax(x.high, ends[k]) : x.high;
        }
    }
    gr_ticks_widen(&x.low, &x.high, 6);
    return x;
}

/* Where there are more lines than letters have room for, names go and dots stay. */
static void draw_rows(const gr_run_files *run, gr_page *page, const animal *animals, int count, const animal *all,
                      gr_arena *arena, const char **names)
{
    bool classes = run->table.kind == GR_TABLE_CLASSES;
    gr_box box = {1.0, 1.0, page->width - 2.0, page->height - 2.0};
    bool named = (double)count * 2.6 <= page->height - rest + 4.0;
    for (int i = 0; i < count; i++) /* without memory the name alone */
        if ((names[i] = gr_arena_printf(arena, "%s (%lld)", animals[i].name, (long long)animals[i].n)) == NULL)
            names[i] = animals[i].name;
    gr_axis y = {.low = count - 0.5,
                 .high = -0.5,
                 .no_grid = true,
                 .names = names,
                 .categories = named ? count : 0,
                 .title = run->table.group_column};
    gr_axes axes = gr_axes_draw(page->canvas, box, value_axis(animals, count, classes), y);
    gr_axes_upright(&axes, all->value, gr_dashed(GR_GREY, gr_medium, 1.2));
    for (int i = 0; i < count; i++) {
        double at[] = {i, i};
        gr_axes_line(&axes, (double[]){animals[i].interval.low, animals[i].interval.high}, at, 2,
                     gr_pen(gr_colour(0), gr_medium));
        gr_axes_dots(&axes, &animals[i].value, at, 1, 0.8, gr_fill(gr_colour(0), 1.0));
    }
    tell(run, page, animals, count, all, classes);
}

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    const gr_prediction_table *t = &run->table;
    bool classes = t->kind == GR_TABLE_CLASSES;
    double level = run->config->evaluate.confidence;
    int64_t count = 0, *number = gr_names_number(t->groups, t->count, &count);
    animal *animals = number != NULL ? gr_alloc((size_t)count, sizeof *animals) : NULL, all = {0};
    gr_arena *arena = gr_arena_create();
    const char **names = gr_alloc((size_t)count, sizeof *names);
    gr_status status = GR_OK;
    if (animals == NULL || names == NULL || arena == NULL) {
        status = gr_fail(err, GR_NOMEM, "no memory for %lld groups", (long long)count);
    } else {
        count_rows(t, number, animals);
        for (int64_t i = 0; i < count; i++) {
            all.n += animals[i].n;
            all.right += animals[i].right;
            all.sum += animals[i].sum;
            all.squares += animals[i].squares;
            summarise(&animals[i], classes, level);
        }
        summarise(&all, classes, level);
        qsort(animals, (size_t)count, sizeof *animals, best_first);
        draw_rows(run, page, animals, (int)count, &all, arena, names);
    }
    gr_free(number);
    gr_free(animals);
    gr_free(names);
    gr_arena_destroy(arena);
    return status;
}

const gr_figure gr_animals_figure = {
    .name = "animals",
    .title = "Each animal",
    .shows = "the share of right answers, or predicted minus label, of each animal, with n and spread",
    .height = height,
    .can = can,
    .draw = draw};
