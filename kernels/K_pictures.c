/* Enhancements and filters of pictures. Loops are plain: the compiler makes vectors of them for each instruction set. */
#include "pictures.h"
#include "bilateral.h"
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
    .split = GR_KERNEL(gr_split_pixels),
    .pair_weights = GR_KERNEL(gr_pair_weights),
    .bilateral = GR_KERNEL(gr_bilateral_row),
};
