/* Fusion. */
#ifndef GR_GRAPH_FUSE_H
#define GR_GRAPH_FUSE_H

#include "graph/plan_private.h"

/* Of operators that compute the same of one value leaves the first. */
void gr_plan_merge_twins(gr_plan *plan);
/* Lets operators absorb their only readers. */
void gr_plan_fuse(gr_plan *plan);
/* Lets those that are left run behind their only readers where they may and more is gained so. Shapes are not yet known. */
void gr_plan_exchange(gr_plan *plan);
/* Decides which batch norms stay lazy. Gradients must be known. */
void gr_plan_choose_lazy(gr_plan *plan);

/* Decides which operators run together with the next one. Calls must have their shapes. */
void gr_plan_choose_joined(gr_plan *plan);

#endif
