/* What the models of a run cost. */
#ifndef GR_RUN_COST_H
#define GR_RUN_COST_H

#include <signal.h>

#include "grimace/cost.h"
#include "grimace/base.h"

/* Measures the first model of the run at `path` on the first `images` of the manifest that it can be asked about, as a
 * median over `passes`. The time of an image holds that of the networks which are asked before it (data.landmarks_from), one
 * model of each. Where nothing of that kind is known of the model's learner, numbers are NaN. Fails: as gr_predictor_open,
 * gr_ask_table and gr_guide_ask; GR_INVALID (no image that can be asked about); GR_INTERRUPTED. */
gr_status gr_cost_measure(const char *path, const char *manifest, int64_t images, int passes,
                          const volatile sig_atomic_t *stop, gr_cost *out, gr_error *err) GR_MUST_CHECK;

#endif
