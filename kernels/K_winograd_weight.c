/* Winograd's weight gradient, F(3x3,4x4): dU = sum over tiles of V^T W, where V are transformed patches of x and W
 * transformed tiles of dy, then dw = G^T dU G.
 *
 * Many tiles, few channels: the tiles are cut into chunks, each a task that transforms a few tiles at a time and adds their
 * products to a dU of its own; at the end these are summed in order. Few tiles, many channels: a dU is too large for that,
 * so all tiles are transformed first, then each task makes dU and dw for a square of channels.
 *
 *     V  [group][36][tile][c_group], W  [group][36][tile][oc_group]   channels in groups (chunked: in one group)
 *     dU [36][panel][c_group][GR_PANEL] */
#include <stdio.h>

#include "winograd.h"

typedef struct weight_plan {
    gr_wino_grid grid;
    int64_t c, oc;
    bool chunked;
    int64_t chunks, depth, blocks;                  /* tiles are taken `depth` at a time (at most), in `blocks` blocks */
    int64_t c_group, c_groups, oc_group, oc_groups; /* channels of x and of dy in a group (whole vectors, panels); groups */
    int64_t v_position, w_position, du_position;    /* floats from one of the 36 positions to the next */
} weight_plan;

typedef struct weight_job {
    const gr_conv_problem *p;
    const gr_conv_args *args;
    weight_plan plan;
    gr_wino_image x, dy;
    float *v, *w, *du;
    size_t per_thread;    /* floats between the threads' V (and W): chunked; between their dU: staged */
    int64_t first, count; /* staged: the tiles of the round under way */
    bool accumulate;
} weight_job;

enum {
    CHUNKED_UP_TO = 3 << 20, /* bytes of dU */
    CHUNKS = 8,
    CHUNK_BYTES = 1400 << 10, /* of V and W in a chunk's block */
    STAGED_BYTES = 20 << 20,  /* of V and W in a round */
    GROUP = 64,
    PIECE = 64,  /* tiles of a group's V and W that the nearest cache holds beside dU */
    PAD = 3 * 16 /* floats, so that the 36 positions do not compete for the same cache sets */
};

static weight_plan plan_of(const gr_conv_problem *p, bool whole)
{
    weight_plan plan = {.c = p->c, .oc = p->oc};
    GR_KERNEL(gr_wino_cut_outputs)(p->n, p->oh, p->ow, whole, &plan.grid);
    plan.grid.pad_top = p->pad_top, plan.grid.pad_left = p->pad_left;
    int64_t c_width = gr_blocks(p->c, GR_VL) * GR_VL, oc_width = gr_blocks(p->oc, GR_PANEL) * GR_PANEL;
    int64_t tile_bytes = GR_POSITIONS * (c_width + oc_width) * (int64_t)sizeof(float);
    plan.chunked = GR_POSITIONS * c_width * oc_width * (int64_t)sizeof(float) <= CHUNKED_UP_TO;
    int64_t most = gr_most(8, (plan.chunked ? CHUNK_BYTES : STAGED_BYTES) / tile_bytes);
    plan.chunks = plan.chunked ? gr_least(CHUNKS, gr_blocks(plan.grid.tiles, most)) : 1;
    int64_t chunk = gr_blocks(plan.grid.tiles, plan.chunks);
    plan.blocks = gr_blocks(chunk, most);
    plan.depth = gr_blocks(chunk, plan.blocks);
    plan.c_group = plan.chunked ? c_width : gr_least(GROUP, c_width);
    plan.oc_group = plan.chunked ? oc_width : gr_least(GROUP, oc_width);
    plan.c_groups = gr_blocks(c_width, plan.c_group);
    plan.oc_groups = gr_blocks(oc_width, plan.oc_group);
    plan.v_position = plan.depth * plan.c_group + PAD;
    plan.w_position = plan.depth * plan.oc_group + PAD;
    plan.du_position = plan.c_group * plan.oc_group + PAD;
    return plan;
}

/* ---- the steps --------------------------------------------------------------------------------------------------- */

/* V of tiles first .. first + count - 1 and one group of channels. */
static void transform_x(const weight_job *j, int64_t group, int64_t first, int64_t count, float *v)
{
    const weight_plan *plan = &j->plan;
    const gr_wino_steps steps = {.tile = plan->c_group, .block = GR_VL, .position = plan->v_position};
    int64_t cb0 = group * plan->c_group / GR_VL, cb1 = gr_least(cb0 + plan->c_group / GR_VL, gr_blocks(plan->c, GR_VL));
    GR_KERNEL(gr_wino_input)(&j->x, &plan->grid, first, count, cb0, cb1, &steps, v);
}

/* W, likewise. */
static void transform_dy(const weight_job *j, int64_t group, int64_t first, int64_t count, float *w)
{
    const weight_plan *plan = &j->plan;
    const gr_wino_steps steps = {.tile = plan->oc_group, .block = GR_VL, .position = plan->w_position};
    int64_t cb0 = group * plan->oc_group / GR_VL, all = gr_blocks(plan->oc, GR_VL);
    int64_t cb1 = gr_least(cb0 + plan->oc_group / GR_VL, all);
    GR_KERNEL(gr_wino_gradient)(&j->dy, &plan->grid, first, count, cb0, cb1, &steps, w);
    /* The half of a panel that has no channels: its products are not used, but must not be of garbage. */
    if (cb1 == all && all % 2 != 0)
        for (int64_t row = 0; row < GR_POSITIONS * count; row++)
            gr_vstore(w + row / count * plan->w_position + row % count * plan->oc_group + (cb1 - cb0) * GR_VL, gr_vzero());
}

/* V and W of the same tiles and position. */
typedef struct factors {
    const float *v, *w;
} factors;

/* The `lines` cache lines that block number `number` asks for: those of V first, then W's, then dU's, then such as are near
 * already. */
static const float *ahead_of(const weight_plan *plan, int64_t number, int64_t lines, factors here, factors next,
                             const float *du_next)
{
    const int64_t of_v = plan->c_group / GR_LINE, of_w = plan->oc_group / GR_LINE;
    if (number < of_v)
        return next.v + number * lines * GR_LINE;
    if (number < of_v + of_w)
        return next.w + (number - of_v) * lines * GR_LINE;
    const int64_t of_du = (number - of_v - of_w) * lines * GR_LINE;
    return of_du < plan->du_position ? du_next + of_du : here.v;
}

/* The pixels of a block. */
typedef struct feeds {
    gr_wino_feed x, dy;
} feeds;

static feeds feeds_of(const weight_job *j, int64_t tile, int64_t count)
{
    const weight_plan *plan = &j->plan;
    const int64_t parts = GR_POSITIONS * gr_blocks(plan->c, GR_STRIP) * gr_blocks(plan->oc, GR_PANEL);
    return (feeds){GR_KERNEL(gr_wino_feed)(&j->x, &plan->grid, 6, tile, count, parts),
                   GR_KERNEL(gr_wino_feed)(&j->dy, &plan->grid, 4, tile, count, parts)};
}

/* dU (+)= V^T W for one position, `count` tiles (none: only the sums begin) and c_count x oc_count channels. Meanwhile what
 * is next is fetched, and pixels (NULL: none). */
static void multiply_position(const weight_plan *plan, int64_t count, int64_t c_count, int64_t oc_count, factors here,
                              factors next, float *du, bool first, feeds *pixels)
{
    const int64_t strips = gr_blocks(c_count, GR_STRIP), all = strips * gr_blocks(oc_count, GR_PANEL);
    const int64_t each = c_count / strips, longer = c_count % strips; /* rows of a strip; how many have one more */
    for (int64_t i = 0, panel = 0, strip = 0, c = 0; i < all; i++) {
        const int64_t rows = each + (strip < longer);
        if (pixels != NULL) {
            GR_KERNEL(gr_wino_feed_part)(&pixels->x);
            GR_KERNEL(gr_wino_feed_part)(&pixels->dy);
        }
        GR_KERNEL(gr_wino_multiply_transposed)
        (rows, count, here.v + c, plan->c_group, here.w + panel * GR_PANEL, plan->oc_group,
         du + (panel * plan->c_group + c) * GR_PANEL, first, ahead_of(plan, i, count, here, next, du + plan->du_position));
        c += rows;
        if (++strip == strips)
            strip = 0, c = 0, panel++;
    }
}

/* Of tiles first .. end - 1 those that need a position, counted from the first. */
static void needed(const weight_plan *plan, int64_t position, int64_t first, int64_t end, int64_t *from, int64_t *count)
{
    int64_t need0, need1;
    gr_wino_needs(&plan->grid, position, &need0, &need1);
    *from = gr_least(gr_most(need0, first), end) - first;
    *count = gr_most(0, gr_least(need1, end) - first - *from);
}

/* ---- chunked ----------------------------------------------------------------------------------------------------- */

static void chunk_task(void *ctx, int64_t chunk, int thread)
{
    const weight_job *j = ctx;
    const weight_plan *plan = &j->plan;
    float *v = j->v + (size_t)thread * j->per_thread, *w = j->w + (size_t)thread * j->per_thread;
    float *du = j->du + chunk * GR_POSITIONS * plan->du_position;
    int64_t tile0 = gr_wino_cut(plan->grid.tiles, plan->chunks, chunk);
    int64_t tiles = gr_wino_cut(plan->grid.tiles, plan->chunks, chunk + 1) - tile0;
    for (int64_t block = 0; block < plan->blocks; block++) {
        int64_t first = tile0 + gr_wino_cut(tiles, plan->blocks, block);
        int64_t end = tile0 + gr_wino_cut(tiles, plan->blocks, block + 1);
        transform_x(j, 0, first, end - first, v);
        transform_dy(j, 0, first, end - first, w);
        feeds ahead = feeds_of(j, end, gr_least(plan->depth, plan->grid.tiles - end));
        for (int64_t position = 0; position < GR_POSITIONS; position++) {
            int64_t from, count;
            needed(plan, position, first, end, &from, &count);
            factors here = {v + position * plan->v_position + from * plan->c_group,
                            w + position * plan->w_position + from * plan->oc_group};
            factors next = {v + (position + 1) * plan->v_position, w + (position + 1) * plan->w_position};
            multiply_position(plan, count, plan->c, plan->oc, here, next, du + position * plan->du_position, block == 0,
                              &ahead);
        }
    }
}

/* Sums the chunks' dU of one input channel and finishes its dw. */
static void sum_task(void *ctx, int64_t c, int thread)
{
    const weight_job *j = ctx;
    const weight_plan *plan = &j->plan;
    (void)thread;
    for (int64_t oc = 0; oc < plan->oc; oc += GR_PANEL) {
        float sum[GR_POSITIONS * GR_PANEL];
        for (int64_t position = 0; position < GR_POSITIONS; position++) {
            const float *du = j->du + position * plan->du_position + oc * plan->c_group + c * GR_PANEL;
            gr_vf sum0 = gr_vload(du), sum1 = gr_vload(du + GR_VL);
            for (int64_t chunk = 1; chunk < plan->chunks; chunk++) {
                du += GR_POSITIONS * plan->du_position;
                for (int64_t i = 0; i < GR_PANEL; i += GR_LINE)
                    __builtin_prefetch(du + 2 * GR_PANEL + i); /* the next channel but one */
                sum0 += gr_vload(du);
                sum1 += gr_vload(du + GR_VL);
            }
            gr_vstore(sum + position * GR_PANEL, sum0);
            gr_vstore(sum + position * GR_PANEL + GR_VL, sum1);
        }
        GR_KERNEL(gr_wino_filter_gradient)
        (j->p, c, 1, oc, gr_least(GR_PANEL, plan->oc - oc), sum, GR_PANEL, GR_PANEL, j->accumulate, j->args->out);
    }
}

/* ---- staged ------------------------------------------------------------------------------------------------------ */

enum { TILES = 4 }; /* of one task */

/* Tile by tile, group by group, while the next tile's pixels are fetched. */
static void stage_task(void *ctx, int64_t index, int thread)
{
    const weight_job *j = ctx;
    const weight_plan *plan = &j->plan;
    (void)thread;
    for (int64_t t = index * TILES; t < gr_least((index + 1) * TILES, j->count); t++) {
        const int64_t tile = j->first + t, more = tile + 1 < plan->grid.tiles;
        feeds ahead = {GR_KERNEL(gr_wino_feed)(&j->x, &plan->grid, 6, tile + 1, more, plan->c_groups),
                       GR_KERNEL(gr_wino_feed)(&j->dy, &plan->grid, 4, tile + 1, more, plan->oc_groups)};
        for (int64_t group = 0; group < plan->c_groups; group++) {
            GR_KERNEL(gr_wino_feed_part)(&ahead.x);
            transform_x(j, group, tile, 1, j->v + group * GR_POSITIONS * plan->v_position + t * plan->c_group);
        }
        for (int64_t group = 0; group < plan->oc_groups; group++) {
            GR_KERNEL(gr_wino_feed_part)(&ahead.dy);
            transform_dy(j, group, tile, 1, j->w + group * GR_POSITIONS * plan->w_position + t * plan->oc_group);
        }
    }
}

/* V and W of a square's channels from tile `tile` on. */
static factors factors_at(const weight_job *j, int64_t group, int64_t oc_group, int64_t position, int64_t tile)
{
    const weight_plan *plan = &j->plan;
    return (factors){j->v + (group * GR_POSITIONS + position) * plan->v_position + tile * plan->c_group,
                     j->w + (oc_group * GR_POSITIONS + position) * plan->w_position + tile * plan->oc_group};
}

static void square_task(void *ctx, int64_t index, int thread)
{
    const weight_job *j = ctx;
    const weight_plan *plan = &j->plan;
    int64_t group = index / plan->oc_groups, oc_group = index % plan->oc_groups;
    int64_t c0 = group * plan->c_group, c_count = gr_least(plan->c_group, plan->c - c0);
    int64_t oc0 = oc_group * plan->oc_group, oc_count = gr_least(plan->oc_group, plan->oc - oc0);
    float *du = j->du + (size_t)thread * j->per_thread;
    for (int64_t position = 0; position < GR_POSITIONS; position++) {
        int64_t from, count;
        needed(plan, position, j->first, j->first + j->count, &from, &count);
        for (int64_t tile = 0; tile == 0 || tile < count; tile += PIECE) {
            bool last = tile + PIECE >= count;
            multiply_position(plan, gr_least(PIECE, count - tile), c_count, oc_count,
                              factors_at(j, group, oc_group, position, from + tile),
                              factors_at(j, group, oc_group, position + last, last ? 0 : from + tile + PIECE),
                              du + position * plan->du_position, tile == 0, NULL);
        }
    }
    for (int64_t oc = 0; oc < oc_count; oc += GR_PANEL)
        GR_KERNEL(gr_wino_filter_gradient)
        (j->p, c0, c_count, oc0 + oc, gr_least(GR_PANEL, oc_count - oc), du + oc * plan->c_group, plan->du_position,
         GR_PANEL, j->accumulate, j->args->out);
}

static void staged_round(weight_job *j, int64_t block)
{
    j->first = gr_wino_cut(j->plan.grid.tiles, j->plan.blocks, block);
    j->count = gr_wino_cut(j->plan.grid.tiles, j->plan.blocks, block + 1) - j->first;
    gr_parallel_for(gr_blocks(j->count, TILES), stage_task, j);
    gr_parallel_for(j->plan.c_groups * j->plan.oc_groups, square_task, j);
}

/* ---- both -------------------------------------------------------------------------------------------------------- */

/* Floats of V, W and dU: chunked: V and W of a thread, dU of a chunk; staged: V and W of all groups, dU of a thread. */
typedef struct sizes {
    size_t v, w, du;
} sizes;

static sizes sizes_of(const weight_plan *plan)
{
    return (sizes){(size_t)(plan->c_groups * plan->v_position * GR_POSITIONS),
                   (size_t)(plan->oc_groups * plan->w_position * GR_POSITIONS), (size_t)(plan->du_position * GR_POSITIONS)};
}

size_t GR_KERNEL(gr_wino_weight_scratch)(const gr_conv_problem *p, int threads)
{
    weight_plan plan = plan_of(p, true); /* the others have as many tiles */
    sizes s = sizes_of(&plan);
    size_t private = plan.chunked ? s.v + s.w : s.du, shared = plan.chunked ? s.du * (size_t)plan.chunks : s.v + s.w;
    return (private * (size_t)threads + shared) * sizeof(float);
}

void GR_KERNEL(gr_wino_weight)(const gr_conv_problem *p, const gr_conv_args *args)
{
    weight_job j = {.p = p, .args = args, .plan = plan_of(p, gr_wino_pools(args)), .accumulate = args->accumulate};
    j.x = (gr_wino_image){.source = gr_stored_x(p, args), .h = p->h, .w = p->w, .channels = p->c};
    j.dy = gr_wino_image_of_dy(p, args);
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
    weight_plan plan = plan_of(p, false);
    snprintf(text, size, "F(3x3,4x4), %lld tiles, register block %d x %d channels, %s, %lld tiles at a time",
             (long long)plan.grid.tiles, GR_STRIP, GR_PANEL, plan.chunked ? "in chunks" : "staged", (long long)plan.depth);
}
