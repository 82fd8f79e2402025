/* From the trees' bias to an animal's mean answer, step by step: a panel for each animal, or, without groups, one for all.
 */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "report/axes.h"
#include "report/figure.h"
#include "report/shap_file.h"
#include "report/ticks.h"

enum { STEPS = 8, MOST = 12 }; /* features of a panel, the rest together; panels */
static const double panel_height = 50.0;

/* Where images have no groups: all of them. */
typedef struct animal {
    const char *name;
    int64_t images;
    double bias;
    double *shares; /* [width], means */
} animal;

typedef struct herd {
    const gr_shap_file *f;
    int count;
    animal animals[MOST];
} herd;

/* The group of a tested image; NULL: of none. */
static const char *group_of(const gr_run_files *run, const int64_t *order, const char *image)
{
    if (run->table.groups == NULL)
        return "all images";
    int64_t at = gr_names_find(run->table.images, order, run->table.count, image);
    return at >= 0 ? run->table.groups[at] : NULL;
}

/* The animal of that name, a new one where there is room; NULL: none. */
static animal *find(herd *h, const char *name)
{
    for (int a = 0; a < h->count; a++)
        if (strcmp(h->animals[a].name, name) == 0)
            return &h->animals[a];
    if (h->count == MOST)
        return NULL;
    animal *a = &h->animals[h->count];
    *a = (animal){.name = name, .shares = gr_alloc((size_t)h->f->width, sizeof(double))};
    h->count += a->shares != NULL;
    return a->shares != NULL ? a : NULL;
}

static gr_status gather(const gr_run_files *run, herd *h, gr_error *err)
{
    const gr_shap_file *f = h->f;
    int64_t *order = gr_names_sort(run->table.images, run->table.count);
    if (order == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a figure");
    for (int64_t i = 0; i < f->count; i++) {
        const char *name = group_of(run, order, gr_csv_field(f->shares, f->rows[i], 0));
        animal *a = name != NULL ? find(h, name) : NULL;
        if (a == NULL)
            continue;
        a->images++;
        a->bias += gr_run_table_number(f->shares, f->rows[i], 4);
        for (int c = 0; c < f->width; c++)
            a->shares[c] += gr_shap_share(f, i, c);
    }
    for (int n = 0; n < h->count; n++) {
        h->animals[n].bias /= (double)h->animals[n].images;
        for (int c = 0; c < f->width; c++)
            h->animals[n].shares[c] /= (double)h->animals[n].images;
    }
    gr_free(order);
    return GR_OK;
}

/* Panels stand one below the other, two beside each other where there is room. */
static int beside(double width)
{
    return width >= 120.0 ? 2 : 1;
}

static int count_groups(const gr_run_files *run)
{
    int count = 0;
    for (int64_t i = 0; run->table.groups != NULL && i < run->table.count && count < MOST; i++) {
        bool seen = false;
        for (int64_t j = 0; !seen && j < i; j++)
            seen = strcmp(run->table.groups[i], run->table.groups[j]) == 0;
        count += !seen;
    }
    return count > 0 ? count : 1;
}

static double height(const gr_run_files *run, double width)
{
    int rows = (count_groups(run) + beside(width) - 1) / beside(width);
    return panel_height * rows;
}

static bool can(const gr_run_files *run, gr_text *why)
{
    return gr_run_has_predictions(run, why) && gr_shap_file_can(run, why);
}

/* The largest shares, then all others together, and their names. Returns how many steps. */
static int take_steps(const gr_shap_file *f, const animal *a, const char **names, double *steps)
{
    int order[STEPS], count = 0, shown = f->width <= STEPS ? f->width : STEPS - 1;
    for (int c = 0; c < f->width; c++) {
        int at = count < shown ? count : shown;
        for (; at > 0 && fabs(a->shares[order[at - 1]]) < fabs(a->shares[c]); at--)
            if (at < shown)
                order[at] = order[at - 1];
        if (at < shown)
            order[at] = c;
        count += count < shown;
    }
    double rest = 0.0;
    for (int c = 0; c < f->width; c++)
        rest += a->shares[c];
    for (int i = 0; i < count; i++) {
        names[i] = gr_shap_name(f, order[i]);
        steps[i] = a->shares[order[i]];
        rest -= steps[i];
    }
    if (count < f->width) {
        names[count] = "all others";
        steps[count++] = rest;
    }
    return count;
}

static void draw_animal(gr_page *page, gr_box box, const gr_shap_file *f, const animal *a)
{
    const char *names[STEPS + 1];
    double steps[STEPS + 1], at = a->bias, low = at, high = at;
    char title[96];
    int count = take_steps(f, a, names, steps);
    for (int i = 0; i < count; i++) {
        at += steps[i];
        low = fmin(low, at);
        high = fmax(high, at);
    }
    gr_ticks_widen(&low, &high, 5);
    snprintf(title, sizeof title, "%.60s: %.3g to %.3g", a->name, a->bias, at);
    gr_text_fitted(page->canvas, box.x + 2.0, box.y + 1.0, box.width - 4.0, title,
                   (gr_letters){.level = GR_BELOW, .bold = true});
    box.y += 5.0;
    box.height -= 5.0;
    gr_axis y = {.low = count - 0.5, .high = -0.5, .no_grid = true, .names = names, .categories = count};
    gr_axes axes = gr_axes_draw(page->canvas, box, (gr_axis){.low = low, .high = high, .title = "margin"}, y);
    gr_axes_upright(&axes, a->bias, gr_dashed(GR_GREY, gr_medium, 1.0));
    at = a->bias;
    for (int i = 0; i < count; i++) {
        double from = gr_axes_x(&axes, at), to = gr_axes_x(&axes, at + steps[i]), top = gr_axes_y(&axes, i - 0.32);
        gr_canvas_rectangle(page->canvas, fmin(from, to), top, fmax(fabs(to - from), 0.15), gr_axes_y(&axes, i + 0.32) - top,
                            gr_fill(gr_colour(steps[i] >= 0.0 ? 1 : 0), 1.0));
        at += steps[i];
        gr_numbers_text(&page->numbers, a->name);
        gr_numbers_text(&page->numbers, names[i]);
        gr_numbers_real(&page->numbers, steps[i]);
        gr_numbers_real(&page->numbers, at);
    }
    gr_text_printf(&page->alternative, " %s, %lld image%s: bias %.3g, margin %.3g, moved most by %s (%.3g).", a->name,
                   (long long)a->images, a->images == 1 ? "" : "s", a->bias, at, names[0], steps[0]);
}

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    gr_shap_file f;
    gr_status status = gr_shap_file_open(run, &f, err);
    if (status != GR_OK)
        return status;
    herd h = {.f = &f};
    status = gather(run, &h, err);
    if (status == GR_OK) {
        int across = h.count > 1 ? beside(page->width) : 1, down = (h.count + across - 1) / across;
        double wide = page->width / across, high = page->height / down;
        gr_text_printf(&page->alternative, "From the bias of the trees to the mean margin about %s, feature by feature.",
                       f.subject);
        gr_numbers_columns(&page->numbers, (const char *const[]){"animal", "feature", "mean_shap", "reached"}, 4);
        for (int a = 0; a < h.count; a++) {
            gr_box box = {a % across * wide + 1.0, a / across * high + 1.0, wide - 2.0, high - 2.0};
            draw_animal(page, box, &f, &h.animals[a]);
        }
    }
    for (int a = 0; a < h.count; a++)
        gr_free(h.animals[a].shares);
    gr_shap_file_close(&f);
    return status;
}

const gr_figure gr_shap_waterfall_figure = {
    .name = "shap_waterfall",
    .title = "How each animal's answer comes about",
    .shows = "the mean SHAP values of each animal's tested images, from the bias to the margin",
    .height = height,
    .can = can,
    .draw = draw};
