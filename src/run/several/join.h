/* A worker that comes to a run or sweep under way, by the folder alone. */
#ifndef GR_RUN_JOIN_H
#define GR_RUN_JOIN_H

#include "grimace/train.h"

/* Is the run or sweep of `config` (as gr_join_load gives it) at its end: did its last session come there, are all its parts still
 * there, and is nobody at work on it? Never fails. */
bool gr_join_is_over(const gr_config *config, const char *folder);
/* Of one that says so itself, but of which parts are missing and nobody is at work: takes that back, where it is said. Fails:
 * GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_join_reopen(const gr_config *config, const char *folder, gr_error *err) GR_MUST_CHECK;
/* GIVES the config of the run in `folder`. Fails: GR_INVALID (holds none, or a damaged one), GR_NOMEM. */
gr_status gr_join_load(const char *folder, gr_config **config, gr_error *err) GR_MUST_CHECK;
/* Does as gr_run or gr_sweep_run, whichever began options->folder; options->share joins. Fails: as they. */
gr_status gr_join(const gr_config *config, const gr_run_options *options, gr_error *err) GR_MUST_CHECK;

#endif
