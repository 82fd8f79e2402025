/* What the files of OpenCV's bilateral filter share (K_bilateral.c, K_bilateral_row.c, and K_bilateral_near.c for AVX2). All
 * instruction sets give the same bytes: float32 in a fixed order, products fused; or, where a sum is taken otherwise, no
 * nearer to a half than what that may be off by. */
#ifndef GR_BILATERAL_H
#define GR_BILATERAL_H

#include "pictures.h"
#include "simd.h"

/* See gr_picture_kernels. */
void GR_KERNEL(gr_split_pixels)(int64_t pixels, const uint8_t *in, gr_bilateral_row *row);
void GR_KERNEL(gr_pair_weights)(int64_t count, const uint32_t *one, const uint32_t *other, const float *weights, float *out);
void GR_KERNEL(gr_bilateral_row)(int64_t count, const gr_bilateral_row *up, gr_bilateral_row *here, gr_bilateral_row *down,
                                 const uint8_t *in, const gr_bilateral_weights *weights, uint8_t *out);

enum { FRONT = GR_BILATERAL_FRONT };

/* The sum over the channels of what two packed pixels differ by. */
static inline uint32_t difference(uint32_t a, uint32_t b)
{
    uint32_t sum = 0;
    for (int bit = 0; bit < 24; bit += 8) {
        int d = (int)(a >> bit & 255) - (int)(b >> bit & 255);
        sum += (uint32_t)(d < 0 ? -d : d);
    }
    return sum;
}

/* Pixels from `from` to `pixels`. */
static inline void split_plainly(int64_t from, int64_t pixels, const uint8_t *restrict in, gr_bilateral_row *restrict row)
{
    for (int64_t i = from; i < pixels; i++) {
        row->packed[FRONT + i] = in[3 * i] | (uint32_t)in[3 * i + 1] << 8 | (uint32_t)in[3 * i + 2] << 16;
        for (int c = 0; c < 3; c++)
            row->planes[c][FRONT + i] = in[3 * i + c];
    }
}

#if defined(__AVX512BW__)
/* The first `bits` of 64. */
static inline uint64_t first(int64_t bits)
{
    return bits >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << bits) - 1;
}
#endif

#endif
