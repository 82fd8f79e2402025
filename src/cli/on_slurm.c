/* --on slurm: begins the run, hands it to an array of workers, and looks on. */
#include "cli/on_slurm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "crew/slurm.h"
#include "grimace/crew.h"
#include "grimace/sweep.h"
#include "run/several/join.h"

/* Makes RUN with all that is checked, and trains nothing. */
static gr_status begin(const gr_config *config, bool sweep, gr_run_options options, gr_error *err)
{
    gr_workers *workers = NULL;
    gr_progress_view view = gr_progress_view_make();
    gr_status status = gr_workers_open(options.folder, &(gr_workers_options){.begins = true}, &workers, err);
    if (status != GR_OK)
        return status;
    options.share = gr_workers_share(workers);
    options.jobs = 1;
    options.hooks = (gr_hooks){.stop = gr_cli_stop(), .event = gr_progress_view_event, .ctx = &view};
    if (sweep) {
        gr_settings settings;
        gr_sweep_results results;
        status = gr_sweep_run(config, &options, &settings, &results, err);
        if (status == GR_OK) {
            gr_sweep_results_free(&results);
            gr_settings_free(&settings);
        }
    } else {
        gr_results results;
        status = gr_run(config, &options, &results, err);
        if (status == GR_OK)
            gr_results_free(&results);
    }
    gr_progress_view_end(&view);
    gr_workers_close(workers);
    return status;
}

static gr_status submit(const gr_config *config, const gr_slurm_options *slurm, const char *folder, gr_error *err)
{
    char program[4096], job[64];
    gr_slurm_state state;
    ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
    if (size < 0)
        return gr_fail(err, GR_IO, "the path of this program cannot be found, which the cluster's machines are to run");
    program[size] = '\0';
    gr_status status = gr_slurm_write(folder, config->name, program, err);
    if (status == GR_OK)
        status = gr_slurm_look(folder, &state, err);
    if (status != GR_OK)
        return status;
    int there = state.running + state.waiting, missing = slurm->workers - there;
    if (there > 0)
        printf("%d worker%s already on the cluster\n", there, there == 1 ? " is" : "s are");
    if (missing <= 0)
        return GR_OK;
    status = gr_slurm_submit(folder, missing, slurm->words, job, err);
    if (status == GR_OK)
        printf("Job %s: %d worker%s on %s; script %s/slurm.sh, logs in %s/slurm\n", job, missing, missing == 1 ? "" : "s", folder,
               folder, folder);
    fflush(stdout);
    return status;
}

/* Why nobody is at work though the run is not at its end. */
static gr_status say_failures(const char *folder, int failed, gr_error *err)
{
    gr_text lines = {0}, all = {0};
    gr_slurm_failures(folder, &lines);
    for (size_t i = 0; i + 1 < lines.size; i++)
        gr_text_printf(&all, lines.data[i] == '\n' ? "; " : "%c", lines.data[i]);
    gr_status status =
        failed > 0 ? gr_fail(err, GR_FAILED, "%s: %d task%s failed three times: %s; --resume --on slurm submits anew", folder,
                             failed, failed == 1 ? "" : "s", all.data != NULL ? all.data : "")
                   : gr_fail(err, GR_FAILED, "%s: no worker is left on the cluster, and the run is not at its end; %s/slurm has "
                             "their logs, and --resume --on slurm submits new ones", folder, folder);
    gr_text_free(&lines);
    gr_text_free(&all);
    return status;
}

/* A line whenever something has changed. */
static gr_status look_on(const gr_config *config, const char *folder, gr_error *err)
{
    const struct timespec pause = {.tv_sec = 1};
    const volatile sig_atomic_t *stop = gr_cli_stop();
    gr_slurm_state was = {.running = -1}, is;
    int empty = 0;
    while (!gr_join_is_over(config, folder)) {
        gr_status status = gr_slurm_look(folder, &is, err);
        if (status != GR_OK)
            return status;
        if (memcmp(&is, &was, sizeof is) != 0)
            printf("%lld folds done, %d workers running, %d waiting%s\n", (long long)is.done, is.running, is.waiting,
                   is.failed > 0 ? ", some failed" : "");
        fflush(stdout);
        was = is;
        empty = is.running + is.waiting > 0 ? 0 : empty + 1;
        if (empty > 5 && !gr_join_is_over(config, folder)) /* the folder may be seen later here than there */
            return say_failures(folder, is.failed, err);
        if (!*stop)
            nanosleep(&pause, NULL);
        if (*stop)
            return gr_fail(err, GR_INTERRUPTED,
                           "stopped looking on; the workers go on with %s, and --resume --on slurm looks on again", folder);
    }
    return GR_OK;
}

gr_status gr_cli_on_slurm(const gr_config *config, bool sweep, const gr_run_options *options,
                          const gr_slurm_options *slurm, gr_error *err)
{
    gr_status status = options->resume && gr_join_is_over(config, options->folder) ? GR_OK : begin(config, sweep, *options, err);
    bool over = status == GR_OK && gr_join_is_over(config, options->folder);
    if (status == GR_OK && !over)
        status = submit(config, slurm, options->folder, err);
    if (status == GR_OK && !over && !slurm->detach)
        status = look_on(config, options->folder, err);
    return status;
}
