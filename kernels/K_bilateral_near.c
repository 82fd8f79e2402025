/* Rows of OpenCV's bilateral filter of diameter 3 for AVX2, eight pixels at a time. It has neither AVX-512's tables in
 * registers nor quick gathers: weights of pixels that are much alike are a polynomial of their difference, and quotients are
 * products with a reciprocal. Both are off by a little that is known; a byte that this might change is computed anew, as
 * K_bilateral_row.c does it. */
#include "bilateral.h"
#include "kernels.h"
#include "pictures.h"
#include "simd.h"

#if defined(__AVX2__) && !defined(__AVX512BW__)
/* ---- weights -------------------------------------------------------------------------------------------------------- */

static inline __m256i load(const uint32_t *p)
{
    return _mm256_loadu_si256((const __m256i *)p);
}

/* Greatest less least: AMD's processors subtract with saturation in the two units alone that also multiply floats, and these
 * are what this filter waits for. */
static inline __m256i differences(__m256i a, __m256i b)
{
    __m256i bytes = _mm256_sub_epi8(_mm256_max_epu8(a, b), _mm256_min_epu8(a, b));
    return _mm256_madd_epi16(_mm256_maddubs_epi16(bytes, _mm256_set1_epi8(1)), _mm256_set1_epi16(1));
}

static inline __m256 near_weights(__m256i difference, const __m256 powers[6])
{
    __m256 square = _mm256_cvtepi32_ps(_mm256_madd_epi16(difference, difference)), sum = powers[5];
    for (int k = 4; k >= 0; k--)
        sum = _mm256_fmadd_ps(sum, square, powers[k]);
    return sum;
}

static inline void far_weights(__m256i difference, const float *weights, float *out)
{
    uint32_t index[8];
    _mm256_storeu_si256((__m256i *)index, difference);
    for (int k = 0; k < 8; k++) {
        int64_t at = index[k];
        __asm__("" : "+r"(at)); /* loads one by one: gathers are slower where processors were mended */
        out[k] = weights[at];
    }
}

/* ---- means ---------------------------------------------------------------------------------------------------------- */

/* `lead` is added to a quotient so that the float's bits 15 to 22 are the rounded byte; `below`, in units of 2^-16, is under
 * which the bits behind them leave a doubt. In these units and of 255, whose quotient is the greatest: the plain way's partial
 * sums round by 3 in all, its weights' totals by 2.8, for four of them weigh at most four fifths of five; its division by 1. Here
 * it is 4 for the sum, 2.6 for the total, 1 for its reciprocal, 1 where the quotient is added to `lead`: 15.4, to which comes
 * what the weights are off. */
typedef struct doubt {
    float lead;
    int32_t below;
} doubt;

static doubt make_doubt(float moved)
{
    int32_t most = 2 * (9 + (int32_t)(32768 * moved)); /* even, as `lead` has bits down to 2^-15 */
    return (doubt){256.5f + (float)most / 65536, 2 * most + 1};
}

/* Of eight pixels from i on, or as many as there are, those that are not 0 in `doubtful`, with all weights from the table and
 * divisions. */
static __attribute__((noinline)) void divide(const gr_bilateral_row rows[3], const float *weights, int64_t i, int64_t count,
                                             __m256i doubtful, uint8_t *out)
{
    unsigned lanes = (unsigned)_mm256_movemask_ps((__m256)_mm256_cmpgt_epi32(doubtful, _mm256_setzero_si256()));
    lanes &= count < 8 ? (1u << count) - 1 : 255;
    for (; lanes != 0; lanes &= lanes - 1) {
        int64_t at = i + __builtin_ctz(lanes);
        const uint32_t *here = rows[1].packed + at;
        const float weight[4] = {weights[difference(rows[0].packed[at], here[0])], weights[difference(here[-1], here[0])],
                                 weights[difference(here[1], here[0])], weights[difference(rows[2].packed[at], here[0])]};
        float total = weight[0] + weight[1] + weight[3] + weight[2] + 1;
        for (int c = 0; c < 3; c++)
            out[3 * at + c] = rounded(mixed(rows, c, weight, at) / total);
    }
}

static inline __m256 sums(const float *up, const float *here, const float *down, const __m256 weight[4])
{
    __m256 sum = _mm256_fmadd_ps(_mm256_loadu_ps(up), weight[0], _mm256_loadu_ps(here));
    sum = _mm256_fmadd_ps(_mm256_loadu_ps(here - 1), weight[1], sum);
    sum = _mm256_fmadd_ps(_mm256_loadu_ps(here + 1), weight[2], sum);
    return _mm256_fmadd_ps(_mm256_loadu_ps(down), weight[3], sum);
}

/* Over 1 and the weights. */
static inline __m256 reciprocal(const __m256 weight[4])
{
    const __m256 one = _mm256_set1_ps(1);
    return one / (((weight[0] + weight[1]) + (weight[2] + weight[3])) + one);
}

/* From byte 2 of each number to where the numbers of channel c lie in a picture: four pixels in each half, then four zeros. */
static inline __m256i close(__m256i value, int c)
{
    const __m128i places[3] = {_mm_setr_epi8(2, -1, -1, 6, -1, -1, 10, -1, -1, 14, -1, -1, -1, -1, -1, -1),
                               _mm_setr_epi8(-1, 2, -1, -1, 6, -1, -1, 10, -1, -1, 14, -1, -1, -1, -1, -1),
                               _mm_setr_epi8(-1, -1, 2, -1, -1, 6, -1, -1, 10, -1, -1, 14, -1, -1, -1, -1)};
    return _mm256_shuffle_epi8(value, _mm256_broadcastsi128_si256(places[c]));
}

/* Eight pixels, or as many as are left. The second half begins in the zeros of the first, and ends in some: they are written over
 * by what follows, where enough does. */
static inline void put(const __m256i value[3], int64_t pixels, uint8_t *out)
{
    __m256i bytes = _mm256_or_si256(_mm256_or_si256(close(value[0], 0), close(value[1], 1)), close(value[2], 2));
    uint8_t some[28], *to = pixels > 9 ? out : some;
    _mm_storeu_si128((__m128i *)to, _mm256_castsi256_si128(bytes));
    _mm_storeu_si128((__m128i *)(to + 12), _mm256_extracti128_si256(bytes, 1));
    if (to == some)
        memcpy(out, some, (size_t)(pixels < 8 ? pixels : 8) * 3);
}

/* What eight pixels differ by from their neighbours at the right and below. */
typedef struct pairs {
    __m256i right, down;
} pairs;

static inline pairs compare(const uint32_t *packed, const uint32_t *under)
{
    __m256i here = load(packed);
    return (pairs){differences(here, load(packed + 1)), differences(here, load(under))};
}

static inline void weigh_eight(pairs p, const gr_bilateral_weights *weights, __m256i far, const __m256 powers[6], float *beside,
                               float *below)
{
    if (__builtin_expect(_mm256_testz_si256(_mm256_or_si256(p.right, p.down), far), 1)) {
        _mm256_storeu_ps(beside, near_weights(p.right, powers));
        _mm256_storeu_ps(below, near_weights(p.down, powers));
    } else {
        far_weights(p.right, weights->of, beside);
        far_weights(p.down, weights->of, below);
    }
}

/* beside[-1 .. count - 1] and below[0 .. count - 1]. Pixels are compared while the last ones are weighed: a processor finds more
 * to do at a time. */
static __attribute__((noinline)) void weigh(int64_t count, const uint32_t *restrict packed, const uint32_t *restrict under,
                                            const gr_bilateral_weights *restrict weights, float *restrict beside,
                                            float *restrict below)
{
    const __m256i far = _mm256_set1_epi32(-weights->near);
    __m256 powers[6];
    for (int k = 0; k < 6; k++)
        powers[k] = _mm256_set1_ps(weights->powers[k]);
    beside[-1] = weights->of[difference(packed[-1], packed[0])];
    pairs last = compare(packed, under);
    int64_t i = 0;
    for (; i < count - 8; i += 8) {
        pairs next = compare(packed + i + 8, under + i + 8);
        weigh_eight(last, weights, far, powers, beside + i, below + i);
        last = next;
    }
    weigh_eight(last, weights, far, powers, beside + i, below + i);
}

/* Two loops, for what a processor may begin before it has ended something else is not endless. */
void GR_KERNEL(gr_bilateral_row)(int64_t count, const gr_bilateral_row rows[3], const gr_bilateral_weights *weights,
                                 const float *above, float *beside, float *below, uint8_t *out)
{
    const doubt d = make_doubt(weights->moved);
    const __m256 lead = _mm256_set1_ps(d.lead);
    const __m256i doubtful = _mm256_set1_epi32(d.below);
    const float *const up[3] = {rows[0].planes[0], rows[0].planes[1], rows[0].planes[2]};
    const float *const here[3] = {rows[1].planes[0], rows[1].planes[1], rows[1].planes[2]};
    const float *const down[3] = {rows[2].planes[0], rows[2].planes[1], rows[2].planes[2]};
    weigh(count, rows[1].packed, rows[2].packed, weights, beside, below);
    for (int64_t i = 0; i < count; i += 8) {
        const __m256 weight[4] = {_mm256_loadu_ps(above + i), _mm256_loadu_ps(beside + i - 1), _mm256_loadu_ps(beside + i),
                                  _mm256_loadu_ps(below + i)};
        __m256 share = reciprocal(weight);
        __m256i value[3];
        for (int c = 0; c < 3; c++) {
            __m256i led = (__m256i)_mm256_fmadd_ps(sums(up[c] + i, here[c] + i, down[c] + i, weight), share, lead);
            value[c] = _mm256_add_epi32(led, led); /* the byte to bits 16 to 23 */
        }
        put(value, count - i, out + 3 * i);
        __m256i least = _mm256_min_epu16(_mm256_min_epu16(value[0], value[1]), value[2]);
        __m256i left = _mm256_subs_epu16(doubtful, least);
        if (__builtin_expect(!_mm256_testz_si256(left, left), 0))
            divide(rows, weights->of, i, count - i, left, out);
    }
}
#endif
