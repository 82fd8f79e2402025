/* Inner loops over the bytes of pictures: enhancements and filters (K_pictures.c, K_bilateral.c). Whole numbers, or float32
 * in a fixed order, products fused everywhere or nowhere: all instruction sets give the same bytes. No pointer needs
 * alignment; outputs overlap no input. */
#ifndef GR_KERNELS_PICTURES_H
#define GR_KERNELS_PICTURES_H

#include <stdbool.h>
#include <stdint.h>

/* Three rows of bytes, which may be read from 3 in front of the first to 3 behind the last. */
typedef struct gr_three_rows {
    const uint8_t *above, *here, *below;
} gr_three_rows;

enum {
    GR_BILATERAL_STRIP = 512, /* most pixels of a row */
    GR_BILATERAL_FRONT = 16,  /* where the first one is */
    GR_BILATERAL_ROOM = GR_BILATERAL_FRONT + GR_BILATERAL_STRIP + 48
};

/* A row of pixels as `split` leaves it, and weights. All in one, so that a loop needs one address of a row and not six. */
typedef struct gr_bilateral_row {
    float planes[3][GR_BILATERAL_ROOM];                       /* R, G, B */
    float beside[GR_BILATERAL_ROOM], below[GR_BILATERAL_ROOM]; /* of a pixel and the next; and the one under it */
    uint32_t packed[GR_BILATERAL_ROOM];                       /* R + 256 G + 65536 B */
} gr_bilateral_row;

/* Weights of neighbours by the difference of their colours, at most 1. */
typedef struct gr_bilateral_weights {
    float of[768];
    /* Below this difference d, a power of two, powers[0] + powers[1] d^2 + ... + powers[5] d^10, float32 from the last power
     * on and fused, is of[d] but for `off`; and weights that are off so move a mean by at most `moved`. */
    int near;
    float powers[6], off, moved;
} gr_bilateral_weights;

typedef struct gr_picture_kernels {
    /* out = from + factor (to - from) in float32, truncated, clipped to 0..255: Pillow's ImageChops.blend, of one byte from
     * or of many. */
    void (*blend)(int64_t count, const uint8_t *from, const uint8_t *to, float factor, uint8_t *out);
    /* Pillow's L of `pixels` R G B, thrice each: out [3 pixels]. */
    void (*luma)(int64_t pixels, const uint8_t *in, uint8_t *out);
    /* The sum of L over pixels R G B. */
    uint64_t (*luma_sum)(int64_t pixels, const uint8_t *in);
    /* Each byte through a table of 256. */
    void (*look_up)(int64_t count, const uint8_t *table, const uint8_t *in, uint8_t *out);
    /* The neighbours of each byte are 3 away: 3x3 sums of which the middle counts 5 times, over 13, rounded. */
    void (*smooth)(int64_t count, const gr_three_rows *in, uint8_t *out);
    /* [2 0 2; 0 -8 0; 2 0 2]; without its sign, or below 0 cut off; at most 255. */
    void (*laplacian)(int64_t count, const gr_three_rows *in, bool cut, uint8_t *out);
    /* Across and down with [1 w 1], each as above, then their mean, halves to the even number. */
    void (*gradient)(int64_t count, const gr_three_rows *in, int weight, bool cut, uint8_t *out);
    /* sums[i] += in[i] - out[i], then to[i] = (sums[i] ww + (out[i] + next[i]) fw + 2^23) >> 24, modulo 2^32: Pillow's box
     * blur goes a row on, where `in` comes into the box, `out` leaves it, and `next` follows `in`. */
    void (*box)(int64_t count, const uint8_t *in, const uint8_t *out, const uint8_t *next, uint32_t ww, uint32_t fw,
                uint32_t *sums, uint8_t *to);
    /* Likewise along a row: sums of 2 radius + 1 bytes that are 3 apart, and their neighbours; in[] begins at the first
     * byte, and 3 (radius + 1) bytes on either side of the row may be read. radius is 80 at most. */
    void (*box_along)(int64_t count, const uint8_t *in, int radius, uint32_t ww, uint32_t fw, uint8_t *to);
    /* OpenCV's bilateral filter of diameter 3 (K_bilateral.c). Bytes R G B to planes and to packed pixels of a row. */
    void (*split)(int64_t pixels, const uint8_t *in, gr_bilateral_row *row);
    /* out[i] = weights[difference], 766 of them, of pixel i of two rows that are packed so: the sum over the channels of
     * what they differ by. */
    void (*pair_weights)(int64_t count, const uint32_t *one, const uint32_t *other, const float *weights, float *out);
    /* The row `here` of `count` pixels, 1 to GR_BILATERAL_STRIP, between two others: out [3 count]. First `in` is split to `down`.
     * The row's weights are written, and up->below is read. AVX2's weights may be off by weights->off, its bytes are those of the
     * others. Of `here` one pixel in front and one behind count; what lies beyond rows may be read, and is bytes of something
     * (`packed` below 2^24). */
    void (*bilateral)(int64_t count, const gr_bilateral_row *up, gr_bilateral_row *here, gr_bilateral_row *down, const uint8_t *in,
                      const gr_bilateral_weights *weights, uint8_t *out);
} gr_picture_kernels;

#endif
