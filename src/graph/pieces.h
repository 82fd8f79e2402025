/* Batches that go through a plan's first operators a few images at a time. */
#ifndef GR_GRAPH_PIECES_H
#define GR_GRAPH_PIECES_H

#include "graph/plan_private.h"

/* Chooses how many operators of a plan for forward alone take the batch in pieces, and how many images a piece has. Shapes of
 * values must be known. Never fails. */
void gr_plan_choose_pieces(gr_plan *plan);

#endif
