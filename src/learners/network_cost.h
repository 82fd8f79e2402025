/* What a trained network costs. */
#ifndef GR_LEARNERS_NETWORK_COST_H
#define GR_LEARNERS_NETWORK_COST_H

#include <signal.h>

#include "grimace/cost.h"
#include "grimace/loader.h"
#include "learners/model_files.h"
#include "learners/target.h"

/* As gr_learner.cost. */
gr_status gr_network_cost(const gr_model_files *files, const gr_target *target, gr_loader *loader, int64_t count, int passes,
                          gr_cost *out, const volatile sig_atomic_t *stop, gr_error *err) GR_MUST_CHECK;

#endif
