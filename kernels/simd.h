/* One vector type for every instruction set: kernels are written once against this page and compiled once per set, with
 * GR_ISA defined by the Makefile's rule as generic, avx2, avx512 (or neon). Vectors are GCC's vector extensions, so that
 * + - * and comparisons are written plainly; intrinsics stand here only, where the extension has no word. */
#ifndef GR_SIMD_H
#define GR_SIMD_H

#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__) || defined(__AVX2__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

/* name_isa: gives each build of a kernel its own symbol. */
#define GR_PASTE_(a, b) a##_##b
#define GR_PASTE(a, b) GR_PASTE_(a, b)
#define GR_KERNEL(name) GR_PASTE(name, GR_ISA)

#if defined(__AVX512F__)
#define GR_VL 16
#define GR_REGISTERS 32
#elif defined(__AVX2__)
#define GR_VL 8
#define GR_REGISTERS 16
#elif defined(__ARM_NEON)
#define GR_VL 4
#define GR_REGISTERS 32
#else
#define GR_VL 4
#define GR_REGISTERS 16
#endif

/* Vectors that convolutions write together, so that a line of cache is, where half of one is a vector. */
enum { GR_TOGETHER = GR_VL == 8 ? 2 : 1 };

typedef float gr_vf __attribute__((vector_size(GR_VL * 4)));
typedef int32_t gr_vi __attribute__((vector_size(GR_VL * 4)));
typedef uint32_t gr_vu __attribute__((vector_size(GR_VL * 4)));
typedef float gr_vfu __attribute__((vector_size(GR_VL * 4), aligned(4), may_alias));

static inline gr_vf gr_vload(const float *p) { return *(const gr_vfu *)p; }
static inline void gr_vstore(float *p, gr_vf v) { *(gr_vfu *)p = v; }
static inline gr_vf gr_vset(float x) { return x - (gr_vf){0}; }
static inline gr_vf gr_vzero(void) { return (gr_vf){0}; }

/* a * b + c, rounded once where the set has a fused multiply-add. */
static inline gr_vf gr_vfma(gr_vf a, gr_vf b, gr_vf c)
{
#if defined(__AVX512F__)
    return (gr_vf)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__AVX2__)
    return (gr_vf)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__ARM_NEON)
    return (gr_vf)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
    return a * b + c;
#endif
}

static inline gr_vf gr_vsqrt(gr_vf x)
{
#if defined(__AVX512F__)
    return (gr_vf)_mm512_sqrt_ps((__m512)x);
#elif defined(__AVX2__)
    return (gr_vf)_mm256_sqrt_ps((__m256)x);
#elif defined(__SSE2__)
    return (gr_vf)_mm_sqrt_ps((__m128)x);
#elif defined(__ARM_NEON) && defined(__aarch64__)
    return (gr_vf)vsqrtq_f32((float32x4_t)x);
#else
    for (int i = 0; i < GR_VL; i++)
        x[i] = __builtin_sqrtf(x[i]);
    return x;
#endif
}

/* min(max(x, low), high); NaN stays NaN. */
static inline gr_vf gr_vclamp(gr_vf x, gr_vf low, gr_vf high)
{
#if defined(__AVX512F__)
    return (gr_vf)_mm512_min_ps((__m512)high, _mm512_max_ps((__m512)low, (__m512)x)); /* of a NaN the second */
#elif defined(__AVX2__)
    return (gr_vf)_mm256_min_ps((__m256)high, _mm256_max_ps((__m256)low, (__m256)x));
#elif defined(__SSE2__)
    return (gr_vf)_mm_min_ps((__m128)high, _mm_max_ps((__m128)low, (__m128)x));
#elif defined(__ARM_NEON)
    return (gr_vf)vminq_f32((float32x4_t)high, vmaxq_f32((float32x4_t)low, (float32x4_t)x));
#else
    for (int i = 0; i < GR_VL; i++)
        x[i] = x[i] < low[i] ? low[i] : x[i] > high[i] ? high[i] : x[i];
    return x;
#endif
}

/* The 32 bits at p in every lane, whatever they mean. */
static inline gr_vf gr_vset_bits(const void *p)
{
    int32_t bits;
    memcpy(&bits, p, sizeof bits);
    return (gr_vf)(bits - (gr_vi){0});
}

/* sum + a0 * b0 + a1 * b1, where each lane of a and b holds two bfloat16 numbers, the first in its lower half. */
static inline gr_vf gr_vdot_pairs(gr_vf a, gr_vf b, gr_vf sum)
{
#if defined(__AVX512BF16__)
    return (gr_vf)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
#else
    const gr_vi high = (gr_vi){0} + (int32_t)0xffff0000;
    sum = gr_vfma((gr_vf)((gr_vi)a << 16), (gr_vf)((gr_vi)b << 16), sum);
    return gr_vfma((gr_vf)((gr_vi)a & high), (gr_vf)((gr_vi)b & high), sum);
#endif
}

/* mask (lanes all ones or all zeros) ? a : b */
static inline gr_vf gr_vselect(gr_vi mask, gr_vf a, gr_vf b)
{
    return (gr_vf)((mask & (gr_vi)a) | (~mask & (gr_vi)b));
}

/* max(x, 0); NaN stays NaN, as in PyTorch. */
static inline gr_vf gr_vrelu(gr_vf x)
{
    return gr_vselect((gr_vi)(x <= gr_vzero()), gr_vzero(), x);
}

#if defined(__AVX2__) && !defined(__AVX512F__)
static inline __m256i gr_first_lanes(int64_t count)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
#endif

/* The first `count` lanes (0 < count <= GR_VL) of p; the others are 0 and their memory is not touched. */
static inline gr_vf gr_vload_part(const float *p, int64_t count)
{
#if defined(__AVX512F__)
    return (gr_vf)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1u), p);
#elif defined(__AVX2__)
    return (gr_vf)_mm256_maskload_ps(p, gr_first_lanes(count));
#else
    gr_vf v = gr_vzero();
    memcpy(&v, p, (size_t)count * sizeof(float));
    return v;
#endif
}

static inline void gr_vstore_part(float *p, gr_vf v, int64_t count)
{
#if defined(__AVX512F__)
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << count) - 1u), (__m512)v);
#elif defined(__AVX2__)
    __m128 low = _mm256_castps256_ps128((__m256)v); /* by halves: a masked store takes far longer on some processors */
    if (count & 8) {
        _mm256_storeu_ps(p, (__m256)v);
        return;
    }
    if (count & 4) {
        _mm_storeu_ps(p, low);
        low = _mm256_extractf128_ps((__m256)v, 1);
        p += 4;
    }
    if (count & 2) {
        _mm_storel_pi((__m64 *)(void *)p, low);
        low = _mm_movehl_ps(low, low);
        p += 2;
    }
    if (count & 1)
        _mm_store_ss(p, low);
#else
    memcpy(p, &v, (size_t)count * sizeof(float));
#endif
}

/* The first `count` of the 16-bit numbers in v. */
static inline void gr_vstore_words(uint16_t *p, gr_vf v, int64_t count)
{
#if defined(__AVX512BW__)
    _mm512_mask_storeu_epi16(p, (__mmask32)((UINT64_C(1) << count) - 1u), (__m512i)v);
#else
    memcpy(p, &v, (size_t)count * sizeof *p);
#endif
}

/* Stores past the caches, for outputs too large to be found there again. p is aligned to the vector. A thread that has
 * streamed calls gr_vstream_end before others read. */
static inline void gr_vstream(float *p, gr_vf v)
{
#if defined(__AVX512F__)
    _mm512_stream_ps(p, (__m512)v);
#elif defined(__AVX2__)
    _mm256_stream_ps(p, (__m256)v);
#else
    gr_vstore(p, v);
#endif
}

static inline void gr_vstream_end(void)
{
#if defined(__AVX512F__) || defined(__AVX2__)
    _mm_sfence();
#endif
}

#endif
