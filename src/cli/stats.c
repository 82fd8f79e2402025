/* grimace stats: what test predictions are worth. */
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "grimace/learning_curve.h"
#include "grimace/train.h"
#include "grimace/results.h"

const char gr_help_stats[] =
    "usage: grimace stats RUN|predictions.csv [evaluate.KEY=VALUE ...] [--by COLUMN,...] [--out DIR [--force]]\n"
    "       grimace stats RUN --learning-curve [--jobs N]\n"
    "\n"
    "Prints accuracy, balanced accuracy, sensitivity, specificity, precision, F1, MCC, kappa and the areas under the ROC\n"
    "and precision-recall curves: of all test predictions together with exact, DeLong's and bootstrap intervals, their\n"
    "mean and standard deviation over folds, and permutation tests against chance; of each class and of each fold. Writes\n"
    "statistics.json, roc.csv and pr.csv into the run. A table alone is one like a run's predictions.csv.\n"
    "Of scores: MAE, RMSE, r2, Pearson's and Spearman's correlation, ICC(A,1), the line and the limits of agreement; of\n"
    "several columns of labels each column and their total.\n"
    "\n"
    "  key=value          evaluate.bootstrap.count, .level, .by (image or group), evaluate.permutation.count, .by,\n"
    "                     evaluate.confidence, data.positive, seed; 1000 samples and shuffles unless the run has its own\n"
    "  --by COLUMN,...    the numbers of each value of a column of the predictions or of the run's manifest too\n"
    "  --out DIR          where the files go; a table alone writes none without it\n"
    "  --force            overwrite them when DIR has them already\n"
    "  --learning-curve   how many animals are enough: trains RUN's folds again with 25, 50 and 75 % of their training animals\n"
    "                     in RUN/learning-curve, or goes on with that, and says what half as many more and twice as many\n"
    "                     might bring; writes RUN/learning-curve.csv and .json\n"
    "  --jobs N           so many of these at a time\n";

enum { MOST_COLUMNS = 16 };

/* Cuts `list` at its commas, in place. */
static gr_status cut(char *list, const char **columns, int *count, gr_error *err)
{
    *count = 0;
    for (char *at = list; at != NULL;) {
        char *comma = strchr(at, ',');
        if (*count == MOST_COLUMNS || *at == '\0' || *at == ',')
            return gr_fail(err, GR_INVALID, "stats: --by: up to %d column names with commas between them would be right",
                           MOST_COLUMNS);
        columns[(*count)++] = at;
        at = comma != NULL ? comma + 1 : NULL;
        if (comma != NULL)
            *comma = '\0';
    }
    return GR_OK;
}

/* May the files go to DIR? */
static gr_status may_write(const char *folder, bool force, gr_error *err)
{
    static const char *const names[] = {"statistics.json", "roc.csv", "pr.csv"};
    gr_status status = GR_OK;
    for (size_t i = 0; status == GR_OK && i < sizeof names / sizeof names[0]; i++) {
        char *path = gr_path_join(folder, names[i]);
        status = path != NULL ? gr_cli_may_write(path, force, err) : gr_fail(err, GR_NOMEM, "no memory for a path");
        gr_free(path);
    }
    return status;
}

static gr_status print_and_write(const gr_statistics *s, const char *folder, gr_error *err)
{
    gr_text text = {0};
    gr_status status = folder != NULL ? gr_make_folders(folder, err) : GR_OK;
    if (status == GR_OK && folder != NULL)
        status = gr_statistics_write(s, folder, err);
    if (status == GR_OK) {
        gr_statistics_table(s, &text);
        if (folder != NULL)
            gr_text_printf(&text, "\nWritten: %s/statistics.json%s\n", folder,
                           s->results.scores == NULL ? ", roc.csv and pr.csv" : "");
        if (text.failed)
            status = gr_fail(err, GR_NOMEM, "no memory for the table");
        else
            gr_cli_print(&text, folder != NULL ? "all are in statistics.json" : "--out DIR writes all of them");
    }
    gr_text_free(&text);
    return status;
}

/* Says where the predictions of images taken together (evaluate.average_over) are, which are a table of their own. */
static void tell_averaged(const char *run)
{
    char *path = gr_is_folder(run) ? gr_path_join(run, "predictions_averaged.csv") : NULL;
    if (path != NULL && gr_path_exists(path))
        printf("Images taken together: grimace stats %s\n", path);
    gr_free(path);
}

static gr_status draw_curve(const char *run, int argc, const char *jobs_text, gr_error *err)
{
    int64_t jobs = 1;
    gr_text table = {0};
    gr_progress_view view = gr_progress_view_make();
    if (argc > 2)
        return gr_fail(err, GR_INVALID, "stats: --learning-curve: trains as RUN's config says; no key=value would be right");
    if (!gr_is_folder(run))
        return gr_fail(err, GR_INVALID, "%s: is no folder of a run, which --learning-curve needs", run);
    gr_status status = jobs_text != NULL ? gr_cli_number("--jobs", jobs_text, 1, 1024, &jobs, err) : GR_OK;
    const gr_run_options options = {
        .jobs = (int)jobs, .hooks = {.stop = gr_cli_stop(), .event = gr_progress_view_event, .ctx = &view}};
    if (status == GR_OK)
        status = gr_learning_curve(run, &options, &table, err);
    gr_progress_view_end(&view);
    if (status == GR_OK && table.failed)
        status = gr_fail(err, GR_NOMEM, "no memory for the table");
    if (status == GR_OK) {
        printf("\n");
        gr_cli_print(&table, "all are in learning-curve.csv");
        printf("\nWritten: %s/learning-curve.csv and learning-curve.json\n", run);
    }
    gr_text_free(&table);
    return status;
}

gr_status gr_cmd_stats(int argc, char **argv, gr_error *err)
{
    const char *by = NULL, *out = NULL, *jobs = NULL, *columns[MOST_COLUMNS];
    bool force = false, curve = false;
    const gr_cli_option options[] = {{"--by", &by, NULL},
                                     {"--out", &out, NULL},
                                     {"--force", NULL, &force},
                                     {"--learning-curve", NULL, &curve},
                                     {"--jobs", &jobs, NULL}};
    gr_statistics statistics;
    int count = 0;
    gr_status status = gr_cli_parse(&argc, argv, options, 5, err);
    if (status != GR_OK)
        return status;
    if (argc < 2)
        return gr_fail(err, GR_INVALID, "stats: no run is named; usage: grimace stats RUN|predictions.csv");
    if (curve && (by != NULL || out != NULL || force))
        return gr_fail(err, GR_INVALID, "stats: --learning-curve: writes into RUN; without --by, --out and --force would be right");
    if (curve)
        return draw_curve(argv[1], argc, jobs, err);
    if (jobs != NULL)
        return gr_fail(err, GR_INVALID, "stats: --jobs: is for --learning-curve");
    if (out != NULL && strcmp(out, argv[1]) != 0 && (status = may_write(out, force, err)) != GR_OK)
        return status;
    char *list = by != NULL ? gr_strdup(by) : NULL;
    if (by != NULL)
        status = list != NULL ? cut(list, columns, &count, err) : gr_fail(err, GR_NOMEM, "no memory for the columns");
    if (status == GR_OK)
        status = gr_run_statistics(argv[1], (const char *const *)(argv + 2), argc - 2, columns, count, &statistics, err);
    if (status == GR_OK) {
        status = print_and_write(&statistics, out != NULL ? out : gr_is_folder(argv[1]) ? argv[1] : NULL, err);
        gr_statistics_free(&statistics);
    }
    if (status == GR_OK)
        tell_averaged(argv[1]);
    gr_free(list);
    return status;
}
