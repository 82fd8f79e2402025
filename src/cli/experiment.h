/* What `train` and `cv` have in common. */
#ifndef GR_CLI_EXPERIMENT_H
#define GR_CLI_EXPERIMENT_H

#include <stdbool.h>

#include "grimace/base.h"

/* Runs the config that the command line names; `first_fold`: train, else cv, which knows --jobs too. Fails: as gr_run. */
gr_status gr_cli_experiment(int argc, char **argv, bool first_fold, gr_error *err) GR_MUST_CHECK;

#endif
