/* Where gradients flow. */
#ifndef GR_GRAPH_GRADIENTS_H
#define GR_GRAPH_GRADIENTS_H

#include "graph/plan_private.h"

/* Which values want a gradient (something behind them trains), which get one, which operators run backward. */
void gr_plan_flow_gradients(gr_plan *plan);

#endif
