#include "base/threads_openmp.h"

#include <omp.h>

void gr_openmp_for(int team, int64_t count, void (*fn)(void *ctx, int64_t index, int thread), void *ctx)
{
#pragma omp parallel num_threads(team)
    {
        int thread = omp_get_thread_num(), all = omp_get_num_threads();
        int64_t begin = count * thread / all, end = count * (thread + 1) / all;
        for (int64_t i = begin; i < end; i++)
            fn(ctx, i, thread);
    }
}
