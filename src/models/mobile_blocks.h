/* What the mobile networks are built of. Names are torchvision's: a block of convolution, batch norm and activation is NAME.0,
 * NAME.1, NAME.2. */
#ifndef GR_MODELS_MOBILE_BLOCKS_H
#define GR_MODELS_MOBILE_BLOCKS_H

#include "models/models.h"

/* gr_relu, gr_relu6, gr_hard_swish, gr_silu ...; NULL: none. */
typedef gr_value *(*gr_activation)(gr_graph *g, gr_value *x, const char *name);

/* How a network starts and normalises. */
typedef struct gr_mobile_style {
    double eps, momentum; /* of batch norm */
    gr_init init;         /* of convolutions */
    bool keras_padding;   /* at stride 2: gr_pad_for_stride, else half of the kernel on all sides */
} gr_mobile_style;

/* Convolution without bias, padded by half of its kernel, and batch norm, under two names of their own. */
gr_value *gr_mobile_conv(gr_graph *g, gr_value *x, const gr_mobile_style *style, const char *conv, const char *norm,
                         gr_conv2d_args args);
/* The same as NAME.0 and NAME.1, and the activation as NAME.2. */
gr_value *gr_mobile_block(gr_graph *g, gr_value *x, const gr_mobile_style *style, const char *name, gr_conv2d_args args,
                          gr_activation activation);
/* Squeeze and excitation (Hu et al. 2018): x gate(fc2(activation(fc1(mean of x)))). */
gr_value *gr_mobile_squeeze(gr_graph *g, gr_value *x, const gr_mobile_style *style, const char *name, int64_t squeezed,
                            gr_activation activation, gr_activation gate);
/* 1x1 and KxK arguments; depthwise: as many groups as x has channels. */
gr_conv2d_args gr_pointwise(int64_t out);
gr_conv2d_args gr_depthwise_of(const gr_value *x, int64_t kernel, int64_t stride);
gr_conv2d_args gr_full(int64_t out, int64_t kernel, int64_t stride);

/* The multiple of 8 next to `channels`, not more than a tenth below it: how the mobile networks round scaled widths. */
int64_t gr_round_channels(double channels);
/* The channels of x; 0 when building has failed. */
int64_t gr_channels_of(const gr_value *x);

#endif
