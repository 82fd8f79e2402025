/* The AVX-512 instructions that kernels use, in GCC's vector extensions: `make test EMULATE=1` compiles the kernels of AVX-512 with
 * this page before them, and so runs them, bit for bit, on a processor with AVX2 alone. Each function is the instruction of its
 * name in the processor's manual; only the reciprocal is another one, since the manual leaves its last bits open. */
#ifndef GR_TEST_EMULATED_AVX512_H
#define GR_TEST_EMULATED_AVX512_H

#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define __AVX512F__ 1
#define __AVX512BW__ 1
#define __AVX512VL__ 1
#define __AVX512DQ__ 1

typedef float emu_f __attribute__((vector_size(64)));
typedef int32_t emu_i __attribute__((vector_size(64)));
typedef uint32_t emu_u __attribute__((vector_size(64)));
typedef int64_t emu_l __attribute__((vector_size(64)));
typedef int16_t emu_s __attribute__((vector_size(64)));
typedef uint16_t emu_us __attribute__((vector_size(64)));
typedef uint8_t emu_b __attribute__((vector_size(64)));

/* A loop over the lanes: the compiler makes two instructions of AVX2 of most. */
#define EMU_EACH(count) for (int i = 0; i < (count); i++)
#define EMU static inline __attribute__((always_inline))

/* ---- memory -------------------------------------------------------------------------------------------------------------- */

EMU __m512 emu_loadu_ps(const void *p) { __m512 v; memcpy(&v, p, 64); return v; }
EMU __m512i emu_loadu_si512(const void *p) { __m512i v; memcpy(&v, p, 64); return v; }
EMU void emu_storeu_si512(void *p, __m512i v) { memcpy(p, &v, 64); }
EMU void emu_stream_ps(void *p, __m512 v)
{
    _mm256_stream_ps(p, _mm256_loadu_ps((const float *)&v));
    _mm256_stream_ps((float *)p + 8, _mm256_loadu_ps((const float *)&v + 8));
}

/* Lanes without their bit are 0 when read and left alone when written; their memory is not touched. */
#define EMU_MASKED(name, vector, lane, count, bits)                                                                        \
    EMU vector emu_maskz_loadu_##name(bits mask, const void *p)                                                            \
    {                                                                                                                      \
        lane lanes[count];                                                                                                 \
        vector v;                                                                                                          \
        EMU_EACH(count) if ((mask >> i & 1) != 0) memcpy(&lanes[i], (const lane *)p + i, sizeof(lane)); else lanes[i] = 0; \
        memcpy(&v, lanes, 64);                                                                                             \
        return v;                                                                                                          \
    }                                                                                                                      \
    EMU void emu_mask_storeu_##name(void *p, bits mask, vector v)                                                          \
    {                                                                                                                      \
        lane lanes[count];                                                                                                 \
        memcpy(lanes, &v, 64);                                                                                             \
        EMU_EACH(count) if ((mask >> i & 1) != 0) memcpy((lane *)p + i, &lanes[i], sizeof(lane));                          \
    }
EMU_MASKED(ps, __m512, float, 16, __mmask16)
EMU_MASKED(epi32, __m512i, int32_t, 16, __mmask16)
EMU_MASKED(epi16, __m512i, int16_t, 32, __mmask32)
EMU_MASKED(epi8, __m512i, int8_t, 64, __mmask64)

EMU __m256i emu_256_maskz_loadu_epi16(__mmask16 mask, const void *p)
{
    int16_t lanes[16];
    EMU_EACH(16) if ((mask >> i & 1) != 0) memcpy(&lanes[i], (const int16_t *)p + i, 2); else lanes[i] = 0;
    return _mm256_loadu_si256((const __m256i *)lanes);
}

EMU __m512i emu_i32gather_epi32(__m512i index, const void *base, int scale)
{
    emu_i v = {0};
    EMU_EACH(16) { int32_t x; memcpy(&x, (const char *)base + (int64_t)((emu_i)index)[i] * scale, 4); v[i] = x; }
    return (__m512i)v;
}

/* ---- numbers ------------------------------------------------------------------------------------------------------------- */

EMU __m512 emu_set1_ps(float x) { return (__m512)(x - (emu_f){0}); }
EMU __m512i emu_set1_epi32(int x) { return (__m512i)((emu_i){0} + x); }
EMU __m512i emu_set1_epi16(int x) { return (__m512i)((emu_s){0} + (int16_t)x); }
EMU __m512i emu_set1_epi8(int x) { return (__m512i)((emu_b){0} + (uint8_t)x); }
#define emu_setr_epi32(...) ((__m512i)(emu_i){__VA_ARGS__})

EMU __m512 emu_fmadd_ps(__m512 a, __m512 b, __m512 c)
{
    float r[16];
    _mm256_storeu_ps(r, _mm256_fmadd_ps(_mm256_loadu_ps((const float *)&a), _mm256_loadu_ps((const float *)&b),
                                        _mm256_loadu_ps((const float *)&c)));
    _mm256_storeu_ps(r + 8, _mm256_fmadd_ps(_mm256_loadu_ps((const float *)&a + 8), _mm256_loadu_ps((const float *)&b + 8),
                                            _mm256_loadu_ps((const float *)&c + 8)));
    return emu_loadu_ps(r);
}
EMU __m512 emu_fnmadd_ps(__m512 a, __m512 b, __m512 c) { return emu_fmadd_ps(-a, b, c); }
EMU __m512 emu_max_ps(__m512 a, __m512 b) /* of a NaN, and of two zeros, the second */
{
    emu_i m = (emu_i)((emu_f)a > (emu_f)b);
    return (__m512)((m & (emu_i)a) | (~m & (emu_i)b));
}
EMU __m512 emu_min_ps(__m512 a, __m512 b)
{
    emu_i m = (emu_i)((emu_f)a < (emu_f)b);
    return (__m512)((m & (emu_i)a) | (~m & (emu_i)b));
}
EMU __m512 emu_sqrt_ps(__m512 a) { emu_f v = (emu_f)a; EMU_EACH(16) v[i] = sqrtf(v[i]); return (__m512)v; }
EMU __m512d emu_sqrt_pd(__m512d a) { EMU_EACH(8) a[i] = sqrt(a[i]); return a; }
EMU __m512 emu_rcp14_ps(__m512 a) { return (__m512)(1 / (emu_f)a); }
EMU __m512 emu_scalef_ps(__m512 a, __m512 b) /* a 2^floor(b) */
{
    emu_f v = (emu_f)a, n = (emu_f)b;
    EMU_EACH(16) v[i] = n[i] != n[i] ? n[i] : (float)ldexp(v[i], (int)fmax(-1000, fmin(1000, floor((double)n[i]))));
    return (__m512)v;
}
EMU __m512 emu_roundscale_ps(__m512 a, int how) /* to the nearest whole number, as kernels ask alone */
{
    (void)how;
    emu_f v = (emu_f)a;
    EMU_EACH(16) v[i] = rintf(v[i]);
    return (__m512)v;
}
EMU __m512 emu_reduce_ps(__m512 a, int how) /* a less its nearest whole number; infinity leaves 0 */
{
    emu_f v = (emu_f)a;
    (void)how;
    EMU_EACH(16) v[i] = isinf(v[i]) ? 0 : v[i] - rintf(v[i]);
    return (__m512)v;
}
EMU __m512 emu_range_ps(__m512 a, __m512 b, int how) /* the larger absolute value: kernels ask for it alone */
{
    emu_i u = (emu_i)a & 0x7fffffff, w = (emu_i)b & 0x7fffffff;
    (void)how;
    return emu_max_ps((__m512)u, (__m512)w);
}

EMU __m512i emu_add_epi32(__m512i a, __m512i b) { return (__m512i)((emu_u)a + (emu_u)b); }
EMU __m512i emu_sub_epi32(__m512i a, __m512i b) { return (__m512i)((emu_u)a - (emu_u)b); }
EMU __m512i emu_mullo_epi32(__m512i a, __m512i b) { return (__m512i)((emu_u)a * (emu_u)b); }
EMU __m512i emu_add_epi16(__m512i a, __m512i b) { return (__m512i)((emu_us)a + (emu_us)b); }
EMU __m512i emu_slli_epi32(__m512i a, int by) { return (__m512i)((emu_u)a << by); }
EMU __m512i emu_srli_epi32(__m512i a, int by) { return (__m512i)((emu_u)a >> by); }
EMU __m512i emu_and(__m512i a, __m512i b) { return (__m512i)((emu_l)a & (emu_l)b); }
EMU __m512i emu_or(__m512i a, __m512i b) { return (__m512i)((emu_l)a | (emu_l)b); }
EMU __m512i emu_subs_epu8(__m512i a, __m512i b)
{
    emu_b x = (emu_b)a, y = (emu_b)b;
    return (__m512i)((x - y) & (emu_b)(x > y));
}
EMU __m512i emu_maddubs_epi16(__m512i a, __m512i b)
{
    emu_b x = (emu_b)a, y = (emu_b)b;
    emu_s v = {0};
    EMU_EACH(32)
    {
        int sum = x[2 * i] * (int8_t)y[2 * i] + x[2 * i + 1] * (int8_t)y[2 * i + 1];
        v[i] = (int16_t)(sum > 32767 ? 32767 : sum < -32768 ? -32768 : sum);
    }
    return (__m512i)v;
}
EMU __m512i emu_madd_epi16(__m512i a, __m512i b)
{
    emu_s x = (emu_s)a, y = (emu_s)b;
    emu_i v = {0};
    EMU_EACH(16) v[i] = x[2 * i] * y[2 * i] + x[2 * i + 1] * y[2 * i + 1];
    return (__m512i)v;
}

/* ---- masks --------------------------------------------------------------------------------------------------------------- */

EMU __mmask16 emu_cmp_ps_mask(__m512 a, __m512 b, int how) /* greater, or a NaN in either: what kernels ask */
{
    unsigned m = 0;
    emu_f x = (emu_f)a, y = (emu_f)b;
    EMU_EACH(16) m |= (unsigned)(how == _CMP_UNORD_Q ? x[i] != x[i] || y[i] != y[i] : x[i] > y[i]) << i;
    return (__mmask16)m;
}
EMU __mmask16 emu_mask_cmp_ps_mask(__mmask16 mask, __m512 a, __m512 b, int how) { return mask & emu_cmp_ps_mask(a, b, how); }
EMU __mmask32 emu_test_epi16_mask(__m512i a, __m512i b)
{
    uint32_t m = 0;
    emu_s both = (emu_s)emu_and(a, b);
    EMU_EACH(32) m |= (uint32_t)(both[i] != 0) << i;
    return m;
}
EMU __mmask8 emu_movepi64_mask(__m512i a)
{
    unsigned m = 0;
    EMU_EACH(8) m |= (unsigned)(((emu_l)a)[i] < 0) << i;
    return (__mmask8)m;
}

/* b where the bit is set, a elsewhere. */
#define EMU_BLEND(name, type, lanes, bits)                             \
    EMU __m512i emu_mask_blend_##name(bits mask, __m512i a, __m512i b) \
    {                                                                  \
        type x = (type)a, y = (type)b;                                 \
        EMU_EACH(lanes) if ((mask >> i & 1) != 0) x[i] = y[i];         \
        return (__m512i)x;                                             \
    }
EMU_BLEND(epi32, emu_i, 16, __mmask16)
EMU_BLEND(epi16, emu_s, 32, __mmask32)
EMU_BLEND(epi8, emu_b, 64, __mmask64)
EMU __m512i emu_mask_mov_epi32(__m512i a, __mmask16 mask, __m512i b) { return emu_mask_blend_epi32(mask, a, b); }
EMU __m512 emu_mask_mov_ps(__m512 a, __mmask16 mask, __m512 b)
{
    return (__m512)emu_mask_blend_epi32(mask, (__m512i)a, (__m512i)b);
}

/* ---- conversions --------------------------------------------------------------------------------------------------------- */

EMU __m512 emu_cvtepi32_ps(__m512i a) { emu_f v = {0}; EMU_EACH(16) v[i] = (float)((emu_i)a)[i]; return (__m512)v; }
EMU __m512i emu_cvtepu8_epi32(__m128i a)
{
    uint8_t in[16];
    emu_i v = {0};
    memcpy(in, &a, 16);
    EMU_EACH(16) v[i] = in[i];
    return (__m512i)v;
}
EMU __m512i emu_cvtepu16_epi32(__m256i a)
{
    uint16_t in[16];
    emu_i v = {0};
    memcpy(in, &a, 32);
    EMU_EACH(16) v[i] = in[i];
    return (__m512i)v;
}
EMU __m256i emu_cvtepi32_epi16(__m512i a)
{
    uint16_t out[16];
    EMU_EACH(16) out[i] = (uint16_t)((emu_u)a)[i];
    return _mm256_loadu_si256((const __m256i *)out);
}
EMU __m128i emu_cvtepi32_epi8(__m512i a)
{
    uint8_t out[16];
    EMU_EACH(16) out[i] = (uint8_t)((emu_u)a)[i];
    return _mm_loadu_si128((const __m128i *)out);
}
EMU __m256 emu_castps512_ps256(__m512 a) { return _mm256_loadu_ps((const float *)&a); }
EMU __m512 emu_castps256_ps512(__m256 a) { __m512 v = {0}; memcpy(&v, &a, 32); return v; }
EMU __m512i emu_castsi256_si512(__m256i a) { __m512i v = {0}; memcpy(&v, &a, 32); return v; }
EMU __m512i emu_inserti64x4(__m512i a, __m256i b, int half) { memcpy((char *)&a + 32 * half, &b, 32); return a; }

/* ---- lanes --------------------------------------------------------------------------------------------------------------- */

EMU __m512i emu_alignr_epi32(__m512i a, __m512i b, int by) /* lanes by .. by + 15 of b and then a */
{
    emu_i v = {0};
    EMU_EACH(16) v[i] = i + by < 16 ? ((emu_i)b)[i + by] : ((emu_i)a)[i + by - 16];
    return (__m512i)v;
}
EMU __m512i emu_broadcast_i32x4(__m128i a) { __m512i v; EMU_EACH(4) memcpy((char *)&v + 16 * i, &a, 16); return v; }
EMU __m512i emu_permutexvar_epi32(__m512i index, __m512i a)
{
    emu_i v = {0};
    EMU_EACH(16) v[i] = ((emu_i)a)[((emu_i)index)[i] & 15];
    return (__m512i)v;
}
EMU __m512 emu_permutex2var_ps(__m512 a, __m512i index, __m512 b)
{
    emu_f v = {0};
    EMU_EACH(16) { int k = ((emu_i)index)[i] & 31; v[i] = k < 16 ? a[k] : b[k - 16]; }
    return (__m512)v;
}
EMU __m512i emu_permutex2var_epi16(__m512i a, __m512i index, __m512i b)
{
    emu_s v = {0};
    EMU_EACH(32) { int k = ((emu_s)index)[i] & 63; v[i] = k < 32 ? ((emu_s)a)[k] : ((emu_s)b)[k - 32]; }
    return (__m512i)v;
}
EMU __m512i emu_shuffle_epi8(__m512i a, __m512i index) /* within each 16 bytes; the index's high bit makes 0 */
{
    emu_b v = {0}, x = (emu_b)a, k = (emu_b)index;
    EMU_EACH(64) v[i] = (k[i] & 0x80) != 0 ? 0 : x[(i & ~15) + (k[i] & 15)];
    return (__m512i)v;
}

/* ---- their names --------------------------------------------------------------------------------------------------------- */

#define _mm256_maskz_loadu_epi16 emu_256_maskz_loadu_epi16
#define _mm512_add_epi16 emu_add_epi16
#define _mm512_add_epi32 emu_add_epi32
#undef _mm512_alignr_epi32
#define _mm512_alignr_epi32 emu_alignr_epi32
#define _mm512_and_epi32 emu_and
#define _mm512_and_si512 emu_and
#define _mm512_broadcast_i32x4 emu_broadcast_i32x4
#define _mm512_castps256_ps512 emu_castps256_ps512
#define _mm512_castps512_ps256 emu_castps512_ps256
#define _mm512_castps_si512(a) ((__m512i)(a))
#define _mm512_castsi256_si512 emu_castsi256_si512
#undef _mm512_cmp_ps_mask
#define _mm512_cmp_ps_mask emu_cmp_ps_mask
#define _mm512_cvtepi32_epi16 emu_cvtepi32_epi16
#define _mm512_cvtepi32_epi8 emu_cvtepi32_epi8
#define _mm512_cvtepi32_ps emu_cvtepi32_ps
#define _mm512_cvtepu16_epi32 emu_cvtepu16_epi32
#define _mm512_cvtepu8_epi32 emu_cvtepu8_epi32
#define _mm512_fmadd_ps emu_fmadd_ps
#define _mm512_fnmadd_ps emu_fnmadd_ps
#undef _mm512_i32gather_epi32
#define _mm512_i32gather_epi32 emu_i32gather_epi32
#undef _mm512_inserti64x4
#define _mm512_inserti64x4 emu_inserti64x4
#define _mm512_loadu_ps emu_loadu_ps
#define _mm512_loadu_si512 emu_loadu_si512
#define _mm512_madd_epi16 emu_madd_epi16
#define _mm512_maddubs_epi16 emu_maddubs_epi16
#define _mm512_mask_blend_epi16 emu_mask_blend_epi16
#define _mm512_mask_blend_epi8 emu_mask_blend_epi8
#undef _mm512_mask_cmp_ps_mask
#define _mm512_mask_cmp_ps_mask emu_mask_cmp_ps_mask
#define _mm512_mask_mov_epi32 emu_mask_mov_epi32
#define _mm512_mask_mov_ps emu_mask_mov_ps
#define _mm512_mask_storeu_epi16 emu_mask_storeu_epi16
#define _mm512_mask_storeu_epi32 emu_mask_storeu_epi32
#define _mm512_mask_storeu_epi8 emu_mask_storeu_epi8
#define _mm512_mask_storeu_ps emu_mask_storeu_ps
#define _mm512_maskz_loadu_epi16 emu_maskz_loadu_epi16
#define _mm512_maskz_loadu_epi8 emu_maskz_loadu_epi8
#define _mm512_maskz_loadu_ps emu_maskz_loadu_ps
#define _mm512_max_ps emu_max_ps
#define _mm512_min_ps emu_min_ps
#define _mm512_movepi64_mask emu_movepi64_mask
#define _mm512_mullo_epi32 emu_mullo_epi32
#define _mm512_or_si512 emu_or
#define _mm512_permutex2var_epi16 emu_permutex2var_epi16
#define _mm512_permutex2var_ps emu_permutex2var_ps
#define _mm512_permutexvar_epi32 emu_permutexvar_epi32
#undef _mm512_range_ps
#define _mm512_range_ps emu_range_ps
#define _mm512_rcp14_ps emu_rcp14_ps
#undef _mm512_reduce_ps
#define _mm512_reduce_ps emu_reduce_ps
#undef _mm512_roundscale_ps
#define _mm512_roundscale_ps emu_roundscale_ps
#define _mm512_scalef_ps emu_scalef_ps
#define _mm512_set1_epi16 emu_set1_epi16
#define _mm512_set1_epi32 emu_set1_epi32
#define _mm512_set1_epi8 emu_set1_epi8
#define _mm512_set1_ps emu_set1_ps
#undef _mm512_setr_epi32
#define _mm512_setr_epi32 emu_setr_epi32
#define _mm512_shuffle_epi8 emu_shuffle_epi8
#define _mm512_slli_epi32 emu_slli_epi32
#define _mm512_sqrt_pd emu_sqrt_pd
#define _mm512_sqrt_ps emu_sqrt_ps
#define _mm512_srli_epi32 emu_srli_epi32
#define _mm512_storeu_si512 emu_storeu_si512
#define _mm512_stream_ps emu_stream_ps
#define _mm512_sub_epi32 emu_sub_epi32
#define _mm512_subs_epu8 emu_subs_epu8
#define _mm512_test_epi16_mask emu_test_epi16_mask

#endif
