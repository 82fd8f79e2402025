/* Activations over flat arrays, and their backward. */
#include "parts.h"
#include "rows.h"
#include "simd_math.h"

typedef struct act_job {
    gr_act act;
    int64_t count;
    const float *x, *dy;
    float *y;
    bool accumulate;
} act_job;

/* Inlined once for each kind, so that the choice stands outside the loop. */
GR_INLINE void forward_block(const act_job *j, int64_t index, const gr_act act)
{
    int64_t end = gr_least(j->count, (index + 1) * GR_FLAT_BLOCK);
    for (int64_t i = index * GR_FLAT_BLOCK; i < end; i += GR_VL)
        gr_vstore_upto(j->y + i, gr_vact(act, gr_vload_upto(j->x + i, end - i)), end - i);
}

static void forward(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const act_job *j = ctx;
    switch (j->act) {
    case GR_ACT_NONE: forward_block(j, index, GR_ACT_NONE); break;
    case GR_ACT_RELU: forward_block(j, index, GR_ACT_RELU); break;
    case GR_ACT_RELU6: forward_block(j, index, GR_ACT_RELU6); break;
    case GR_ACT_HARD_SIGMOID: forward_block(j, index, GR_ACT_HARD_SIGMOID); break;
    case GR_ACT_HARD_SWISH: forward_block(j, index, GR_ACT_HARD_SWISH); break;
    case GR_ACT_SILU: forward_block(j, index, GR_ACT_SILU); break;
    }
}

void GR_KERNEL(gr_activate)(gr_act act, int64_t count, const float *x, float *y)
{
    act_job j = {.act = act, .count = count, .x = x, .y = y};
    gr_parallel_for(gr_blocks(count, GR_FLAT_BLOCK), forward, &j);
}

GR_INLINE void backward_block(const act_job *j, int64_t index, const gr_act act)
{
    int64_t end = gr_least(j->count, (index + 1) * GR_FLAT_BLOCK);
    for (int64_t i = index * GR_FLAT_BLOCK; i < end; i += GR_VL) {
        gr_vf dx = gr_vload_upto(j->dy + i, end - i) * gr_vact_slope(act, gr_vload_upto(j->x + i, end - i));
        if (j->accumulate)
            dx += gr_vload_upto(j->y + i, end - i);
        gr_vstore_upto(j->y + i, dx, end - i);
    }
}

static void backward(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const act_job *j = ctx;
    switch (j->act) {
    case GR_ACT_NONE: backward_block(j, index, GR_ACT_NONE); break;
    case GR_ACT_RELU: backward_block(j, index, GR_ACT_RELU); break;
    case GR_ACT_RELU6: backward_block(j, index, GR_ACT_RELU6); break;
    case GR_ACT_HARD_SIGMOID: backward_block(j, index, GR_ACT_HARD_SIGMOID); break;
    case GR_ACT_HARD_SWISH: backward_block(j, index, GR_ACT_HARD_SWISH); break;
    case GR_ACT_SILU: backward_block(j, index, GR_ACT_SILU); break;
    }
}

void GR_KERNEL(gr_activate_backward)(gr_act act, int64_t count, const float *x, const float *dy, float *dx, bool accumulate)
{
    act_job j = {act, count, x, dy, dx, accumulate};
    gr_parallel_for(gr_blocks(count, GR_FLAT_BLOCK), backward, &j);
}
