/* Rows of OpenCV's bilateral filter of diameter 3 for AVX2, eight pixels at a time. It has neither AVX-512's tables in
 * registers nor quick gathers: weights of pixels that are much alike are a polynomial of their difference, and quotients are
 * products with a reciprocal. Both are off by a little that is known; a byte that this might change is computed anew, as
 * K_bilateral_row.c does it. */
#include "bilateral.h"
#include "kernels.h"
#include "pictures.h"
#include "simd.h"

#if defined(__AVX2__) && !defined(__AVX512BW__)
/* ---- bytes to floats ------------------------------------------------------------------------------------------------ */

/* Where channel c of eight pixels is: the first four lie in the lower half from byte 0 on, the others in the upper half from
 * byte 4 on. */
static inline __m256i places(char c)
{
    const __m256i first = _mm256_setr_epi32(0, 3, 6, 9, 4, 7, 10, 13), others = _mm256_set1_epi32((int)0xffffff00);
    return _mm256_or_si256(_mm256_add_epi32(first, _mm256_set1_epi32(c)), others);
}

/* Eight pixels from i on, which are given packed too. */
static inline __m256i split_eight(const uint8_t *in, int64_t i, gr_bilateral_row *row)
{
    const __m256i apart = _mm256_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1, /* */
                                           4, 5, 6, -1, 7, 8, 9, -1, 10, 11, 12, -1, 13, 14, 15, -1);
    __m128i low = _mm_loadu_si128((const __m128i *)(in + 3 * i)), high = _mm_loadu_si128((const __m128i *)(in + 3 * i + 8));
    __m256i bytes = _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1), packed = _mm256_shuffle_epi8(bytes, apart);
    _mm256_storeu_si256((__m256i *)(row->packed + FRONT + i), packed);
    for (int c = 0; c < 3; c++) {
        __m256i one = _mm256_shuffle_epi8(bytes, places((char)c));
        _mm256_storeu_ps(row->planes[c] + FRONT + i, _mm256_cvtepi32_ps(one));
    }
    return packed;
}

void GR_KERNEL(gr_split_pixels)(int64_t pixels, const uint8_t *in, gr_bilateral_row *row)
{
    int64_t i = 0;
    for (; i + 8 <= pixels; i += 8)
        (void)split_eight(in, i, row);
    split_plainly(i, pixels, in, row);
}

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

/* What a row's means are made with. */
typedef struct means {
    const gr_bilateral_row *up, *here, *down;
    __m256 lead;
    __m256i below;
} means;

/* Pixels from `at` on of which those in `lanes` are in doubt. */
typedef struct doubtful {
    int64_t at;
    unsigned lanes;
} doubtful;

static inline __m128 colours(uint32_t pixel)
{
    return _mm_cvtepi32_ps(_mm_cvtepu8_epi32(_mm_cvtsi32_si128((int)pixel)));
}

/* One pixel with weights from the table and divisions, in the order of K_bilateral_row.c: its three bytes, the first the
 * lowest. */
static inline uint32_t divide(const uint32_t *up, const uint32_t *here, const uint32_t *down, const float *weights)
{
    uint32_t near[4] = {*up, here[-1], here[1], *down}, of[4];
    __m128i around = _mm_setr_epi32((int)near[0], (int)near[1], (int)near[2], (int)near[3]), middle = _mm_set1_epi32((int)*here);
    __m128i bytes = _mm_sub_epi8(_mm_max_epu8(around, middle), _mm_min_epu8(around, middle));
    _mm_storeu_si128((__m128i *)of, _mm_madd_epi16(_mm_maddubs_epi16(bytes, _mm_set1_epi8(1)), _mm_set1_epi16(1)));
    float w[4] = {weights[of[0]], weights[of[1]], weights[of[2]], weights[of[3]]};
    __m128 sum = _mm_fmadd_ps(colours(near[1]), _mm_set1_ps(w[1]), colours(near[0]) * _mm_set1_ps(w[0]));
    sum = _mm_fmadd_ps(colours(near[3]), _mm_set1_ps(w[3]), sum);
    sum = _mm_fmadd_ps(colours(near[2]), _mm_set1_ps(w[2]), sum) + colours(*here);
    __m128i value = _mm_cvtps_epi32(sum / _mm_set1_ps(w[0] + w[1] + w[3] + w[2] + 1));
    value = _mm_packus_epi16(_mm_packus_epi32(value, value), value);
    return (uint32_t)_mm_cvtsi128_si32(value);
}

static void settle(const doubtful *some, int64_t found, const means *m, const float *weights, int64_t pixels, uint8_t *out)
{
    for (int64_t k = 0; k < found; k++)
        for (unsigned lanes = some[k].lanes; lanes != 0; lanes &= lanes - 1) {
            int64_t i = some[k].at + __builtin_ctz(lanes), at = FRONT + i;
            if (i >= pixels)
                break;
            uint32_t bytes = divide(m->up->packed + at, m->here->packed + at, m->down->packed + at, weights);
            memcpy(out + 3 * i, &bytes, 3);
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

/* Eight pixels from i on, and those under them, which are split on the way. */
static inline pairs compare(const gr_bilateral_row *here, int64_t i, const uint8_t *in, gr_bilateral_row *down)
{
    const uint32_t *packed = here->packed + FRONT + i;
    __m256i middle = load(packed), under = split_eight(in, i, down);
    return (pairs){differences(middle, load(packed + 1)), differences(middle, under)};
}

/* Likewise as many as there are, up to `count`. */
static inline pairs compare_last(const gr_bilateral_row *here, int64_t i, int64_t count, const uint8_t *in, gr_bilateral_row *down)
{
    if (i + 8 <= count)
        return compare(here, i, in, down);
    const uint32_t *packed = here->packed + FRONT + i;
    split_plainly(i, count, in, down);
    return (pairs){differences(load(packed), load(packed + 1)), differences(load(packed), load(down->packed + FRONT + i))};
}

/* Pixels from i on. */
static inline void weigh_eight(pairs p, const gr_bilateral_weights *weights, __m256i far, const __m256 powers[6],
                               gr_bilateral_row *here, int64_t i)
{
    float *beside = here->beside + FRONT + i, *below = here->below + FRONT + i;
    if (__builtin_expect(_mm256_testz_si256(_mm256_or_si256(p.right, p.down), far), 1)) {
        _mm256_storeu_ps(beside, near_weights(p.right, powers));
        _mm256_storeu_ps(below, near_weights(p.down, powers));
    } else {
        far_weights(p.right, weights->of, beside);
        far_weights(p.down, weights->of, below);
    }
}

/* The row's weights, and the next row split, for one is bound by stores and the other by arithmetic. Pixels are compared while the
 * last ones are weighed: a processor finds more to do at a time. */
static __attribute__((noinline)) void weigh(int64_t count, gr_bilateral_row *restrict here, gr_bilateral_row *restrict down,
                                            const uint8_t *restrict in, const gr_bilateral_weights *restrict weights)
{
    const __m256i far = _mm256_set1_epi32(-weights->near);
    __m256 powers[6];
    for (int k = 0; k < 6; k++)
        powers[k] = _mm256_set1_ps(weights->powers[k]);
    here->beside[FRONT - 1] = weights->of[difference(here->packed[FRONT - 1], here->packed[FRONT])];
    pairs last = compare_last(here, 0, count, in, down);
    int64_t i = 8;
    for (; i + 8 <= count; i += 8) {
        pairs next = compare(here, i, in, down);
        weigh_eight(last, weights, far, powers, here, i - 8);
        last = next;
    }
    weigh_eight(last, weights, far, powers, here, i - 8);
    if (i < count)
        weigh_eight(compare_last(here, i, count, in, down), weights, far, powers, here, i);
}

/* Eight pixels from i on, of which `left` are to be written: the least of the channels' bits behind the byte, in the lower half of
 * each number. */
static inline __m256i mean_eight(const means *m, int64_t i, int64_t left, uint8_t *out)
{
    int64_t at = FRONT + i;
    const __m256 weight[4] = {_mm256_loadu_ps(m->up->below + at), _mm256_loadu_ps(m->here->beside + at - 1),
                              _mm256_loadu_ps(m->here->beside + at), _mm256_loadu_ps(m->here->below + at)};
    __m256 share = reciprocal(weight);
    __m256i value[3];
    for (int c = 0; c < 3; c++) {
        __m256 sum = sums(m->up->planes[c] + at, m->here->planes[c] + at, m->down->planes[c] + at, weight);
        __m256i led = (__m256i)_mm256_fmadd_ps(sum, share, m->lead);
        value[c] = _mm256_add_epi32(led, led); /* the byte to bits 16 to 23 */
    }
    put(value, left, out + 3 * i);
    return _mm256_min_epu16(_mm256_min_epu16(value[0], value[1]), value[2]);
}

/* Not 0 where a byte is in doubt. */
static inline __m256i doubted(const means *m, __m256i least)
{
    return _mm256_subs_epu16(m->below, least);
}

static inline unsigned lanes_of(__m256i doubted)
{
    return (unsigned)_mm256_movemask_ps((__m256)_mm256_cmpgt_epi32(doubted, _mm256_setzero_si256()));
}

/* Two loops, for what a processor may begin before it has ended something else is not endless. What is in doubt waits until
 * they are done, for the same reason, and is asked for once in sixteen pixels. */
void GR_KERNEL(gr_bilateral_row)(int64_t count, const gr_bilateral_row *up, gr_bilateral_row *here, gr_bilateral_row *down,
                                 const uint8_t *in, const gr_bilateral_weights *weights, uint8_t *out)
{
    const doubt d = make_doubt(weights->moved);
    const means m = {up, here, down, _mm256_set1_ps(d.lead), _mm256_set1_epi32(d.below)};
    doubtful some[GR_BILATERAL_STRIP / 8];
    int64_t found = 0, i = 0;
    weigh(count, here, down, in, weights);
    for (; i + 24 <= count; i += 16) {
        __m256i one = mean_eight(&m, i, 16, out), two = mean_eight(&m, i + 8, 16, out);
        __m256i either = doubted(&m, _mm256_min_epu16(one, two));
        if (__builtin_expect(!_mm256_testz_si256(either, either), 0))
            some[found++] = (doubtful){i, lanes_of(doubted(&m, one)) | lanes_of(doubted(&m, two)) << 8};
    }
    for (; i < count; i += 8)
        some[found++] = (doubtful){i, lanes_of(doubted(&m, mean_eight(&m, i, count - i, out)))};
    settle(some, found, &m, weights->of, count, out);
}
#endif
