/* A run from the command line: where it goes, what is seen of it, and how to go on when it was stopped. */
#include "cli/running.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/crew.h"
#include "grimace/sweep.h"
#include "grimace/results.h"
#include "cli/on_slurm.h"
#include "cli/progress.h"

/* RUN: --out, or runs/NAME below where the user stands. GIVES; NULL with the failure in err. */
static char *run_folder(const gr_config *config, const char *out, gr_error *err)
{
    gr_text path = {0};
    if (out == NULL && (strchr(config->name, '/') != NULL || config->name[0] == '.')) {
        (void)gr_config_fail(config, "name", err, "\"%s\" cannot name a folder; give --out RUN", config->name);
        return NULL;
    }
    gr_text_printf(&path, out != NULL ? "%s" : "runs/%s", out != NULL ? out : config->name);
    if (path.failed) {
        (void)gr_fail(err, GR_NOMEM, "no memory for a path");
        gr_text_free(&path);
    }
    return path.data;
}

/* A word as a shell would read it again. */
static void put_word(gr_text *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:%@~";
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        gr_text_printf(out, " %s", word);
        return;
    }
    gr_text_printf(out, " '");
    for (; *word != '\0'; word++)
        gr_text_add(out, *word == '\'' ? "'\\''" : word, *word == '\'' ? 4 : 1);
    gr_text_printf(out, "'");
}

char *gr_cli_command_line(int argc, char **argv)
{
    gr_text out = {0};
    const char *home = getenv("HOME");
    size_t length = home != NULL && home[0] == '/' && home[1] != '\0' ? strlen(home) : 0;
    gr_text_printf(&out, "grimace");
    for (int i = 0; i < argc; i++) {
        gr_text word = {0};
        for (const char *c = argv[i]; *c != '\0'; c++)
            if (length > 0 && strncmp(c, home, length) == 0 && (c[length] == '/' || c[length] == '\0')) {
                gr_text_add(&word, "~", 1);
                c += length - 1;
            } else
                gr_text_add(&word, c, 1);
        put_word(&out, word.data != NULL ? word.data : "");
        out.failed = out.failed || word.failed;
        gr_text_free(&word);
    }
    if (out.failed)
        gr_text_free(&out);
    return out.data;
}

/* Adds to an interruption how to go on. */
static gr_status say_how_to_go_on(int argc, char **argv, const char *folder, const char *jobs, gr_error *err)
{
    gr_text command = {0};
    gr_text_printf(&command, "grimace");
    for (int i = 0; i < argc; i++)
        put_word(&command, argv[i]);
    gr_text_printf(&command, " --out");
    put_word(&command, folder);
    if (jobs != NULL)
        gr_text_printf(&command, " --jobs %s", jobs);
    gr_text_printf(&command, " --resume");
    gr_error was = *err;
    *err = (gr_error){0};
    gr_status status =
        gr_fail(err, GR_INTERRUPTED, "%s; to go on: %s", was.text, command.failed ? "--resume" : command.data);
    gr_text_free(&command);
    return status;
}

/* Prints it between empty lines. What has no room on a terminal is in folder/file. */
static void print_table(const gr_text *table, const char *folder, const char *file)
{
    gr_text where = {0};
    if (table->failed || table->data == NULL)
        return;
    gr_text_printf(&where, "all are in %s/%s", folder, file);
    printf("\n");
    gr_cli_print(table, where.failed ? file : where.data);
    printf("\n");
    gr_text_free(&where);
}

/* Where it is, and the command that makes a page of it. */
static void say_where(const char *what, const char *folder)
{
    gr_text command = {0};
    put_word(&command, folder);
    printf("The %s lies in %s\n", what, folder);
    if (!command.failed)
        printf("One page of it: grimace report%s\n", command.data);
    gr_text_free(&command);
}

/* What looks wrong, which the run has kept in warnings.txt. */
static void print_warnings(const char *folder)
{
    enum { LIMIT = 1 << 20 };
    char *path = gr_path_join(folder, "warnings.txt"), *data = NULL;
    size_t size = 0;
    gr_error err = {0};
    if (path != NULL && gr_path_exists(path) && gr_file_read(path, LIMIT, &data, &size, &err) == GR_OK)
        for (const char *at = data, *end; (end = strchr(at, '\n')) != NULL; at = end + 1)
            printf("warning: %.*s\n", (int)(end - at), at);
    gr_free(data);
    gr_free(path);
}

static void print_results(const gr_results *results, const gr_text *summary, const gr_progress_view *view,
                          const char *folder)
{
    gr_text table = {0};
    if (summary->size > 0)
        gr_text_printf(&table, "%s\n", summary->data);
    gr_results_table(results, view->columns, &table);
    if (results->averaged != NULL) {
        gr_text_printf(&table, "\n");
        gr_results_table(results->averaged, view->columns, &table);
    }
    gr_text_printf(&table, results->reported != NULL ? "\n" : "");
    gr_reported_table(results, &table);
    print_table(&table, folder, "results.csv");
    print_warnings(folder);
    say_where("run", folder);
    gr_text_free(&table);
}

static gr_status run_sweep(const gr_config *config, const gr_run_options *options, gr_progress_view *view, gr_error *err)
{
    gr_settings settings;
    gr_sweep_results results;
    gr_text table = {0};
    gr_status status = gr_sweep_run(config, options, &settings, &results, err);
    gr_progress_view_end(view);
    if (status != GR_OK)
        return status;
    gr_sweep_table(config, &settings, &results, &table);
    print_table(&table, options->folder, "sweep.csv");
    say_where("sweep", options->folder);
    gr_text_free(&table);
    gr_sweep_results_free(&results);
    gr_settings_free(&settings);
    return GR_OK;
}

static gr_status run(const gr_config *config, gr_cli_kind kind, gr_run_options options, gr_error *err)
{
    gr_progress_view view = gr_progress_view_make();
    gr_results results;
    gr_text summary = {0};
    options.summary = &summary;
    options.first_fold = kind == GR_CLI_TRAIN;
    options.hooks.stop = gr_cli_stop();
    options.hooks.event = gr_progress_view_event;
    options.hooks.ctx = &view;
    if (kind == GR_CLI_SWEEP)
        return run_sweep(config, &options, &view, err);
    gr_status status = gr_run(config, &options, &results, err);
    gr_progress_view_end(&view);
    if (status == GR_OK) {
        print_results(&results, &summary, &view, options.folder);
        gr_results_free(&results);
    }
    gr_text_free(&summary);
    return status;
}

/* --on slurm and what belongs to it. */
static gr_status read_slurm(const char *on, const char *jobs, const char *workers, const char *words, bool detach,
                            gr_slurm_options *out, gr_error *err)
{
    int64_t count = 0;
    if (on == NULL && (workers != NULL || words != NULL || detach))
        return gr_fail(err, GR_INVALID, "%s belongs to --on slurm, which is not there", workers != NULL ? "--workers"
                       : words != NULL ? "--sbatch" : "--detach");
    if (on == NULL)
        return GR_OK;
    if (strcmp(on, "slurm") != 0)
        return gr_fail(err, GR_INVALID, "--on: there is no \"%s\"; slurm would be right", on);
    if (jobs != NULL)
        return gr_fail(err, GR_INVALID, "--jobs N takes processes of this machine, --on slurm --workers N those of a cluster; one "
                       "of them would be right");
    if (workers == NULL)
        return gr_fail(err, GR_INVALID, "--on slurm: how many workers? --workers N would be right");
    gr_status status = gr_cli_number("--workers", workers, 1, 100000, &count, err);
    *out = (gr_slurm_options){.workers = (int)count, .words = words, .detach = detach};
    return status;
}

gr_status gr_cli_run(int argc, char **argv, gr_cli_kind kind, gr_error *err)
{
    const char *out = NULL, *jobs_text = NULL, *on = NULL, *workers_text = NULL, *words = NULL;
    bool resume = false, detach = false;
    const gr_cli_option options[] = {
        {"--out", &out, NULL},           {"--resume", NULL, &resume}, {"--jobs", &jobs_text, NULL},   {"--on", &on, NULL},
        {"--workers", &workers_text, NULL}, {"--sbatch", &words, NULL},  {"--detach", NULL, &detach}};
    gr_slurm_options slurm = {0};
    int64_t jobs = 1;
    gr_config *config = NULL;
    char *command = gr_cli_command_line(argc, argv); /* before the options are taken out */
    gr_status status = gr_cli_parse(&argc, argv, options, kind == GR_CLI_TRAIN ? 2 : 7, err);
    if (status == GR_OK && jobs_text != NULL)
        status = gr_cli_number("--jobs", jobs_text, 1, 1024, &jobs, err);
    if (status == GR_OK)
        status = read_slurm(on, jobs_text, workers_text, words, detach, &slurm, err);
    if (status == GR_OK)
        status = gr_cli_config(argc, argv, &config, err);
    char *folder = status == GR_OK ? run_folder(config, out, err) : NULL;
    if (status == GR_OK && folder == NULL)
        status = err->status;
    gr_workers *crew = NULL; /* grimace work RUN may come to help */
    if (status == GR_OK && on != NULL) {
        gr_run_options begun = {.folder = folder, .resume = resume, .command = command};
        status = gr_cli_on_slurm(config, kind == GR_CLI_SWEEP, &begun, &slurm, err);
        gr_free(folder);
        gr_free(command);
        gr_config_destroy(config);
        return status;
    }
    if (status == GR_OK && kind != GR_CLI_TRAIN)
        status = gr_workers_open(folder, &(gr_workers_options){0}, &crew, err);
    if (status == GR_OK)
        status = run(config, kind,
                     (gr_run_options){.folder = folder,
                                      .resume = resume,
                                      .jobs = (int)jobs,
                                      .command = command,
                                      .share = crew != NULL ? gr_workers_share(crew) : NULL},
                     err);
    gr_workers_close(crew);
    if (status == GR_INTERRUPTED)
        status = say_how_to_go_on(argc, argv, folder, jobs_text, err);
    gr_free(folder);
    gr_free(command);
    gr_config_destroy(config);
    return status;
}
