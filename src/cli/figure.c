/* grimace figure: one figure of a run as a file. */
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/report.h"

const char gr_help_figure[] =
    "usage: grimace figure RUN|predictions.csv NAME [--out FILE.svg|.pdf|.png] [--width MM] [--height MM] [--dpi N]\n"
    "                      [--table FILE.csv] [--force]\n"
    "       grimace figure RUN|predictions.csv --all [--format svg|pdf|png] [--out FOLDER] [--width MM] [--dpi N] "
    "[--force]\n"
    "       grimace figure RUN|predictions.csv --list\n"
    "\n"
    "Draws one figure of a run, or all that it can show, for a page or a paper, in colours that the colour-blind tell "
    "apart,\n"
    "with letters of 8 points. The file goes to RUN/figures/NAME.svg, or where --out says; its ending is the format. An "
    "SVG's\n"
    "words are text; a PDF holds its fonts; a PNG says how large it is. What the figure shows, with its main numbers, is "
    "in\n"
    "the file as its text alternative, and is printed.\n"
    "\n"
    "  --list             what this run can show, and why it cannot show the rest\n"
    "  --all              every figure that it can show, each with its numbers as NAME.csv beside it\n"
    "  --out FILE         where it goes: .svg, .pdf or .png; with --all a folder\n"
    "  --format FORMAT    svg, pdf or png where no file is named (default: svg)\n"
    "  --width MM         85 (one column of a journal) unless told otherwise; two columns are 170\n"
    "  --height MM        what suits the figure\n"
    "  --dpi N            dots in an inch of a PNG; 300\n"
    "  --table FILE       the figure's numbers as CSV too\n"
    "  --force            overwrite a file that is there; those in RUN/figures are overwritten anyway\n";

/* A number of an option; 0 where it is not given. */
static gr_status number(const char *option, const char *text, double least, double most, const char *unit, double *out,
                        gr_error *err)
{
    *out = 0.0;
    if (text == NULL || (gr_parse_double(text, out) && *out >= least && *out <= most))
        return GR_OK;
    return gr_fail(err, GR_INVALID, "figure: %s: \"%.40s\"; %g to %g %s would be right", option, text, least, most, unit);
}

static gr_status print_list(const char *run, gr_error *err)
{
    gr_text text = {0};
    gr_status status = gr_figure_list(run, &text, err);
    if (status == GR_OK)
        gr_cli_print(&text, NULL);
    gr_text_free(&text);
    return status;
}

/* OUT, or FOLDER/NAME.ENDING where it is NULL. GIVES *path. */
static gr_status place(const char *out, const char *folder, const char *name, const char *ending, char **path, gr_error *err)
{
    gr_text text = {0};
    if (out != NULL)
        gr_text_printf(&text, "%s", out);
    else
        gr_text_printf(&text, "%s/%s.%s", folder, name, ending);
    *path = text.failed ? NULL : gr_strdup(text.data);
    gr_text_free(&text);
    return *path != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for a path");
}

static gr_status write_file(const char *path, const gr_text *text, bool make_folder, gr_error *err)
{
    char *folder = make_folder ? gr_path_folder(path) : NULL;
    gr_status status = make_folder && folder == NULL ? gr_fail(err, GR_NOMEM, "no memory for a path") : GR_OK;
    if (status == GR_OK && make_folder)
        status = gr_make_folders(folder, err);
    if (status == GR_OK)
        status = gr_file_write(path, text->data, text->size, err);
    gr_free(folder);
    return status;
}

static gr_status draw(const char *run, const char *name, const char *path, bool make_folder, const char *table,
                      const gr_figure_options *options, gr_error *err)
{
    gr_figure_file figure;
    gr_status status = gr_figure_draw(run, name, options, &figure, err);
    if (status != GR_OK)
        return status;
    if (table != NULL) /* first: the figure is not left alone where the table has no place */
        status = write_file(table, &figure.table, false, err);
    if (status == GR_OK)
        status = write_file(path, &figure.file, make_folder, err);
    if (status == GR_OK) {
        gr_text text = {0};
        gr_text_printf(&text, "%s\n\nWritten: %s%s%s\n", figure.alternative.data, path, table != NULL ? " and " : "",
                       table != NULL ? table : "");
        if (text.failed)
            status = gr_fail(err, GR_NOMEM, "no memory for a sentence");
        else
            gr_cli_print(&text, NULL);
        gr_text_free(&text);
    }
    gr_figure_file_free(&figure);
    return status;
}

/* What all figures have in common. */
typedef struct many {
    char *folder;
    const char *format;
    bool force;
    gr_text said;
} many;

/* GIVES paths[0] of a figure and paths[1] of its numbers. */
static gr_status both_places(const many *m, const char *name, char *paths[2], gr_error *err)
{
    paths[1] = NULL;
    gr_status status = place(NULL, m->folder, name, m->format, &paths[0], err);
    return status == GR_OK ? place(NULL, m->folder, name, "csv", &paths[1], err) : status;
}

static gr_status may_write_one(void *ctx, const char *name, const gr_figure_file *figure, gr_error *err)
{
    const many *m = ctx;
    char *paths[2];
    (void)figure;
    gr_status status = both_places(m, name, paths, err);
    for (int i = 0; status == GR_OK && i < 2; i++)
        status = gr_cli_may_write(paths[i], m->force, err);
    gr_free(paths[0]);
    gr_free(paths[1]);
    return status;
}

static gr_status write_one(void *ctx, const char *name, const gr_figure_file *figure, gr_error *err)
{
    many *m = ctx;
    char *paths[2];
    gr_status status = both_places(m, name, paths, err);
    if (status == GR_OK)
        status = write_file(paths[0], &figure->file, true, err);
    if (status == GR_OK)
        status = write_file(paths[1], &figure->table, false, err);
    if (status == GR_OK)
        gr_text_printf(&m->said, "%s: %s\n", paths[0], figure->alternative.data);
    gr_free(paths[0]);
    gr_free(paths[1]);
    return status;
}

/* GIVES *folder: where figures go that no file is named for. */
static gr_status folder_of(const char *run, const char *out, char **folder, gr_error *err)
{
    if (out == NULL && !gr_is_folder(run) && gr_path_exists(run))
        return gr_fail(err, GR_INVALID, "figure: --out says where figures of a table alone go");
    *folder = out != NULL ? gr_strdup(out) : gr_path_join(run, "figures");
    return *folder != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for a path");
}

static gr_status draw_all(const char *run, const char *out, bool force, const gr_figure_options *o, gr_error *err)
{
    many m = {.format = o->format, .force = force || out == NULL};
    gr_status status = folder_of(run, out, &m.folder, err);
    if (status == GR_OK && !m.force && gr_is_folder(m.folder)) /* all of them or none */
        status = gr_figure_draw_all(run, o, may_write_one, &m, err);
    if (status == GR_OK)
        status = gr_figure_draw_all(run, o, write_one, &m, err);
    if (status == GR_OK && m.said.failed)
        status = gr_fail(err, GR_NOMEM, "no memory for sentences");
    else if (status == GR_OK)
        gr_cli_print(&m.said, NULL);
    gr_text_free(&m.said);
    gr_free(m.folder);
    return status;
}

static gr_status draw_one(const char *run, const char *name, const char *out, const char *table, bool force,
                          const gr_figure_options *o, gr_error *err)
{
    char *folder = NULL, *path = NULL;
    gr_status status = gr_figure_known(name, err);
    if (status == GR_OK && out == NULL)
        status = folder_of(run, NULL, &folder, err);
    if (status == GR_OK)
        status = place(out, folder, name, o->format, &path, err);
    if (status == GR_OK)
        status = gr_cli_may_write(path, force || out == NULL, err);
    if (status == GR_OK && table != NULL)
        status = gr_cli_may_write(table, force, err);
    if (status == GR_OK)
        status = draw(run, name, path, out == NULL, table, o, err);
    gr_free(folder);
    gr_free(path);
    return status;
}

/* The words of the command line, as they are given. */
typedef struct words {
    const char *out, *width, *height, *dpi, *table, *format;
    bool force, list, all;
} words;

static gr_status understand(const words *w, gr_figure_options *o, gr_error *err)
{
    static const char *const formats[] = {"svg", "pdf", "png"};
    bool file = w->out != NULL && !w->all;
    gr_status status = number("--width", w->width, 10, 2000, "mm", &o->width, err);
    if (status == GR_OK)
        status = number("--height", w->height, 10, 2000, "mm", &o->height, err);
    if (status == GR_OK)
        status = number("--dpi", w->dpi, 20, 2400, "dots in an inch", &o->dpi, err);
    if (status != GR_OK)
        return status;
    if (file && w->table != NULL && strcmp(w->out, w->table) == 0)
        return gr_fail(err, GR_INVALID, "figure: --out and --table both name %.200s; two files would be right", w->out);
    if (w->all && (w->table != NULL || w->height != NULL))
        return gr_fail(err, GR_INVALID, "figure: %s is of one figure, not of --all",
                       w->table != NULL ? "--table" : "--height");
    if (file && w->format != NULL)
        return gr_fail(err, GR_INVALID,
                       "figure: --format and the ending of --out both name a format; one of them would be right");
    o->format = file ? gr_figure_format(w->out) : w->format != NULL ? NULL : "svg";
    for (size_t i = 0; w->format != NULL && i < sizeof formats / sizeof formats[0]; i++)
        if (strcmp(w->format, formats[i]) == 0)
            o->format = formats[i];
    if (o->format == NULL && file)
        return gr_fail(err, GR_INVALID, "figure: --out: \"%.200s\" ends in none of .svg, .pdf and .png", w->out);
    return o->format != NULL
               ? GR_OK
               : gr_fail(err, GR_INVALID, "figure: --format: \"%.40s\" is none of svg, pdf and png", w->format);
}

gr_status gr_cmd_figure(int argc, char **argv, gr_error *err)
{
    words w = {0};
    const gr_cli_option options[] = {{"--out", &w.out, NULL},     {"--width", &w.width, NULL}, {"--height", &w.height, NULL},
                                     {"--dpi", &w.dpi, NULL},     {"--table", &w.table, NULL}, {"--format", &w.format, NULL},
                                     {"--force", NULL, &w.force}, {"--list", NULL, &w.list},   {"--all", NULL, &w.all}};
    gr_figure_options o = {0};
    gr_status status = gr_cli_parse(&argc, argv, options, sizeof options / sizeof options[0], err);
    if (status != GR_OK)
        return status;
    if (w.list && w.all)
        return gr_fail(err, GR_INVALID, "figure: --list draws nothing; --list or --all would be right");
    if (argc != (w.list || w.all ? 2 : 3))
        return gr_fail(err, GR_INVALID, "figure: %s",
                       w.list || w.all ? "--list and --all take one run and no figure's name"
                                       : "a run and a figure's name would be right; grimace figure RUN --list names them");
    if (w.list)
        return print_list(argv[1], err);
    status = understand(&w, &o, err);
    if (status != GR_OK)
        return status;
    return w.all ? draw_all(argv[1], w.out, w.force, &o, err) : draw_one(argv[1], argv[2], w.out, w.table, w.force, &o, err);
}
