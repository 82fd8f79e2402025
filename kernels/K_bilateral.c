/* Rows of OpenCV's bilateral filter of diameter 3. float32 in a fixed order, products fused on every instruction set: all give
 * the same bytes. */
#include "kernels.h"
#include "parts.h"
#include "pictures.h"
#include "simd.h"

/* ---- bytes to floats ------------------------------------------------------------------------------------------------ */

#if defined(__AVX512BW__)
/* The first `bits` of 64. */
static inline uint64_t first(int64_t bits)
{
    return bits >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << bits) - 1;
}

/* Each 32 bits of a register from three bytes, as they lie in a picture, and back. */
static inline __m512i spread(__m512i bytes)
{
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 0, 3, 4, 5, 0, 6, 7, 8, 0, 9, 10, 11, 0);
    const __m128i apart = _mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1);
    return _mm512_shuffle_epi8(_mm512_permutexvar_epi32(lanes, bytes), _mm512_broadcast_i32x4(apart));
}

static inline __m512i gather(__m512i pixels)
{
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15);
    const __m128i close = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    return _mm512_permutexvar_epi32(lanes, _mm512_shuffle_epi8(pixels, _mm512_broadcast_i32x4(close)));
}

void GR_KERNEL(gr_split_pixels)(int64_t pixels, const uint8_t *in, float *const planes[3], uint32_t *packed)
{
    const __m512i byte = _mm512_set1_epi32(255);
    for (int64_t i = 0; i < pixels; i += 16) {
        __mmask16 lanes = (__mmask16)first(pixels - i);
        __m512i all = spread(_mm512_maskz_loadu_epi8(first(3 * (pixels - i)) & first(48), in + 3 * i));
        _mm512_mask_storeu_epi32(packed + i, lanes, all);
        _mm512_mask_storeu_ps(planes[0] + i, lanes, _mm512_cvtepi32_ps(_mm512_and_epi32(all, byte)));
        _mm512_mask_storeu_ps(planes[1] + i, lanes,
                              _mm512_cvtepi32_ps(_mm512_and_epi32(_mm512_srli_epi32(all, 8), byte)));
        _mm512_mask_storeu_ps(planes[2] + i, lanes, _mm512_cvtepi32_ps(_mm512_srli_epi32(all, 16)));
    }
}
#else
void GR_KERNEL(gr_split_pixels)(int64_t pixels, const uint8_t *in, float *const planes[3], uint32_t *packed)
{
    float *restrict r = planes[0], *restrict g = planes[1], *restrict b = planes[2];
    for (int64_t i = 0; i < pixels; i++) {
        packed[i] = in[3 * i] | (uint32_t)in[3 * i + 1] << 8 | (uint32_t)in[3 * i + 2] << 16;
        r[i] = in[3 * i];
        g[i] = in[3 * i + 1];
        b[i] = in[3 * i + 2];
    }
}
#endif

/* ---- weights -------------------------------------------------------------------------------------------------------- */

static inline uint32_t difference(uint32_t a, uint32_t b)
{
    uint32_t sum = 0;
    for (int bit = 0; bit < 24; bit += 8) {
        int d = (int)(a >> bit & 255) - (int)(b >> bit & 255);
        sum += (uint32_t)(d < 0 ? -d : d);
    }
    return sum;
}

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

/* ---- means ---------------------------------------------------------------------------------------------------------- */

/* The order of the sums, and that products are fused, are those of the package opencv-python on x86: up, left, down, right,
 * middle. Quotients are rounded to the nearest whole number, halves to the even one. */
#if defined(__AVX512BW__)
/* Added to a number below 2^22, it rounds so and leaves the byte in the lowest bits. */
#define ROUNDS 12582912.0f

/* Sixteen numbers of a row, and those before and behind it: neighbours are moved together rather than loaded again. */
typedef struct stretch {
    __m512 before, here, behind;
} stretch;

static inline stretch start(const float *row)
{
    return (stretch){_mm512_loadu_ps(row - 16), _mm512_loadu_ps(row), _mm512_loadu_ps(row + 16)};
}

static inline void go_on(stretch *s, const float *next)
{
    *s = (stretch){s->here, s->behind, _mm512_loadu_ps(next + 16)};
}

static inline __m512 left_of(const stretch *s)
{
    return (__m512)_mm512_alignr_epi32((__m512i)s->here, (__m512i)s->before, 15);
}

static inline __m512 right_of(const stretch *s)
{
    return (__m512)_mm512_alignr_epi32((__m512i)s->behind, (__m512i)s->here, 1);
}

static inline __m512 mixed(const float *up, const float *left, const stretch *s, const float *down, const __m512 weight[4])
{
    __m512 sum = _mm512_fmadd_ps(_mm512_loadu_ps(left), weight[1], _mm512_loadu_ps(up) * weight[0]);
    sum = _mm512_fmadd_ps(_mm512_loadu_ps(down), weight[3], sum);
    return _mm512_fmadd_ps(right_of(s), weight[2], sum) + s->here;
}

/* The quotient is its sum times the weights' reciprocal up to a few units of the last place: only near halves are they
 * divided. */
static inline __m512i quotients(const __m512 sum[3], __m512 total, __mmask16 lanes)
{
    const __m512 one = _mm512_set1_ps(1), rounds = _mm512_set1_ps(ROUNDS), near = _mm512_set1_ps(0.4998f);
    enum { nearest = 0, largest = 11 }; /* what is left of rounding so; the greater, both without their signs */
    __m512 share = _mm512_rcp14_ps(total);
    share = share + share * _mm512_fnmadd_ps(total, share, one);
    __m512 r = sum[0] * share, g = sum[1] * share, b = sum[2] * share;
    __m512 most = _mm512_range_ps(_mm512_reduce_ps(r, nearest), _mm512_reduce_ps(g, nearest), largest);
    most = _mm512_range_ps(most, _mm512_reduce_ps(b, nearest), largest);
    if (_mm512_mask_cmp_ps_mask(lanes, most, near, _CMP_GT_OQ) != 0) {
        r = sum[0] / total;
        g = sum[1] / total;
        b = sum[2] / total;
    }
    __m512i green = _mm512_slli_epi32(_mm512_castps_si512(g + rounds), 8);
    __m512i blue = _mm512_slli_epi32(_mm512_castps_si512(b + rounds), 16);
    __m512i all = _mm512_mask_blend_epi8(0x2222222222222222, _mm512_castps_si512(r + rounds), green);
    return gather(_mm512_mask_blend_epi8(0x4444444444444444, all, blue));
}

void GR_KERNEL(gr_bilateral_row)(int64_t count, const float *const planes[3][3], const float *above, const float *beside,
                                 const float *below, uint8_t *restrict out)
{
    const float *up[3] = {planes[0][0], planes[0][1], planes[0][2]}, *down[3] = {planes[2][0], planes[2][1], planes[2][2]};
    stretch s[3] = {start(planes[1][0]), start(planes[1][1]), start(planes[1][2])};
    __m512 last = _mm512_loadu_ps(beside - 16);
    for (int64_t i = 0; i < count; i += 16) {
        __m512 side = _mm512_loadu_ps(beside + i);
        const stretch sides = {last, side, side};
        const __m512 weight[4] = {_mm512_loadu_ps(above + i), left_of(&sides), side, _mm512_loadu_ps(below + i)};
        __m512 total = weight[0] + weight[1] + weight[3] + weight[2] + _mm512_set1_ps(1), sum[3];
        for (int c = 0; c < 3; c++) {
            sum[c] = mixed(up[c] + i, planes[1][c] + i - 1, &s[c], down[c] + i, weight);
            go_on(&s[c], planes[1][c] + i + 16);
        }
        _mm512_mask_storeu_epi8(out + 3 * i, first(3 * (count - i)) & first(48),
                                quotients(sum, total, (__mmask16)first(count - i)));
        last = side;
    }
}
#else
static inline float mixed(const float *up, const float *here, const float *down, const float weight[4], int64_t i)
{
    float sum = __builtin_fmaf(here[i - 1], weight[1], up[i] * weight[0]);
    return __builtin_fmaf(here[i + 1], weight[2], __builtin_fmaf(down[i], weight[3], sum)) + here[i];
}

static inline uint8_t rounded(float value)
{
    value += 12582912.0f; /* leaves the byte in the lowest bits */
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (uint8_t)bits;
}

void GR_KERNEL(gr_bilateral_row)(int64_t count, const float *const planes[3][3], const float *restrict above,
                                 const float *restrict beside, const float *restrict below, uint8_t *restrict out)
{
    uint8_t r[BLOCK], g[BLOCK], b[BLOCK];
    for (int64_t begin = 0; begin < count; begin += BLOCK) {
        int64_t n = count - begin < BLOCK ? count - begin : BLOCK;
        for (int64_t k = 0; k < n; k++) {
            int64_t i = begin + k;
            const float weight[4] = {above[i], beside[i - 1], beside[i], below[i]};
            float total = weight[0] + weight[1] + weight[3] + weight[2] + 1;
            r[k] = rounded(mixed(planes[0][0], planes[1][0], planes[2][0], weight, i) / total);
            g[k] = rounded(mixed(planes[0][1], planes[1][1], planes[2][1], weight, i) / total);
            b[k] = rounded(mixed(planes[0][2], planes[1][2], planes[2][2], weight, i) / total);
        }
        uint8_t *restrict to = out + 3 * begin;
        for (int64_t k = 0; k < n; k++) {
            to[3 * k] = r[k];
            to[3 * k + 1] = g[k];
            to[3 * k + 2] = b[k];
        }
    }
}
#endif
