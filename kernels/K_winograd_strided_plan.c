/* How polyphase Winograd cuts its work, all of which follows from the shape. */
#include "winograd_strided.h"

enum {
    STAGED_FROM = 6 << 20, /* bytes of U: more would come from memory for each block */
    ROUND_BYTES = 12 << 20, /* of V at one time, which stay in L3 */
    V_BYTES = 320 << 10, /* of a block, beside as many weights in L2 */
    M_BYTES = 192 << 10,
    TILES_MIN = GR_MR < 12 ? 12 : GR_MR, /* of a block: with fewer, its products would be too few for the weights they bring */
    TILES_STAGED = 2 * TILES_MIN,
    SIZES = 4 /* of tiles */
};

static gr_strided_axis axis_of(int64_t units, int64_t size, int64_t full, int64_t first, int64_t even)
{
    gr_strided_axis a = {.units = units, .size = size, .full = full, .first = first, .even = even};
    a.tiles = gr_blocks(units, 4), a.fours = gr_fours(units);
    return a;
}

/* Pixel i of dx is reached from dy[q - 1] and dy[q] by the outer taps where i + pad = 2q, and from dy[q] by the middle one where
 * i + pad = 2q + 1. */
static gr_strided_axis axis_make(bool data, int64_t in, int64_t out, int64_t pad)
{
    const int64_t even = pad % 2;
    return data ? axis_of(gr_blocks(in, 2), out, in, (even + pad) / 2 - 1, even) : axis_of(out, in, out, -pad, 0);
}

static void cut(gr_strided_plan *plan)
{
    const int64_t u = GR_STRIDED_POINTS * plan->ic * plan->oc * (int64_t)sizeof(float);
    const int64_t v = GR_PLACES * GR_PLACES * plan->lda * (int64_t)sizeof(float);
    const int64_t m = GR_PLACES * GR_PLACES * GR_NR * (int64_t)sizeof(float);
    plan->staged = u > STAGED_FROM;
    int64_t tiles = plan->staged ? TILES_STAGED : gr_least(gr_most(TILES_MIN, V_BYTES / v), GR_STRIDED_TILES);
    plan->blocks = gr_blocks(plan->tiles, tiles);
    tiles = gr_blocks(plan->tiles, plan->blocks);
    plan->group = gr_least(plan->panels, gr_most(1, M_BYTES / (m * tiles)));
    plan->group = gr_blocks(plan->panels, gr_blocks(plan->panels, plan->group));
    plan->round = plan->staged ? gr_most(1, ROUND_BYTES / (v * tiles)) : 1;
}

gr_strided_plan GR_KERNEL(gr_strided_plan_make)(const gr_conv_problem *p, gr_direction d)
{
    const bool data = d == GR_BACKDATA;
    gr_strided_plan plan = {.data = data, .n = p->n, .ic = data ? p->oc : p->c, .oc = data ? p->c : p->oc};
    plan.h = axis_make(data, p->h, p->oh, p->pad_top);
    plan.w = axis_make(data, p->w, p->ow, p->pad_left);
    plan.panels = gr_blocks(plan.oc, GR_NR);
    plan.lda = (gr_blocks(plan.ic, 16) | 1) * 16;
    plan.tiles = plan.n * plan.h.tiles * plan.w.tiles;
    cut(&plan);
    return plan;
}

int64_t GR_KERNEL(gr_strided_rows)(const gr_strided_plan *plan)
{
    return GR_PLACES * GR_PLACES * gr_blocks(plan->tiles, plan->blocks);
}

gr_strided_tile GR_KERNEL(gr_strided_tile_of)(const gr_strided_plan *plan, int64_t tile)
{
    const int64_t col = tile % plan->w.tiles, row = tile / plan->w.tiles % plan->h.tiles;
    return (gr_strided_tile){.image = tile / (plan->w.tiles * plan->h.tiles),
                             .row = gr_fours_begin(plan->h.fours, row),
                             .col = gr_fours_begin(plan->w.fours, col),
                             .rows = row < plan->h.fours ? 4 : 3,
                             .cols = col < plan->w.fours ? 4 : 3};
}

/* Places that tiles of 3 lack. */
static bool is_fourth(int place)
{
    return place == 4 || place == 8;
}

/* Where tiles of a size stand in a block: 4x3, 4x4, 3x4, 3x3. */
static int size_of(const gr_strided_tile *tile)
{
    return tile->rows == 4 ? tile->cols - 3 : tile->cols == 4 ? 2 : 3;
}

gr_strided_block GR_KERNEL(gr_strided_block_make)(const gr_strided_plan *plan, int64_t block)
{
    gr_strided_tile tiles[GR_STRIDED_TILES];
    gr_strided_block b = {0};
    int64_t end[SIZES + 1] = {0}; /* first where those of a size begin, then where they end */
    const int64_t first = gr_strided_first(plan, block);
    b.count = gr_strided_first(plan, block + 1) - first;
    for (int64_t i = 0; i < b.count; i++) {
        tiles[i] = GR_KERNEL(gr_strided_tile_of)(plan, first + i);
        end[size_of(&tiles[i]) + 1]++;
    }
    for (int size = 1; size < SIZES; size++)
        end[size] += end[size - 1];
    for (int64_t i = 0; i < b.count; i++)
        b.tiles[end[size_of(&tiles[i])]++] = tiles[i];
    const int64_t narrow = end[0], tall = end[1], wide = end[2]; /* 3 columns up to there; 4 rows; 4 columns from `narrow` on */
    int64_t rows = 0;
    for (int point = 0; point < GR_STRIDED_POINTS; point++) {
        const int up = point / GR_AXIS_POINTS, left = point % GR_AXIS_POINTS;
        b.begin[point] = rows;
        for (int i = up; i < (up == 5 ? GR_PLACES : up + 1); i++)
            for (int j = left; j < (left == 5 ? GR_PLACES : left + 1); j++) {
                const int64_t low = is_fourth(j) ? narrow : 0;
                const int64_t high = gr_least(is_fourth(i) ? tall : b.count, is_fourth(j) ? wide : b.count);
                b.at[i * GR_PLACES + j] = rows - low;
                rows += gr_most(0, high - low);
            }
    }
    b.begin[GR_STRIDED_POINTS] = rows;
    return b;
}
