/* Winograd convolution for few tiles and many channels: U, four times as large as the filters, would be written to memory and read
 * again for a handful of tiles. So each task transforms the filters of its panel of outputs itself, CHANNELS inputs after another,
 * multiplies them with all tiles while they are near, and transforms its results out. The same bits as winograd.
 *
 *     packed  [panel][IC][9][GR_PANEL]: the filters, turned in the data direction
 *     V       as winograd's; U [36][CHANNELS][GR_PANEL] and M [strip][36][GR_STRIP][GR_PANEL] are a thread's own */
#include <stdio.h>

#include "winograd.h"

enum {
    TILES_MOST = 64,
    U_LARGE = 4 << 20,
    U_BYTES = 300 << 10, /* of what stays in a core's cache beside M and what comes by of V */
    CHANNELS = U_BYTES / (GR_POSITIONS * GR_PANEL * (int)sizeof(float)) / GR_VL * GR_VL,
    U_POSITION = CHANNELS * GR_PANEL + 3 * GR_LINE, /* or the 36 positions would compete for the same cache sets */
    TAPS = 9 * GR_PANEL
};

typedef struct convolution {
    gr_wino_plan plan;
    gr_wino_image image;
    gr_wino_target target;
    const float *filters;
    float *v, *own; /* scratch; own: thread 0's U and M */
} convolution;

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *fusion)
{
    if (d == GR_BACKWEIGHT)
        return "it has no weight direction";
    if (GR_KERNEL(gr_winograd).refuses(p, d, fusion) != NULL)
        return GR_KERNEL(gr_winograd).refuses(p, d, fusion);
    const gr_wino_plan plan = GR_KERNEL(gr_wino_plan)(p, d, false);
    if (GR_POSITIONS * plan.ic * plan.oc * (int64_t)sizeof(float) < U_LARGE)
        return "all transformed filters stay near";
    return plan.grid.tiles > TILES_MOST ? "with so many tiles it pays to transform filters once" : NULL;
}

/* ---- packing ----------------------------------------------------------------------------------------------------- */

typedef struct pack_job {
    gr_wino_plan plan;
    const float *weights;
    float *packed;
} pack_job;

/* Forward: lines of weights[tap][ic][oc] move. */
static void pack_forward(void *ctx, int64_t index, int thread)
{
    const pack_job *j = ctx;
    const gr_wino_plan *plan = &j->plan;
    const int64_t panel = index / plan->ic_blocks, ic0 = index % plan->ic_blocks * GR_VL, ic_padded = plan->ic_blocks * GR_VL;
    (void)thread;
    for (int64_t ic = ic0; ic < ic0 + GR_VL; ic++)
        for (int64_t half = 0; half < GR_PANEL; half += GR_VL) {
            const int64_t oc = panel * GR_PANEL + half, lanes = ic < plan->ic ? gr_least(plan->oc - oc, GR_VL) : 0;
            float *to = j->packed + (panel * ic_padded + ic) * TAPS + half;
            for (int64_t tap = 0; tap < 9; tap++) {
                const float *from = j->weights + (tap * plan->ic + ic) * plan->oc + oc;
                gr_vstore(to + tap * GR_PANEL, lanes > 0 ? gr_vload_upto(from, lanes) : gr_vzero());
            }
        }
}

/* Data: squares of weights[tap][oc here][ic here] are transposed, and taps stand in reverse. */
static void pack_data(void *ctx, int64_t index, int thread)
{
    const pack_job *j = ctx;
    const gr_wino_plan *plan = &j->plan;
    const int64_t panel = index / plan->ic_blocks, ic0 = index % plan->ic_blocks * GR_VL, oc0 = panel * GR_PANEL;
    const int64_t ics = gr_least(plan->ic - ic0, GR_VL), ocs = gr_least(plan->oc - oc0, GR_PANEL);
    float *to = j->packed + (panel * plan->ic_blocks * GR_VL + ic0) * TAPS;
    (void)thread;
    if (ics < GR_VL || ocs < GR_PANEL)
        memset(to, 0, sizeof(float) * GR_VL * TAPS);
    for (int64_t tap = 0; tap < 9; tap++)
        for (int64_t oc = 0; oc < ocs; oc++) {
            const float *from = j->weights + (tap * plan->oc + oc0 + oc) * plan->ic + ic0;
            float *column = to + (8 - tap) * GR_PANEL + oc;
            __builtin_prefetch(from + GR_VL);
            for (int64_t ic = 0; ic < ics; ic++)
                column[ic * TAPS] = from[ic];
        }
}

static size_t packed_size(const gr_conv_problem *p, gr_direction d)
{
    const gr_wino_plan plan = GR_KERNEL(gr_wino_plan)(p, d, false);
    return sizeof(float) * (size_t)(plan.panels * plan.ic_blocks * GR_VL * TAPS);
}

static void pack(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed)
{
    pack_job j = {GR_KERNEL(gr_wino_plan)(p, d, false), weights, packed};
    gr_parallel_for(j.plan.panels * j.plan.ic_blocks, d == GR_FORWARD ? pack_forward : pack_data, &j);
}

/* ---- the convolution --------------------------------------------------------------------------------------------- */

static void read_task(void *ctx, int64_t index, int thread)
{
    const convolution *c = ctx;
    const gr_wino_plan *plan = &c->plan;
    const int64_t strip = index / plan->ic_blocks, cb = index % plan->ic_blocks;
    (void)thread;
    int64_t first, count = gr_wino_strip(plan, strip, &first);
    GR_KERNEL(gr_wino_input)(&c->image, &plan->grid, first, count, cb, cb + 1, &gr_wino_v_steps, c->v + index * GR_V_BLOCK);
}

/* M (+)= V U over the input channels from c0 on. Tiles of a kind that does not need a position get zeros there. */
static void multiply(const convolution *c, int64_t c0, int64_t channels, const float *u, float *m)
{
    const gr_wino_plan *plan = &c->plan;
    for (int64_t position = 0; position < GR_POSITIONS; position++, u += U_POSITION) {
        int64_t need0, need1;
        gr_wino_needs(&plan->grid, position, &need0, &need1);
        for (int64_t strip = 0; strip < plan->strips; strip++) {
            int64_t first, count = gr_wino_strip(plan, strip, &first);
            float *to = m + strip * GR_M_BLOCK + position * GR_STRIP * GR_PANEL;
            const float *v = c->v + (strip * plan->ic_blocks + c0 / GR_VL) * GR_V_BLOCK + position * GR_STRIP * GR_VL;
            const float *next = strip + 1 < plan->strips ? v + plan->ic_blocks * GR_V_BLOCK
                                                         : v - strip * plan->ic_blocks * GR_V_BLOCK + GR_STRIP * GR_VL;
            if (first >= need0 && first < need1)
                GR_KERNEL(gr_wino_multiply)(count, channels / GR_VL, v, GR_V_BLOCK, u, to, c0 > 0, next, u, 0);
            else if (c0 == 0)
                memset(to, 0, sizeof(float) * (size_t)(count * GR_PANEL));
        }
    }
}

static void panel_task(void *ctx, int64_t panel, int thread)
{
    const convolution *c = ctx;
    const gr_wino_plan *plan = &c->plan;
    const int64_t padded = plan->ic_blocks * GR_VL, oc = panel * GR_PANEL, columns = gr_least(GR_PANEL, plan->oc - oc);
    float *u = c->own + thread * (GR_POSITIONS * U_POSITION + plan->strips * GR_M_BLOCK), *m = u + GR_POSITIONS * U_POSITION;
    for (int64_t c0 = 0; c0 < padded; c0 += CHANNELS) {
        const int64_t channels = gr_least(CHANNELS, padded - c0);
        GR_KERNEL(gr_wino_filter)(c->filters + (panel * padded + c0) * TAPS, channels, u, U_POSITION);
        multiply(c, c0, channels, u, m);
    }
    for (int64_t strip = 0; strip < plan->strips; strip++) {
        int64_t first, count = gr_wino_strip(plan, strip, &first);
        float *stats = c->target.stats == NULL ? NULL : c->target.stats + strip * 2 * plan->oc;
        if (stats != NULL) {
            memset(stats + oc, 0, sizeof(float) * (size_t)columns);
            memset(stats + plan->oc + oc, 0, sizeof(float) * (size_t)columns);
        }
        GR_KERNEL(gr_wino_output)(&c->target, &plan->grid, first, count, panel, m + strip * GR_M_BLOCK, stats);
    }
    if (c->target.stream)
        gr_vstream_end();
}

static size_t v_floats(const gr_wino_plan *plan)
{
    return (size_t)(plan->strips * plan->ic_blocks * GR_V_BLOCK);
}

static size_t scratch_size(const gr_conv_problem *p, gr_direction d, int threads)
{
    const gr_wino_plan plan = GR_KERNEL(gr_wino_plan)(p, d, false);
    const size_t own = (size_t)(GR_POSITIONS * U_POSITION + plan.strips * GR_M_BLOCK);
    return sizeof(float) * (v_floats(&plan) + own * (size_t)threads);
}

static int64_t stat_blocks(const gr_conv_problem *p, gr_direction d)
{
    return GR_KERNEL(gr_wino_plan)(p, d, false).strips;
}

static void run(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    convolution c = {.plan = GR_KERNEL(gr_wino_plan)(p, d, false), .target = GR_KERNEL(gr_wino_target)(p, d, args),
                     .filters = args->packed, .v = args->scratch};
    if (d == GR_FORWARD)
        c.image = (gr_wino_image){.source = gr_stored_x(p, args), .h = p->h, .w = p->w, .channels = p->c};
    else
        c.image = gr_wino_image_of_dy(p, args);
    c.own = c.v + v_floats(&c.plan);
    gr_parallel_for(c.plan.strips * c.plan.ic_blocks, read_task, &c);
    gr_parallel_for(c.plan.panels, panel_task, &c);
}

static void describe(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    const gr_wino_plan plan = GR_KERNEL(gr_wino_plan)(p, d, false);
    snprintf(text, size, "F(4x4,3x3), %lld tiles, register block %d tiles x %d channels, filters transformed by %d channels",
             (long long)plan.grid.tiles, GR_STRIP, GR_PANEL, CHANNELS);
}

const gr_conv_algorithm GR_KERNEL(gr_winograd_few) = {
    .name = "winograd_few",
    .refuses = refuses,
    .packed_size = packed_size,
    .scratch_size = scratch_size,
    .stat_blocks = stat_blocks,
    .pack = pack,
    .run = run,
    .describe = describe,
};
