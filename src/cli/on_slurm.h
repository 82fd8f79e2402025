/* cv and sweep --on slurm. */
#ifndef GR_CLI_ON_SLURM_H
#define GR_CLI_ON_SLURM_H

#include "grimace/train.h"

typedef struct gr_slurm_options {
    int workers;
    const char *words; /* more options of sbatch; NULL: none */
    bool detach;       /* submits and does not look on */
} gr_slurm_options;

/* Begins the run or goes on with it, submits the workers that are missing, and looks on until it is at its end, unless it
 * is not to. Fails: as gr_run; GR_INVALID (no Slurm here), GR_FAILED (tasks that failed three times, named with their logs). */
gr_status gr_cli_on_slurm(const gr_config *config, bool sweep, const gr_run_options *options,
                          const gr_slurm_options *slurm, gr_error *err) GR_MUST_CHECK;

#endif
