/* Where gradients flow. */
#ifndef GR_GRAPH_GRADIENTS_H
#define GR_GRAPH_GRADIENTS_H

#include "graph/plan_private.h"

/* Settles which values get a gradient and which operators run backward. Fails: GR_INVALID (one that is asked for does not
 * exist). */
gr_status gr_plan_flow_gradients(gr_plan *plan, gr_error *err) GR_MUST_CHECK;

#endif
