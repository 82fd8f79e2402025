/* Rows of a picture made smaller, and of its integral images. Whole numbers only: all instruction sets give the same. */
#include "parts.h"
#include "rows.h"

void GR_KERNEL(gr_shrink_across)(int64_t width, const uint8_t *in, const int32_t *at, const uint16_t *weight, uint16_t *out)
{
#if defined(__AVX512F__)
    int64_t x = 0;
    for (; x + 16 <= width; x += 16) {
        __m512i pair = _mm512_i32gather_epi32(_mm512_loadu_si512(at + x), in, 1);
        __m512i w = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(weight + x)));
        __m512i a = _mm512_and_si512(pair, _mm512_set1_epi32(255));
        __m512i b = _mm512_and_si512(_mm512_srli_epi32(pair, 8), _mm512_set1_epi32(255));
        __m512i sum = _mm512_add_epi32(_mm512_slli_epi32(a, 8), _mm512_mullo_epi32(w, _mm512_sub_epi32(b, a)));
        _mm256_storeu_si256((__m256i *)(out + x), _mm512_cvtepi32_epi16(sum));
    }
#else
    int64_t x = 0;
#endif
    for (; x < width; x++) {
        unsigned a = in[at[x]], b = in[at[x] + 1];
        out[x] = (uint16_t)(a * (256u - weight[x]) + b * weight[x]);
    }
}

void GR_KERNEL(gr_shrink_down)(int64_t width, const uint16_t *upper, const uint16_t *lower, unsigned weight, uint8_t *out)
{
    for (int64_t x = 0; x < width; x++)
        out[x] = (uint8_t)((upper[x] * (256u - weight) + lower[x] * weight + 32768u) >> 16);
}

void GR_KERNEL(gr_integral_row)(int64_t width, const uint8_t *in, uint32_t *sums, uint32_t *squares, uint32_t *scratch)
{
    uint32_t sum = 0, square = 0;
    if (squares == NULL) {
        for (int64_t x = 0; x < width; x++)
            sums[x + 1] += sum += in[x];
        return;
    }
    uint32_t *other = scratch + width;
    for (int64_t x = 0; x < width; x++) {
        scratch[x] = sum += in[x];
        other[x] = square += (uint32_t)in[x] * in[x];
    }
    for (int64_t x = 0; x < width; x++)
        sums[x + 1] += scratch[x];
    for (int64_t x = 0; x < width; x++)
        squares[x + 1] += other[x];
}

void GR_KERNEL(gr_tilted_row)(int64_t width, const uint8_t *in, const uint8_t *above, const uint32_t *last,
                              const uint32_t *before, uint32_t *out)
{
    out[0] = last[1];
    for (int64_t x = 1; x < width; x++)
        out[x] = last[x - 1] + last[x + 1] - before[x] + in[x - 1] + above[x - 1];
    out[width] = last[width - 1] + in[width - 1] + above[width - 1];
}

void GR_KERNEL(gr_split_columns)(int64_t count, const uint32_t *in, int64_t half, int32_t *out)
{
    int64_t pairs = count / 2;
    for (int64_t x = 0; x < pairs; x++) {
        out[x] = (int32_t)in[2 * x];
        out[half + x] = (int32_t)in[2 * x + 1];
    }
    if (count % 2 != 0)
        out[pairs] = (int32_t)in[count - 1];
}
