/* One worker more: the run's own config, run as by who began it, but joined. */
#include "base/base.h"
#include "grimace/crew.h"
#include "run/several/join.h"

static gr_status work_once(const char *folder, const gr_config *config, const gr_work_options *options, gr_error *err)
{
    gr_workers *workers = NULL;
    gr_status status = gr_workers_open(folder, &(gr_workers_options){.stale = options->stale, .joins = true}, &workers, err);
    if (status != GR_OK)
        return status;
    gr_run_options run = {.folder = folder,
                          .resume = true,
                          .threads = options->threads,
                          .hooks = options->hooks,
                          .command = options->command,
                          .share = gr_workers_share(workers)};
    status = gr_join(config, &run, err);
    gr_workers_close(workers);
    return status;
}

gr_status gr_work(const char *folder, const gr_work_options *options, bool *found, gr_error *err)
{
    gr_config *config = NULL;
    bool any = false;
    gr_status status = gr_join_load(folder, &config, err);
    /* where who began it ended without an end, its folds are there to be taken */
    for (int tries = 0; status == GR_OK && tries < 8 && !gr_join_is_over(config, folder); tries++) {
        any = true;
        status = gr_join_reopen(config, folder, err);
        if (status == GR_OK)
            status = work_once(folder, config, options, err);
    }
    if (found != NULL)
        *found = any;
    gr_config_destroy(config);
    return status;
}
