/* Examples with heat maps as a grid: the picture above, the map over it below; one scale for all, so that pale means little.
 */
#include "report/map_grid.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "explain/overlay.h"
#include "report/axes.h"
#include "report/map_examples.h"

/* Millimetres. */
static const double gap = 1.0, title_high = 4.5, words_high = 3.5, bar_high = 9.0;

static void list(const gr_map_grid *grid, gr_map_examples *e)
{
    for (int g = 0; g < grid->group_count; g++)
        for (int i = 0; i < grid->groups[g].count; i++)
            gr_map_examples_add(e, grid->groups[g].row[i]);
}

/* Is the model of any fold there? */
static bool has_models(const gr_run_files *run)
{
    bool found = false;
    for (int f = 0; !found && f < run->table.fold_count; f++) {
        gr_text path = {0};
        gr_text_printf(&path, "%s/fold-%s/model.safetensors", run->path, run->table.folds[f]);
        found = !path.failed && gr_path_exists(path.data);
        gr_text_free(&path);
    }
    return found;
}

static bool has_pictures(const gr_run_files *run, const gr_map_grid *grid)
{
    gr_error unread = {0};
    gr_map_examples *e = gr_alloc(1, sizeof *e);
    bool found = false;
    if (e == NULL)
        return false;
    list(grid, e);
    if (gr_map_examples_find(run, e, &unread) == GR_OK)
        for (int i = 0; i < e->count; i++)
            found = found || e->each[i].sample.path != NULL;
    gr_map_examples_free(e);
    return found;
}

bool gr_map_grid_can(const gr_run_files *run, const gr_map_grid *grid, gr_text *why)
{
    if (!gr_run_has_predictions(run, why))
        return false;
    if (run->table_alone)
        gr_text_printf(why, "a table alone has no models to ask");
    else if (strcmp(run->config->model.classic, "none") != 0)
        gr_text_printf(why, "the run's learner is no network (grimace explain --method occlusion explains it)");
    else if (!has_models(run))
        gr_text_printf(why, "the run's models are not there any more");
    else if (grid->group_count == 0)
        gr_text_printf(why, "no prediction has a known label");
    else if (!has_pictures(run, grid))
        gr_text_printf(why, "the run's pictures are not there any more");
    else
        return true;
    return false;
}

/* ---- drawing ---------------------------------------------------------------------------------------------------------- */

static double panel_of(double width)
{
    return (width - (GR_EXAMPLES_EACH - 1) * gap) / GR_EXAMPLES_EACH;
}

double gr_map_grid_height(const gr_map_grid *grid, double width)
{
    return grid->group_count * (title_high + 2 * panel_of(width) + gap + words_high + gap) + bar_high;
}

static gr_status put_overlay(const gr_map_examples *e, const gr_map_example *one, gr_canvas *canvas, double x, double y,
                             double side, gr_error *err)
{
    gr_image panels = {0}, middle = {0};
    const gr_overlay overlay = {
        .picture = &one->picture, .map = one->map, .size = one->size, .is_signed = e->is_signed, .scale = e->largest};
    gr_status status = gr_image_make(3 * one->size, one->size, &panels, err);
    if (status == GR_OK) {
        gr_overlay_paint(&overlay, &panels);
        status = gr_image_crop(&panels, (double[4]){one->size, 0, one->size, one->size}, &middle, err);
    }
    if (status == GR_OK)
        gr_canvas_image(canvas,
                        &(gr_picture){.pixels = middle.pixels, .width = one->size, .height = one->size, .channels = 3}, x, y,
                        side, side, true);
    gr_image_free(&panels);
    gr_image_free(&middle);
    return status;
}

/* What stands below an example: the predicted class and how sure it is. */
static void words_of(const gr_run_files *run, const gr_map_example *one, char *out, size_t room)
{
    const gr_prediction_table *t = &run->table;
    int count = 0;
    const char *const *classes = gr_predictions_classes(t, &count);
    if (t->kind == GR_TABLE_CLASSES && t->predictions.predicted[one->row] < count)
        snprintf(out, room, "%.40s %.3f", classes[t->predictions.predicted[one->row]], gr_example_certainty(t, one->row));
    else if (t->kind == GR_TABLE_SCORES)
        snprintf(out, room, "%.3g", t->scores.predicted[one->row * t->scores.outputs]);
    else
        snprintf(out, room, "%.40s", t->images[one->row]);
}

static gr_status put_example(const gr_run_files *run, const gr_map_examples *e, const gr_map_example *one, gr_page *page,
                             double x, double y, double side, gr_error *err)
{
    char words[96];
    words_of(run, one, words, sizeof words);
    gr_text_fitted(page->canvas, x, y + 2 * side + gap + 2.6, side, words,
                   (gr_letters){.size = gr_small_size, .colour = GR_COLOUR_TEXT});
    if (one->map == NULL) {
        gr_canvas_rectangle(page->canvas, x, y, side, 2 * side + gap, gr_pen(GR_GREY, gr_thin));
        gr_text_fitted(page->canvas, x + 1.0, y + side, side - 2.0, "not there",
                       (gr_letters){.size = gr_small_size, .colour = GR_COLOUR_TEXT});
        return GR_OK;
    }
    gr_canvas_image(page->canvas,
                    &(gr_picture){.pixels = one->picture.pixels, .width = one->size, .height = one->size, .channels = 3}, x,
                    y, side, side, true);
    return put_overlay(e, one, page->canvas, x, y + side + gap, side, err);
}

/* The colours with the numbers at their ends. */
static void put_bar(const gr_map_examples *e, const gr_page *page, double y)
{
    const uint32_t *table = gr_colour_map_table(e->is_signed ? GR_DIVERGING : GR_VIRIDIS);
    double width = 0.5 * page->width, left = 0.5 * (page->width - width);
    uint8_t colours[3 * GR_COLOURS];
    char text[32];
    for (int i = 0; i < 3 * GR_COLOURS; i++)
        colours[i] = (uint8_t)(table[i / 3] >> (16 - 8 * (i % 3)));
    gr_canvas_image(page->canvas, &(gr_picture){.pixels = colours, .width = GR_COLOURS, .height = 1, .channels = 3}, left, y,
                    width, 3.0, true);
    snprintf(text, sizeof text, "%.3g", e->is_signed ? -e->largest : 0.0);
    gr_canvas_text(page->canvas, left, y + 6.5, text,
                   (gr_letters){.size = gr_small_size, .anchor = GR_MIDDLE, .colour = GR_COLOUR_TEXT});
    snprintf(text, sizeof text, "%.3g", e->largest);
    gr_canvas_text(page->canvas, left + width, y + 6.5, text,
                   (gr_letters){.size = gr_small_size, .anchor = GR_MIDDLE, .colour = GR_COLOUR_TEXT});
}

static void put_numbers(const gr_run_files *run, const gr_map_grid *grid, const gr_map_examples *e, gr_page *page)
{
    static const char *const columns[] = {"group", "image", "answer", "peak_x", "peak_y", "sum"};
    int at = 0;
    gr_numbers_columns(&page->numbers, columns, 6);
    for (int g = 0; g < grid->group_count; g++)
        for (int i = 0; i < grid->groups[g].count; i++, at++) {
            const gr_map_example *one = &e->each[at];
            char words[96];
            words_of(run, one, words, sizeof words);
            gr_numbers_text(&page->numbers, grid->groups[g].title);
            gr_numbers_text(&page->numbers, run->table.images[one->row]);
            gr_numbers_text(&page->numbers, words);
            gr_numbers_real(&page->numbers, one->peak[0]);
            gr_numbers_real(&page->numbers, one->peak[1]);
            gr_numbers_real(&page->numbers, one->map != NULL ? one->sum : NAN);
        }
}

static void put_alternative(const gr_map_grid *grid, const gr_map_examples *e, gr_page *page)
{
    int shown = 0;
    for (int i = 0; i < e->count; i++)
        shown += e->each[i].map != NULL;
    gr_text_printf(&page->alternative, "%d examples with maps by %s, each by the model that tested it:", shown,
                   grid->method);
    for (int g = 0; g < grid->group_count; g++)
        gr_text_printf(&page->alternative, "%s %s (%d)", g > 0 ? "," : "", grid->groups[g].title, grid->groups[g].count);
    gr_text_printf(&page->alternative, ". The largest number of a map is %.3g.", e->largest);
}

gr_status gr_map_grid_draw(const gr_run_files *run, const gr_map_grid *grid, gr_page *page, gr_error *err)
{
    gr_map_examples *e = gr_alloc(1, sizeof *e);
    double side = panel_of(page->width), y = 0.0;
    int at = 0;
    if (e == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the examples");
    list(grid, e);
    gr_status status = gr_map_examples_find(run, e, err);
    if (status == GR_OK)
        status = gr_map_examples_explain(run, grid->method, e, err);
    for (int g = 0; status == GR_OK && g < grid->group_count; g++) {
        gr_text_fitted(page->canvas, 0.0, y + 3.2, page->width, grid->groups[g].title,
                       (gr_letters){.bold = true, .colour = GR_COLOUR_TEXT});
        y += title_high;
        for (int i = 0; status == GR_OK && i < grid->groups[g].count; i++)
            status = put_example(run, e, &e->each[at++], page, i * (side + gap), y, side, err);
        y += 2 * side + gap + words_high + gap;
    }
    if (status == GR_OK) {
        put_bar(e, page, y + 0.5);
        put_alternative(grid, e, page);
        put_numbers(run, grid, e, page);
    }
    gr_map_examples_free(e);
    return status;
}
