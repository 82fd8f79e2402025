/* Winograd convolution, forward and data direction: transform tiles in (V), multiply by the packed filter (M = V U),
 * transform tiles out. Fused: each task takes its tiles through all three steps in its core's cache. Staged, for filters
 * so large that every block would read them anew from memory: one step after the other for many tiles, each in parallel. */
#include "conv_fusion.h"
#include "winograd.h"

typedef struct convolution {
    gr_wino_plan plan;
    gr_wino_source source;
    gr_wino_target target;
    const float *u;
    float *v, *m;       /* scratch; fused: that of thread 0 */
    size_t per_thread;  /* fused: floats from one thread's scratch to the next's, both of V and of M */
    int64_t strip0, strips; /* staged: the strips of the round under way */
} convolution;

/* Tiles of a strip: from *first, their number is returned. */
static int64_t strip_tiles(const gr_wino_plan *plan, int64_t strip, int64_t *first)
{
    *first = gr_wino_cut(plan->grid.tiles, plan->strips, strip);
    return gr_wino_cut(plan->grid.tiles, plan->strips, strip + 1) - *first;
}

static void transform_strip_in(const convolution *c, int64_t strip, int64_t cb0, int64_t cb1, float *v)
{
    int64_t first, count = strip_tiles(&c->plan, strip, &first);
    for (int64_t cb = cb0; cb < cb1; cb++)
        GR_KERNEL(gr_wino_input)(&c->source, &c->plan.grid, first, count, cb, v + cb * GR_V_BLOCK, GR_VL, GR_STRIP * GR_VL);
}

/* One position of all strips, panels panel0 .. panel1 - 1. A panel of U is used for all strips while it is in reach. */
static void multiply_position(const convolution *c, int64_t position, int64_t panel0, int64_t panel1, int64_t strip0,
                              int64_t strips, const float *v, float *m)
{
    const gr_wino_plan *plan = &c->plan;
    const int64_t depth = plan->ic_blocks * GR_VL;
    for (int64_t panel = panel0; panel < panel1; panel++) {
        const float *u = c->u + position * plan->u_stride + panel * depth * GR_PANEL;
        for (int64_t s = 0; s < strips; s++) {
            int64_t first, count = strip_tiles(plan, strip0 + s, &first);
            GR_KERNEL(gr_wino_multiply)(count, plan->ic_blocks, v + s * plan->ic_blocks * GR_V_BLOCK +
                                        position * GR_STRIP * GR_VL, GR_V_BLOCK, u,
                                        m + (s * plan->panels + panel) * GR_M_BLOCK + position * GR_STRIP * GR_PANEL);
        }
    }
}

static void transform_strip_out(const convolution *c, int64_t strip, int64_t panel0, int64_t panel1, const float *m,
                                float *stats)
{
    int64_t first, count = strip_tiles(&c->plan, strip, &first);
    for (int64_t panel = panel0; panel < panel1; panel++)
        GR_KERNEL(gr_wino_output)(&c->target, &c->plan.grid, first, count, panel, m + panel * GR_M_BLOCK, stats);
}

/* ---- fused ---------------------------------------------------------------------------------------------------------------- */

static void fused_block(const convolution *c, int64_t block, float *v, float *m, float *stats)
{
    const gr_wino_plan *plan = &c->plan;
    int64_t strip0 = gr_wino_cut(plan->strips, plan->blocks, block);
    int64_t strips = gr_wino_cut(plan->strips, plan->blocks, block + 1) - strip0;
    for (int64_t s = 0; s < strips; s++)
        transform_strip_in(c, strip0 + s, 0, plan->ic_blocks, v + s * plan->ic_blocks * GR_V_BLOCK);
    for (int64_t position = 0; position < GR_POSITIONS; position++)
        multiply_position(c, position, 0, plan->panels, strip0, strips, v, m);
    for (int64_t s = 0; s < strips; s++)
        transform_strip_out(c, strip0 + s, 0, plan->panels, m + s * plan->panels * GR_M_BLOCK, stats);
}

static void fused_task(void *ctx, int64_t task, int thread)
{
    const convolution *c = ctx;
    const gr_wino_plan *plan = &c->plan;
    size_t offset = (size_t)thread * c->per_thread;
    float *stats = c->target.stats == NULL ? NULL : c->target.stats + task * 2 * plan->oc;
    if (stats != NULL)
        memset(stats, 0, sizeof(float) * (size_t)(2 * plan->oc));
    int64_t end = gr_wino_cut(plan->blocks, plan->tasks, task + 1);
    for (int64_t block = gr_wino_cut(plan->blocks, plan->tasks, task); block < end; block++)
        fused_block(c, block, c->v + offset, c->m + offset, stats);
}

/* ---- staged --------------------------------------------------------------------------------------------------------------- */

enum { CHUNK_BLOCKS = 4, CHUNK_PANELS = 2 }; /* of one staged task */

static void staged_in(void *ctx, int64_t index, int thread)
{
    const convolution *c = ctx;
    (void)thread;
    int64_t chunks = gr_wino_divide_up(c->plan.ic_blocks, CHUNK_BLOCKS), s = index / chunks;
    int64_t cb = index % chunks * CHUNK_BLOCKS;
    transform_strip_in(c, c->strip0 + s, cb, gr_wino_min(cb + CHUNK_BLOCKS, c->plan.ic_blocks),
                       c->v + s * c->plan.ic_blocks * GR_V_BLOCK);
}

static void staged_multiply(void *ctx, int64_t index, int thread)
{
    const convolution *c = ctx;
    (void)thread;
    int64_t chunks = gr_wino_divide_up(c->plan.panels, CHUNK_PANELS), panel = index % chunks * CHUNK_PANELS;
    multiply_position(c, index / chunks, panel, gr_wino_min(panel + CHUNK_PANELS, c->plan.panels), c->strip0, c->strips,
                      c->v, c->m);
}

static void staged_out(void *ctx, int64_t index, int thread)
{
    const convolution *c = ctx;
    (void)thread;
    int64_t s = index / c->plan.panels, panel = index % c->plan.panels;
    float *stats = c->target.stats == NULL ? NULL : c->target.stats + (c->strip0 + s) * 2 * c->plan.oc;
    if (stats != NULL)
        for (int64_t oc = panel * GR_PANEL; oc < gr_wino_min((panel + 1) * GR_PANEL, c->plan.oc); oc++)
            stats[oc] = stats[c->plan.oc + oc] = 0;
    transform_strip_out(c, c->strip0 + s, panel, panel + 1, c->m + s * c->plan.panels * GR_M_BLOCK, stats);
}

static void staged_round(convolution *c, int64_t block)
{
    const gr_wino_plan *plan = &c->plan;
    c->strip0 = gr_wino_cut(plan->strips, plan->blocks, block);
    c->strips = gr_wino_cut(plan->strips, plan->blocks, block + 1) - c->strip0;
    gr_parallel_for(c->strips * gr_wino_divide_up(plan->ic_blocks, CHUNK_BLOCKS), staged_in, c);
    gr_parallel_for(GR_POSITIONS * gr_wino_divide_up(plan->panels, CHUNK_PANELS), staged_multiply, c);
    gr_parallel_for(c->strips * plan->panels, staged_out, c);
}

/* ---- both ----------------------------------------------------------------------------------------------------------------- */

static gr_wino_target target_of(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    const gr_conv_fusion *f = args->fusion != NULL ? args->fusion : &gr_no_fusion;
    gr_wino_target t = {.out = args->out};
    if (d == GR_FORWARD) {
        t.h = p->oh, t.w = p->ow, t.channels = p->oc;
        t.bias = f->bias, t.residual = f->residual, t.stats = f->stats;
        t.features = (f->bias != NULL ? GR_ADD_BIAS : 0u) | (f->stats != NULL ? GR_SUM_SQUARES : 0u) |
                     (f->residual != NULL ? GR_ADD_RESIDUAL : 0u) | (f->relu ? GR_CLIP : 0u);
        return t;
    }
    t.h = p->h, t.w = p->w, t.channels = p->c;
    t.mask_x = f->mask_x, t.mask_scale = f->mask_scale, t.mask_shift = f->mask_shift;
    t.stats = f->mask_x != NULL ? f->mask_stats : NULL;
    t.features = (args->accumulate ? GR_ADD_OLD : 0u) | (f->mask_x != NULL ? GR_MASK : 0u) |
                 (t.stats != NULL ? GR_SUM_PRODUCTS : 0u);
    return t;
}

static size_t scratch_floats(const gr_wino_plan *plan)
{
    return (size_t)(plan->block * (plan->ic_blocks * GR_V_BLOCK + plan->panels * GR_M_BLOCK));
}

size_t GR_KERNEL(gr_wino_convolve_scratch)(const gr_wino_plan *plan, int threads)
{
    return scratch_floats(plan) * sizeof(float) * (size_t)(plan->staged ? 1 : threads);
}

void GR_KERNEL(gr_wino_convolve)(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    convolution c = {.plan = GR_KERNEL(gr_wino_plan)(p, d), .target = target_of(p, d, args), .u = args->packed};
    c.source = d == GR_FORWARD ? GR_KERNEL(gr_wino_source_x)(p, args) : GR_KERNEL(gr_wino_source_dy)(p, args);
    c.v = args->scratch;
    c.m = c.v + c.plan.block * c.plan.ic_blocks * GR_V_BLOCK;
    c.per_thread = scratch_floats(&c.plan);
    if (!c.plan.staged)
        gr_parallel_for(c.plan.tasks, fused_task, &c);
    else
        for (int64_t block = 0; block < c.plan.blocks; block++)
            staged_round(&c, block);
}
