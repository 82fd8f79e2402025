/* A max pool, and a ReLU behind it, that a convolution has taken over. */
#ifndef GR_OPS_CONV2D_POOL_H
#define GR_OPS_CONV2D_POOL_H

#include "ops/ops.h"

/* May a convolution take over this pool? Where windows overlap or leave the map it may not. */
bool gr_conv_pool_takes(const gr_pool_args *pool);
/* The pool's output of the convolution's. */
gr_shape gr_conv_pool_shape(const gr_shape *map, const gr_pool_args *pool);
/* As the kernels want it, for what `p` writes. */
gr_pool_problem gr_conv_pool_problem(const gr_conv_problem *p, const gr_pool_args *pool);

/* As passes of their own, where no convolution pools. `map`: [N,OH,OW,OC]; y, dy: [N,PH,PW,OC]; index as max_pool has it. */
void gr_conv_pool_forward(const gr_conv_problem *p, const gr_pool_args *pool, gr_act act, const float *map, float *y,
                          uint8_t *index);
void gr_conv_pool_backward(const gr_conv_problem *p, const gr_pool_args *pool, const uint8_t *index, const float *dy,
                           float *map);

#endif
