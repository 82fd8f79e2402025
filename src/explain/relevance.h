/* Relevance propagation: how much each pixel has of an answer (layer-wise relevance propagation, Bach et al. 2015; deep
 * Taylor decomposition, Montavon et al. 2017; an overview of rules, Montavon et al. 2019). Forward, then back operator by
 * operator, each with the rule of its kind (relevance_rules.h, relevance_kinds.c):
 *
 *   convolution, dense     the network's rule for them; the first one has its own. A batch norm right behind is folded in
 *   batch norm elsewhere   all to its input, channel by channel
 *   activation, dropout    all to their input
 *   sum of two             to each in proportion to its part in the sum
 *   mean, attention        to each pixel in proportion to its part in the (weighted) sum; attention scores count as
 * constants maximum                all to the largest, the first of equals in the order of rows squeeze and excitation all
 * to the signal; the gate counts as a constant concatenation, split, shuffle, flatten, padding: back to where the numbers
 * were
 *
 * What is conserved. Under deep_taylor the map's sum is the value that was started from, of whatever sign, to float32's
 * rounding:
 *   - biases take no part in alpha 1, beta 0: a neuron's whole relevance, the part that its bias or its batch norm's shift
 * made included, goes to its contributions above 0 in proportion to them;
 *   - a neuron without a contribution above 0 (the bias alone made it fire) gives the same to each of the inputs it sees;
 *   - z-box has no contribution below 0; sums whose parts are 0 are halved, means of zeros spread evenly.
 *   A value below 0 has a map below 0: everything is linear in the start.
 * Under epsilon, gamma, alpha_beta and zennit's composites biases take their share, which is lost, and the stabilizer takes
 * some: the sum is what is left. innvestigate starts at max(value, 0), passes the plain gradient through batch norms, sums
 * and pools, and conserves nothing in networks that have them. */
#ifndef GR_EXPLAIN_RELEVANCE_H
#define GR_EXPLAIN_RELEVANCE_H

#include "explain/relevance_rules.h"
#include "grimace/plan.h"

typedef struct gr_relevance_options {
    const gr_value *from; /* [N, outputs]: logits, scores, coordinates */
    const gr_value *also; /* another answer to be read beside it, [N, ...]; NULL: none */
    const gr_value *to;   /* the image, an input [N,H,W,C] */
    int64_t batch;
    gr_relevance_rules rules;
    const float *low,
        *high; /* [C] the range of the image's values, for bounded rules; BORROWED during gr_relevance_create */
} gr_relevance_options;

typedef struct gr_relevance gr_relevance;

/* GIVES a network ready to be explained, with copies of its weights as the rules change them: parameters that change later
 * need a new one. BORROWS graph and params, which must outlive it. Fails: GR_INVALID (an operator on the way that no
 * relevance goes through, an answer that does not depend on the image, bounded rules without a range), GR_NOMEM. */
gr_status gr_relevance_create(const gr_graph *graph, gr_params *params, const gr_relevance_options *options,
                              gr_relevance **out, gr_error *err) GR_MUST_CHECK;
void gr_relevance_destroy(gr_relevance *relevance);

/* Where the batch of images is written: [batch,H,W,C]. Never NULL. */
float *gr_relevance_images(gr_relevance *relevance);
/* Runs forward and returns the answers [batch, outputs], valid until the next. Never fails. */
const float *gr_relevance_forward(gr_relevance *relevance);
/* What `also` is then: [batch, ...]; NULL where none was asked for. Never fails. */
const float *gr_relevance_also(const gr_relevance *relevance);
/* After it: propagates output index[n] of image n, starting at its value, and returns the map [batch,H,W,C], valid until the
 * next. Any number of times. Never fails. */
const float *gr_relevance_explain(gr_relevance *relevance, const int64_t *index);
/* The same from any relevance of the outputs: start [batch, outputs]. Never fails. */
const float *gr_relevance_propagate(gr_relevance *relevance, const float *start);
/* Sum of each image's map: sums [batch]. Never fails. */
void gr_relevance_map_sums(const gr_relevance *relevance, double *sums);

#endif
