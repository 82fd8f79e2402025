/* A run from the command line: where it goes, what is seen of it, and how to go on when it was stopped. */
#include "cli/running.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"
#include "crew/mpi.h"
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
static gr_status say_how_to_go_on(int argc, char **argv, const char *folder, const char *jobs, const gr_peers *peers,
                                  gr_error *err)
{
    gr_text command = {0};
    if (peers != NULL)
        gr_text_printf(&command, "mpirun -n %d ", peers->count);
    gr_text_printf(&command, "grimace");
    for (int i = 0; i < argc; i++)
        put_word(&command, argv[i]);
    gr_text_printf(&command, " --out");
    put_word(&command, folder);
    if (jobs != NULL)
        gr_text_printf(&command, " --jobs %s", jobs);
    gr_text_printf(&command, "%s --resume", peers != NULL ? " --on mpi" : "");
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
    if (status != GR_OK || !gr_peers_lead(options->peers))
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
    options.hooks.event = gr_peers_lead(options.peers) && !options.finished ? gr_progress_view_event : NULL;
    options.hooks.ctx = &view;
    if (kind == GR_CLI_SWEEP)
        return run_sweep(config, &options, &view, err);
    gr_status status = gr_run(config, &options, &results, err);
    gr_progress_view_end(&view);
    if (status == GR_OK && gr_peers_lead(options.peers)) {
        print_results(&results, &summary, &view, options.folder);
        gr_results_free(&results);
    }
    gr_text_free(&summary);
    return status;
}

/* Who does the work, as the words say. */
typedef struct crew_words {
    const char *on, *jobs, *workers, *sbatch; /* NULL: not there */
    bool detach;
    int64_t job_count;
    gr_slurm_options slurm;
    gr_peers room, *peers; /* --on mpi: the room, which is filled; else NULL */
} crew_words;

static gr_status read_slurm(crew_words *w, gr_error *err)
{
    int64_t count = 0;
    if (w->workers == NULL)
        return gr_fail(err, GR_INVALID, "--on slurm: how many workers? --workers N would be right");
    gr_status status = gr_cli_number("--workers", w->workers, 1, 100000, &count, err);
    w->slurm = (gr_slurm_options){.workers = (int)count, .words = w->sbatch, .detach = w->detach};
    return status;
}

/* Only the first rank is heard. */
static gr_status join_mpi(crew_words *w, gr_error *err)
{
    gr_status status = gr_mpi_join(&w->room, err);
    if (status != GR_OK)
        return status;
    w->peers = &w->room;
    if (!gr_peers_lead(w->peers) && freopen("/dev/null", "w", stdout) == NULL)
        return gr_fail(err, GR_IO, "/dev/null cannot be written");
    return GR_OK;
}

static gr_status read_crew(crew_words *w, gr_cli_kind kind, gr_error *err)
{
    bool slurm = w->on != NULL && strcmp(w->on, "slurm") == 0 && kind != GR_CLI_TRAIN;
    bool mpi = w->on != NULL && strcmp(w->on, "mpi") == 0;
    if (w->on != NULL && !slurm && !mpi)
        return gr_fail(err, GR_INVALID, "--on: there is no \"%s\"; %s would be right", w->on,
                       kind == GR_CLI_TRAIN ? "mpi" : "mpi or slurm");
    if (!slurm && (w->workers != NULL || w->sbatch != NULL || w->detach))
        return gr_fail(err, GR_INVALID, "%s belongs to --on slurm, which is not there",
                       w->workers != NULL ? "--workers" : w->sbatch != NULL ? "--sbatch" : "--detach");
    if (w->on != NULL && w->jobs != NULL)
        return gr_fail(err, GR_INVALID, "--jobs N takes processes of this machine, --on %s; one of them would be right",
                       slurm ? "slurm --workers N those of a cluster" : "mpi the ranks of mpirun -n N");
    gr_status status = w->jobs != NULL ? gr_cli_number("--jobs", w->jobs, 1, 1024, &w->job_count, err) : GR_OK;
    if (status == GR_OK && slurm)
        status = read_slurm(w, err);
    return status == GR_OK && mpi ? join_mpi(w, err) : status;
}

/* A training that ranks share needs a batch in blocks: four, where the config does not say. */
static gr_status cut_batches(gr_config **config, gr_error *err)
{
    static const char *const overrides[] = {"train.blocks=4"};
    gr_config *cut = NULL;
    if ((*config)->train.blocks > 1)
        return GR_OK;
    gr_status status = gr_config_with(*config, overrides, 1, &cut, err);
    if (status != GR_OK)
        return status;
    gr_config_destroy(*config);
    *config = cut;
    return GR_OK;
}

/* Alone, or with workers who may come to help (grimace work RUN), or with ranks of MPI. */
static gr_status run_here(const gr_config *config, gr_cli_kind kind, gr_run_options *options, gr_error *err)
{
    gr_workers *crew = NULL;
    gr_status status = GR_OK;
    if (kind != GR_CLI_TRAIN && options->peers == NULL)
        status = gr_workers_open(options->folder, &(gr_workers_options){0}, &crew, err);
    options->share = crew != NULL ? gr_workers_share(crew) : NULL;
    if (status == GR_OK)
        status = run(config, kind, *options, err);
    gr_workers_close(crew);
    return status;
}

/* By workers of a cluster; then the tables as of a run of this machine. */
static gr_status run_on_slurm(const gr_config *config, gr_cli_kind kind, const gr_run_options *options,
                              const gr_slurm_options *slurm, gr_error *err)
{
    gr_run_options again = *options;
    gr_status status = gr_cli_on_slurm(config, kind == GR_CLI_SWEEP, options, slurm, err);
    if (status != GR_OK || slurm->detach)
        return status;
    again.resume = again.finished = true;
    again.jobs = 1;
    return run(config, kind, again, err);
}

gr_status gr_cli_run(int argc, char **argv, gr_cli_kind kind, gr_error *err)
{
    const char *out = NULL;
    bool resume = false;
    crew_words crew = {.job_count = 1};
    const gr_cli_option options[] = {{"--out", &out, NULL},
                                     {"--resume", NULL, &resume},
                                     {"--on", &crew.on, NULL},
                                     {"--jobs", &crew.jobs, NULL},
                                     {"--workers", &crew.workers, NULL},
                                     {"--sbatch", &crew.sbatch, NULL},
                                     {"--detach", NULL, &crew.detach}};
    gr_config *config = NULL;
    char *command = gr_cli_command_line(argc, argv); /* before the options are taken out */
    gr_status status = gr_cli_parse(&argc, argv, options, kind == GR_CLI_TRAIN ? 3 : 7, err);
    if (status == GR_OK)
        status = read_crew(&crew, kind, err);
    if (status == GR_OK)
        status = gr_cli_config(argc, argv, &config, err);
    if (status == GR_OK && crew.peers != NULL && kind == GR_CLI_TRAIN)
        status = cut_batches(&config, err);
    char *folder = status == GR_OK ? run_folder(config, out, err) : NULL;
    if (status == GR_OK && folder == NULL)
        status = err->status;
    gr_run_options how = {
        .folder = folder, .resume = resume, .peers = crew.peers, .jobs = (int)crew.job_count, .command = command};
    bool cluster = crew.slurm.workers > 0;
    if (status == GR_OK)
        status = cluster ? run_on_slurm(config, kind, &how, &crew.slurm, err)
                         : run_here(config, kind, &how, err);
    bool quiet = false;
    if (crew.peers != NULL)
        status = gr_mpi_leave(crew.peers, status, &quiet, err);
    if (quiet)
        status = GR_OK; /* another rank says it: mpirun ends all as soon as one has failed, and this one might be first */
    if (status == GR_INTERRUPTED && !cluster)
        status = say_how_to_go_on(argc, argv, folder, crew.jobs, crew.peers, err);
    gr_free(folder);
    gr_free(command);
    gr_config_destroy(config);
    return status;
}
