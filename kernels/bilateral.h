/* What the files of OpenCV's bilateral filter share (K_bilateral.c, K_bilateral_row.c, and K_bilateral_near.c for AVX2). All
 * instruction sets give the same bytes: float32 in a fixed order, products fused; or, where a sum is taken otherwise, no
 * nearer to a half than what that may be off by. */
#ifndef GR_BILATERAL_H
#define GR_BILATERAL_H

#include "pictures.h"
#include "simd.h"

/* See gr_picture_kernels. */
void GR_KERNEL(gr_split_pixels)(int64_t pixels, const uint8_t *in, float *const planes[3], uint32_t *packed);
void GR_KERNEL(gr_pair_weights)(int64_t count, const uint32_t *one, const uint32_t *other, const float *weights, float *out);
void GR_KERNEL(gr_bilateral_row)(int64_t count, const gr_bilateral_row rows[3], const gr_bilateral_weights *weights,
                                 const float *above, float *beside, float *below, uint8_t *out);

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

/* The order of the sums, and that products are fused, are those of the package opencv-python on x86: up, left, down, right,
 * middle. Of channel c at i; weights of up, left, right, down. */
static inline float mixed(const gr_bilateral_row rows[3], int c, const float weight[4], int64_t i)
{
    const float *up = rows[0].planes[c], *here = rows[1].planes[c], *down = rows[2].planes[c];
    float sum = __builtin_fmaf(here[i - 1], weight[1], up[i] * weight[0]);
    return __builtin_fmaf(here[i + 1], weight[2], __builtin_fmaf(down[i], weight[3], sum)) + here[i];
}

/* To the nearest whole number, halves to the even one; from 0 to 255. */
static inline uint8_t rounded(float value)
{
    value += 12582912.0f; /* leaves the byte in the lowest bits */
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (uint8_t)bits;
}

#if defined(__AVX512BW__)
/* The first `bits` of 64. */
static inline uint64_t first(int64_t bits)
{
    return bits >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << bits) - 1;
}
#endif

#endif
