/* The average of each channel over a whole map, and its gradient. */
#include "parts.h"
#include "rows.h"

enum { LINE = 16 }; /* channels of a cache line: groups so narrow that there are several where there is one image */

typedef struct global_job {
    int64_t pixels, c, groups, width, block, blocks; /* groups of channels of one image (forward), blocks of pixels (backward) */
    const float *in;
    float *out;
    bool accumulate;
} global_job;

static void global_task(void *ctx, int64_t task, int thread)
{
    (void)thread;
    const global_job *job = ctx;
    double sum[GR_GROUP];
    int64_t n = task / job->groups, first = task % job->groups * job->width, width = gr_least(job->width, job->c - first);
    gr_rows_sum(job->pixels, width, job->c, job->in + n * job->pixels * job->c + first, sum);
    for (int64_t i = 0; i < width; i++)
        job->out[n * job->c + first + i] = (float)(sum[i] / (double)job->pixels);
}

void GR_KERNEL(gr_global_avg_pool)(int64_t n, int64_t pixels, int64_t c, const float *x, float *y)
{
    global_job job = {.pixels = pixels, .c = c, .width = n < 4 ? LINE : GR_GROUP, .in = x, .out = y};
    job.groups = gr_blocks(c, job.width);
    gr_parallel_for(n * job.groups, global_task, &job);
}

static void global_backward_task(void *ctx, int64_t task, int thread)
{
    (void)thread;
    const global_job *job = ctx;
    int64_t n = task / job->blocks, begin = task % job->blocks * job->block, end = gr_least(job->pixels, begin + job->block);
    float share[4 * GR_GROUP];
    for (int64_t first = 0; first < job->c; first += 4 * GR_GROUP) {
        int64_t width = gr_least(4 * GR_GROUP, job->c - first);
        const float *dy = job->in + n * job->c + first;
        for (int64_t i = 0; i < width; i += GR_VL)
            gr_vstore(share + i, gr_vload_upto(dy + i, width - i) / gr_vset((float)job->pixels));
        for (int64_t pixel = begin; pixel < end; pixel++) {
            float *dx = job->out + (n * job->pixels + pixel) * job->c + first;
            for (int64_t i = 0; i < width; i += GR_VL) {
                gr_vf v = gr_vload(share + i);
                if (job->accumulate)
                    v += gr_vload_upto(dx + i, width - i);
                gr_vstore_upto(dx + i, v, width - i);
            }
        }
    }
}

void GR_KERNEL(gr_global_avg_pool_backward)(int64_t n, int64_t pixels, int64_t c, const float *dy, float *dx,
                                            bool accumulate)
{
    global_job job = {.pixels = pixels, .c = c, .in = dy, .out = dx, .accumulate = accumulate};
    job.block = gr_rows_per_block(c);
    job.blocks = gr_blocks(pixels, job.block);
    gr_parallel_for(n * job.blocks, global_backward_task, &job);
}
