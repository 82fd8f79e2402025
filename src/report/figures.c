#include "report/figures.h"

#include <string.h>

#include "base/base.h"
#include "report/shap_images.h"

#define ROW(figure) &figure,
static const gr_figure *const all[] = {GR_FIGURES(ROW)};
enum { FIGURES = sizeof all / sizeof all[0] };

/* One column of most journals. */
static const double column = 85.0;

const gr_figure *gr_figure_at(int index)
{
    return index >= 0 && index < FIGURES ? all[index] : NULL;
}

const gr_figure *gr_figure_find(const char *name)
{
    for (int i = 0; i < FIGURES; i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}

const char *gr_figure_format(const char *path)
{
    return gr_canvas_kind_name(gr_canvas_kind_of(path));
}

gr_status gr_figure_known(const char *name, gr_error *err)
{
    const char *names[FIGURES];
    if (gr_figure_find(name) != NULL)
        return GR_OK;
    gr_text list = {0};
    for (int i = 0; i < FIGURES; i++)
        names[i] = all[i]->name;
    const char *near = gr_nearest(name, names, FIGURES);
    gr_text_list(&list, names, FIGURES, "and");
    gr_status status = list.failed ? gr_fail(err, GR_NOMEM, "no memory for the figures")
                                   : gr_fail(err, GR_INVALID, "there is no figure \"%.80s\"%s%s%s; there are %s", name,
                                             near != NULL ? "; \"" : "", near != NULL ? near : "",
                                             near != NULL ? "\" is one" : "", list.data);
    gr_text_free(&list);
    return status;
}

/* ---- one figure ----------------------------------------------------------------------------------------------------------
 */

static gr_status canvas_options(const gr_run_files *run, const gr_figure *figure, const gr_figure_options *o,
                                gr_canvas_options *out, gr_error *err)
{
    *out = (gr_canvas_options){
        .width = o->width != 0.0 ? o->width : column, .dpi = o->dpi, .prefix = o->prefix, .inherit = o->inherit};
    out->height = o->height != 0.0         ? o->height
                  : figure->height != NULL ? figure->height(run, out->width)
                                           : 0.75 * out->width;
    while (out->kind < GR_CANVAS_KINDS && strcmp(gr_canvas_kind_name(out->kind), o->format != NULL ? o->format : "svg") != 0)
        out->kind++;
    return out->kind < GR_CANVAS_KINDS
               ? GR_OK
               : gr_fail(err, GR_INVALID, "there is no format \"%.40s\"; svg, pdf or png would be right", o->format);
}

gr_status gr_figure_make(const gr_run_files *run, const gr_figure *figure, const gr_figure_options *options,
                         gr_figure_made *out, gr_error *err)
{
    gr_page page = {0};
    gr_canvas_options o;
    gr_status status = canvas_options(run, figure, options, &o, err);
    if (status == GR_OK)
        status = gr_canvas_open(&o, &page.canvas, err);
    if (status != GR_OK)
        return status;
    page.width = o.width;
    page.height = o.height;
    status = figure->draw(run, &page, err);
    if (status == GR_OK && (page.alternative.failed || page.numbers.cells.failed))
        status = gr_fail(err, GR_NOMEM, "no memory for the figure %s", figure->name);
    *out = (gr_figure_made){.alternative = page.alternative, .numbers = page.numbers};
    if (status == GR_OK)
        status = gr_canvas_finish(page.canvas, figure->title, page.alternative.data, &out->file, err);
    else
        gr_canvas_destroy(page.canvas);
    if (status != GR_OK)
        gr_figure_made_free(out);
    return status;
}

void gr_figure_made_free(gr_figure_made *made)
{
    gr_text_free(&made->file);
    gr_text_free(&made->alternative);
    gr_numbers_free(&made->numbers);
}

/* ---- by a run's name
 * --------------------------------------------------------------------------------------------------------- */

static gr_status draw(const gr_run_files *run, const gr_figure *figure, const gr_figure_options *options,
                      gr_figure_file *out, gr_error *err)
{
    gr_text why = {0};
    gr_figure_made made = {0};
    gr_status status = GR_OK;
    if (!figure->can(run, &why))
        status = why.failed ? gr_fail(err, GR_NOMEM, "no memory for a sentence")
                            : gr_fail(err, GR_INVALID, "%s: cannot show %s: %s", run->path, figure->name, why.data);
    gr_text_free(&why);
    if (status == GR_OK)
        status = gr_figure_make(run, figure, options, &made, err);
    if (status != GR_OK)
        return status;
    gr_numbers_csv(&made.numbers, &out->table);
    if (out->table.failed)
        status = gr_fail(err, GR_NOMEM, "no memory for the figure %s", figure->name);
    out->file = made.file;
    out->alternative = made.alternative;
    gr_numbers_free(&made.numbers);
    if (status != GR_OK)
        gr_figure_file_free(out);
    return status;
}

gr_status gr_figure_draw(const char *path, const char *name, const gr_figure_options *options, gr_figure_file *out,
                         gr_error *err)
{
    gr_run_files run;
    *out = (gr_figure_file){0};
    gr_status status = gr_figure_known(name, err);
    if (status == GR_OK)
        status = gr_run_files_open(path, &run, err);
    if (status != GR_OK)
        return status;
    status = draw(&run, gr_figure_find(name), options, out, err);
    gr_run_files_close(&run);
    return status;
}

gr_status gr_figure_draw_shares(const char *folder, const gr_figure_options *options, gr_figure_file *out, gr_error *err)
{
    gr_run_files run = {.path = gr_strdup(folder)};
    *out = (gr_figure_file){0};
    gr_status status = run.path != NULL ? draw(&run, &gr_shap_images_figure, options, out, err)
                                        : gr_fail(err, GR_NOMEM, "no memory for a path");
    gr_free(run.path);
    return status;
}

gr_status gr_figure_draw_all(const char *path, const gr_figure_options *options, gr_figure_visit visit, void *ctx,
                             gr_error *err)
{
    gr_run_files run;
    int drawn = 0;
    gr_status status = gr_run_files_open(path, &run, err);
    if (status != GR_OK)
        return status;
    for (int i = 0; status == GR_OK && i < FIGURES; i++) {
        gr_text why = {0};
        gr_figure_file file = {0};
        bool can = all[i]->can(&run, &why);
        gr_text_free(&why);
        if (!can)
            continue;
        status = draw(&run, all[i], options, &file, err);
        if (status == GR_OK)
            status = visit(ctx, all[i]->name, &file, err);
        gr_figure_file_free(&file);
        drawn++;
    }
    if (status == GR_OK && drawn == 0)
        status = gr_fail(err, GR_INVALID, "%s: has nothing that a figure could show; --list says why", path);
    gr_run_files_close(&run);
    return status;
}

void gr_figure_file_free(gr_figure_file *figure)
{
    gr_text_free(&figure->file);
    gr_text_free(&figure->alternative);
    gr_text_free(&figure->table);
}

/* Figure i and why it is not shown; a reason that an earlier one has is not said again. */
static void put_not_shown(int i, const gr_text *reasons, gr_text *out)
{
    const char *why = reasons[i].data != NULL ? reasons[i].data : "";
    int first = 0;
    while (first < i && (reasons[first].data == NULL || strcmp(reasons[first].data, why) != 0))
        first++;
    if (first < i)
        gr_text_printf(out, "%-13s as %s\n", all[i]->name, all[first]->name);
    else
        gr_text_printf(out, "%-13s %s\n", all[i]->name, why);
}

gr_status gr_figure_list(const char *path, gr_text *out, gr_error *err)
{
    gr_run_files run;
    gr_text not_shown = {0}, reasons[FIGURES] = {{0}};
    gr_status status = gr_run_files_open(path, &run, err);
    if (status != GR_OK)
        return status;
    for (int i = 0; i < FIGURES; i++) {
        if (all[i]->can(&run, &reasons[i]))
            gr_text_printf(out, "%-13s %s\n", all[i]->name, all[i]->shows);
        else
            put_not_shown(i, reasons, &not_shown);
        not_shown.failed |= reasons[i].failed;
    }
    if (not_shown.size > 0)
        gr_text_printf(out, "%sNot of this run:\n%s", out->size > 0 ? "\n" : "", not_shown.data);
    if (out->failed || not_shown.failed)
        status = gr_fail(err, GR_NOMEM, "no memory for the list of figures");
    for (int i = 0; i < FIGURES; i++)
        gr_text_free(&reasons[i]);
    gr_text_free(&not_shown);
    gr_run_files_close(&run);
    return status;
}
