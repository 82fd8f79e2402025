/* What a convolution in bfloat16 does to a tile of sums before it is written, as float32 or narrow. Private to
 * kernels/K_pairs*.c. */
#ifndef GR_PAIRS_FINISH_H
#define GR_PAIRS_FINISH_H

#include "conv_source.h"
#include "panel.h"

/* What happens to a sum, in this order. */
enum {
    GR_PAIRS_OLD = 1,        /* out += */
    GR_PAIRS_BIAS = 2,
    GR_PAIRS_SQUARES = 4,    /* stats: sums of y and y * y */
    GR_PAIRS_RESIDUAL = 8,
    GR_PAIRS_ACT = 16,
    GR_PAIRS_MASK = 32,      /* times the slope of mask_act */
    GR_PAIRS_PRODUCTS = 64,  /* stats: sums of dx and dx * mask_x */
    GR_PAIRS_NARROW = 128,   /* out is narrow */
    GR_PAIRS_NARROW_X = 256, /* mask_x is */
    GR_PAIRS_RELU = 512      /* mask_act is ReLU */
};

typedef struct gr_pairs_finish {
    const gr_conv_fusion *f;
    unsigned features;
    void *out;
    int64_t channels; /* of out */
    bool stream;      /* past the caches */
    float *stats;     /* [block][2][channels] or NULL */
} gr_pairs_finish;

gr_pairs_finish GR_KERNEL(gr_pairs_finish_make)(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args);
/* Sums acc[rows][GR_NR] of `count` channels from `channel` on, to pixels that stand at number at[row] of out; they add to
 * statistics [2][channels] at `stats`. */
void GR_KERNEL(gr_pairs_finish_tile)(const gr_pairs_finish *finish, const float *acc, const int64_t *at, int64_t rows,
                                     int64_t channel, int64_t count, float *stats);

#endif
