/* grimace work: one worker more. */
#include <stdio.h>

#include "base/base.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/running.h"
#include "grimace/crew.h"

const char gr_help_work[] =
    "usage: grimace work RUN [--stale SECONDS] [--threads N]\n"
    "\n"
    "One worker more on a cv or sweep under way in the folder RUN, on this machine or any other that sees it: takes folds that\n"
    "nobody has until none is left, and goes on with those of workers that have died. The last one out writes the results, the\n"
    "same bytes as on one machine, and RUN/work.csv: who did what, when, and how it ended (docs/cluster.md).\n"
    "\n"
    "  --stale SECONDS  how long a worker must have given no sign of life before its fold is taken over (120); one whose\n"
    "                   process is seen to be gone, on this machine, waits for nothing\n"
    "  --threads N      threads of this worker (as the run's config says)\n"
    "\n"
    "Ctrl-C stops after the current step; others, or another grimace work, go on with the fold.\n";

static gr_status work(const char *folder, gr_work_options *options, gr_error *err)
{
    gr_progress_view view = gr_progress_view_make();
    bool found = false;
    options->hooks = (gr_hooks){.stop = gr_cli_stop(), .event = gr_progress_view_event, .ctx = &view};
    gr_status status = gr_work(folder, options, &found, err);
    gr_progress_view_end(&view);
    if (status == GR_OK)
        printf(found ? "Nothing is left to do in %s\nOne page of it: grimace report %s\n"
                     : "Nothing was left to do in %s, which was finished before\nOne page of it: grimace report %s\n",
               folder, folder);
    return status;
}

gr_status gr_cmd_work(int argc, char **argv, gr_error *err)
{
    const char *stale_text = NULL, *threads_text = NULL;
    const gr_cli_option options[] = {{"--stale", &stale_text, NULL}, {"--threads", &threads_text, NULL}};
    int64_t stale = 0, threads = 0;
    char *command = gr_cli_command_line(argc, argv);
    gr_status status = gr_cli_parse(&argc, argv, options, 2, err);
    if (status == GR_OK && stale_text != NULL)
        status = gr_cli_number("--stale", stale_text, 1, 1000000, &stale, err);
    if (status == GR_OK && threads_text != NULL)
        status = gr_cli_number("--threads", threads_text, 1, 1024, &threads, err);
    if (status == GR_OK && argc != 2)
        status = gr_fail(err, GR_INVALID, "work: %s; usage: grimace work RUN", argc < 2 ? "no run is named" : "takes one run");
    if (status == GR_OK) {
        gr_work_options wanted = {.stale = (double)stale, .threads = (int)threads, .command = command};
        status = work(argv[1], &wanted, err);
    }
    gr_free(command);
    return status;
}
