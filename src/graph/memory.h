/* A plan's memory. */
#ifndef GR_GRAPH_MEMORY_H
#define GR_GRAPH_MEMORY_H

#include "graph/plan_private.h"

/* Makes all buffers anew, without places. Calls must have their shapes. Fails: GR_NOMEM. */
gr_status gr_plan_place(gr_plan *plan, gr_error *err) GR_MUST_CHECK;
/* Makes all buffers, gives each its place in the arena and grows the workspace to hold it. Calls must have their shapes.
 * Fails: GR_NOMEM. */
gr_status gr_plan_lay_out(gr_plan *plan, gr_error *err) GR_MUST_CHECK;

#endif
