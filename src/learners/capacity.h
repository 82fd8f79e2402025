/* Does a network's step fit in the memory that is left? Asked before the first one, so that nobody is ended by the kernel in its
 * middle. */
#ifndef GR_LEARNERS_CAPACITY_H
#define GR_LEARNERS_CAPACITY_H

#include "learners/network.h"

/* Does train.memory ask for as little as can be? */
bool gr_capacity_low(const gr_recipe *recipe);

/* Makes a training plan that would not fit one of low memory. Refuses a plan that needs more than `held` bytes (a workspace that
 * is there already) and what is left, and says which batch would fit, or about which image. Fails: GR_INVALID (named by the key's
 * place), and as gr_plan_measure. */
gr_status gr_capacity_check(const gr_recipe *recipe, const gr_network *network, gr_plan_options *options, size_t held,
                            gr_error *err) GR_MUST_CHECK;

/* The largest batch whose plan fits in what is left, GR_MOST_BATCH at most, and what it and the optimiser may take. Fails: as
 * gr_plan_largest_batch. */
gr_status gr_capacity_largest(const gr_network *network, const gr_plan_options *options, int64_t *batch, size_t *left,
                              gr_error *err) GR_MUST_CHECK;

#endif
