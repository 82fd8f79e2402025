/* What others use of convolutions. */
#ifndef GR_OPS_CONV2D_H
#define GR_OPS_CONV2D_H

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

/* The arguments of a convolution in a graph, with no zeros left that mean one. */
const gr_conv2d_args *gr_conv2d_args_of(const gr_op *op);

#endif
