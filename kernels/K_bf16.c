/* bfloat16: the upper half of a float32. */
#include "parts.h"
#include "rows.h"
#include "simd_math.h"

typedef struct narrow_job {
    int64_t count;
    const float *x;
    uint16_t *y;
} narrow_job;

static void narrow_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const narrow_job *job = ctx;
    int64_t i = index * GR_FLAT_BLOCK, end = gr_least(job->count, i + GR_FLAT_BLOCK);
    for (; i + GR_VL <= end; i += GR_VL)
        gr_vnarrow_words(job->y + i, gr_vround_bf16(gr_vload(job->x + i)));
    if (i < end) {
        uint16_t part[GR_VL];
        gr_vnarrow_words(part, gr_vround_bf16(gr_vload_part(job->x + i, end - i)));
        memcpy(job->y + i, part, (size_t)(end - i) * sizeof *part);
    }
}

void GR_KERNEL(gr_f32_to_bf16)(int64_t count, const float *x, uint16_t *y)
{
    narrow_job job = {count, x, y};
    gr_parallel_for(gr_blocks(count, GR_FLAT_BLOCK), narrow_block, &job);
}

typedef struct widen_job {
    int64_t count;
    const uint16_t *x;
    float *y;
} widen_job;

static void widen_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const widen_job *job = ctx;
    int64_t i = index * GR_FLAT_BLOCK, end = gr_least(job->count, i + GR_FLAT_BLOCK);
    for (; i + GR_VL <= end; i += GR_VL)
        gr_vstore(job->y + i, (gr_vf)((gr_vu)gr_vwiden_words(job->x + i) << 16));
    if (i < end) {
        uint16_t part[GR_VL] = {0};
        memcpy(part, job->x + i, (size_t)(end - i) * sizeof *part);
        gr_vstore_part(job->y + i, (gr_vf)((gr_vu)gr_vwiden_words(part) << 16), end - i);
    }
}

void GR_KERNEL(gr_bf16_to_f32)(int64_t count, const uint16_t *x, float *y)
{
    widen_job job = {count, x, y};
    gr_parallel_for(gr_blocks(count, GR_FLAT_BLOCK), widen_block, &job);
}
