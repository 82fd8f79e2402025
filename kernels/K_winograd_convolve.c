/* Winograd convolution, forward and data direction: transform tiles in (V), multiply by the packed filter (M = V U),
 * transform tiles out. Fused: each task takes its tiles through all three steps in its core's cache. Staged, for filters
 * so large that every block would read them anew from memory: one step after the other for many tiles, each in parallel. */
#include "past_caches.h"
#include "winograd.h"

/* A block of neighbouring strips, and their tiles. */
typedef struct strip_block {
    int64_t strip0, strips, tile0, tiles;
} strip_block;

typedef struct convolution {
    gr_wino_plan plan;
    gr_wino_image image;
    gr_wino_target target;
    gr_wino_image beside; /* what the outputs are combined with (data NULL: nothing), for fetching it early */
    const float *u;
    float *v, *m;      /* scratch; fused: that of thread 0 */
    size_t per_thread; /* fused: floats from one thread's scratch to the next's, both of V and of M */
    strip_block round; /* staged: the strips under way */
} convolution;

static strip_block block_of(const gr_wino_plan *plan, int64_t block)
{
    strip_block b = {.strip0 = gr_wino_cut(plan->strips, plan->blocks, block)};
    b.strips = gr_wino_cut(plan->strips, plan->blocks, block + 1) - b.strip0;
    int64_t last, count = gr_wino_strip(plan, b.strip0 + b.strips - 1, &last);
    gr_wino_strip(plan, b.strip0, &b.tile0);
    b.tiles = last + count - b.tile0;
    return b;
}

/* What a task will soon read: for its next block, and beside its outputs. */
typedef struct feeds {
    gr_wino_feed next, beside;
} feeds;

static feeds feeds_of(const convolution *c, const strip_block *here, const strip_block *next)
{
    const int64_t parts = GR_POSITIONS * c->plan.panels, beside = c->beside.source.data != NULL ? here->tiles : 0;
    return (feeds){GR_KERNEL(gr_wino_feed)(&c->image, &c->plan.grid, 6, next->tile0, next->tiles, parts),
                   GR_KERNEL(gr_wino_feed)(&c->beside, &c->plan.grid, 4, here->tile0, beside, parts)};
}

static void clear(int64_t rows, float *m)
{
    for (int64_t i = 0; i < rows * GR_PANEL; i += GR_VL)
        gr_vstore(m + i, gr_vzero());
}

/* Position `position` of a block's strips for one panel, which is used for all of them while it is near. Strips of a kind that
 * does not need it get zeros, since the outputs that they lead to are computed and left out. Meanwhile, unless the steps are
 * staged (NULL), pixels are fetched. */
static void multiply_panel(const convolution *c, int64_t position, int64_t panel, const strip_block *block,
                           feeds *ahead, const float *v, float *m)
{
    const gr_wino_plan *plan = &c->plan;
    const int64_t u_panel = plan->ic_blocks * GR_VL * GR_PANEL, v_strip = plan->ic_blocks * GR_V_BLOCK;
    const float *u = c->u + position * plan->u_stride + panel * u_panel;
    const int64_t u_lines = plan->staged ? gr_blocks(GR_PANEL * GR_VL / GR_LINE, block->strips) : 0;
    int64_t need0, need1;
    gr_wino_needs(&plan->grid, position, &need0, &need1);
    v += position * GR_STRIP * GR_VL;
    m += panel * GR_M_BLOCK + position * GR_STRIP * GR_PANEL;
    if (ahead != NULL) {
        GR_KERNEL(gr_wino_feed_part)(&ahead->next);
        GR_KERNEL(gr_wino_feed_part)(&ahead->beside);
    }
    for (int64_t s = 0; s < block->strips; s++) {
        int64_t first, count = gr_wino_strip(plan, block->strip0 + s, &first);
        const float *v_ahead = s + 1 < block->strips ? v + (s + 1) * v_strip : v + GR_STRIP * GR_VL;
        const float *u_ahead = u + u_panel + s * plan->ic_blocks * u_lines * GR_LINE;
        if (first < need0 || first >= need1) {
            clear(count, m + s * plan->panels * GR_M_BLOCK);
            continue;
        }
        GR_KERNEL(gr_wino_multiply)
        (count, plan->ic_blocks, v + s * v_strip, GR_V_BLOCK, u, m + s * plan->panels * GR_M_BLOCK, false, v_ahead, u_ahead,
         u_lines);
    }
}

static void transform_strip_out(const convolution *c, int64_t strip, int64_t panel0, int64_t panel1, const float *m,
                                float *stats)
{
    int64_t first, count = gr_wino_strip(&c->plan, strip, &first);
    for (int64_t panel = panel0; panel < panel1; panel++)
        GR_KERNEL(gr_wino_output)(&c->target, &c->plan.grid, first, count, panel, m + panel * GR_M_BLOCK, stats);
    if (c->target.stream)
        gr_vstream_end();
}

/* ---- fused ------------------------------------------------------------------------------------------------------- */

static void fused_block(const convolution *c, int64_t block, float *v, float *m, float *stats)
{
    const gr_wino_plan *plan = &c->plan;
    const strip_block here = block_of(plan, block);
    const strip_block next = block + 1 < plan->blocks ? block_of(plan, block + 1) : (strip_block){0};
    feeds ahead = feeds_of(c, &here, &next);
    for (int64_t s = 0; s < here.strips; s++) {
        int64_t first, count = gr_wino_strip(plan, here.strip0 + s, &first);
        GR_KERNEL(gr_wino_input)
        (&c->image, &plan->grid, first, count, 0, plan->ic_blocks, &gr_wino_v_steps, v + s * plan->ic_blocks * GR_V_BLOCK);
    }
    for (int64_t position = 0; position < GR_POSITIONS; position++)
        for (int64_t panel = 0; panel < plan->panels; panel++)
            multiply_panel(c, position, panel, &here, &ahead, v, m);
    for (int64_t s = 0; s < here.strips; s++)
        transform_strip_out(c, here.strip0 + s, 0, plan->panels, m + s * plan->panels * GR_M_BLOCK, stats);
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

/* ---- staged ------------------------------------------------------------------------------------------------------ */

enum { PARTS = 4 }; /* of a strip, each a task */

/* Tile by tile, channels by channels, while the next tile's pixels are fetched. */
static void staged_in(void *ctx, int64_t index, int thread)
{
    const convolution *c = ctx;
    const gr_wino_plan *plan = &c->plan;
    (void)thread;
    int64_t s = index / PARTS, part = index % PARTS, first, count = gr_wino_strip(plan, c->round.strip0 + s, &first);
    float *v = c->v + s * plan->ic_blocks * GR_V_BLOCK;
    for (int64_t t = gr_wino_cut(count, PARTS, part); t < gr_wino_cut(count, PARTS, part + 1); t++) {
        const int64_t more = first + t + 1 < plan->grid.tiles;
        gr_wino_feed ahead = GR_KERNEL(gr_wino_feed)(&c->image, &plan->grid, 6, first + t + 1, more, plan->ic_blocks);
        for (int64_t cb = 0; cb < plan->ic_blocks; cb++) {
            GR_KERNEL(gr_wino_feed_part)(&ahead);
            GR_KERNEL(gr_wino_input)
            (&c->image, &plan->grid, first + t, 1, cb, cb + 1, &gr_wino_v_steps, v + cb * GR_V_BLOCK + t * GR_VL);
        }
    }
}

static void staged_multiply(void *ctx, int64_t index, int thread)
{
    const convolution *c = ctx;
    (void)thread;
    multiply_panel(c, index / c->plan.panels, index % c->plan.panels, &c->round, NULL, c->v, c->m);
}

static void staged_out(void *ctx, int64_t index, int thread)
{
    const convolution *c = ctx;
    const gr_wino_plan *plan = &c->plan;
    (void)thread;
    int64_t s = index / plan->panels, panel = index % plan->panels, oc = panel * GR_PANEL;
    float *stats = c->target.stats == NULL ? NULL : c->target.stats + (c->round.strip0 + s) * 2 * plan->oc;
    if (stats != NULL) {
        size_t bytes = sizeof(float) * (size_t)gr_least(GR_PANEL, plan->oc - oc);
        memset(stats + oc, 0, bytes);
        memset(stats + plan->oc + oc, 0, bytes);
    }
    transform_strip_out(c, c->round.strip0 + s, panel, panel + 1, c->m + s * plan->panels * GR_M_BLOCK, stats);
}

static void staged_round(convolution *c, int64_t block)
{
    c->round = block_of(&c->plan, block);
    gr_parallel_for(c->round.strips * PARTS, staged_in, c);
    gr_parallel_for(GR_POSITIONS * c->plan.panels, staged_multiply, c);
    gr_parallel_for(c->round.strips * c->plan.panels, staged_out, c);
}

/* ---- both -------------------------------------------------------------------------------------------------------- */

gr_wino_target GR_KERNEL(gr_wino_target)(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    const gr_conv_fusion *f = args->fusion != NULL ? args->fusion : &gr_no_fusion;
    gr_wino_target t = {.out = args->out, .fusion = f};
    if (d == GR_FORWARD) {
        t.h = p->oh, t.w = p->ow, t.channels = p->oc, t.stats = f->stats;
        t.features = (f->bias != NULL ? GR_ADD_BIAS : 0u) | (f->stats != NULL ? GR_SUM_SQUARES : 0u) |
                     (f->residual != NULL ? GR_ADD_RESIDUAL : 0u) | (f->act == GR_ACT_RELU ? GR_CLIP : 0u) |
                     (p->narrow.y ? GR_NARROW_OUT : 0u);
        if (f->pool.kh != 0)
            t.features = GR_POOL;
    } else {
        t.h = p->h, t.w = p->w, t.channels = p->c, t.stats = f->mask_x != NULL ? f->mask_stats : NULL;
        t.features = (args->accumulate ? GR_ADD_OLD : 0u) | (f->mask_x != NULL ? GR_MASK : 0u) |
                     (t.stats != NULL ? GR_SUM_PRODUCTS : 0u) | (p->narrow.dx ? GR_NARROW_OUT : 0u) |
                     (f->mask_x != NULL && p->narrow.x ? GR_NARROW_X : 0u);
    }
    t.stream = !(t.features & (GR_ADD_OLD | GR_NARROW_OUT | GR_POOL)) && t.channels % GR_VL == 0 &&
               gr_past_caches(p->n * t.h * t.w * t.channels * (int64_t)sizeof(float), t.out);
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
    convolution c = {.target = GR_KERNEL(gr_wino_target)(p, d, args), .u = args->packed};
    c.plan = GR_KERNEL(gr_wino_plan)(p, d, d == GR_FORWARD && gr_wino_pools(args));
    if (d == GR_FORWARD)
        c.image = (gr_wino_image){.source = gr_stored_x(p, args), .h = p->h, .w = p->w, .channels = p->c};
    else
        c.image = gr_wino_image_of_dy(p, args);
    c.beside = (gr_wino_image){.h = c.target.h, .w = c.target.w, .channels = c.target.channels};
    c.beside.source.data = d == GR_FORWARD ? c.target.fusion->residual : c.target.fusion->mask_x;
    c.beside.source.narrow = (c.target.features & GR_NARROW_X) != 0;
    if (c.target.features & GR_ADD_OLD) {
        bool narrow = (c.target.features & GR_NARROW_OUT) != 0;
        if (c.beside.source.data == NULL)
            c.beside.source.data = args->out, c.beside.source.narrow = narrow;
        else
            c.beside.source.other = args->out, c.beside.source.other_narrow = narrow;
    }
    c.v = args->scratch;
    c.m = c.v + c.plan.block * c.plan.ic_blocks * GR_V_BLOCK;
    c.per_thread = scratch_floats(&c.plan);
    if (!c.plan.staged)
        gr_parallel_for(c.plan.tasks, fused_task, &c);
    else
        for (int64_t block = 0; block < c.plan.blocks; block++)
            staged_round(&c, block);
}
