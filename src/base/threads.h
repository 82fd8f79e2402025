/* Threads: how many compute, and a loop over them. */
#ifndef GR_BASE_THREADS_H
#define GR_BASE_THREADS_H

#include <stdint.h>

/* Sets how many threads gr_parallel_for uses; 0: all cores the process may run on. */
void gr_threads_set(int count);
int gr_threads_get(void);
/* Calls fn(ctx, index, thread) once for each index in [0, count), each thread taking one contiguous range; returns when
 * all are done. `thread` in [0, gr_threads_get()) names a private scratch. Do not nest: a call from within fn runs
 * serially, as thread 0. Results must not depend on which thread ran an index. */
void gr_parallel_for(int64_t count, void (*fn)(void *ctx, int64_t index, int thread), void *ctx);

#endif
