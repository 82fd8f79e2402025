/* A 1x1 convolution and the depthwise one that alone reads it, at inference: each thread makes the rows that its next row of
 * results needs, and keeps as many as the kernel is high, so that what is between the two never leaves the core's cache. Where
 * two threads meet, both make the few rows that both need: the numbers are those of one convolution after the other. */
#include "one_pass.h"

enum {
    FAR = 768 << 10, /* bytes of what is between, for one image: what L2 would not keep */
    MOST_TAPS = 5,
    HEAD = 16 /* floats: which rows a thread has, one number each */
};

static int64_t kept_floats(const gr_conv_problem *second)
{
    return HEAD + gr_round_up(second->kh * second->w * second->c, 16);
}

static bool takes(const gr_conv_problem *first, const gr_conv_fusion *f, const gr_conv_problem *second, const gr_conv_fusion *g,
                  int threads)
{
    int64_t floats = second->h * second->w * second->c;
    gr_one_pass_cut cut = GR_KERNEL(gr_one_pass_cut)(first);
    const gr_source plain = {0};
    return GR_KERNEL(gr_one_pass).refuses(first, GR_FORWARD, f) == NULL && f->residual == NULL &&
           GR_KERNEL(gr_depthwise_one_pass).refuses(second, GR_FORWARD, g) == NULL && first->ow >= GR_MR &&
           floats * (int64_t)sizeof(float) >= FAR && kept_floats(second) * threads <= floats * second->n &&
           GR_KERNEL(gr_left_is_source)(&cut.v, &plain) && !cut.by_panel;
}

typedef struct job {
    gr_one_pass_job first;
    const gr_conv_problem *second;
    const gr_conv_args *args;
    float *between;
} job;

static void run_row(void *ctx, int64_t row, int thread)
{
    const job *j = ctx;
    const gr_conv_problem *p = j->second;
    float *kept = j->between + thread * kept_floats(p);
    int32_t *held = (int32_t *)(void *)kept;
    const float *rows[MOST_TAPS] = {NULL};
    int64_t top = row % p->oh * p->stride_h - p->pad_top;
    for (int64_t tap = gr_most(0, -top); tap < gr_least(p->kh, p->h - top); tap++) {
        int64_t wanted = row / p->oh * p->h + top + tap, place = (top + tap) % p->kh;
        float *at = kept + HEAD + place * p->w * p->c;
        if (held[place] != (int32_t)wanted)
            GR_KERNEL(gr_one_pass_row)(&j->first, wanted, thread, at);
        held[place] = (int32_t)wanted;
        rows[tap] = at;
    }
    GR_KERNEL(gr_depthwise_row)(p, j->args, rows, row);
}

static void run(const gr_conv_problem *first, const gr_conv_args *a, const gr_conv_problem *second, const gr_conv_args *b,
                int threads)
{
    job j = {.first = GR_KERNEL(gr_one_pass_begin)(first, a), .second = second, .args = b, .between = a->out};
    for (int thread = 0; thread < threads; thread++)
        for (int64_t i = 0; i < MOST_TAPS; i++)
            ((int32_t *)(void *)(j.between + thread * kept_floats(second)))[i] = -1;
    gr_parallel_for(second->n * second->oh, run_row, &j);
}

const gr_conv_join GR_KERNEL(gr_one_pass_join) = {
    .first = &GR_KERNEL(gr_one_pass),
    .second = &GR_KERNEL(gr_depthwise_one_pass),
    .takes = takes,
    .run = run,
};
