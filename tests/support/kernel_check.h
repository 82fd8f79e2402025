/* What the tests of kernels share: every table this CPU runs, numbers, memory with a fence behind it, comparisons. */
#ifndef GR_KERNEL_CHECK_H
#define GR_KERNEL_CHECK_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "kernels/kernels.h"

enum { FENCE = 16 }; /* floats behind an array that a kernel must leave alone */
static const float FENCE_VALUE = -12345.5f;

/* `count` floats that hold garbage; the caller ends with release. */
static inline float *fresh(int64_t count)
{
    float *p = gr_alloc((size_t)count + FENCE, sizeof *p);
    assert_non_null(p);
    for (int64_t i = 0; i < count; i++)
        p[i] = NAN;
    for (int64_t i = 0; i < FENCE; i++)
        p[count + i] = FENCE_VALUE;
    return p;
}

/* Frees what fresh made of the same count, after a look at the fence. */
static inline void release(float *p, int64_t count)
{
    for (int64_t i = 0; i < FENCE; i++)
        if (!(p[count + i] == FENCE_VALUE))
            fail_msg("float %lld behind an array of %lld was overwritten", (long long)i, (long long)count);
    gr_free(p);
}

/* Uniform in [-2, 2). */
static inline float *fresh_uniform(int64_t count, uint32_t stream)
{
    float *p = fresh(count);
    gr_rng rng = gr_rng_make(1, GR_FOR_TEST, stream, (uint64_t)count);
    for (int64_t i = 0; i < count; i++)
        p[i] = 4.0f * gr_rng_float(&rng) - 2.0f;
    return p;
}

/* Whole numbers in [-4, 4], of which sums are exact and many are equal. */
static inline float *fresh_whole(int64_t count, uint32_t stream)
{
    float *p = fresh(count);
    gr_rng rng = gr_rng_make(2, GR_FOR_TEST, stream, (uint64_t)count);
    for (int64_t i = 0; i < count; i++)
        p[i] = (float)(gr_rng_u32(&rng) % 9) - 4.0f;
    return p;
}

static inline float *copy_of(const float *from, int64_t count)
{
    float *p = fresh(count);
    memcpy(p, from, (size_t)count * sizeof *p);
    return p;
}

/* Fails unless |got - want| <= limit; a NaN on one side alone always fails. */
static inline void check_near(const char *what, int64_t at, double got, double want, double limit)
{
    if (isnan(want) ? !isnan(got) : !(fabs(got - want) <= limit || got == want))
        fail_msg("%s[%lld]: %.9g where %.9g is right (limit %.3g)", what, (long long)at, got, want, limit);
}

static inline void check_equal(const char *what, const float *got, const float *want, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        check_near(what, i, (double)got[i], (double)want[i], 0);
}

static inline void check_same_bits(const char *what, const void *a, const void *b, size_t size, int threads)
{
    if (memcmp(a, b, size) != 0)
        fail_msg("%s: %d threads give other bits than one", what, threads);
}

/* Calls test once for each table that this CPU runs, on one thread: a test of threads sets their number itself, and the
 * others run many small kernels, which a busy machine would make wait for its second thread. */
static inline void on_each_table(void (*test)(const gr_kernels *k))
{
    const gr_kernels *tables[8];
    int count = gr_kernels_available(tables);
    assert_true(count >= 1);
    for (int i = 0; i < count; i++) {
        gr_threads_set(1);
        test(tables[i]);
    }
}

static const int thread_counts[] = {2, 3, 5};
enum { THREAD_COUNTS = sizeof thread_counts / sizeof thread_counts[0] };

#endif
