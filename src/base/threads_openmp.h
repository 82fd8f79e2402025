/* The loop of threads.h by OpenMP's team of threads, which a site may have pinned (OMP_PLACES, OMP_PROC_BIND). */
#ifndef GR_BASE_THREADS_OPENMP_H
#define GR_BASE_THREADS_OPENMP_H

#include <stdint.h>

/* As gr_parallel_for with `team` threads, each a contiguous range of its own. Not to be called from within itself, nor in a
 * child of fork. */
void gr_openmp_for(int team, int64_t count, void (*fn)(void *ctx, int64_t index, int thread), void *ctx);

#endif
