/* grimace figure: one figure of a run as a file. */
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/report.h"

const char gr_help_figure[] =
    "usage: grimace figure RUN|predictions.csv NAME [--out FILE.svg|.pdf|.png] [--width MM] [--height MM] [--dpi N]\n"
    "                      [--table FILE.csv] [--force]\n"
    "       grimace figure RUN|predictions.csv --list\n"
    "\n"
    "Draws one figure of a run for a page or a paper, in colours that the colour-blind tell apart, with letters of 8 "
    "points.\n"
    "The file goes to RUN/figures/NAME.svg, or where --out says; its ending is the format. An SVG's words are text; a PDF\n"
    "holds its fonts; a PNG says how large it is. What the figure shows, with its main numbers, is in the file as its\n"
    "text alternative, and is printed.\n"
    "\n"
    "  --list             what this run can show, and why it cannot show the rest\n"
    "  --out FILE         where it goes: .svg, .pdf or .png\n"
    "  --width MM         85 (one column of a journal) unless told otherwise; two columns are 170\n"
    "  --height MM        what suits the figure\n"
    "  --dpi N            dots in an inch of a PNG; 300\n"
    "  --table FILE       the figure's numbers as CSV too\n"
    "  --force            overwrite a file that is there\n";

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

/* RUN/figures/NAME.svg where no --out is given. GIVES *path. */
static gr_status place(const char *run, const char *name, const char *out, char **path, gr_error *err)
{
    if (out == NULL && !gr_is_folder(run))
        return gr_fail(err, GR_INVALID, "figure: --out FILE says where a figure of a table alone goes");
    gr_text text = {0};
    gr_text_printf(&text, out != NULL ? "%s" : "%s/figures/%s.svg", out != NULL ? out : run, name);
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
    status = write_file(path, &figure.file, make_folder, err);
    if (status == GR_OK && table != NULL)
        status = write_file(table, &figure.table, false, err);
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

gr_status gr_cmd_figure(int argc, char **argv, gr_error *err)
{
    const char *out = NULL, *width = NULL, *height = NULL, *dpi = NULL, *table = NULL;
    bool force = false, list = false;
    const gr_cli_option options[] = {{"--out", &out, NULL},  {"--width", &width, NULL}, {"--height", &height, NULL},
                                     {"--dpi", &dpi, NULL},  {"--table", &table, NULL}, {"--force", NULL, &force},
                                     {"--list", NULL, &list}};
    gr_figure_options o = {0};
    char *path = NULL;
    gr_status status = gr_cli_parse(&argc, argv, options, sizeof options / sizeof options[0], err);
    if (status != GR_OK)
        return status;
    if (argc != (list ? 2 : 3))
        return gr_fail(err, GR_INVALID,
                       list ? "figure: --list takes one run"
                            : "figure: a run and a figure's name would be right; grimace figure RUN --list names them");
    if (list)
        return print_list(argv[1], err);
    if ((status = number("--width", width, 10, 2000, "mm", &o.width, err)) != GR_OK ||
        (status = number("--height", height, 10, 2000, "mm", &o.height, err)) != GR_OK ||
        (status = number("--dpi", dpi, 20, 2400, "dots in an inch", &o.dpi, err)) != GR_OK ||
        (status = gr_figure_known(argv[2], err)) != GR_OK)
        return status;
    o.format = out != NULL ? gr_figure_format(out) : "svg";
    if (o.format == NULL)
        return gr_fail(err, GR_INVALID, "figure: --out: \"%.200s\" ends in none of .svg, .pdf and .png", out);
    status = place(argv[1], argv[2], out, &path, err);
    if (status == GR_OK)
        status = gr_cli_may_write(path, force || out == NULL, err);
    if (status == GR_OK && table != NULL)
        status = gr_cli_may_write(table, force, err);
    if (status == GR_OK)
        status = draw(argv[1], argv[2], path, out == NULL, table, &o, err);
    gr_free(path);
    return status;
}
