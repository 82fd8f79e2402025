/* Values that are stored as bfloat16. */
#ifndef GR_GRAPH_NARROW_H
#define GR_GRAPH_NARROW_H

#include "graph/plan_private.h"

/* Chooses what is narrow in a plan for training in bfloat16, and says so in the calls, whose shapes and laziness must be set. */
void gr_plan_choose_narrow(gr_plan *plan);

#endif
