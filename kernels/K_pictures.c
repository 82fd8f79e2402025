/* Enhancements and filters of pictures. Loops are plain: the compiler makes vectors of them for each instruction set. */
#include "pictures.h"
#include "kernels.h"
#include "parts.h"
#include "simd.h"

/* In vectors of 32 bits at a time, which the compiler does not find by itself behind a conversion to bytes. */
static void blend(int64_t count, const uint8_t *restrict from, const uint8_t *restrict to, float factor,
                  uint8_t *restrict out)
{
    for (int64_t i = 0; i < count; i++) {
        int first = from[i];
        float value = (float)first + factor * (float)((int)to[i] - first);
        value = value < 0 ? 0 : value;
        value = value > 255 ? 255 : value;
        out[i] = (uint8_t)(int)value;
    }
}

/* L of one channel's weight each, thrice. */
static void luma(int64_t pixels, const uint8_t *restrict in, uint8_t *restrict out)
{
    for (int64_t i = 0; i < pixels; i++) {
        uint32_t l = (in[3 * i] * 19595u + in[3 * i + 1] * 38470u + in[3 * i + 2] * 7471u + 0x8000u) >> 16;
        out[3 * i] = out[3 * i + 1] = out[3 * i + 2] = (uint8_t)l;
    }
}

static uint64_t luma_sum(int64_t pixels, const uint8_t *restrict in)
{
    uint64_t sum = 0;
    for (int64_t begin = 0; begin < pixels; begin += 65536) {
        int64_t end = begin + 65536 < pixels ? begin + 65536 : pixels;
        uint32_t part = 0;
        for (int64_t i = begin; i < end; i++)
            part += (in[3 * i] * 19595u + in[3 * i + 1] * 38470u + in[3 * i + 2] * 7471u + 0x8000u) >> 16;
        sum += part;
    }
    return sum;
}

static void look_up(int64_t count, const uint8_t *restrict table, const uint8_t *restrict in, uint8_t *restrict out)
{
    for (int64_t i = 0; i < count; i++)
        out[i] = table[in[i]];
}

static void smooth(int64_t count, const gr_three_rows *rows, uint8_t *restrict out)
{
    const uint8_t *a = rows->above, *b = rows->here, *c = rows->below;
    for (int64_t i = 0; i < count; i++) {
        uint16_t sum =
            (uint16_t)(a[i - 3] + a[i] + a[i + 3] + b[i - 3] + 5 * b[i] + b[i + 3] + c[i - 3] + c[i] + c[i + 3] + 6);
        out[i] = (uint8_t)((uint32_t)sum * 5042u >> 16); /* / 13, exact for all such sums */
    }
}

static inline int16_t limited(int16_t v, bool cut)
{
    int16_t plain = v < 0 ? (int16_t)(cut ? 0 : -v) : v;
    return plain > 255 ? 255 : plain;
}

static inline void laplacian_row(int64_t count, const gr_three_rows *rows, bool cut, uint8_t *restrict out)
{
    const uint8_t *a = rows->above, *b = rows->here, *c = rows->below;
    for (int64_t i = 0; i < count; i++) {
        int16_t v = (int16_t)(2 * (a[i - 3] + a[i + 3] + c[i - 3] + c[i + 3] - 4 * b[i]));
        out[i] = (uint8_t)limited(v, cut);
    }
}

static void laplacian(int64_t count, const gr_three_rows *rows, bool cut, uint8_t *restrict out)
{
    if (cut)
        laplacian_row(count, rows, true, out);
    else
        laplacian_row(count, rows, false, out);
}

static inline void gradient_row(int64_t count, const gr_three_rows *rows, int16_t weight, bool cut, uint8_t *restrict out)
{
    const uint8_t *a = rows->above, *b = rows->here, *c = rows->below;
    for (int64_t i = 0; i < count; i++) {
        int16_t across = (int16_t)(a[i + 3] - a[i - 3] + weight * (b[i + 3] - b[i - 3]) + c[i + 3] - c[i - 3]);
        int16_t down = (int16_t)(c[i - 3] - a[i - 3] + weight * (c[i] - a[i]) + c[i + 3] - a[i + 3]);
        int16_t sum = (int16_t)(limited(across, cut) + limited(down, cut));
        out[i] = (uint8_t)((sum + (sum >> 1 & 1)) >> 1);
    }
}

static void gradient(int64_t count, const gr_three_rows *rows, int weight, bool cut, uint8_t *restrict out)
{
    if (weight == 2 && !cut)
        gradient_row(count, rows, 2, false, out);
    else if (weight == 1 && !cut)
        gradient_row(count, rows, 1, false, out);
    else
        gradient_row(count, rows, (int16_t)weight, cut, out);
}

static void box(int64_t count, const uint8_t *restrict in, const uint8_t *restrict last, const uint8_t *restrict next,
                uint32_t ww, uint32_t fw, uint32_t *restrict sums, uint8_t *restrict to)
{
    for (int64_t i = 0; i < count; i++) {
        uint32_t sum = sums[i] + in[i] - last[i];
        sums[i] = sum;
        to[i] = (uint8_t)((sum * ww + (uint32_t)(last[i] + next[i]) * fw + (1u << 23)) >> 24);
    }
}

enum { STRETCH = 384 };

static void box_along(int64_t count, const uint8_t *restrict in, int radius, uint32_t ww, uint32_t fw, uint8_t *restrict to)
{
    uint16_t sums[STRETCH]; /* 161 bytes at most */
    for (int64_t begin = 0; begin < count; begin += STRETCH) {
        int64_t n = count - begin < STRETCH ? count - begin : STRETCH;
        const uint8_t *restrict at = in + begin;
        for (int64_t i = 0; i < n; i++)
            sums[i] = at[i];
        for (int k = 3; k <= 3 * radius; k += 3)
            for (int64_t i = 0; i < n; i++)
                sums[i] = (uint16_t)(sums[i] + at[i - k] + at[i + k]);
        int64_t k = 3 * (radius + 1);
        for (int64_t i = 0; i < n; i++)
            to[begin + i] = (uint8_t)((sums[i] * ww + (uint32_t)(at[i - k] + at[i + k]) * fw + (1u << 23)) >> 24);
    }
}

static void split(int64_t pixels, const uint8_t *restrict in, float *const planes[3])
{
    float *restrict r = planes[0], *restrict g = planes[1], *restrict b = planes[2];
    for (int64_t i = 0; i < pixels; i++) {
        r[i] = in[3 * i];
        g[i] = in[3 * i + 1];
        b[i] = in[3 * i + 2];
    }
}

/* Differences are whole numbers, exact in floats. */
static void pair_weights(int64_t count, const float *const one[3], const float *const other[3],
                         const float *restrict weights, float *restrict out)
{
    const float *r = one[0], *g = one[1], *b = one[2], *r2 = other[0], *g2 = other[1], *b2 = other[2];
    for (int64_t begin = 0; begin < count; begin += 64) {
        int64_t n = count - begin < 64 ? count - begin : 64;
        int32_t index[64];
        for (int64_t k = 0; k < n; k++) {
            int64_t i = begin + k;
            index[k] =
                (int32_t)(__builtin_fabsf(r[i] - r2[i]) + __builtin_fabsf(g[i] - g2[i]) + __builtin_fabsf(b[i] - b2[i]));
        }
        for (int64_t k = 0; k < n; k++) {
            int64_t at = index[k];
#if GR_VL > 4
            __asm__("" : "+r"(at)); /* loads one by one: gathers are slower where processors were mended */
#endif
            out[begin + k] = weights[at];
        }
    }
}

/* One channel. The order of the sums is OpenCV's: up, left, middle, right, down. Adding 1.5 x 2^23 rounds to the nearest,
 * halves to the even number, and leaves the byte in the lowest bits. */
static inline uint8_t mixed(const float *up, const float *here, const float *down, const float weight[4], float total,
                            int64_t i)
{
    float sum = up[i] * weight[0] + here[i - 1] * weight[1] + here[i] + here[i + 1] * weight[2] + down[i] * weight[3];
    float rounded = sum * total + 12582912.0f;
    int32_t bits;
    memcpy(&bits, &rounded, sizeof bits);
    return (uint8_t)bits;
}

static void bilateral(int64_t count, const float *const planes[3][3], const float *restrict above,
                      const float *restrict beside, const float *restrict below, uint8_t *restrict out)
{
    uint8_t r[64], g[64], b[64];
    for (int64_t begin = 0; begin < count; begin += 64) {
        int64_t n = count - begin < 64 ? count - begin : 64;
        for (int64_t k = 0; k < n; k++) {
            int64_t i = begin + k;
            const float weight[4] = {above[i], beside[i - 1], beside[i], below[i]};
            float total = 1 / (weight[0] + weight[1] + 1 + weight[2] + weight[3]);
            r[k] = mixed(planes[0][0], planes[1][0], planes[2][0], weight, total, i);
            g[k] = mixed(planes[0][1], planes[1][1], planes[2][1], weight, total, i);
            b[k] = mixed(planes[0][2], planes[1][2], planes[2][2], weight, total, i);
        }
        uint8_t *restrict to = out + 3 * begin;
        for (int64_t k = 0; k < n; k++) {
            to[3 * k] = r[k];
            to[3 * k + 1] = g[k];
            to[3 * k + 2] = b[k];
        }
    }
}

const gr_picture_kernels GR_KERNEL(gr_picture_kernels) = {
    .blend = blend,
    .luma = luma,
    .luma_sum = luma_sum,
    .look_up = look_up,
    .smooth = smooth,
    .laplacian = laplacian,
    .gradient = gradient,
    .box = box,
    .box_along = box_along,
    .pair_weights = pair_weights,
    .bilateral = bilateral,
    .split = split,
};
