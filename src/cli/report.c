/* grimace report: a run, or several, as one page. */
#include <stdio.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/report.h"

const char gr_help_report[] =
    "usage: grimace report RUN|DIR|predictions.csv [RUN ...] [--out FILE.html] [--force]\n"
    "\n"
    "Writes one HTML file that holds all it shows, for a screen of any width, light or dark, and for paper: the numbers\n"
    "with intervals by animal and a plain sentence each, figures with their numbers as tables, folds and classes, what to\n"
    "bear in mind, the methods section of a paper, how to repeat the run and with what it was made. The page goes to\n"
    "RUN/report.html, or where --out says. Several runs stand side by side, with the tests of grimace compare.\n"
    "RUN may be the folder of a run, of a sweep or a study, what grimace stats wrote, or a table like predictions.csv.\n"
    "\n"
    "  --out FILE   where the page goes; several runs and a table alone: report.html\n"
    "  --force      overwrite a file that is there\n";

/* RUN/report.html of one folder, else report.html. GIVES *path. */
static gr_status place(const char *const *runs, int count, const char *out, char **path, gr_error *err)
{
    bool inside = out == NULL && count == 1 && gr_is_folder(runs[0]);
    *path = inside ? gr_path_join(runs[0], "report.html") : gr_strdup(out != NULL ? out : "report.html");
    return *path != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for a path");
}

gr_status gr_cmd_report(int argc, char **argv, gr_error *err)
{
    const char *out = NULL;
    bool force = false;
    const gr_cli_option options[] = {{"--out", &out, NULL}, {"--force", NULL, &force}};
    gr_report report = {0};
    char *path = NULL;
    gr_status status = gr_cli_parse(&argc, argv, options, sizeof options / sizeof *options, err);
    if (status != GR_OK)
        return status;
    if (argc < 2)
        return gr_fail(err, GR_INVALID, "report: no run is named; usage: grimace report RUN [RUN ...] [--out FILE.html]");
    const char *const *runs = (const char *const *)(argv + 1);
    status = place(runs, argc - 1, out, &path, err);
    if (status == GR_OK)
        status = gr_cli_may_write(path, force, err);
    if (status == GR_OK)
        status = gr_report_make(runs, argc - 1, &report, err);
    if (status == GR_OK)
        status = gr_file_write(path, report.page.data, report.page.size, err);
    if (status == GR_OK)
        printf("Written: %s, %.3g MB with %d figures and %d examples\n", path, (double)report.page.size / 1e6,
               report.figures, report.examples);
    gr_report_free(&report);
    gr_free(path);
    return status;
}
