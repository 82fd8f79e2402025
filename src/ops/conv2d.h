/* What others use of convolutions. */
#ifndef GR_OPS_CONV2D_H
#define GR_OPS_CONV2D_H

#include "ops/conv2d_attr.h"

/* The arguments of a convolution in a graph, with no zeros left that mean one. */
const gr_conv2d_args *gr_conv2d_args_of(const gr_op *op);

#endif
