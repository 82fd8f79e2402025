/* Functions of vectors that need more than a few instructions. Private to kernels/K_*.c. */
#ifndef GR_SIMD_MATH_H
#define GR_SIMD_MATH_H

#include "kernels.h"
#include "simd.h"

/* p * 2^n, n a whole number: in two factors where there is no instruction for it, since n reaches -150, where only the product is
 * (sub)normal. `shifted` holds n in its low bits. */
static inline gr_vf gr_vscale_by_power(gr_vf p, gr_vf n, gr_vf shifted, float shift)
{
#if defined(__AVX512F__)
    (void)shifted, (void)shift;
    return (gr_vf)_mm512_scalef_ps((__m512)p, (__m512)n);
#else
    gr_vi whole = (gr_vi)shifted - (gr_vi)gr_vset(shift), half = whole >> 1;
    gr_vf low = (gr_vf)((half + 127) << 23), high = (gr_vf)((whole - half + 127) << 23);
    (void)n;
    return p * low * high;
#endif
}

/* exp(x) for x <= 0, within 1 ulp of the float nearest to the truth; 0 below -104; NaN stays NaN.
 * x = n ln 2 + r with |r| <= ln 2 / 2; the polynomial for exp(r) is Cephes' expf (Moshier 1989). */
static inline gr_vf gr_vexp_negative(gr_vf x)
{
    const float shift = 0x1.8p23f; /* adding it rounds to a whole number, which then stands in the low bits */
#if defined(__AVX512F__)
    x = (gr_vf)_mm512_max_ps((__m512)gr_vset(-104.0f), (__m512)x); /* of a NaN the second */
#else
    x = gr_vselect((gr_vi)(x < gr_vset(-104.0f)), gr_vset(-104.0f), x);
#endif
    gr_vf shifted = gr_vfma(x, gr_vset(0x1.715476p+0f), gr_vset(shift));
    gr_vf n = shifted - gr_vset(shift);
    gr_vf r = gr_vfma(n, gr_vset(-0.693359375f), x);
    r = gr_vfma(n, gr_vset(2.12194440e-4f), r);
    gr_vf p = gr_vset(1.9875691500e-4f);
    p = gr_vfma(p, r, gr_vset(1.3981999507e-3f));
    p = gr_vfma(p, r, gr_vset(8.3334519073e-3f));
    p = gr_vfma(p, r, gr_vset(4.1665795894e-2f));
    p = gr_vfma(p, r, gr_vset(1.6666665459e-1f));
    p = gr_vfma(p, r, gr_vset(5.0000001201e-1f));
    p = gr_vfma(p, r * r, r) + gr_vset(1.0f);
    return gr_vscale_by_power(p, n, shifted, shift);
}

/* 1 / (1 + exp(-x)), from exp(-|x|), which cannot overflow. */
static inline gr_vf gr_vsigmoid(gr_vf x)
{
    gr_vi negative = (gr_vi)(x < gr_vzero());
    gr_vf t = gr_vexp_negative((gr_vf)((gr_vu)x | 0x80000000u));
    return gr_vselect(negative, t, gr_vset(1.0f)) / (gr_vset(1.0f) + t);
}

/* exp(r) for |r| <= ln 2 / 2: the least relative error of degree 6 with the first two terms of the series. */
static inline gr_vf gr_vexp_near_zero(gr_vf r)
{
    gr_vf p = gr_vset(0x1.6a2434p-10f);
    p = gr_vfma(p, r, gr_vset(0x1.1239e2p-7f));
    p = gr_vfma(p, r, gr_vset(0x1.5558f2p-5f));
    p = gr_vfma(p, r, gr_vset(0x1.555492p-3f));
    p = gr_vfma(p, r, gr_vset(0x1.fffffcp-2f));
    p = gr_vfma(p, r, gr_vset(1.0f));
    p = gr_vfma(p, r, gr_vset(1.0f));
    return p;
}

/* 1 + exp(-x), where x below -88 counts as that and above 87 likewise: the quotients below have nothing left there. exp is within
 * 1 ulp; its powers of two need no case of their own in these bounds, nor do signs, which is 3/5 of gr_vsigmoid's time. */
#if defined(__AVX2__) && !defined(__AVX512F__)
/* exp(-x) = 2^n 2^(j/8) exp(-r), |r| <= ln 2 / 16, so that degree 3 will do; what adding `shift` leaves in the low bits is 8 n + j.
 * The eight powers stand in a register, less the j that the shift leaves in their bits. A third less time than the other way; ln 2
 * in one piece makes exp(88) 4 ulp worse. */
static inline gr_vf gr_vone_and_exp(gr_vf x)
{
    const gr_vf powers = {0x1p0f,        0x1.172b84p0f, 0x1.306fe0p0f, 0x1.4bfdaep0f,
                          0x1.6a09e6p0f, 0x1.8ace54p0f, 0x1.ae89fap0f, 0x1.d5818ep0f};
    const gr_vi eighths = {0, 1 << 20, 2 << 20, 3 << 20, 4 << 20, 5 << 20, 6 << 20, 7 << 20};
    const gr_vf shift = gr_vset(0x1.8p20f);
    const gr_vf u = gr_vclamp(x, gr_vset(-88.0f), gr_vset(87.0f));
    const gr_vf shifted = gr_vfma(u, gr_vset(-0x1.715476p+0f), shift);
    const gr_vf r = gr_vfma(shifted - shift, gr_vset(0x1.62e430p-1f), u);
    gr_vf p = gr_vset(-0x1.555556p-3f); /* the least error with the first two terms of the series, as above */
    p = gr_vfma(p, r, gr_vset(0x1.00087ep-1f));
    p = gr_vfma(p, r, gr_vset(-1.0f));
    p = gr_vfma(p, r, gr_vset(1.0f));
    gr_vi power = (gr_vi)_mm256_permutevar8x32_ps((__m256)((gr_vi)powers - eighths), (__m256i)shifted) + ((gr_vi)shifted << 20);
    return gr_vfma((gr_vf)power, p, gr_vset(1.0f));
}
#else
static inline gr_vf gr_vone_and_exp(gr_vf x)
{
    const gr_vf shift = gr_vset(0x1.8p23f); /* as in gr_vexp_negative */
    const gr_vf u = gr_vclamp(-x, gr_vset(-87.0f), gr_vset(88.0f));
    const gr_vf shifted = gr_vfma(u, gr_vset(0x1.715476p+0f), shift), n = shifted - shift;
    const gr_vf r = gr_vfma(n, gr_vset(2.12194440e-4f), gr_vfma(n, gr_vset(-0.693359375f), u));
    const gr_vf p = gr_vexp_near_zero(r);
    return gr_vset(1.0f) + (gr_vf)((gr_vi)p + ((gr_vi)shifted << 23)); /* only n's low bits are left of `shifted` */
}
#endif

/* SiLU, x / (1 + exp(-x)), and its slope s + s x (1 - s), s = 1 / (1 + exp(-x)). */
static inline gr_vf gr_vswish(gr_vf x)
{
#if defined(__AVX512F__)
    return x * gr_vsigmoid(x);
#else
    return x / gr_vone_and_exp(x);
#endif
}

static inline gr_vf gr_vswish_slope(gr_vf x)
{
#if defined(__AVX512F__)
    const gr_vf s = gr_vsigmoid(x);
#else
    const gr_vf s = gr_vset(1.0f) / gr_vone_and_exp(x);
#endif
    return gr_vfma(s * x, gr_vset(1.0f) - s, s);
}

/* min(max(x, 0), 6); NaN stays NaN. */
static inline gr_vf gr_vclip6(gr_vf x)
{
    x = gr_vrelu(x);
    return gr_vselect((gr_vi)(x >= gr_vset(6.0f)), gr_vset(6.0f), x);
}

/* act(x) and act'(x). Where act is a constant, or does not change in a loop, the compiler takes the choice out of it. */
static inline gr_vf gr_vact(gr_act act, gr_vf x)
{
    const gr_vf sixth = gr_vset(1.0f / 6.0f), three = gr_vset(3.0f);
    switch (act) {
    case GR_ACT_NONE: break;
    case GR_ACT_RELU: return gr_vrelu(x);
    case GR_ACT_RELU6: return gr_vclip6(x);
    case GR_ACT_HARD_SIGMOID: return gr_vclamp(x + three, gr_vzero(), gr_vset(6.0f)) * sixth; /* a sum is no -0 */
    case GR_ACT_HARD_SWISH: return x * (gr_vclamp(x + three, gr_vzero(), gr_vset(6.0f)) * sixth);
    case GR_ACT_SILU: return gr_vswish(x);
    }
    return x;
}

/* gr_vact for loops in which the activation is not known: the choice costs little, and the rarer functions stand in one
 * place. */
static __attribute__((noinline, unused)) gr_vf gr_vact_rare(gr_act act, gr_vf x)
{
    return gr_vact(act, x);
}

static inline gr_vf gr_vact_of(gr_act act, gr_vf x)
{
    if (act == GR_ACT_NONE)
        return x;
    return act == GR_ACT_RELU ? gr_vrelu(x) : gr_vact_rare(act, x);
}

static inline gr_vf gr_vact_slope(gr_act act, gr_vf x)
{
    const gr_vf zero = gr_vzero(), one = gr_vset(1.0f), three = gr_vset(3.0f), sixth = gr_vset(1.0f / 6.0f);
    switch (act) {
    case GR_ACT_NONE: break;
    case GR_ACT_RELU: return gr_vselect((gr_vi)(x > zero), one, zero);
    case GR_ACT_RELU6: return gr_vselect((gr_vi)(x > zero) & (gr_vi)(x < gr_vset(6.0f)), one, zero);
    case GR_ACT_HARD_SIGMOID: return gr_vselect((gr_vi)(x > -three) & (gr_vi)(x < three), sixth, zero);
    case GR_ACT_HARD_SWISH:
        return gr_vselect((gr_vi)(x < -three), zero,
                          gr_vselect((gr_vi)(x > three), one, gr_vfma(x, gr_vset(1.0f / 3.0f), gr_vset(0.5f))));
    case GR_ACT_SILU: return gr_vswish_slope(x);
    }
    return one;
}

/* dx slope; 0 where the slope is 0, whatever dx is, as a mask would have it. */
static inline gr_vf gr_vgate(gr_vf dx, gr_vf slope)
{
    return gr_vselect((gr_vi)(slope == gr_vzero()), gr_vzero(), dx * slope);
}

/* Where v > best, or v is NaN: best = v and chosen = tap. */
static inline void gr_vtake_greater(gr_vf v, gr_vi tap, gr_vf *best, gr_vi *chosen)
{
#if defined(__AVX512F__)
    __mmask16 nan = _mm512_cmp_ps_mask((__m512)v, (__m512)v, _CMP_UNORD_Q);
    __mmask16 better = (__mmask16)(_mm512_cmp_ps_mask((__m512)v, (__m512)*best, _CMP_GT_OQ) | nan);
    *best = (gr_vf)_mm512_mask_mov_ps((__m512)*best, better, (__m512)v);
    *chosen = (gr_vi)_mm512_mask_mov_epi32((__m512i)*chosen, better, (__m512i)tap);
#else
    gr_vi better = (gr_vi)(v > *best) | (gr_vi)(v != v);
    *best = gr_vselect(better, v, *best);
    *chosen = (better & tap) | (~better & *chosen);
#endif
}

#if GR_VL == 16
/* Lane by lane number `index` of the 32 in a and b. */
static inline gr_vf gr_vpick(gr_vf a, gr_vi index, gr_vf b)
{
    return (gr_vf)_mm512_permutex2var_ps((__m512)a, (__m512i)index, (__m512)b);
}
#endif

/* Bytes as whole numbers, one a lane. The compilers' own conversion of vectors takes the lanes one by one. */
static inline gr_vi gr_vwiden_bytes(const uint8_t *p)
{
#if defined(__AVX512F__)
    return (gr_vi)_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p));
#elif defined(__AVX2__)
    return (gr_vi)_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)p));
#elif defined(__SSE2__)
    int32_t four;
    memcpy(&four, p, sizeof four);
    __m128i words = _mm_unpacklo_epi8(_mm_cvtsi32_si128(four), _mm_setzero_si128());
    return (gr_vi)_mm_unpacklo_epi16(words, _mm_setzero_si128());
#else
    gr_vi v;
    for (int l = 0; l < GR_VL; l++)
        v[l] = p[l];
    return v;
#endif
}

/* 16-bit words as whole numbers, one a lane, and the lower words of the lanes back. */
static inline gr_vi gr_vwiden_words(const uint16_t *p)
{
#if defined(__AVX512F__)
    return (gr_vi)_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p));
#elif defined(__AVX2__)
    return (gr_vi)_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p));
#elif defined(__SSE2__)
    return (gr_vi)_mm_unpacklo_epi16(_mm_loadl_epi64((const __m128i *)p), _mm_setzero_si128());
#else
    gr_vi v;
    for (int l = 0; l < GR_VL; l++)
        v[l] = p[l];
    return v;
#endif
}

static inline void gr_vnarrow_words(uint16_t *p, gr_vi v)
{
#if defined(__AVX512F__)
    _mm256_storeu_si256((__m256i *)p, _mm512_cvtepi32_epi16((__m512i)v));
#elif defined(__AVX2__)
    /* Sign-extended words pass the packing, which saturates, as they are. */
    __m256i words = _mm256_srai_epi32(_mm256_slli_epi32((__m256i)v, 16), 16);
    _mm_storeu_si128((__m128i *)p, _mm_packs_epi32(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1)));
#elif defined(__SSE2__)
    __m128i words = _mm_srai_epi32(_mm_slli_epi32((__m128i)v, 16), 16);
    _mm_storel_epi64((__m128i *)p, _mm_packs_epi32(words, words));
#else
    for (int l = 0; l < GR_VL; l++)
        p[l] = (uint16_t)v[l];
#endif
}

/* The lanes of v, which lie in [0, 255], as bytes. */
static inline void gr_vnarrow_bytes(uint8_t *p, gr_vi v)
{
#if defined(__AVX512F__)
    _mm_storeu_si128((__m128i *)p, _mm512_cvtepi32_epi8((__m512i)v));
#elif defined(__AVX2__)
    __m128i low = _mm256_castsi256_si128((__m256i)v), high = _mm256_extracti128_si256((__m256i)v, 1);
    __m128i words = _mm_packs_epi32(low, high);
    _mm_storel_epi64((__m128i *)p, _mm_packus_epi16(words, words));
#elif defined(__SSE2__)
    __m128i words = _mm_packs_epi32((__m128i)v, (__m128i)v);
    int32_t four = _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
    memcpy(p, &four, sizeof four);
#else
    for (int l = 0; l < GR_VL; l++)
        p[l] = (uint8_t)v[l];
#endif
}

/* x rounded to bfloat16, ties to even, in the lower half of each lane; the upper half is 0. NaN stays NaN. */
static inline gr_vi gr_vround_bf16(gr_vf x)
{
    gr_vu b = (gr_vu)x;
    gr_vu even = (b + 0x7fff + ((b >> 16) & 1)) >> 16; /* the addition carries where the nearest lies above */
    gr_vu nan = (b >> 16) | 0x40;                      /* quiet: the bits cut off may be all that made it a NaN */
    gr_vu is_nan = (gr_vu)(x != x);
    return (gr_vi)((is_nan & nan) | (~is_nan & even));
}

/* Each lane: low rounded to bfloat16 in the lower half, high in the upper one. What is subnormal may become 0. */
static inline gr_vf gr_vpair(gr_vf low, gr_vf high)
{
#if defined(__AVX512BF16__)
    const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5,
                                           20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    return (gr_vf)_mm512_permutexvar_epi16(order, (__m512i)_mm512_cvtne2ps_pbh((__m512)high, (__m512)low));
#else
    return (gr_vf)(gr_vround_bf16(low) | (gr_vi)((gr_vu)gr_vround_bf16(high) << 16));
#endif
}

/* Two vectors of neighbours as one of pairs: lane l holds numbers 2 l and 2 l + 1. */
static inline gr_vf gr_vpair_neighbours(gr_vf first, gr_vf second)
{
#if defined(__AVX512BF16__)
    return (gr_vf)_mm512_cvtne2ps_pbh((__m512)second, (__m512)first);
#else
    uint16_t words[2 * GR_VL];
    gr_vnarrow_words(words, gr_vround_bf16(first));
    gr_vnarrow_words(words + GR_VL, gr_vround_bf16(second));
    gr_vf pairs;
    memcpy(&pairs, words, sizeof pairs);
    return pairs;
#endif
}

#endif
