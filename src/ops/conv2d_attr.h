/* What operators that are convolutions have as their attribute. */
#ifndef GR_OPS_CONV2D_ATTR_H
#define GR_OPS_CONV2D_ATTR_H

#include "ops/ops.h"

/* What a convolution in a graph, and in a plan, is. */
typedef struct gr_conv_attr {
    gr_conv2d_args args;
    bool folds_norm, adds_residual; /* absorbed, without training only */
    gr_act act;                     /* absorbed, without training or behind the pool */
    double norm_eps;                /* of the folded norm */
    bool pools;                     /* absorbed a max pool, in training only */
    gr_pool_args pool;
    int64_t before[2], behind[2]; /* zeros that a pad in front adds: top and left, bottom and right */
} gr_conv_attr;

#endif
