/* All operators: a new one is a file here that defines gr_op_NAME, and a line in this list. */
#ifndef GR_OPS_H
#define GR_OPS_H

#include "graph/op.h"

#define GR_OPERATORS(EACH) \
    EACH(conv2d) \
    EACH(batch_norm) \
    EACH(relu) \
    EACH(sigmoid) \
    EACH(softmax) \
    EACH(dropout) \
    EACH(add) \
    EACH(concat) \
    EACH(flatten) \
    EACH(max_pool) \
    EACH(avg_pool) \
    EACH(global_avg_pool) \
    EACH(dense) \
    EACH(attention_pool) \
    EACH(cross_entropy) \
    EACH(prsc) \
    EACH(weighted_sum) \
    EACH(adaptive_avg_pool) \
    EACH(global_max_pool) \
    EACH(landmark_loss) \
    EACH(relu6) \
    EACH(hard_sigmoid) \
    EACH(hard_swish) \
    EACH(silu) \
    EACH(stochastic_depth) \
    EACH(channel_split) \
    EACH(channel_shuffle) \
    EACH(scale_channels) \
    EACH(pad)

#define GR_DECLARE_OPERATOR(name) extern const gr_op_type gr_op_##name;
GR_OPERATORS(GR_DECLARE_OPERATOR)

/* Every operator in the order of the list, NULL-terminated. */
extern const gr_op_type *const gr_op_types[];

#endif
