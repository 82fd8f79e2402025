/* What `train`, `cv` and `sweep` have in common. */
#ifndef GR_CLI_RUNNING_H
#define GR_CLI_RUNNING_H

#include "grimace/base.h"

typedef enum gr_cli_kind { GR_CLI_TRAIN, GR_CLI_CV, GR_CLI_SWEEP } gr_cli_kind;

/* Runs the config that the command line names; `train` alone does not know --jobs. Fails: as gr_run and gr_sweep_run. */
gr_status gr_cli_run(int argc, char **argv, gr_cli_kind kind, gr_error *err) GR_MUST_CHECK;

/* The command line for about.json, GIVES (gr_free); NULL: memory is short. A path in the user's home begins with ~, not with a
 * name. */
char *gr_cli_command_line(int argc, char **argv) GR_MUST_CHECK;

#endif
