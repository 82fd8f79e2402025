/* The rules of relevance propagation as data. A rule of a layer with weights is one sum or two of contributions; relevance R
 * of an output is given to its inputs by
 *
 *   z_j = sum over parts of  view(x) * w' + b',   s_j = R_j / z_j,   R_i = sum over parts of  factor view(x_i) (w'^T s)_i
 *
 * where w' = plus max(w, 0) + minus min(w, 0), b' likewise or 0 (Bach et al. 2015; Montavon et al. 2017, 2019). Layers
 * without weights follow the few choices beside. */
#ifndef GR_EXPLAIN_RELEVANCE_RULES_H
#define GR_EXPLAIN_RELEVANCE_RULES_H

#include "explain/relevance_math.h"

/* How a part's weights are made of a layer's. */
typedef enum gr_weighting {
    GR_WEIGHTS_SIGNED, /* plus max(w, 0) + minus min(w, 0) */
    GR_WEIGHTS_ONE,
    GR_WEIGHTS_SQUARE
} gr_weighting;

typedef struct gr_relevance_part {
    gr_view view;
    gr_weighting weighting;
    double plus, minus;
    bool bias; /* the bias, changed as the weights are, takes its share, which is lost */
} gr_relevance_part;

typedef struct gr_relevance_set {
    gr_relevance_part parts[2];
    int count;
    double factor;
    gr_side side;     /* of outputs by their value */
    bool from_output; /* z is the layer's own output: the parts' sum, bias included, without computing it once more */
} gr_relevance_set;

typedef struct gr_relevance_rule {
    gr_relevance_set sets[2];
    int count;
    gr_division division;
    double eps;
} gr_relevance_rule;

/* What a network's layers do. */
typedef struct gr_relevance_rules {
    gr_relevance_rule first, convolution, dense; /* first: layers with weights that see the image */
    bool bounded;                                /* `first` needs the range of the image's values */
    bool fold_norm; /* a batch norm right behind a convolution or dense layer becomes part of it */
    bool plain;     /* sums, pools, batch norms, activations and gates pass the plain gradient (innvestigate), else shares */
    bool start_above_0;   /* the start is max(value, 0), else the value */
    gr_division division; /* of sums and pools */
    double eps;
} gr_relevance_rules;

/* deep_taylor: alpha 1, beta 0 without biases, z-box in the first layer, nothing lost. */
gr_relevance_rules gr_relevance_deep_taylor(void);
/* Rules by name, with numbers behind a colon: deep_taylor, epsilon:1e-6, gamma:0.25, alpha_beta:2,1, epsilon_gamma_box,
 * epsilon_plus, epsilon_plus_flat, epsilon_alpha2_beta1, epsilon_alpha2_beta1_flat, flat, w2, innvestigate,
 * innvestigate_bounded. Numbers that are left out are those. Fails: GR_INVALID (unknown name, numbers that do not fit). */
gr_status gr_relevance_rules_parse(const char *text, gr_relevance_rules *rules, gr_error *err) GR_MUST_CHECK;
/* Sets the epsilon of the epsilon rule where the rules have it; false: they do not. Never fails. */
bool gr_relevance_rules_set_epsilon(gr_relevance_rules *rules, double epsilon);
/* Name i of them, NULL behind the last. Static storage. Never fails. */
const char *gr_relevance_rules_name(int i);

#endif
