/* Rows of OpenCV's bilateral filter of diameter 3: weights of all pairs, then means. Those of AVX2 are in K_bilateral_near.c.
 * The order of the sums, and that products are fused, are those of the package opencv-python on x86: up, left, down, right,
 * middle. */
#include "bilateral.h"
#include "kernels.h"
#include "pictures.h"
#include "simd.h"

#if defined(__AVX512BW__)
/* Three bytes of each 32 bits, as they lie in a picture. */
static inline __m512i gather(__m512i pixels)
{
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15);
    const __m128i close = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    return _mm512_permutexvar_epi32(lanes, _mm512_shuffle_epi8(pixels, _mm512_broadcast_i32x4(close)));
}

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

static inline __m512 mixed_sixteen(const float *up, const float *left, const stretch *s, const float *down, const __m512 weight[4])
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

static void means(int64_t count, const gr_bilateral_row *up, const gr_bilateral_row *here, const gr_bilateral_row *down,
                  uint8_t *restrict out)
{
    stretch s[3] = {start(here->planes[0] + FRONT), start(here->planes[1] + FRONT), start(here->planes[2] + FRONT)};
    __m512 last = _mm512_loadu_ps(here->beside + FRONT - 16);
    for (int64_t i = 0, at = FRONT; i < count; i += 16, at += 16) {
        __m512 side = _mm512_loadu_ps(here->beside + at);
        const stretch sides = {last, side, side};
        const __m512 weight[4] = {_mm512_loadu_ps(up->below + at), left_of(&sides), side, _mm512_loadu_ps(here->below + at)};
        __m512 total = weight[0] + weight[1] + weight[3] + weight[2] + _mm512_set1_ps(1), sum[3];
        for (int c = 0; c < 3; c++) {
            sum[c] = mixed_sixteen(up->planes[c] + at, here->planes[c] + at - 1, &s[c], down->planes[c] + at, weight);
            go_on(&s[c], here->planes[c] + at + 16);
        }
        _mm512_mask_storeu_epi8(out + 3 * i, first(3 * (count - i)) & first(48),
                                quotients(sum, total, (__mmask16)first(count - i)));
        last = side;
    }
}
#elif !defined(__AVX2__)
enum { BLOCK = 64 };

/* Of channel c at `at`; weights of up, left, right, down. */
static inline float mixed(const gr_bilateral_row *up, const gr_bilateral_row *here, const gr_bilateral_row *down, int c,
                          const float weight[4], int64_t at)
{
    const float *middle = here->planes[c] + at;
    float sum = __builtin_fmaf(middle[-1], weight[1], up->planes[c][at] * weight[0]);
    return __builtin_fmaf(middle[1], weight[2], __builtin_fmaf(down->planes[c][at], weight[3], sum)) + middle[0];
}

/* To the nearest whole number, halves to the even one; from 0 to 255. */
static inline uint8_t rounded(float value)
{
    value += 12582912.0f; /* leaves the byte in the lowest bits */
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (uint8_t)bits;
}

static void means(int64_t count, const gr_bilateral_row *up, const gr_bilateral_row *here, const gr_bilateral_row *down,
                  uint8_t *restrict out)
{
    uint8_t r[BLOCK], g[BLOCK], b[BLOCK];
    for (int64_t begin = 0; begin < count; begin += BLOCK) {
        int64_t n = count - begin < BLOCK ? count - begin : BLOCK;
        for (int64_t k = 0; k < n; k++) {
            int64_t at = FRONT + begin + k;
            const float weight[4] = {up->below[at], here->beside[at - 1], here->beside[at], here->below[at]};
            float total = weight[0] + weight[1] + weight[3] + weight[2] + 1;
            r[k] = rounded(mixed(up, here, down, 0, weight, at) / total);
            g[k] = rounded(mixed(up, here, down, 1, weight, at) / total);
            b[k] = rounded(mixed(up, here, down, 2, weight, at) / total);
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

#if defined(__AVX512BW__) || !defined(__AVX2__)
void GR_KERNEL(gr_bilateral_row)(int64_t count, const gr_bilateral_row *up, gr_bilateral_row *here, gr_bilateral_row *down,
                                 const uint8_t *in, const gr_bilateral_weights *weights, uint8_t *out)
{
    GR_KERNEL(gr_split_pixels)(count, in, down);
    const uint32_t *pixels = here->packed + FRONT;
    here->beside[FRONT - 1] = weights->of[difference(pixels[-1], pixels[0])];
    GR_KERNEL(gr_pair_weights)(count, pixels, pixels + 1, weights->of, here->beside + FRONT);
    GR_KERNEL(gr_pair_weights)(count, pixels, down->packed + FRONT, weights->of, here->below + FRONT);
    means(count, up, here, down, out);
}
#endif
