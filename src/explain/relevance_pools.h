/* Pooling. */
#ifndef GR_EXPLAIN_RELEVANCE_POOLS_H
#define GR_EXPLAIN_RELEVANCE_POOLS_H

#include "explain/relevance_step.h"

extern const gr_relevance_kind gr_relevance_max_pool, gr_relevance_global_max_pool, gr_relevance_avg_pool,
    gr_relevance_global_avg_pool, gr_relevance_adaptive_avg_pool, gr_relevance_attention_pool;

#endif
