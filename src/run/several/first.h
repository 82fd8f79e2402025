/* A run that comes first: the one that finds the landmarks of another, where its config is named in data.landmarks_from. */
#ifndef GR_RUN_FIRST_H
#define GR_RUN_FIRST_H

#include "grimace/sweep.h"
#include "grimace/train.h"

/* gr_run, handed over: it asks for this file itself. */
typedef gr_status gr_first_runner(const gr_config *config, const gr_run_options *options, gr_results *results,
                                  gr_error *err);

/* Is data.landmarks_from of `config` a config (.yaml, .yml)? Never fails. */
bool gr_first_wanted(const gr_config *config);
/* Where data.landmarks_from of `config` is a config (.yaml, .yml), cross-validates it by `run` in RUN/landmarks, or goes on
 * with what is there, and GIVES in *out (gr_config_destroy) the config that names that run; else *out is NULL. Which images
 * there are (data.manifest, only, at_most, group) as the command line says it holds for both. Fails: as gr_run; GR_INVALID (it
 * learns no landmarks, RUN holds something). */
gr_status gr_first_landmarks(const gr_config *config, const gr_run_options *options, gr_first_runner *run, gr_config **out,
                             gr_error *err) GR_MUST_CHECK;
/* The same for the settings of a sweep, whose configs are replaced: each different config is cross-validated once, in
 * RUN/landmarks, RUN/landmarks-2 and so on. Fails: likewise; settings->items stay whole (gr_settings_free). */
gr_status gr_first_settings(const gr_settings *settings, const gr_run_options *options, gr_first_runner *run,
                            gr_error *err) GR_MUST_CHECK;

#endif
