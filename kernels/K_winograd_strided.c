/* Polyphase Winograd as a plan sees it: what it takes, and the transform of its weights. */
#include <stdio.h>

#include "winograd_strided.h"

/* With fewer channels the transforms take what they save. With 32 registers nothing was timed between 16 and 24 tiles. */
enum { CHANNELS_MIN = 32, TILES_MIN = GR_REGISTERS == 16 ? 16 : 24 };

/* Products of an axis for each number of the other factor; plain sums have 3 for each unit. */
static int64_t products_of(const gr_strided_axis *a)
{
    return 9 * a->fours + 7 * (a->tiles - a->fours);
}

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *fusion)
{
    (void)fusion;
    if (d == GR_BACKWEIGHT)
        return "it has no weight direction";
    if (p->exact || p->bf16)
        return "its transforms round more than the sums";
    if (p->kh != 3 || p->kw != 3 || p->stride_h != 2 || p->stride_w != 2)
        return "it is not 3x3 with stride 2";
    if (p->dil_h != 1 || p->dil_w != 1 || p->groups != 1)
        return "it is dilated or grouped";
    if (p->pad_top < 0 || p->pad_top > 2 || p->pad_left < 0 || p->pad_left > 2)
        return "the padding is beyond 2";
    if (p->c < CHANNELS_MIN || p->oc < CHANNELS_MIN)
        return "few channels";
    const gr_strided_plan plan = GR_KERNEL(gr_strided_plan_make)(p, d);
    if (5 * products_of(&plan.h) * products_of(&plan.w) > 4 * 9 * plan.h.units * plan.w.units)
        return "the results fill so little of their tiles that little is saved";
    return plan.tiles < TILES_MIN ? "few tiles for so many transformed weights" : NULL;
}

static size_t packed_size(const gr_conv_problem *p, gr_direction d)
{
    if (d == GR_BACKWEIGHT)
        return 0;
    const gr_strided_plan plan = GR_KERNEL(gr_strided_plan_make)(p, d);
    return sizeof(float) * (size_t)(plan.panels * GR_STRIDED_POINTS * plan.ic * GR_NR);
}

/* u = G w: the outer taps at the points, and the middle one. */
GR_INLINE void weights_of(gr_vf w0, gr_vf w1, gr_vf w2, gr_vf *u)
{
    const gr_vf w0_a = gr_vset(GR_SMALL_OVER) * w0, w0_b = gr_vset(GR_LARGE_OVER) * w0;
    u[0] = gr_vfma(gr_vset(GR_SMALL_OVER * GR_SMALL), w2, w0_a);
    u[1] = gr_vfma(gr_vset(GR_SMALL_OVER * GR_SMALL), w2, -w0_a);
    u[2] = gr_vfma(gr_vset(GR_LARGE_OVER * GR_LARGE), w2, w0_b);
    u[3] = gr_vfma(gr_vset(GR_LARGE_OVER * GR_LARGE), w2, -w0_b);
    u[4] = w2;
    u[5] = w1;
}

typedef struct packing {
    gr_strided_plan plan;
    const float *weights;
    float *u;
} packing;

enum { ROWS = 16 }; /* input channels of one task */

/* taps[9][ROWS][GR_NR] to u[36], u_point floats apart. */
static void transform(const float *taps, int64_t rows, float *u, int64_t u_point)
{
    for (int64_t at = 0; at < rows * GR_NR; at += GR_VL) {
        gr_vf columns[3][GR_AXIS_POINTS], row[GR_AXIS_POINTS];
#pragma GCC unroll 3
        for (int j = 0; j < 3; j++) {
            const float *w = taps + j * ROWS * GR_NR + at;
            weights_of(gr_vload(w), gr_vload(w + 3 * ROWS * GR_NR), gr_vload(w + 6 * ROWS * GR_NR), columns[j]);
        }
#pragma GCC unroll 6
        for (int i = 0; i < GR_AXIS_POINTS; i++) {
            weights_of(columns[0][i], columns[1][i], columns[2][i], row);
#pragma GCC unroll 6
            for (int j = 0; j < GR_AXIS_POINTS; j++)
                gr_vstore(u + (i * GR_AXIS_POINTS + j) * u_point + at, row[j]);
        }
    }
}

/* weights[tap][c][oc]; backward the outer taps change places. */
static void pack_rows(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const packing *j = ctx;
    const gr_strided_plan *plan = &j->plan;
    const int64_t parts = gr_blocks(plan->ic, ROWS), panel = index / parts, ic = index % parts * ROWS, column = panel * GR_NR;
    const int64_t rows = gr_least(ROWS, plan->ic - ic), columns = gr_least(GR_NR, plan->oc - column);
    _Alignas(64) float taps[9 * ROWS * GR_NR];
    for (int64_t tap = 0; tap < 9; tap++) {
        const float *w = j->weights + tap * plan->ic * plan->oc;
        if (plan->data)
            gr_panel_transpose(rows, columns, w + column * plan->ic + ic, plan->ic, taps + (8 - tap) * ROWS * GR_NR);
        else
            gr_panel_copy(rows, columns, w + ic * plan->oc + column, plan->oc, taps + tap * ROWS * GR_NR);
    }
    transform(taps, rows, j->u + (panel * GR_STRIDED_POINTS * plan->ic + ic) * GR_NR, plan->ic * GR_NR);
}

static void pack(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed)
{
    if (d == GR_BACKWEIGHT)
        return;
    packing j = {.plan = GR_KERNEL(gr_strided_plan_make)(p, d), .weights = weights, .u = packed};
    gr_parallel_for(j.plan.panels * gr_blocks(j.plan.ic, ROWS), pack_rows, &j);
}

static size_t scratch_size(const gr_conv_problem *p, gr_direction d, int threads)
{
    if (d == GR_BACKWEIGHT)
        return 0;
    const gr_strided_plan plan = GR_KERNEL(gr_strided_plan_make)(p, d);
    return GR_KERNEL(gr_strided_scratch)(&plan, threads);
}

static int64_t stat_blocks(const gr_conv_problem *p, gr_direction d)
{
    return d == GR_BACKWEIGHT ? 0 : GR_KERNEL(gr_strided_plan_make)(p, d).blocks;
}

static void describe(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    const gr_strided_plan plan = GR_KERNEL(gr_strided_plan_make)(p, d);
    snprintf(text, size, "F(4x4,3x3) of stride 2, %lld tiles, %s in %lld blocks, %d rows x %d channels", (long long)plan.tiles,
             plan.staged ? "staged" : "fused", (long long)plan.blocks, GR_MR, GR_NR);
}

const gr_conv_algorithm GR_KERNEL(gr_winograd_strided) = {
    .name = "winograd_strided",
    .refuses = refuses,
    .packed_size = packed_size,
    .scratch_size = scratch_size,
    .stat_blocks = stat_blocks,
    .pack = pack,
    .run = GR_KERNEL(gr_strided_run),
    .describe = describe,
};
