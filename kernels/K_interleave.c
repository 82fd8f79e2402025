/* Two rows of numbers in turns, and apart again: what joining two halves of the channels and shuffling them in two groups does. */
#include "parts.h"
#include "rows.h"

typedef struct turns_job {
    gr_turns t;
    int64_t block; /* rows */
} turns_job;

#if GR_VL == 16
#define GR_LOW_TURNS 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define GR_HIGH_TURNS 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#define GR_EVEN 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define GR_ODD 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#elif GR_VL == 8
#define GR_LOW_TURNS 0, 8, 1, 9, 2, 10, 3, 11
#define GR_HIGH_TURNS 4, 12, 5, 13, 6, 14, 7, 15
#define GR_EVEN 0, 2, 4, 6, 8, 10, 12, 14
#define GR_ODD 1, 3, 5, 7, 9, 11, 13, 15
#else
#define GR_LOW_TURNS 0, 4, 1, 5
#define GR_HIGH_TURNS 2, 6, 3, 7
#define GR_EVEN 0, 2, 4, 6
#define GR_ODD 1, 3, 5, 7
#endif

/* The numbers of both that are left: none where there is no more. */
static void store_some(float *p, gr_vf v, int64_t left)
{
    if (left > 0)
        gr_vstore_upto(p, v, left);
}

static void in_turns(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const turns_job *j = ctx;
    const gr_turns *t = &j->t;
    for (int64_t r = index * j->block; r < gr_least(t->rows, (index + 1) * j->block); r++) {
        const float *a = t->a + r * t->step, *b = t->b + r * t->step;
        float *y = t->y + r * t->y_step;
        for (int64_t i = 0; i < t->count; i += GR_VL) {
            const int64_t left = gr_least(GR_VL, t->count - i);
            const gr_vf even = gr_vload_upto(a + i, left), odd = gr_vload_upto(b + i, left);
            store_some(y + 2 * i, __builtin_shufflevector(even, odd, GR_LOW_TURNS), 2 * left);
            store_some(y + 2 * i + GR_VL, __builtin_shufflevector(even, odd, GR_HIGH_TURNS), 2 * left - GR_VL);
        }
    }
}

static void put(float *to, gr_vf v, int64_t left, bool accumulate)
{
    gr_vstore_upto(to, accumulate ? gr_vload_upto(to, left) + v : v, left);
}

static void apart(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const turns_job *j = ctx;
    const gr_turns *t = &j->t;
    for (int64_t r = index * j->block; r < gr_least(t->rows, (index + 1) * j->block); r++) {
        const float *y = t->y + r * t->y_step;
        for (int64_t i = 0; i < t->count; i += GR_VL) {
            const int64_t left = gr_least(GR_VL, t->count - i);
            const gr_vf low = gr_vload_upto(y + 2 * i, 2 * left);
            const gr_vf high = 2 * left > GR_VL ? gr_vload_upto(y + 2 * i + GR_VL, 2 * left - GR_VL) : gr_vzero();
            if (t->a != NULL)
                put(t->a + r * t->step + i, __builtin_shufflevector(low, high, GR_EVEN), left, t->accumulate_a);
            if (t->b != NULL)
                put(t->b + r * t->step + i, __builtin_shufflevector(low, high, GR_ODD), left, t->accumulate_b);
        }
    }
}

void GR_KERNEL(gr_in_turns)(const gr_turns *t)
{
    turns_job j = {*t, gr_rows_per_block(2 * t->count)};
    gr_parallel_for(gr_blocks(t->rows, j.block), in_turns, &j);
}

void GR_KERNEL(gr_apart)(const gr_turns *t)
{
    turns_job j = {*t, gr_rows_per_block(2 * t->count)};
    gr_parallel_for(gr_blocks(t->rows, j.block), apart, &j);
}
