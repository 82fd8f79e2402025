/* Operators that move numbers, add them up or bend them one by one. */
#ifndef GR_EXPLAIN_RELEVANCE_MOVES_H
#define GR_EXPLAIN_RELEVANCE_MOVES_H

#include "explain/relevance_step.h"

extern const gr_relevance_kind gr_relevance_flatten, gr_relevance_concat, gr_relevance_channel_split,
    gr_relevance_channel_shuffle, gr_relevance_pad, gr_relevance_add, gr_relevance_batch_norm, gr_relevance_relu,
    gr_relevance_relu6, gr_relevance_sigmoid, gr_relevance_hard_sigmoid, gr_relevance_hard_swish, gr_relevance_silu,
    gr_relevance_tanh, gr_relevance_elu, gr_relevance_selu, gr_relevance_gelu, gr_relevance_softplus,
    gr_relevance_softsign, gr_relevance_mish, gr_relevance_leaky_relu, gr_relevance_steep_sigmoid, gr_relevance_prelu,
    gr_relevance_dropout, gr_relevance_stochastic_depth, gr_relevance_scale_channels, gr_relevance_proportional_odds,
    gr_relevance_softmax, gr_relevance_upsample;

#endif
