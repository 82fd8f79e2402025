/* Values that are made twice. */
#ifndef GR_GRAPH_AGAIN_H
#define GR_GRAPH_AGAIN_H

#include "graph/plan_private.h"

/* Notes what backward reads when, and chooses what is made again. Laziness must be known. */
void gr_plan_choose_again(gr_plan *plan);
/* Makes what backward step `step` is the first to read. */
void gr_plan_make_again(gr_plan *plan, int step);

#endif
