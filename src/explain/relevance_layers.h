/* Convolutions and dense layers. */
#ifndef GR_EXPLAIN_RELEVANCE_LAYERS_H
#define GR_EXPLAIN_RELEVANCE_LAYERS_H

#include "explain/relevance_step.h"

extern const gr_relevance_kind gr_relevance_conv2d, gr_relevance_dense;

#endif
