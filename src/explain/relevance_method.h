/* What the methods deep_taylor and lrp share: a network's relevance, a few pictures at once. */
#ifndef GR_EXPLAIN_RELEVANCE_METHOD_H
#define GR_EXPLAIN_RELEVANCE_METHOD_H

#include "explain/method.h"
#include "explain/relevance_rules.h"

/* As gr_method.open, close and run. Fails: GR_NOMEM, GR_INVALID (an operator that no relevance goes through). */
gr_status gr_relevance_open(gr_subject *subject, const gr_relevance_rules *rules, int64_t batch, void **state,
                            gr_error *err) GR_MUST_CHECK;
void gr_relevance_close(void *state);
gr_status gr_relevance_run(void *state, gr_method_batch *batch, gr_error *err);

#endif
