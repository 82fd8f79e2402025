/* The machine's peak: independent chains of fused multiply-adds, as wide as the instruction set in use. */
#include "bench/peak.h"

#include <math.h>
#include <string.h>

#include "base/base.h"
#include "kernels/kernels.h"

enum { CHAINS = 12, TURNS = 15 };

#if defined(__x86_64__)
#define CLEARED                                                                                                                \
    "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13",        \
        "xmm14", "xmm15"

/* Written out so that no compiler shortens them. Of zeros: what the registers held before may be numbers too small for a float's
 * exponent, with which some processors take a hundred times as long. */
__attribute__((target("avx512f"), noinline)) static void fma_avx512(int64_t rounds)
{
    __asm__ volatile("vzeroall\n\tvpxord %%zmm30,%%zmm30,%%zmm30\n\tvpxord %%zmm31,%%zmm31,%%zmm31" ::
                         : CLEARED, "xmm30", "xmm31");
    for (int64_t i = 0; i < rounds; i++)
        __asm__ volatile("vfmadd231ps %%zmm30,%%zmm31,%%zmm0\n\tvfmadd231ps %%zmm30,%%zmm31,%%zmm1\n\t"
                         "vfmadd231ps %%zmm30,%%zmm31,%%zmm2\n\tvfmadd231ps %%zmm30,%%zmm31,%%zmm3\n\t"
                         "vfmadd231ps %%zmm30,%%zmm31,%%zmm4\n\tvfmadd231ps %%zmm30,%%zmm31,%%zmm5\n\t"
                         "vfmadd231ps %%zmm30,%%zmm31,%%zmm6\n\tvfmadd231ps %%zmm30,%%zmm31,%%zmm7\n\t"
                         "vfmadd231ps %%zmm30,%%zmm31,%%zmm8\n\tvfmadd231ps %%zmm30,%%zmm31,%%zmm9\n\t"
                         "vfmadd231ps %%zmm30,%%zmm31,%%zmm10\n\tvfmadd231ps %%zmm30,%%zmm31,%%zmm11" ::
                             : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
                               "xmm11");
}

__attribute__((target("avx2,fma"), noinline)) static void fma_avx2(int64_t rounds)
{
    __asm__ volatile("vzeroall" ::: CLEARED);
    for (int64_t i = 0; i < rounds; i++)
        __asm__ volatile("vfmadd231ps %%ymm14,%%ymm15,%%ymm0\n\tvfmadd231ps %%ymm14,%%ymm15,%%ymm1\n\t"
                         "vfmadd231ps %%ymm14,%%ymm15,%%ymm2\n\tvfmadd231ps %%ymm14,%%ymm15,%%ymm3\n\t"
                         "vfmadd231ps %%ymm14,%%ymm15,%%ymm4\n\tvfmadd231ps %%ymm14,%%ymm15,%%ymm5\n\t"
                         "vfmadd231ps %%ymm14,%%ymm15,%%ymm6\n\tvfmadd231ps %%ymm14,%%ymm15,%%ymm7\n\t"
                         "vfmadd231ps %%ymm14,%%ymm15,%%ymm8\n\tvfmadd231ps %%ymm14,%%ymm15,%%ymm9\n\t"
                         "vfmadd231ps %%ymm14,%%ymm15,%%ymm10\n\tvfmadd231ps %%ymm14,%%ymm15,%%ymm11" ::
                             : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
                               "xmm11");
}

static bool is_avx512(void)
{
    const char *isa = gr_kernels_get()->isa;
    return strncmp(isa, "avx512", 6) == 0 || strncmp(isa, "amx", 3) == 0;
}

static void fma_rounds(void *ctx, int64_t index, int thread)
{
    (void)index, (void)thread;
    (is_avx512() ? fma_avx512 : fma_avx2)(*(int64_t *)ctx);
}

double bench_peak(void)
{
    int64_t rounds = 2000000;
    double best = 0.0, flops = (double)rounds * CHAINS * 2.0 * (is_avx512() ? 16.0 : 8.0);
    for (int i = 0; i < TURNS && strcmp(gr_kernels_get()->isa, "generic") != 0; i++) {
        double begin = gr_seconds();
        gr_parallel_for(gr_threads_get(), fma_rounds, &rounds);
        best = fmax(best, flops * gr_threads_get() / (gr_seconds() - begin) * 1e-9);
    }
    return best;
}
#else
double bench_peak(void)
{
    return 0.0;
}
#endif
