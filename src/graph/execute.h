/* Single steps of running a plan, for who runs several in step (blocks.c). */
#ifndef GR_GRAPH_EXECUTE_H
#define GR_GRAPH_EXECUTE_H

#include "graph/plan_private.h"

/* Before a plan runs: sets the pointers of all calls where the workspace has moved, and notes that others' numbers in its base are
 * lost. Never fails. */
void gr_plan_bind(gr_plan *plan);
/* Runs operator `o` forward, with the one that joins it. */
void gr_plan_forward_op(gr_plan *plan, int o);
/* The start's gradient becomes 1 everywhere; false: nothing runs backward. */
bool gr_plan_seed_ones(gr_plan *plan);
/* What comes before operator o's backward (kept gradients put aside, values made again), and that itself; the operator must run
 * backward. */
void gr_plan_before_backward(gr_plan *plan, int o);
void gr_plan_backward_op(gr_plan *plan, int o);

#endif
