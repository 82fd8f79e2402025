/* Everything trained again with other random numbers (train.repeats): RUN is the first repetition, RUN/repeat-2 ... the others. */
#ifndef GR_RUN_REPEATS_H
#define GR_RUN_REPEATS_H

#include "run/one/run.h"

/* What tells the first repetition, whose folder is RUN itself, from what all repetitions share there (gr_share's place). */
#define GR_FIRST_REPETITION "repeat-1"

/* Does the config ask for more than one? Never fails. */
bool gr_repeats_wanted(const gr_config *config);
/* Is a config that asks for them one that can have them? Fails: GR_INVALID. */
gr_status gr_repeats_check(const gr_config *config, gr_error *err) GR_MUST_CHECK;
/* gr_run_shared of such a config: trains all repetitions in options->folder and below it, or goes on with them; writes
 * RUN/repeats.csv and the section `repeats` of RUN/results.json, and adds their table to options->summary. The results are those of
 * the first. Fails: as gr_run. */
gr_status gr_repeats_run(const gr_config *config, const gr_run_options *options, gr_shared *shared, gr_results *results,
                         gr_error *err) GR_MUST_CHECK;

/* Are the files there that all repetitions make together? Never fails. */
bool gr_repeats_are_told(const char *folder);

#endif
