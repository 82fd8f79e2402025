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
