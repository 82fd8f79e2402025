/* Gradients that several ranks have parts of become their sum on every rank, while backward goes on. */
#ifndef GR_GRAPH_GRADIENT_EXCHANGE_H
#define GR_GRAPH_GRADIENT_EXCHANGE_H

#include "graph/plan_private.h"
#include "grimace/peers.h"

typedef struct gr_gradient_exchange gr_gradient_exchange;

/* GIVES the exchange of those gradients of plan->params that the plan computes; BORROWS all. The number of peers must be a power of
 * 2. Fails: GR_NOMEM. */
gr_status gr_gradient_exchange_create(const gr_plan *plan, gr_peers *peers, gr_gradient_exchange **out,
                                      gr_error *err) GR_MUST_CHECK;
/* A backward begins. NULL exchange, here and below: nothing happens. Never fails. */
void gr_gradient_exchange_begin(gr_gradient_exchange *exchange);
/* This rank's gradients of parameters[count] (indices in the graph) are complete; those that the plan does not compute do not
 * matter. Whatever can be sent is sent. Never fails. */
void gr_gradient_exchange_ready(gr_gradient_exchange *exchange, const int *parameters, int count);
/* Waits until all gradients are the sums over all ranks; all of them must have been said to be ready. Never fails. */
void gr_gradient_exchange_end(gr_gradient_exchange *exchange);
void gr_gradient_exchange_destroy(gr_gradient_exchange *exchange);

#endif
