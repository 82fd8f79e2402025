/* Which instruction set runs: decided once, in this file. */
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

extern const gr_kernels gr_kernels_generic;
#if defined(__x86_64__)
extern const gr_kernels gr_kernels_avx2, gr_kernels_avx512, gr_kernels_avx512_bf16, gr_kernels_amx_bf16;
#endif

typedef struct candidate {
    const char *name;
    const gr_kernels *table;
    bool (*runs)(void);
} candidate;

static bool always(void) { return true; }

#if defined(__x86_64__)
static bool has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
static bool has_avx512(void)
{
#if defined(GR_EMULATED_AVX512)
    return has_avx2(); /* `make test EMULATE=1`: AVX-512's kernels, compiled for AVX2 */
#else
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
#endif
}
static bool has_avx512_bf16(void) { return has_avx512() && __builtin_cpu_supports("avx512bf16"); }

/* Linux saves matrix registers only for a process that asks for them. */
static bool has_amx_bf16(void)
{
#if defined(__linux__) && defined(SYS_arch_prctl)
    enum { ASK = 0x1023, TILE_DATA = 18, AMX_BF16 = 1 << 22, AMX_TILE = 1 << 24 };
    unsigned a, b, c, d;
    return has_avx512_bf16() && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & AMX_BF16) != 0 && (d & AMX_TILE) != 0 &&
           syscall(SYS_arch_prctl, ASK, TILE_DATA) == 0;
#else
    return false;
#endif
}
#endif

/* From the plainest to the best. */
static const candidate candidates[] = {
    {"generic", &gr_kernels_generic, always},
#if defined(__x86_64__)
    {"avx2", &gr_kernels_avx2, has_avx2},
    {"avx512", &gr_kernels_avx512, has_avx512},
    {"avx512_bf16", &gr_kernels_avx512_bf16, has_avx512_bf16},
    {"amx_bf16", &gr_kernels_amx_bf16, has_amx_bf16},
#endif
};
enum { CANDIDATES = sizeof candidates / sizeof candidates[0] };

/* The one global of the engine: written at start, before any thread, then only read. */
static const gr_kernels *selected;
static const char *reason = "not chosen yet";

static const candidate *best(void)
{
    const candidate *found = &candidates[0];
    for (int i = 1; i < CANDIDATES; i++)
        if (candidates[i].runs())
            found = &candidates[i];
    return found;
}

gr_status gr_kernels_select(gr_error *err)
{
    const char *forced = getenv("GRIMACE_ISA");
    if (forced == NULL || forced[0] == '\0') {
        selected = best()->table;
        reason = "the widest that this CPU runs";
        return GR_OK;
    }
    for (int i = 0; i < CANDIDATES; i++) {
        if (strcmp(forced, candidates[i].name) != 0)
            continue;
        if (!candidates[i].runs())
            return gr_fail(err, GR_INVALID, "GRIMACE_ISA: this CPU cannot run '%s'; the best it has is '%s'", forced,
                           best()->name);
        selected = candidates[i].table;
        reason = "GRIMACE_ISA names it";
        return GR_OK;
    }
    return gr_fail(err, GR_INVALID, "GRIMACE_ISA: unknown instruction set '%s'; this binary has generic%s", forced,
                   CANDIDATES > 1 ? ", avx2, avx512, avx512_bf16 and amx_bf16" : "");
}

const gr_kernels *gr_kernels_get(void)
{
    gr_error unused = {0}; /* a program that did not ask gr_kernels_select cannot be told why it has not what GRIMACE_ISA names */
    if (selected == NULL && gr_kernels_select(&unused) != GR_OK) {
        selected = best()->table;
        reason = "the widest that this CPU runs";
    }
    return selected;
}

const char *gr_kernels_reason(void)
{
    return reason;
}

int gr_kernels_available(const gr_kernels *tables[8])
{
    int count = 0;
    for (int i = 0; i < CANDIDATES; i++)
        if (candidates[i].runs())
            tables[count++] = candidates[i].table;
    return count;
}
