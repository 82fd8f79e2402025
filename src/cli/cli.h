/* The commands: one file each, one function and one help text each. argv[0] is the command's own name. Results, progress and
 * notices go to stdout; main prints the error line and turns the status into the exit status. */
#ifndef GR_CLI_H
#define GR_CLI_H

#include "grimace/base.h"

gr_status gr_cmd_config(int argc, char **argv, gr_error *err) GR_MUST_CHECK;
extern const char gr_help_config[];

#endif
