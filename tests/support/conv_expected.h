/* What a convolution should give, by plain loops in double: written apart from every kernel, to judge them. */
#ifndef GR_CONV_EXPECTED_H
#define GR_CONV_EXPECTED_H

#include "kernels/kernels.h"

typedef struct conv_expected {
    size_t count, channels;
    double *out;       /* [count] */
    double *magnitude; /* [count] sums of the terms' absolute values: what rounding errors are relative to */
    double *sums;      /* [2][channels]: what all blocks of stats or mask_stats add up to */
} conv_expected;

/* x, weights, dy as in kernels.h; `before` is what `out` holds when it is added to, else NULL. Owns `expected`'s arrays. */
void conv_expect(conv_expected *expected, const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *f, const float *x,
                 const float *weights, const float *dy, const float *before);
void conv_expected_free(conv_expected *expected);
double conv_act(gr_act act, double x);
double conv_act_slope(gr_act act, double x);
/* Numbers in x | weights | y, and in the output of a direction. */
size_t conv_size_x(const gr_conv_problem *p);
size_t conv_size_w(const gr_conv_problem *p);
size_t conv_size_y(const gr_conv_problem *p);
size_t conv_size_out(const gr_conv_problem *p, gr_direction d);

#endif
