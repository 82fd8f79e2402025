/* The config by which a run's models are judged on another table. */
#ifndef GR_RUN_EVALUATION_CONFIG_H
#define GR_RUN_EVALUATION_CONFIG_H

#include "grimace/config.h"
#include "grimace/evaluate.h"
#include "learners/model_files.h"

/* The config of the run that options->path is, or whose model it is, with the options' table and overrides, and without what
 * was about its own table alone (data.only, data.at_most, extra tables, what a paper reports); of a model that lies alone
 * defaults and what its card says. GIVES *out (gr_config_destroy). Fails: GR_INVALID (another override, and as
 * gr_config_load), GR_NOMEM. */
gr_status gr_evaluation_config(const gr_evaluate_options *options, const gr_model_files *files, gr_config **out,
                               gr_error *err) GR_MUST_CHECK;
/* RUN/config.yaml of the run that `path` is or whose model it is, GIVES; NULL with GR_OK: there is none. Fails: GR_NOMEM. */
gr_status gr_evaluation_find_config(const char *path, char **out, gr_error *err) GR_MUST_CHECK;

#endif
