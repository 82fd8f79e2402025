/* How Winograd convolution cuts its work. */
#include "winograd.h"

/* Above this many bytes U no longer stays near the cores, and it pays to multiply all tiles by a part of it at once: of few tiles,
 * which stay near themselves, already where U is as large as L2. With fewer registers that was not timed. */
enum {
    STAGED_FROM = 4 << 20,
    FEW_STRIPS = GR_VL == 16 ? 8 : 0,
    FEW_STAGED_FROM = 2 << 20,
    FUSED_V = 150 << 10,
    STAGED_BYTES = 20 << 20,
    MOST_TASKS = 512
};

static void cut(gr_wino_plan *plan)
{
    int64_t u_bytes = GR_POSITIONS * plan->ic * plan->oc * (int64_t)sizeof(float);
    int64_t v_bytes = plan->ic_blocks * GR_V_BLOCK * (int64_t)sizeof(float);
    int64_t m_bytes = plan->panels * GR_M_BLOCK * (int64_t)sizeof(float);
    plan->staged = u_bytes > (plan->strips <= FEW_STRIPS ? FEW_STAGED_FROM : STAGED_FROM);
    if (plan->staged)
        plan->block = STAGED_BYTES / (v_bytes + m_bytes);
    else
        plan->block = FUSED_V / v_bytes;
    if (plan->block < 1)
        plan->block = 1;
    plan->blocks = gr_blocks(plan->strips, plan->block);
    plan->block = gr_blocks(plan->strips, plan->blocks);
    plan->tasks = plan->staged ? plan->strips : gr_least(plan->blocks, MOST_TASKS);
}

void GR_KERNEL(gr_wino_cut_outputs)(int64_t images, int64_t h, int64_t w, bool whole, gr_wino_grid *grid)
{
    const int64_t down = gr_blocks(h, 4), across = gr_blocks(w, 4), tall_ones = whole ? down : gr_fours(h);
    const int64_t wide_ones = whole ? across : gr_fours(w), low = down - tall_ones, narrow = across - wide_ones;
    const int64_t row1 = 4 * tall_ones, col1 = 4 * wide_ones;
    const gr_wino_tiles tall = {.row1 = row1, .height = 4}, flat = {.row0 = row1, .row1 = row1 + 3 * low, .height = 3};
    grid->images = images;
    grid->tiles = 0;
    for (int kind = 0; kind < GR_KINDS; kind++) {
        gr_wino_tiles *k = &grid->kinds[kind];
        *k = kind == GR_TALL_NARROW || kind == GR_TALL_WIDE ? tall : flat;
        const bool wide = kind == GR_TALL_WIDE || kind == GR_SHORT_WIDE;
        k->col0 = wide ? 0 : col1, k->col1 = wide ? col1 : col1 + 3 * narrow, k->width = wide ? 4 : 3;
        k->rows = (k->row1 - k->row0) / k->height, k->cols = (k->col1 - k->col0) / k->width;
        k->first = grid->tiles;
        grid->tiles += images * k->rows * k->cols;
    }
}

/* Cuts the tiles of each kind into strips. Returns what their products take: steps of a register block, which for less than
 * four tiles wait for each other, and one more for what stands around them. */
static int64_t cut_strips(gr_wino_plan *plan)
{
    static const int positions[GR_KINDS] = {30, 36, 30, 25};
    int64_t work = 0;
    plan->strips = 0;
    for (int kind = 0; kind < GR_KINDS; kind++) {
        int64_t end = kind + 1 < GR_KINDS ? plan->grid.kinds[kind + 1].first : plan->grid.tiles;
        int64_t tiles = end - plan->grid.kinds[kind].first, strips = gr_blocks(tiles, GR_STRIP);
        plan->kinds[kind] = (gr_wino_strips){.first = plan->strips, .count = strips};
        if (strips > 0)
            plan->kinds[kind].each = tiles / strips, plan->kinds[kind].longer = tiles % strips;
        plan->strips += strips;
        work += positions[kind] * (gr_most(tiles, 4 * strips) + strips);
    }
    return work;
}

gr_wino_plan GR_KERNEL(gr_wino_plan)(const gr_conv_problem *p, gr_direction d, bool whole)
{
    bool data = d == GR_BACKDATA;
    gr_wino_plan plan = {.ic = data ? p->oc : p->c, .oc = data ? p->c : p->oc};
    int64_t out_h = data ? p->h : p->oh, out_w = data ? p->w : p->ow;
    plan.grid.pad_top = data ? 2 - p->pad_top : p->pad_top;
    plan.grid.pad_left = data ? 2 - p->pad_left : p->pad_left;
    plan.ic_blocks = gr_blocks(plan.ic, GR_VL);
    plan.panels = gr_blocks(plan.oc, GR_PANEL);
    GR_KERNEL(gr_wino_cut_outputs)(p->n, out_h, out_w, true, &plan.grid);
    int64_t work = cut_strips(&plan);
    gr_wino_plan other = plan;
    GR_KERNEL(gr_wino_cut_outputs)(p->n, out_h, out_w, false, &other.grid);
    if (!whole && cut_strips(&other) < work)
        plan = other;
    /* A few cache lines more than a power of two, or the 36 positions would compete for the same cache sets. */
    plan.u_stride = (plan.ic_blocks * GR_VL * plan.panels + 3) * GR_PANEL;
    cut(&plan);
    return plan;
}
