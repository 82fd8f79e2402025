/* The one place that starts compute threads. */
#include "base/threads.h"

#include <omp.h>

static int wanted; /* 0: not set yet. Written by gr_threads_set before work starts. */

void gr_threads_set(int count)
{
    wanted = count > 0 ? count : omp_get_num_procs();
}

int gr_threads_get(void)
{
    return wanted > 0 ? wanted : omp_get_num_procs();
}

void gr_parallel_for(int64_t count, void (*fn)(void *ctx, int64_t index, int thread), void *ctx)
{
    int threads = gr_threads_get();
    if (threads > count)
        threads = count > 0 ? (int)count : 1;
    if (threads == 1 || omp_in_parallel()) {
        for (int64_t i = 0; i < count; i++)
            fn(ctx, i, 0);
        return;
    }
#pragma omp parallel num_threads(threads)
    {
        int thread = omp_get_thread_num(), team = omp_get_num_threads();
        int64_t begin = count * thread / team, end = count * (thread + 1) / team;
        for (int64_t i = begin; i < end; i++)
            fn(ctx, i, thread);
    }
}
