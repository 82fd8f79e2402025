/* Winograd's weight gradient, F(3x3,4x4): dU = sum over tiles of V^T W, where V are transformed patches of x and W
 * transformed tiles of dy, then dw = G^T dU G.
 *
 * Many tiles, few channels: the tiles are cut into chunks, each a task that transforms a few tiles at a time and adds their
 * products to a dU of its own; at the end these are summed in order. Few tiles, many channels: a dU is too large for that,
 * so all tiles are transformed first, then each task makes dU and dw for a square of channels.
 *
 *     V  [group][36][tile][V_GROUP], W  [group][36][tile][W_GROUP]   channels in groups (chunked: in one group)
 *     dU [36][panel][C][GR_PANEL] */
#include <stdio.h>

#include "winograd.h"

typedef struct weight_plan {
    gr_wino_grid grid;
    int64_t c, oc, c_width, oc_width; /* channels, and rounded up to whole vectors and panels */
    bool chunked;
    int64_t chunks, depth, blocks;    /* tiles are taken `depth` at a time (at most), in `blocks` blocks */
    int64_t c_group, oc_group;        /* channels of x and of dy in a group */
    int64_t v_position, w_position, du_position; /* floats from one of the 36 positions to the next */
} weight_plan;

typedef struct weight_job {
    const gr_conv_problem *p;
    const gr_conv_args *args;
    weight_plan plan;
    gr_wino_source x, dy;
    float *v, *w, *du;
    size_t per_thread; /* floats between the threads' V (and W): chunked; between their dU: staged */
    int64_t first, count; /* staged: the tiles of the round under way */
    bool accumulate;
} weight_job;

enum {
    CHUNKED_UP_TO = 3 << 20, /* bytes of dU */
    CHUNKS = 8,
    CHUNK_BYTES = 700 << 10, /* of V and W in a chunk's block */
    STAGED_BYTES = 20 << 20, /* of V and W in a round */
    GROUP = 64,
    PAD = 3 * 16 /* floats, so that the 36 positions do not compete for the same cache sets */
};

static weight_plan plan_of(const gr_conv_problem *p)
{
    weight_plan plan = {.c = p->c, .oc = p->oc};
    plan.grid = (gr_wino_grid){.rows = gr_wino_divide_up(p->oh, 4), .cols = gr_wino_divide_up(p->ow, 4)};
    plan.grid.tiles = p->n * plan.grid.rows * plan.grid.cols;
    plan.grid.pad_top = p->pad_top, plan.grid.pad_left = p->pad_left;
    plan.c_width = gr_wino_divide_up(p->c, GR_VL) * GR_VL;
    plan.oc_width = gr_wino_divide_up(p->oc, GR_PANEL) * GR_PANEL;
    int64_t tile_bytes = GR_POSITIONS * (plan.c_width + plan.oc_width) * (int64_t)sizeof(float);
    plan.chunked = GR_POSITIONS * plan.c_width * plan.oc_width * (int64_t)sizeof(float) <= CHUNKED_UP_TO;
    int64_t most = (plan.chunked ? CHUNK_BYTES : STAGED_BYTES) / tile_bytes;
    if (most < 8)
        most = 8;
    plan.chunks = plan.chunked ? gr_wino_min(CHUNKS, gr_wino_divide_up(plan.grid.tiles, most)) : 1;
    int64_t chunk = gr_wino_divide_up(plan.grid.tiles, plan.chunks);
    plan.blocks = gr_wino_divide_up(chunk, most);
    plan.depth = gr_wino_divide_up(chunk, plan.blocks);
    plan.c_group = plan.chunked ? plan.c_width : gr_wino_min(GROUP, plan.c_width);
    plan.oc_group = plan.chunked ? plan.oc_width : gr_wino_min(GROUP, plan.oc_width);
    plan.v_position = plan.depth * plan.c_group + PAD;
    plan.w_position = plan.depth * plan.oc_group + PAD;
    plan.du_position = plan.c_group * plan.oc_group + PAD;
    return plan;
}

/* Tiles first .. first + count - 1 of one group of channels. */
static void transform_x(const weight_job *j, int64_t group, int64_t first, int64_t count, float *v)
{
    const weight_plan *plan = &j->plan;
    int64_t cb0 = group * plan->c_group / GR_VL, cb1 = gr_wino_min(cb0 + plan->c_group / GR_VL, plan->c_width / GR_VL);
    for (int64_t cb = cb0; cb < cb1; cb++)
        GR_KERNEL(gr_wino_input)(&j->x, &plan->grid, first, count, cb, v + (cb - cb0) * GR_VL, plan->c_group,
                                 plan->v_position);
}

static void transform_dy(const weight_job *j, int64_t group, int64_t first, int64_t count, float *w)
{
    const weight_plan *plan = &j->plan;
    int64_t cb0 = group * plan->oc_group / GR_VL;
    int64_t cb1 = gr_wino_min(cb0 + plan->oc_group / GR_VL, gr_wino_divide_up(plan->oc, GR_VL));
    for (int64_t cb = cb0; cb < cb1; cb++)
        GR_KERNEL(gr_wino_gradient)(&j->dy, &plan->grid, first, count, cb, w + (cb - cb0) * GR_VL, plan->oc_group,
                                    plan->w_position);
    /* The second half of a panel without channels: its products are not used, but must not be of garbage. */
    if (cb1 == gr_wino_divide_up(plan->oc, GR_VL) && cb1 % 2 != 0)
        for (int64_t row = 0; row < GR_POSITIONS * count; row++)
            gr_vstore(w + row / count * plan->w_position + row % count * plan->oc_group + (cb1 - cb0) * GR_VL, gr_vzero());
}

/* dU (+)= V^T W for one position and `count` tiles: c_count x oc_count channels. */
static void multiply_position(const weight_plan *plan, int64_t count, int64_t c_count, int64_t oc_count, const float *v,
                              const float *w, float *du, bool first)
{
    int64_t strips = gr_wino_divide_up(c_count, GR_STRIP);
    for (int64_t panel = 0; panel * GR_PANEL < oc_count; panel++)
        for (int64_t s = 0; s < strips; s++) {
            int64_t c = gr_wino_cut(c_count, strips, s), rows = gr_wino_cut(c_count, strips, s + 1) - c;
            GR_KERNEL(gr_wino_multiply_transposed)(rows, count, v + c, plan->c_group, w + panel * GR_PANEL, plan->oc_group,
                                                   du + (panel * plan->c_group + c) * GR_PANEL, GR_PANEL, first);
        }
}

/* ---- chunked -------------------------------------------------------------------------------------------------------------- */

static void chunk_task(void *ctx, int64_t chunk, int thread)
{
    const weight_job *j = ctx;
    const weight_plan *plan = &j->plan;
    float *v = j->v + (size_t)thread * j->per_thread, *w = j->w + (size_t)thread * j->per_thread;
    float *du = j->du + chunk * GR_POSITIONS * plan->du_position;
    int64_t tile0 = gr_wino_cut(plan->grid.tiles, plan->chunks, chunk);
    int64_t tiles = gr_wino_cut(plan->grid.tiles, plan->chunks, chunk + 1) - tile0;
    for (int64_t block = 0; block < plan->blocks; block++) {
        int64_t first = gr_wino_cut(tiles, plan->blocks, block);
        int64_t count = gr_wino_cut(tiles, plan->blocks, block + 1) - first;
        transform_x(j, 0, tile0 + first, count, v);
        transform_dy(j, 0, tile0 + first, count, w);
        for (int64_t position = 0; position < GR_POSITIONS; position++)
            multiply_position(plan, count, plan->c, plan->oc, v + position * plan->v_position, w + position * plan->w_position,
                              du + position * plan->du_position, block == 0);
    }
}

/* Sums the chunks' dU of one input channel and finishes its dw. */
static void sum_task(void *ctx, int64_t c, int thread)
{
    const weight_job *j = ctx;
    const weight_plan *plan = &j->plan;
    (void)thread;
    for (int64_t panel = 0; panel * GR_PANEL < plan->oc; panel++) {
        float sum[GR_POSITIONS * GR_PANEL];
        for (int64_t position = 0; position < GR_POSITIONS; position++) {
            const float *du = j->du + position * plan->du_position + (panel * plan->c_group + c) * GR_PANEL;
            gr_vf sum0 = gr_vload(du), sum1 = gr_vload(du + GR_VL);
            for (int64_t chunk = 1; chunk < plan->chunks; chunk++) {
                du += GR_POSITIONS * plan->du_position;
                sum0 += gr_vload(du);
                sum1 += gr_vload(du + GR_VL);
            }
            gr_vstore(sum + position * GR_PANEL, sum0);
            gr_vstore(sum + position * GR_PANEL + GR_VL, sum1);
        }
        GR_KERNEL(gr_wino_filter_gradient)(j->p, c, 1, panel * GR_PANEL, gr_wino_min(GR_PANEL, plan->oc - panel * GR_PANEL),
                                           sum, GR_PANEL, GR_PANEL, j->accumulate, j->args->out);
    }
}

/* ---- staged --------------------------------------------------------------------------------------------------------------- */

static void stage_x(void *ctx, int64_t index, int thread)
{
    const weight_job *j = ctx;
    const weight_plan *plan = &j->plan;
    (void)thread;
    int64_t groups = gr_wino_divide_up(plan->c_width, plan->c_group), group = index % groups, part = index / groups;
    int64_t first = part * GR_STRIP, count = gr_wino_min(GR_STRIP, j->count - first);
    transform_x(j, group, j->first + first, count, j->v + group * GR_POSITIONS * plan->v_position + first * plan->c_group);
}

static void stage_dy(void *ctx, int64_t index, int thread)
{
    const weight_job *j = ctx;
    const weight_plan *plan = &j->plan;
    (void)thread;
    int64_t groups = gr_wino_divide_up(plan->oc_width, plan->oc_group), group = index % groups, part = index / groups;
    int64_t first = part * GR_STRIP, count = gr_wino_min(GR_STRIP, j->count - first);
    transform_dy(j, group, j->first + first, count, j->w + group * GR_POSITIONS * plan->w_position + first * plan->oc_group);
}

static void square_task(void *ctx, int64_t index, int thread)
{
    const weight_job *j = ctx;
    const weight_plan *plan = &j->plan;
    int64_t oc_groups = gr_wino_divide_up(plan->oc_width, plan->oc_group), group = index / oc_groups;
    int64_t oc_group = index % oc_groups;
    int64_t c0 = group * plan->c_group, c_count = gr_wino_min(plan->c_group, plan->c - c0);
    int64_t oc0 = oc_group * plan->oc_group, oc_count = gr_wino_min(plan->oc_group, plan->oc - oc0);
    const float *v = j->v + group * GR_POSITIONS * plan->v_position, *w = j->w + oc_group * GR_POSITIONS * plan->w_position;
    float *du = j->du + (size_t)thread * j->per_thread;
    for (int64_t position = 0; position < GR_POSITIONS; position++)
        multiply_position(plan, j->count, c_count, oc_count, v + position * plan->v_position, w + position * plan->w_position,
                          du + position * plan->du_position, true);
    for (int64_t panel = 0; panel * GR_PANEL < oc_count; panel++)
        GR_KERNEL(gr_wino_filter_gradient)(j->p, c0, c_count, oc0 + panel * GR_PANEL,
                                           gr_wino_min(GR_PANEL, oc_count - panel * GR_PANEL),
                                           du + panel * plan->c_group * GR_PANEL, plan->du_position, GR_PANEL, j->accumulate,
                                           j->args->out);
}

static void staged_round(weight_job *j, int64_t block)
{
    const weight_plan *plan = &j->plan;
    int64_t c_groups = gr_wino_divide_up(plan->c_width, plan->c_group);
    int64_t oc_groups = gr_wino_divide_up(plan->oc_width, plan->oc_group);
    j->first = gr_wino_cut(plan->grid.tiles, plan->blocks, block);
    j->count = gr_wino_cut(plan->grid.tiles, plan->blocks, block + 1) - j->first;
    int64_t parts = gr_wino_divide_up(j->count, GR_STRIP);
    gr_parallel_for(parts * c_groups, stage_x, j);
    gr_parallel_for(parts * oc_groups, stage_dy, j);
    gr_parallel_for(c_groups * oc_groups, square_task, j);
}

/* ---- both ----------------------------------------------------------------------------------------------------------------- */

/* Floats of V, W and dU: chunked: V and W of a thread, dU of a chunk; staged: V and W of all groups, dU of a thread. */
typedef struct sizes {
    size_t v, w, du;
} sizes;

static sizes sizes_of(const weight_plan *plan)
{
    int64_t v = gr_wino_divide_up(plan->c_width, plan->c_group) * plan->v_position;
    int64_t w = gr_wino_divide_up(plan->oc_width, plan->oc_group) * plan->w_position;
    return (sizes){(size_t)(v * GR_POSITIONS), (size_t)(w * GR_POSITIONS), (size_t)(plan->du_position * GR_POSITIONS)};
}

size_t GR_KERNEL(gr_wino_weight_scratch)(const gr_conv_problem *p, int threads)
{
    weight_plan plan = plan_of(p);
    sizes s = sizes_of(&plan);
    size_t floats = plan.chunked ? (s.v + s.w) * (size_t)threads + s.du * (size_t)plan.chunks
                                 : s.v + s.w + s.du * (size_t)threads;
    return floats * sizeof(float);
}

void GR_KERNEL(gr_wino_weight)(const gr_conv_problem *p, const gr_conv_args *args)
{
    weight_job j = {.p = p, .args = args, .plan = plan_of(p), .accumulate = args->accumulate};
    j.x = GR_KERNEL(gr_wino_source_x)(p, args);
    j.dy = GR_KERNEL(gr_wino_source_dy)(p, args);
    sizes s = sizes_of(&j.plan);
    if (j.plan.chunked) {
        j.du = args->scratch;
        j.v = j.du + s.du * (size_t)j.plan.chunks;
        j.w = j.v + s.v;
        j.per_thread = s.v + s.w;
        gr_parallel_for(j.plan.chunks, chunk_task, &j);
        gr_parallel_for(p->c, sum_task, &j);
        return;
    }
    j.v = args->scratch;
    j.w = j.v + s.v;
    j.du = j.w + s.w;
    j.per_thread = s.du;
    for (int64_t block = 0; block < j.plan.blocks; block++, j.accumulate = true)
        staged_round(&j, block);
}

void GR_KERNEL(gr_wino_weight_describe)(const gr_conv_problem *p, char *text, size_t size)
{
    weight_plan plan = plan_of(p);
    snprintf(text, size, "F(3x3,4x4), %lld tiles, register block %d x %d channels, %s, %lld tiles at a time",
             (long long)plan.grid.tiles, GR_STRIP, GR_PANEL, plan.chunked ? "chunks" : "staged", (long long)plan.depth);
}
