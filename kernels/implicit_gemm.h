/* Implicit GEMM: a convolution as a matrix product whose left matrix, one row of K = taps x channels numbers for each
 * pixel, exists only a cache-sized piece at a time. Private to kernels/K_implicit_gemm*.c.
 *
 * Forward and data direction are the same work. Input pixels whose row and column leave the same remainders modulo the
 * stride are read by the same taps, so the gradient of one such class of pixels is a convolution of dy with stride 1: a
 * `view` describes one class (or the forward convolution), and everything else only looks at views. */
#ifndef GR_IMPLICIT_GEMM_H
#define GR_IMPLICIT_GEMM_H

#include "conv_finish.h"
#include "conv_source.h"
#include "panel.h"

/* One of the two image axes of a view. */
typedef struct gr_axis {
    int64_t size;                      /* of the tensor that is read */
    int64_t taps, first, stride, dil;  /* result i reads first + i * stride + t * dil through tap t */
    int64_t results, at, step;         /* result i stands at `at` + i * step of the tensor that is written */
    int64_t full;                      /* size of the tensor that is written */
    int64_t kernel_first, kernel_step; /* tap t is row (column) kernel_first + t * kernel_step of the weights */
} gr_axis;

typedef struct gr_view {
    gr_axis h, w;
    int64_t n, groups;
    int64_t in_c, out_c;         /* channels of the tensors read and written */
    int64_t group_in, group_out; /* the same, per group */
    int64_t k, pixels;           /* taps * group_in; n * results of both axes */
    int64_t panels, packed_at;   /* panels of GR_NR columns per group; where the packed weights begin, in floats */
} gr_view;

/* How many views a direction has: 1, or one for each pair of remainders. */
int64_t GR_KERNEL(gr_view_count)(const gr_conv_problem *p, gr_direction d);
gr_view GR_KERNEL(gr_view_make)(const gr_conv_problem *p, gr_direction d, int64_t index);
/* Weights of one view as [group][panel][k][GR_NR], columns behind the last one zero. In bfloat16 the first half of a panel
 * holds pairs along k, zeros behind the last up to a whole step, and nothing is in the rest. */
void GR_KERNEL(gr_view_pack)(const gr_conv_problem *p, gr_direction d, const float *weights, float *packed);

/* true when there is one tap, which moves nothing: each pixel reads its own place. */
bool GR_KERNEL(gr_left_is_still)(const gr_view *v);
/* true when the left matrix is the tensor itself: one tap that moves nothing, and numbers that stay as they are. */
bool GR_KERNEL(gr_left_is_source)(const gr_view *v, const gr_source *s);
/* true when rows of results read rows of the tensor an equal step apart, from the first to the last of all images, through
 * one tap, as they are: a 1x1 convolution whose stride divides the image. */
bool GR_KERNEL(gr_left_is_strided)(const gr_view *v, const gr_source *s);
/* Copies `count` numbers that stand at data[at], channels from `channel` on, to out. */
void GR_KERNEL(gr_source_copy)(const gr_source *s, int64_t at, int64_t channel, int64_t count, float *out);
/* Rows of `width` numbers: out[r * lda + i] is what stands at data[at + r * step + i], of channel `channel` + i. */
void GR_KERNEL(gr_source_block)(const gr_source *s, int64_t at, int64_t step, int64_t channel, int64_t rows, int64_t width,
                                float *out, int64_t lda);
/* The piece [pixel, pixel + rows) x [k0, k1) of the left matrix of one group, rows lda floats apart. */
void GR_KERNEL(gr_gather)(const gr_view *v, const gr_source *s, int64_t group, int64_t pixel, int64_t rows, int64_t k0,
                          int64_t k1, float *a, int64_t lda);
/* The same as bfloat16 numbers, two in the place of one float; an odd last one is paired with 0. */
void GR_KERNEL(gr_gather_pairs)(const gr_view *v, const gr_source *s, int64_t group, int64_t pixel, int64_t rows, int64_t k0,
                                int64_t k1, float *a, int64_t lda);
#if GR_PAIR_STEP > 1
/* `count` channels from `channel` on, a multiple of two vectors, of pixels `step` numbers apart, the first of which stands at
 * data[at], as bfloat16: two vectors of a pixel, then those of the next one; the next two vectors of channels are `apart`
 * behind. */
void GR_KERNEL(gr_round_pixels)(const gr_source *s, int64_t at, int64_t step, int64_t channel, int64_t pixels, int64_t count,
                                uint16_t *out, int64_t apart);
#endif
/* Pairs of neighbouring pixels of a tensor [pixels][channels], from channel on, as panels [columns / GR_NR][pixels / 2][GR_NR],
 * `panel` floats apart, zero behind the last column and pixel. */
void GR_KERNEL(gr_gather_panels)(const gr_source *s, int64_t pixel, int64_t pixels, int64_t channels, int64_t channel,
                                 int64_t columns, float *out, int64_t panel);

/* The same in one run of columns, up to whole vectors, lda floats from one pair of pixels to the next. */
void GR_KERNEL(gr_gather_columns)(const gr_source *s, int64_t pixel, int64_t pixels, int64_t channels, int64_t channel,
                                  int64_t columns, float *out, int64_t lda);
/* bfloat16 numbers of `rows` rows lda floats apart as pairs of neighbouring rows, ldo apart, up to whole vectors of `count`; as
 * many may be read. */
void GR_KERNEL(gr_pair_words)(int64_t rows, int64_t count, const float *a, int64_t lda, float *out, int64_t ldo);

/* A tensor of few channels under many taps, an image, is rounded once before it is gathered many times: the floats of `room` that
 * this takes, and doing so; `s` then is the copy. 0 and nothing for others. */
size_t GR_KERNEL(gr_rounded_floats)(const gr_conv_problem *p, const gr_view *v);
void GR_KERNEL(gr_round_source)(const gr_conv_problem *p, const gr_view *v, gr_source *s, float *room);

/* Forward and data direction. */
size_t GR_KERNEL(gr_product_scratch)(const gr_conv_problem *p, gr_direction d, int threads);
int64_t GR_KERNEL(gr_product_stat_blocks)(const gr_conv_problem *p, gr_direction d);
void GR_KERNEL(gr_product_run)(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args);
void GR_KERNEL(gr_product_describe)(const gr_conv_problem *p, gr_direction d, char *text, size_t size);
/* Weight direction. */
size_t GR_KERNEL(gr_weight_scratch)(const gr_conv_problem *p, int threads);
void GR_KERNEL(gr_weight_run)(const gr_conv_problem *p, const gr_conv_args *args);
void GR_KERNEL(gr_weight_describe)(const gr_conv_problem *p, char *text, size_t size);

/* All of it with factors in bfloat16 (K_pairs_product.c, K_pairs_weight.c). */
size_t GR_KERNEL(gr_pairs_product_scratch)(const gr_conv_problem *p, gr_direction d, int threads);
int64_t GR_KERNEL(gr_pairs_product_stat_blocks)(const gr_conv_problem *p, gr_direction d);
void GR_KERNEL(gr_pairs_product_run)(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args);
void GR_KERNEL(gr_pairs_product_describe)(const gr_conv_problem *p, gr_direction d, char *text, size_t size);
size_t GR_KERNEL(gr_pairs_weight_scratch)(const gr_conv_problem *p, int threads);
void GR_KERNEL(gr_pairs_weight_run)(const gr_conv_problem *p, const gr_conv_args *args);
void GR_KERNEL(gr_pairs_weight_describe)(const gr_conv_problem *p, char *text, size_t size);

/* Whether pairs of this view go through matrix registers, where there are any. A panel has room for k numbers a column, which
 * k / 2 pairs fill up to a whole step unless k is tiny. */
static inline bool gr_view_by_matrix(const gr_view *v)
{
    return GR_PAIR_STEP > 1 && v->k >= GR_PAIR_STEP;
}

/* Floats from row to row of a piece of `k` columns: whole cache lines, an odd number of them, so that rows spread over all
 * sets of a cache. */
static inline int64_t gr_row_stride(int64_t k)
{
    return (gr_blocks(k, 16) | 1) * 16;
}

/* Tile t, forward, of channels [channel, channel + GR_NR), with bias and sums while it is in registers (K_tile_finish.c). False,
 * and nothing is done, where more than that is asked for or it would not pay. */
bool GR_KERNEL(gr_tile_finish)(const gr_finish *finish, const gr_tile *t, int64_t rows, int64_t channel, bool stream);

#endif
