/* The table of operators: a new one is a file in this folder, which fills gr_op_NAME, and a line here. */
#ifndef GR_OPS_TABLE_H
#define GR_OPS_TABLE_H

/* clang-format off */
#define GR_OPERATORS(OPERATOR) \
    OPERATOR(conv2d) \
    OPERATOR(batch_norm) \
    OPERATOR(relu) \
    OPERATOR(sigmoid) \
    OPERATOR(softmax) \
    OPERATOR(dropout) \
    OPERATOR(add) \
    OPERATOR(concat) \
    OPERATOR(flatten) \
    OPERATOR(max_pool) \
    OPERATOR(avg_pool) \
    OPERATOR(global_avg_pool) \
    OPERATOR(dense) \
    OPERATOR(attention_pool) \
    OPERATOR(cross_entropy) \
    OPERATOR(prsc) \
    OPERATOR(weighted_sum) \
    OPERATOR(adaptive_avg_pool) \
    OPERATOR(global_max_pool) \
    OPERATOR(value_loss) \
    OPERATOR(relu6) \
    OPERATOR(hard_sigmoid) \
    OPERATOR(hard_swish) \
    OPERATOR(silu) \
    OPERATOR(tanh) \
    OPERATOR(elu) \
    OPERATOR(selu) \
    OPERATOR(gelu) \
    OPERATOR(softplus) \
    OPERATOR(softsign) \
    OPERATOR(mish) \
    OPERATOR(leaky_relu) \
    OPERATOR(steep_sigmoid) \
    OPERATOR(prelu) \
    OPERATOR(stochastic_depth) \
    OPERATOR(channel_split) \
    OPERATOR(channel_shuffle) \
    OPERATOR(scale_channels) \
    OPERATOR(pad) \
    OPERATOR(proportional_odds) \
    OPERATOR(upsample) \
    OPERATOR(box_loss)
/* clang-format on */

#endif
