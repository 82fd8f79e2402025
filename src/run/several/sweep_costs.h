/* What the settings of a sweep cost whoever uses their models, where sweep.cost asks for it. */
#ifndef GR_RUN_SWEEP_COSTS_H
#define GR_RUN_SWEEP_COSTS_H

#include "base/base.h"
#include "grimace/sweep.h"

/* Can the settings be timed? Fails: GR_INVALID (a setting of several trainings, which has no one model). */
gr_status gr_sweep_costs_check(const gr_config *config, const gr_settings *settings, gr_error *err) GR_MUST_CHECK;
/* Measures each setting's first model, one after another, into results->costs, and writes FOLDER/costs.csv; nothing where
 * sweep.cost is 0. `options` tells of it and stops it. Fails: as gr_cost_measure. */
gr_status gr_sweep_costs_make(const gr_config *config, const gr_settings *settings, const gr_run_options *options,
                              gr_sweep_results *results, gr_error *err) GR_MUST_CHECK;
/* Appends the table of them beside what the paper says, in the settings' order; nothing where nothing was measured. */
void gr_sweep_costs_table(const gr_settings *settings, const gr_sweep_results *results, gr_text *out);

#endif
