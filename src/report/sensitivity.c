/* What the swept keys do to the number that ranks: a coloured table for each two keys, or a line for each key, while all
 * others keep one value (PainSeeker's Figure 5). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "report/figure.h"
#include "report/heat.h"
#include "report/sweep_file.h"
#include "report/ticks.h"

enum { MOST_PANELS = 12, MOST_VALUES = 60, MOST_ROWS = 4000 };
static const double two_from = 120.0, title_height = 7.5; /* mm */

/* Settings that differ in key `a` alone, or in `a` and `b`. */
typedef struct panel {
    int a, b;      /* keys, counted from the first; b -1: one alone */
    int64_t row;   /* whose other keys they share */
    int64_t count; /* how many they are */
} panel;

typedef struct panels {
    panel list[MOST_PANELS];
    int count;
} panels;

static const char *value_of(const gr_sweep_file *f, int64_t row, int key)
{
    return gr_csv_field(f->table, row, f->first_key + key);
}

/* Does row `s` have what row `r` has, in all keys but a and b? */
static bool shares(const gr_sweep_file *f, int64_t r, int64_t s, int a, int b)
{
    for (int k = 0; k < f->key_count; k++)
        if (k != a && k != b && strcmp(value_of(f, r, k), value_of(f, s, k)) != 0)
            return false;
    return true;
}

/* The most settings that differ in no other key; of as many, those of the best one. */
static panel find_panel(const gr_sweep_file *f, int a, int b)
{
    panel best = {a, b, 0, 0};
    for (int64_t r = 0; r < f->table->rows; r++) {
        int64_t count = 0;
        bool several_a = false, several_b = b < 0;
        for (int64_t s = 0; s < f->table->rows; s++)
            if (shares(f, r, s, a, b)) {
                count++;
                several_a = several_a || strcmp(value_of(f, r, a), value_of(f, s, a)) != 0;
                several_b = several_b || strcmp(value_of(f, r, b), value_of(f, s, b)) != 0;
            }
        if (several_a && several_b && count > best.count)
            best = (panel){a, b, r, count};
    }
    return best;
}

static void find_panels(const gr_sweep_file *f, panels *out)
{
    out->count = 0;
    for (int a = 0; a < f->key_count; a++)
        for (int b = a + 1; b < f->key_count && out->count < MOST_PANELS; b++) {
            panel p = find_panel(f, a, b);
            if (p.count >= 4)
                out->list[out->count++] = p;
        }
    for (int a = 0; out->count == 0 && a < f->key_count && a < MOST_PANELS; a++) {
        panel p = find_panel(f, a, -1);
        if (p.count >= 2)
            out->list[out->count++] = p;
    }
    if (out->count > 0 && out->list[0].b < 0)
        for (int a = out->list[0].a + 1; a < f->key_count && out->count < MOST_PANELS; a++) {
            panel p = find_panel(f, a, -1);
            if (p.count >= 2)
                out->list[out->count++] = p;
        }
}

static bool look(const gr_run_files *run, panels *out)
{
    gr_sweep_file f;
    gr_error err = {0};
    out->count = 0;
    if (gr_sweep_file_open(run, &f, &err) != GR_OK)
        return false;
    if (f.table->rows <= MOST_ROWS)
        find_panels(&f, out);
    gr_sweep_file_close(&f);
    return true;
}

static bool can(const gr_run_files *run, gr_text *why)
{
    panels p;
    if (!gr_sweep_file_can(run, why))
        return false;
    if (look(run, &p) && p.count == 0)
        gr_text_printf(why, "no two settings differ in one key alone");
    return p.count > 0;
}

static int columns_of(const panels *p, double width)
{
    return p->count > 1 && width >= two_from ? 2 : 1;
}

static double height(const gr_run_files *run, double width)
{
    panels p;
    (void)look(run, &p);
    int columns = columns_of(&p, width), rows = (p.count + columns - 1) / columns;
    return fmin(1000.0, fmax(1, rows) * 0.8 * width / columns);
}

/* Several panels stand beside each other where there is room. */
static bool broad(const gr_run_files *run)
{
    panels p;
    return look(run, &p) && p.count > 1;
}

/* ---- one panel -------------------------------------------------------------------------------------------------------- */

/* The last part of a key's name. */
static const char *short_name(const gr_sweep_file *f, int key)
{
    const char *name = f->table->header[f->first_key + key], *dot = strrchr(name, '.');
    return dot != NULL ? dot + 1 : name;
}

/* Sorts names[count] by their numbers, into at[count], where all are numbers; says whether they are. */
static bool sort_numbers(const char **names, double *at, int count)
{
    for (int i = 0; i < count; i++) {
        char *end;
        at[i] = strtod(names[i], &end);
        if (end == names[i] || *end != '\0' || !isfinite(at[i]))
            return false;
    }
    for (int i = 1; i < count; i++)
        for (int k = i; k > 0 && at[k] < at[k - 1]; k--) {
            double number = at[k];
            const char *name = names[k];
            at[k] = at[k - 1];
            names[k] = names[k - 1];
            at[k - 1] = number;
            names[k - 1] = name;
        }
    return true;
}

/* The different values of `key` in a panel and, where all are numbers, their sizes in order. */
static int collect(const gr_sweep_file *f, const panel *p, int key, const char *names[MOST_VALUES], double at[MOST_VALUES],
                   bool *numbers)
{
    int count = 0;
    for (int64_t r = 0; r < f->table->rows; r++) {
        bool known = !shares(f, p->row, r, p->a, p->b);
        for (int i = 0; i < count; i++)
            known = known || strcmp(names[i], value_of(f, r, key)) == 0;
        if (!known && count < MOST_VALUES)
            names[count++] = value_of(f, r, key);
    }
    *numbers = sort_numbers(names, at, count);
    return count;
}

static int place_in(const char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

static void add_numbers(gr_page *page, const gr_sweep_file *f, const panel *p, int64_t row)
{
    gr_numbers_text(&page->numbers, f->table->header[f->first_key + p->a]);
    gr_numbers_text(&page->numbers, value_of(f, row, p->a));
    gr_numbers_text(&page->numbers, p->b >= 0 ? f->table->header[f->first_key + p->b] : "");
    gr_numbers_text(&page->numbers, p->b >= 0 ? value_of(f, row, p->b) : "");
    gr_numbers_real(&page->numbers, gr_run_table_number(f->table, row, f->pooled));
}

static gr_status draw_pair(const gr_sweep_file *f, const panel *p, gr_page *page, gr_box box, double low, double high,
                           gr_error *err)
{
    const char *across[MOST_VALUES], *down[MOST_VALUES];
    double unused[MOST_VALUES];
    bool numbers;
    int columns = collect(f, p, p->a, across, unused, &numbers), rows = collect(f, p, p->b, down, unused, &numbers);
    double *values = gr_alloc((size_t)columns * (size_t)rows, sizeof *values);
    if (values == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a figure");
    for (int i = 0; i < columns * rows; i++)
        values[i] = NAN;
    for (int64_t r = 0; r < f->table->rows; r++) {
        int column = place_in(across, columns, value_of(f, r, p->a)), row = place_in(down, rows, value_of(f, r, p->b));
        if (column < 0 || row < 0 || !shares(f, p->row, r, p->a, p->b))
            continue;
        values[row * columns + column] = gr_run_table_number(f->table, r, f->pooled);
        add_numbers(page, f, p, r);
    }
    gr_heat heat = {short_name(f, p->a), short_name(f, p->b), across, down, columns, rows, values, NULL, low, high};
    gr_heat_draw(page->canvas, box, &heat);
    gr_free(values);
    return GR_OK;
}

/* The axis of a key's values: numbers where all are, in powers of ten where they span them. */
static gr_axis key_axis(const char *title, const char *const *names, const double *at, int count, bool numbers)
{
    if (!numbers)
        return (gr_axis){-0.5, count - 0.5, title, names, count, .no_grid = true};
    gr_axis x = {.low = at[0], .high = at[count - 1], .title = title};
    x.log = at[0] > 0.0 && at[count - 1] / at[0] >= 50.0;
    if (!x.log)
        gr_ticks_widen(&x.low, &x.high, 5);
    return x;
}

static void draw_line(const gr_sweep_file *f, const panel *p, gr_page *page, gr_box box, double low, double high)
{
    const char *names[MOST_VALUES];
    double at[MOST_VALUES], value[MOST_VALUES], above[MOST_VALUES], below[MOST_VALUES];
    bool numbers;
    int count = collect(f, p, p->a, names, at, &numbers);
    for (int i = 0; i < count; i++) {
        value[i] = above[i] = below[i] = NAN;
        at[i] = numbers ? at[i] : i;
    }
    for (int64_t r = 0; r < f->table->rows; r++) {
        int place = shares(f, p->row, r, p->a, p->b) ? place_in(names, count, value_of(f, r, p->a)) : -1;
        if (place < 0)
            continue;
        double mean = gr_run_table_number(f->table, r, f->mean), std = gr_run_table_number(f->table, r, f->std);
        value[place] = gr_run_table_number(f->table, r, f->pooled);
        above[place] = mean + std;
        below[place] = mean - std;
        add_numbers(page, f, p, r);
    }
    gr_axes axes = gr_axes_draw(page->canvas, box, key_axis(short_name(f, p->a), names, at, count, numbers),
                                (gr_axis){.low = low, .high = high, .title = f->metric});
    gr_paint pale = gr_fill(gr_colour(0), 0.15);
    gr_axes_band(&axes, at, below, above, count, pale);
    gr_axes_line(&axes, at, value, count, gr_pen(gr_colour(0), gr_thick));
    gr_axes_dots(&axes, at, value, count, 0.8, gr_fill(gr_colour(0), 1.0));
}

/* Above a panel: what the other keys are. */
static void draw_title(const gr_sweep_file *f, const panel *p, gr_page *page, gr_box box)
{
    gr_text title = {0};
    for (int k = 0; k < f->key_count; k++)
        if (k != p->a && k != p->b)
            gr_text_printf(&title, "%s%s = %s", title.size > 0 ? ", " : "", short_name(f, k), value_of(f, p->row, k));
    gr_letters small = {.size = gr_small_size, .anchor = GR_MIDDLE, .level = GR_BELOW, .colour = GR_COLOUR_TEXT},
               bold = small;
    bold.bold = true;
    gr_text_fitted(page->canvas, box.x + 0.5 * box.width, box.y, box.width, f->metric, bold);
    if (title.size > 0 && !title.failed)
        gr_text_fitted(page->canvas, box.x + 0.5 * box.width, box.y + 3.4, box.width, title.data, small);
    gr_text_free(&title);
}

static void range(const gr_sweep_file *f, const panels *p, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (int i = 0; i < p->count; i++)
        for (int64_t r = 0; r < f->table->rows; r++) {
            if (!shares(f, p->list[i].row, r, p->list[i].a, p->list[i].b))
                continue;
            double value = gr_run_table_number(f->table, r, f->pooled), mean = gr_run_table_number(f->table, r, f->mean),
                   std = p->list[i].b < 0 ? gr_run_table_number(f->table, r, f->std) : NAN;
            double ends[] = {value, mean - std, mean + std};
            for (int k = 0; k < 3; k++) {
                *low = isfinite(ends[k]) ? fmin(*low, ends[k]) : *low;
                *high = isfinite(ends[k]) ? fmax(*high, ends[k]) : *high;
            }
        }
    if (!(*low <= *high))
        *low = *high = 0.0;
    gr_ticks_widen(low, high, 5);
}

static void tell(gr_page *page, const gr_sweep_file *f, const panels *p, double low, double high)
{
    gr_text_printf(&page->alternative, "Pooled %s of a sweep's settings by ", f->metric);
    for (int i = 0; i < p->count; i++) {
        gr_text_printf(&page->alternative, "%s%s", i > 0 ? "; " : "", f->table->header[f->first_key + p->list[i].a]);
        if (p->list[i].b >= 0)
            gr_text_printf(&page->alternative, " and %s", f->table->header[f->first_key + p->list[i].b]);
    }
    gr_text_printf(&page->alternative, "%s. Colours and axes go from %.3g to %.3g.",
                   f->key_count > (p->list[0].b >= 0 ? 2 : 1) ? "; the other keys keep one value" : "", low, high);
}

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    gr_sweep_file f;
    panels p;
    double low, high;
    gr_status status = gr_sweep_file_open(run, &f, err);
    if (status != GR_OK)
        return status;
    find_panels(&f, &p);
    range(&f, &p, &low, &high);
    gr_numbers_columns(&page->numbers, (const char *const[]){"key", "value", "second_key", "second_value", f.metric}, 5);
    int columns = columns_of(&p, page->width), rows = (p.count + columns - 1) / columns;
    double width = page->width / columns, tall = page->height / fmax(1, rows);
    for (int i = 0; status == GR_OK && i < p.count; i++) {
        gr_box box = {(i % columns) * width + 1.0, (i / columns) * tall + 1.0, width - 2.0, tall - 2.0};
        draw_title(&f, &p.list[i], page, box);
        box.y += title_height;
        box.height -= title_height;
        if (p.list[i].b >= 0)
            status = draw_pair(&f, &p.list[i], page, box, low, high, err);
        else
            draw_line(&f, &p.list[i], page, box, low, high);
    }
    tell(page, &f, &p, low, high);
    gr_sweep_file_close(&f);
    return status;
}

const gr_figure gr_sensitivity_figure = {
    .name = "sensitivity",
    .title = "Sensitivity to the swept keys",
    .shows = "the number that ranks a sweep by the values of each two keys, or of each, while the others keep theirs",
    .height = height,
    .broad = broad,
    .can = can,
    .draw = draw};
