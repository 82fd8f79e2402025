/* Relevance of small graphs with few lines. */
#ifndef GR_TEST_RELEVANCE_H
#define GR_TEST_RELEVANCE_H

#include "explain/relevance.h"
#include "support/support.h"

/* Propagates `start` [batch, outputs] (NULL: the value of output 0) from `from` to `to` of pixels [batch, ...] under the
 * rules of that name, with pixels in -1 to 1, into map, shaped as pixels. The test fails when anything fails. */
void test_relevance_map(const gr_graph *g, gr_params *params, const gr_value *from, const gr_value *to, const char *rules,
                        int64_t batch, const float *pixels, const float *start, float *map);
/* Zeroed parameters for g; the test fails without. */
gr_params *test_relevance_params(const gr_graph *g);
/* The parameter of that name in them. */
float *test_relevance_parameter(const gr_graph *g, gr_params *params, const char *name);

#endif
