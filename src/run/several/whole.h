/* What a config asks for, whichever it is: one run, or a study of several trainings. */
#ifndef GR_RUN_WHOLE_H
#define GR_RUN_WHOLE_H

#include "run/one/run.h"

/* gr_run_check and gr_run_shared, or gr_study_check and gr_study_run. Fail: as these. */
gr_status gr_whole_check(const gr_config *config, const gr_run_options *options, gr_shared *shared,
                         gr_error *err) GR_MUST_CHECK;
gr_status gr_whole_run(const gr_config *config, const gr_run_options *options, gr_shared *shared, gr_results *results,
                       gr_error *err) GR_MUST_CHECK;

#endif
