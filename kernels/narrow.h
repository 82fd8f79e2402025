/* Numbers of tensors that are stored as float32 or, narrow, as bfloat16: read to float32, rounded to the nearest when written.
 * Private to kernels/K_*.c. With `narrow` a constant where a function is inlined, nothing is left of the choice. */
#ifndef GR_NARROW_H
#define GR_NARROW_H

#include "rows.h"
#include "simd_math.h"

/* Where number `at` of a tensor lies. */
static inline const void *gr_number_at(const void *tensor, int64_t at, bool narrow)
{
    return (const char *)tensor + at * (narrow ? 2 : 4);
}

static inline gr_vf gr_vload_narrow(const uint16_t *p)
{
    return (gr_vf)((gr_vu)gr_vwiden_words(p) << 16);
}

static inline gr_vf gr_vload_narrow_part(const uint16_t *p, int64_t count)
{
#if defined(__AVX512BW__) && defined(__AVX512VL__)
    __m256i words = _mm256_maskz_loadu_epi16((__mmask16)((1u << count) - 1u), p);
    return (gr_vf)_mm512_slli_epi32(_mm512_cvtepu16_epi32(words), 16);
#else
    uint16_t words[GR_VL] = {0};
    memcpy(words, p, (size_t)count * sizeof *p);
    return gr_vload_narrow(words);
#endif
}

static inline void gr_vstore_narrow(uint16_t *p, gr_vf v)
{
#if defined(__AVX512BF16__)
    __m256bh words = _mm512_cvtneps_pbh((__m512)v);
    memcpy(p, &words, sizeof words);
#else
    gr_vnarrow_words(p, gr_vround_bf16(v));
#endif
}

static inline void gr_vstore_narrow_part(uint16_t *p, gr_vf v, int64_t count)
{
    uint16_t words[GR_VL];
    gr_vstore_narrow(words, v);
    memcpy(p, words, (size_t)count * sizeof *p);
}

/* out[count] = words, fewer than two vectors' lanes. */
static inline void gr_vcopy_words(uint16_t *out, const uint16_t *words, int64_t count)
{
#if defined(__AVX512BW__)
    __mmask32 lanes = (__mmask32)((UINT64_C(1) << count) - 1u);
    _mm512_mask_storeu_epi16(out, lanes, _mm512_maskz_loadu_epi16(lanes, words));
#else
    memcpy(out, words, (size_t)count * sizeof *out);
#endif
}

/* Two vectors as neighbours into out, past the caches when `stream`: out then is aligned to a vector. */
GR_INLINE void gr_vstore_words_pair(uint16_t *out, gr_vf first, gr_vf second, bool stream)
{
    gr_vf pairs = gr_vpair_neighbours(first, second);
    if (stream)
        gr_vstream((float *)out, pairs);
    else
        memcpy(out, &pairs, sizeof pairs);
}

/* Whether a narrow tensor [..][c] is so large that nothing of it would be left in the caches for its reader, and is written in
 * whole cache lines by vectors of neighbours. */
static inline bool gr_streams_narrow(const void *tensor, int64_t count, int64_t c)
{
    return count >= 8 << 20 && GR_VL * sizeof(float) == 64 && c % (2 * GR_VL) == 0 && (uintptr_t)tensor % 64 == 0;
}

/* The `left` numbers from `at` on that are left, at most a whole vector. */
GR_INLINE gr_vf gr_vload_as(const void *tensor, int64_t at, int64_t left, const bool narrow)
{
    if (!narrow)
        return gr_vload_upto((const float *)tensor + at, left);
    const uint16_t *p = (const uint16_t *)tensor + at;
    return left >= GR_VL ? gr_vload_narrow(p) : gr_vload_narrow_part(p, left);
}

GR_INLINE void gr_vstore_as(void *tensor, int64_t at, gr_vf v, int64_t left, const bool narrow)
{
    if (!narrow) {
        gr_vstore_upto((float *)tensor + at, v, left);
        return;
    }
    uint16_t *p = (uint16_t *)tensor + at;
    if (left >= GR_VL)
        gr_vstore_narrow(p, v);
    else
        gr_vstore_narrow_part(p, v, left);
}

#endif
