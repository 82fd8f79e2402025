/* Whole numbers and doubles beside the lanes of simd.h. Private to kernels/K_*.c. */
#ifndef GR_SIMD_LANES_H
#define GR_SIMD_LANES_H

#include "simd.h"

/* Half as many doubles as floats: two of them carry a vector of floats. */
typedef double gr_vd __attribute__((vector_size(GR_VL * 4)));
typedef int64_t gr_vl __attribute__((vector_size(GR_VL * 4)));
typedef float gr_vh __attribute__((vector_size(GR_VL * 2)));
typedef uint32_t gr_vuu __attribute__((vector_size(GR_VL * 4), aligned(4), may_alias));

typedef struct gr_vd2 {
    gr_vd low, high;
} gr_vd2;

static inline gr_vu gr_vload_u(const int32_t *p)
{
    return *(const gr_vuu *)p;
}

/* The numbers at p[index]. */
static inline gr_vu gr_vgather(const int32_t *p, gr_vi index)
{
#if defined(__AVX512F__)
    return (gr_vu)_mm512_i32gather_epi32((__m512i)index, p, 4);
#elif defined(__AVX2__)
    return (gr_vu)_mm256_i32gather_epi32(p, (__m256i)index, 4);
#else
    gr_vu v;
    for (int i = 0; i < GR_VL; i++)
        v[i] = (uint32_t)p[index[i]];
    return v;
#endif
}

/* Floats as doubles, and doubles rounded to floats. */
static inline gr_vd2 gr_vwiden(gr_vf x)
{
    gr_vh half[2];
    memcpy(half, &x, sizeof half);
    return (gr_vd2){__builtin_convertvector(half[0], gr_vd), __builtin_convertvector(half[1], gr_vd)};
}

static inline gr_vf gr_vnarrow(gr_vd2 x)
{
    gr_vh half[2] = {__builtin_convertvector(x.low, gr_vh), __builtin_convertvector(x.high, gr_vh)};
    gr_vf v;
    memcpy(&v, half, sizeof v);
    return v;
}

static inline gr_vd gr_vset_d(double x)
{
    return x - (gr_vd){0};
}

static inline gr_vd gr_vsqrt_d(gr_vd x)
{
#if defined(__AVX512F__)
    return (gr_vd)_mm512_sqrt_pd((__m512d)x);
#elif defined(__AVX2__)
    return (gr_vd)_mm256_sqrt_pd((__m256d)x);
#elif defined(__SSE2__)
    return (gr_vd)_mm_sqrt_pd((__m128d)x);
#else
    for (int i = 0; i < GR_VL / 2; i++)
        x[i] = __builtin_sqrt(x[i]);
    return x;
#endif
}

/* One bit a lane: is it negative (a comparison's all ones)? */
static inline uint32_t gr_vbits(gr_vl mask)
{
#if defined(__AVX512F__)
    return _mm512_movepi64_mask((__m512i)mask);
#elif defined(__AVX2__)
    return (uint32_t)_mm256_movemask_pd((__m256d)mask);
#elif defined(__SSE2__)
    return (uint32_t)_mm_movemask_pd((__m128d)mask);
#else
    uint32_t bits = 0;
    for (int i = 0; i < GR_VL / 2; i++)
        bits |= (uint32_t)(mask[i] < 0) << i;
    return bits;
#endif
}

/* One bit a lane: x < limit, in doubles; false for NaN. */
static inline uint32_t gr_vbelow(gr_vd2 x, double limit)
{
    gr_vd all = gr_vset_d(limit);
    return gr_vbits((gr_vl)(x.low < all)) | gr_vbits((gr_vl)(x.high < all)) << (GR_VL / 2);
}

#endif
