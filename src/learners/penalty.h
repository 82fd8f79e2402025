/* L1 and L2 penalties of chosen weights, as Keras's regularizers: inside the loss, and their slope inside the gradients. */
#ifndef GR_LEARNERS_PENALTY_H
#define GR_LEARNERS_PENALTY_H

#include "grimace/graph.h"
#include "grimace/recipe.h"

typedef struct gr_penalty_list gr_penalty_list;

/* GIVES what model.penalty of the recipe selects in the graph; NULL where it selects nothing. Fails: GR_INVALID (a name that no
 * weight has), GR_NOMEM. */
gr_status gr_penalty_create(const gr_recipe *recipe, const gr_graph *graph, gr_penalty_list **out, gr_error *err) GR_MUST_CHECK;
void gr_penalty_destroy(gr_penalty_list *list);
/* sum l1 |w| + l2 w^2 over the weights in values[]; 0 without a list. Summed in fixed blocks and in order. */
double gr_penalty_sum(gr_penalty_list *list, const float *values);
/* Adds l1 sign(w) + 2 l2 w to the gradients of those that train. */
void gr_penalty_push(const gr_penalty_list *list, const float *values, float *gradients);

#endif
