/* What OpenCV's bilateral filter of diameter 3 reads: pixels apart, weights of pairs of them. */
#include "bilateral.h"
#include "kernels.h"
#include "pictures.h"
#include "simd.h"

/* ---- bytes to floats ------------------------------------------------------------------------------------------------ */

#if defined(__AVX512BW__)
/* Each 32 bits of a register from three bytes, as they lie in a picture. */
static inline __m512i spread(__m512i bytes)
{
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 0, 3, 4, 5, 0, 6, 7, 8, 0, 9, 10, 11, 0);
    const __m128i apart = _mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1);
    return _mm512_shuffle_epi8(_mm512_permutexvar_epi32(lanes, bytes), _mm512_broadcast_i32x4(apart));
}

void GR_KERNEL(gr_split_pixels)(int64_t pixels, const uint8_t *in, gr_bilateral_row *row)
{
    const __m512i byte = _mm512_set1_epi32(255);
    for (int64_t i = 0; i < pixels; i += 16) {
        __mmask16 lanes = (__mmask16)first(pixels - i);
        __m512i all = spread(_mm512_maskz_loadu_epi8(first(3 * (pixels - i)) & first(48), in + 3 * i));
        _mm512_mask_storeu_epi32(row->packed + FRONT + i, lanes, all);
        _mm512_mask_storeu_ps(row->planes[0] + FRONT + i, lanes, _mm512_cvtepi32_ps(_mm512_and_epi32(all, byte)));
        _mm512_mask_storeu_ps(row->planes[1] + FRONT + i, lanes,
                              _mm512_cvtepi32_ps(_mm512_and_epi32(_mm512_srli_epi32(all, 8), byte)));
        _mm512_mask_storeu_ps(row->planes[2] + FRONT + i, lanes, _mm512_cvtepi32_ps(_mm512_srli_epi32(all, 16)));
    }
}
#elif !defined(__AVX2__)
void GR_KERNEL(gr_split_pixels)(int64_t pixels, const uint8_t *in, gr_bilateral_row *row)
{
    split_plainly(0, pixels, in, row);
}
#endif

/* ---- weights -------------------------------------------------------------------------------------------------------- */

enum { BLOCK = 64 };

/* Loads one by one: gathers are slower where processors were mended. */
static inline void look_up(int64_t count, const uint32_t *index, const float *weights, float *out)
{
    for (int64_t k = 0; k < count; k++) {
        int64_t at = index[k];
#if GR_VL > 4
        __asm__("" : "+r"(at));
#endif
        out[k] = weights[at];
    }
}

static inline void few_weights(int64_t count, const uint32_t *one, const uint32_t *other, const float *weights, float *out)
{
    uint32_t index[BLOCK];
    for (int64_t k = 0; k < count; k++)
        index[k] = difference(one[k], other[k]);
    look_up(count, index, weights, out);
}

#if defined(__AVX512BW__)
enum { NEAR = 128 }; /* differences whose weights stay in registers */

/* Words of the first weights: 32 a register, [half of a float][which 32]. */
static inline void take_words(const float *weights, __m512i table[2][4])
{
    const __m512i low = _mm512_set1_epi32(0xffff);
    for (int q = 0; q < 4; q++) {
        __m512i a = _mm512_loadu_si512(weights + 32 * q), b = _mm512_loadu_si512(weights + 32 * q + 16);
        __m256i words[4] = {_mm512_cvtepi32_epi16(_mm512_and_epi32(a, low)), _mm512_cvtepi32_epi16(_mm512_and_epi32(b, low)),
                            _mm512_cvtepi32_epi16(_mm512_srli_epi32(a, 16)), _mm512_cvtepi32_epi16(_mm512_srli_epi32(b, 16))};
        for (int half = 0; half < 2; half++)
            table[half][q] =
                _mm512_inserti64x4(_mm512_castsi256_si512(words[2 * half]), words[2 * half + 1], 1);
    }
}

static inline __m512i differences(const uint32_t *one, const uint32_t *other)
{
    __m512i a = _mm512_loadu_si512(one), b = _mm512_loadu_si512(other);
    __m512i bytes = _mm512_or_si512(_mm512_subs_epu8(a, b), _mm512_subs_epu8(b, a));
    return _mm512_madd_epi16(_mm512_maddubs_epi16(bytes, _mm512_set1_epi8(1)), _mm512_set1_epi16(1));
}

/* 32 words by their numbers, below NEAR. */
static inline __m512i choose(const __m512i table[4], __m512i index, __mmask32 upper)
{
    __m512i a = _mm512_permutex2var_epi16(table[0], index, table[1]),
            b = _mm512_permutex2var_epi16(table[2], index, table[3]);
    return _mm512_mask_blend_epi16(upper, a, b);
}

/* Most neighbours are much alike: their weights are found without a load. Others read the table. */
void GR_KERNEL(gr_pair_weights)(int64_t count, const uint32_t *one, const uint32_t *other, const float *weights, float *out)
{
    __m512i table[2][4];
    take_words(weights, table);
    int64_t i = 0;
    for (; i + 32 <= count; i += 32) {
        __m512i a = differences(one + i, other + i), b = differences(one + i + 16, other + i + 16);
        __m512i index = _mm512_or_si512(a, _mm512_slli_epi32(b, 16));
        if (_mm512_test_epi16_mask(index, _mm512_set1_epi16(-NEAR)) == 0) {
            __mmask32 upper = _mm512_test_epi16_mask(index, _mm512_set1_epi16(NEAR / 2));
            __m512i low = choose(table[0], index, upper), high = choose(table[1], index, upper);
            _mm512_storeu_si512(out + i, _mm512_mask_blend_epi16(0xaaaaaaaa, low, _mm512_slli_epi32(high, 16)));
            _mm512_storeu_si512(out + i + 16, _mm512_mask_blend_epi16(0xaaaaaaaa, _mm512_srli_epi32(low, 16), high));
        } else {
            uint32_t far[32];
            _mm512_storeu_si512(far, a);
            _mm512_storeu_si512(far + 16, b);
            look_up(32, far, weights, out + i);
        }
    }
    few_weights(count - i, one + i, other + i, weights, out + i);
}
#else
void GR_KERNEL(gr_pair_weights)(int64_t count, const uint32_t *one, const uint32_t *other, const float *weights, float *out)
{
    for (int64_t i = 0; i < count; i += BLOCK)
        few_weights(count - i < BLOCK ? count - i : BLOCK, one + i, other + i, weights, out + i);
}
#endif
