/* Threads: how many compute, and a loop over them. */
#ifndef GR_BASE_THREADS_H
#define GR_BASE_THREADS_H

#include <stdint.h>

/* Sets how many threads gr_parallel_for uses; 0: all cores the process may run on. */
void gr_threads_set(int count);
int gr_threads_get(void);
/* The cores that this process may run on. */
int gr_threads_cores(void);
/* Calls fn(ctx, index, thread) once for each index in [0, count) and returns when all are done. `thread` in [0,
 * gr_threads_get()) names a private scratch. Each thread begins with a contiguous range of its own, in order; what it has not
 * begun, another that is done takes from its end. So results must depend neither on which thread ran an index nor on the order
 * in which one did. A call from within fn, or from another thread meanwhile, runs serially, as thread 0. A child of fork may
 * call it. */
void gr_parallel_for(int64_t count, void (*fn)(void *ctx, int64_t index, int thread), void *ctx);

#endif
