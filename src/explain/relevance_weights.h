/* A convolution or dense layer with its weights changed in the ways that a rule asks for: x w' and w'^T s by the engine's
 * own kernels. */
#ifndef GR_EXPLAIN_RELEVANCE_WEIGHTS_H
#define GR_EXPLAIN_RELEVANCE_WEIGHTS_H

#include "explain/relevance_step.h"

typedef struct gr_relevance_weights gr_relevance_weights;

/* GIVES the layer of `step` with the batch norm behind it folded in. Fails: GR_NOMEM. */
gr_status gr_relevance_weights_create(const gr_relevance_step *step, gr_relevance_weights **out,
                                      gr_error *err) GR_MUST_CHECK;
void gr_relevance_weights_destroy(gr_relevance_weights *weights);
/* A number for the weights of `part`, made when they are new. Fails: GR_NOMEM. */
gr_status gr_relevance_weights_add(gr_relevance_weights *weights, const gr_relevance_part *part, int *id,
                                   gr_error *err) GR_MUST_CHECK;
/* The same for two parts at once, whose views stand side by side in 2 C channels: z is their sum, g has both products. Worth
 * it where channels are few, as an image's, since kernels work on many at a time. */
bool gr_relevance_weights_pairs(const gr_relevance_weights *weights);
gr_status gr_relevance_weights_add_pair(gr_relevance_weights *weights, const gr_relevance_part parts[2], int *id,
                                        gr_error *err) GR_MUST_CHECK;
/* Scratch of a product. */
size_t gr_relevance_weights_scratch(const gr_relevance_weights *weights);
/* z = x w' + b', where the part has a bias; g = w'^T s. */
void gr_relevance_weights_forward(const gr_relevance_weights *weights, int id, const float *x, float *z, void *scratch);
void gr_relevance_weights_backward(const gr_relevance_weights *weights, int id, const float *s, float *g, void *scratch);
/* Gives each q of an output to the inputs that it has inside the image, the same to each: r += that. */
void gr_relevance_weights_spread(const gr_relevance_weights *weights, const float *q, float *r);

#endif
