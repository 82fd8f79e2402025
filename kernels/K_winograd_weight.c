/* Winograd's weight gradient, F(3x3,4x4): dU = sum over tiles of V^T W, where V are transformed patches of x and W
 * transformed tiles of dy, then dw = G^T dU G.
 *
 * A round of tiles is transformed, then its products are taken, position by position, square of channels by square, so that the
 * sums of one position of a square stay near while all tiles of the round come by. Three ways, from few channels to many:
 *
 *     chunks   the tiles are cut into chunks, each a task with rounds and sums of its own, which are added in order at the end
 *     few      squares: all threads share a round; positions and panels are tasks, and all sums wait until the last round is done
 *     many     squares: a task makes all sums of a square in a round and finishes them; dw gains what they come to
 *
 *     V  [group][36][tile][c_group], W  [panel][36][tile][GR_PANEL]
 *     dU [chunk][square][36][panel][c_group][GR_PANEL] */
#include <stdio.h>

#include "winograd.h"

typedef struct weight_plan {
    gr_wino_grid grid;
    int64_t c, oc;
    int64_t c_group, c_groups;            /* channels of x in a group (whole vectors); groups */
    int64_t panels, oc_panels, oc_groups; /* panels of dy's channels; in a square; squares beside each other */
    int64_t squares;
    enum { CHUNKS, FEW, MANY } way;
    int64_t chunks, rounds, depth;  /* rounds of a chunk; tiles of a round at most */
    int64_t v_position, w_position; /* floats from one of the 36 positions to the next */
    int64_t du_panel, du_position, du_square;
} weight_plan;

typedef struct weight_job {
    const gr_conv_problem *p;
    const gr_conv_args *args;
    weight_plan plan;
    gr_wino_image x, dy;
    float *v, *w, *du;
    size_t per_thread; /* chunks: floats between the threads' V (and W) */
} weight_job;

/* Tiles that are transformed and multiplied at one time. */
typedef struct tiles {
    int64_t first, end, after; /* first .. end - 1; the next round's end */
    bool later;                /* it is not the first round */
    float *v, *w;
    const weight_job *job;
} tiles;

enum {
    CHUNKED_UP_TO = 1 << 20, /* bytes of dU */
    CHUNKS_MOST = 16,
    SQUARES_MANY = 16,
    GROUP = 64,
    PIECE = 96,  /* tiles of a group's V and a panel's W that the nearest cache holds */
    TILES = 4,   /* of one transforming task */
    ROWS = 16,   /* channels of one finishing task */
    PAD = 3 * 16 /* floats, so that the 36 positions do not compete for the same cache sets */
};

/* Bytes of V and W in a round. The more squares read each of them, the less it matters that they are far. */
static const int64_t round_bytes[] = {[CHUNKS] = 1400 << 10, [FEW] = 4 << 20, [MANY] = 20 << 20};

static void cut_tiles(weight_plan *plan)
{
    const int64_t du_bytes = plan->squares * plan->du_square * (int64_t)sizeof(float);
    plan->way = du_bytes <= CHUNKED_UP_TO ? CHUNKS : plan->squares < SQUARES_MANY ? FEW : MANY;
    const int64_t width = plan->c_group * plan->c_groups + plan->panels * GR_PANEL;
    const int64_t most = gr_most(8, round_bytes[plan->way] / (GR_POSITIONS * width * (int64_t)sizeof(float)));
    plan->chunks = plan->way == CHUNKS ? gr_least(CHUNKS_MOST, gr_blocks(plan->grid.tiles, most)) : 1;
    const int64_t chunk = gr_blocks(plan->grid.tiles, plan->chunks);
    plan->rounds = gr_blocks(chunk, most);
    plan->depth = gr_blocks(chunk, plan->rounds);
}

static weight_plan plan_of(const gr_conv_problem *p, bool whole)
{
    weight_plan plan = {.c = p->c, .oc = p->oc};
    GR_KERNEL(gr_wino_cut_outputs)(p->n, p->oh, p->ow, whole, &plan.grid);
    plan.grid.pad_top = p->pad_top, plan.grid.pad_left = p->pad_left;
    const int64_t c_width = gr_blocks(p->c, GR_VL) * GR_VL;
    plan.c_group = gr_least(GROUP, c_width);
    plan.c_groups = gr_blocks(c_width, plan.c_group);
    plan.panels = gr_blocks(p->oc, GR_PANEL);
    plan.oc_panels = gr_least(plan.panels, GROUP / GR_PANEL);
    plan.oc_groups = gr_blocks(plan.panels, plan.oc_panels);
    plan.squares = plan.c_groups * plan.oc_groups;
    plan.du_panel = plan.c_group * GR_PANEL;
    plan.du_position = plan.oc_panels * plan.du_panel + PAD;
    plan.du_square = GR_POSITIONS * plan.du_position;
    cut_tiles(&plan);
    plan.v_position = plan.depth * plan.c_group + PAD;
    plan.w_position = plan.depth * GR_PANEL + PAD;
    return plan;
}

/* Round `round` of a chunk. */
static void next_round(tiles *r, int64_t chunk, int64_t round)
{
    const weight_plan *plan = &r->job->plan;
    const int64_t all = plan->grid.tiles, begin = gr_wino_cut(all, plan->chunks, chunk);
    const int64_t count = gr_wino_cut(all, plan->chunks, chunk + 1) - begin;
    r->first = begin + gr_wino_cut(count, plan->rounds, round);
    r->end = begin + gr_wino_cut(count, plan->rounds, round + 1);
    r->after = gr_least(r->end + plan->depth, all);
    r->later = round > 0;
}

/* ---- transforms -------------------------------------------------------------------------------------------------- */

/* V of one group of channels of `count` tiles, of which the first is number t of the round. */
static void transform_x(const tiles *r, int64_t group, int64_t t, int64_t count)
{
    const weight_job *j = r->job;
    const weight_plan *plan = &j->plan;
    const gr_wino_steps steps = {.tile = plan->c_group,
                                 .position = plan->v_position,
                                 .block = GR_VL,
                                 .pair = 2 * GR_VL,
                                 .ahead = plan->c_group};
    const int64_t blocks = plan->c_group / GR_VL, cb = group * blocks, end = gr_least(cb + blocks, gr_blocks(plan->c, GR_VL));
    GR_KERNEL(gr_wino_input)(&j->x, &plan->grid, r->first + t, count, cb, end, &steps,
                             r->v + group * GR_POSITIONS * plan->v_position + t * plan->c_group);
}

/* W of some panels, likewise. */
static void transform_dy(const tiles *r, int64_t panel, int64_t end, int64_t t, int64_t count)
{
    const weight_job *j = r->job;
    const weight_plan *plan = &j->plan;
    const gr_wino_steps steps = {.tile = GR_PANEL,
                                 .position = plan->w_position,
                                 .block = GR_VL,
                                 .pair = GR_POSITIONS * plan->w_position,
                                 .ahead = GR_PANEL};
    const int64_t all = gr_blocks(plan->oc, GR_VL), last = gr_least(2 * end, all);
    float *w = r->w + panel * GR_POSITIONS * plan->w_position + t * GR_PANEL;
    GR_KERNEL(gr_wino_gradient)(&j->dy, &plan->grid, r->first + t, count, 2 * panel, last, &steps, w);
    /* The half of a panel that has no channels: its products are not used, but must not be of garbage. */
    if (last < 2 * end)
        for (int64_t row = 0; row < GR_POSITIONS * count; row++)
            gr_vstore(w + ((end - 1 - panel) * GR_POSITIONS + row / count) * plan->w_position + row % count * GR_PANEL + GR_VL,
                      gr_vzero());
}

static void transform_all(const tiles *r)
{
    const weight_plan *plan = &r->job->plan;
    for (int64_t group = 0; group < plan->c_groups; group++)
        transform_x(r, group, 0, r->end - r->first);
    transform_dy(r, 0, plan->panels, 0, r->end - r->first);
}

/* Tile by tile, group by group, while the next tile's pixels are fetched. */
static void transform_task(void *ctx, int64_t index, int thread)
{
    const tiles *r = ctx;
    const weight_job *j = r->job;
    const weight_plan *plan = &j->plan;
    (void)thread;
    for (int64_t t = index * TILES; t < gr_least((index + 1) * TILES, r->end - r->first); t++) {
        const int64_t tile = r->first + t, more = tile + 1 < plan->grid.tiles;
        gr_wino_feed x = GR_KERNEL(gr_wino_feed)(&j->x, &plan->grid, 6, tile + 1, more, plan->c_groups);
        gr_wino_feed dy = GR_KERNEL(gr_wino_feed)(&j->dy, &plan->grid, 4, tile + 1, more, plan->oc_groups);
        for (int64_t group = 0; group < plan->c_groups; group++) {
            GR_KERNEL(gr_wino_feed_part)(&x);
            transform_x(r, group, t, 1);
        }
        for (int64_t panel = 0; panel < plan->panels; panel += plan->oc_panels) {
            GR_KERNEL(gr_wino_feed_part)(&dy);
            transform_dy(r, panel, gr_least(panel + plan->oc_panels, plan->panels), t, 1);
        }
    }
}

/* ---- products ---------------------------------------------------------------------------------------------------- */

/* A square of channels and its sums. */
typedef struct square {
    int64_t group, c0, c_count, panel0, panels;
    float *du;
} square;

static square square_of(const weight_plan *plan, int64_t index, float *du)
{
    const int64_t group = index / plan->oc_groups;
    square s = {.group = group, .c0 = group * plan->c_group, .panel0 = index % plan->oc_groups * plan->oc_panels, .du = du};
    s.c_count = gr_least(plan->c_group, plan->c - s.c0);
    s.panels = gr_least(plan->oc_panels, plan->panels - s.panel0);
    return s;
}

/* The pixels of the next round that one of `parts` tasks asks for. */
typedef struct feeds {
    gr_wino_feed x, dy;
} feeds;

static feeds feeds_of(const tiles *r, int64_t part, int64_t parts, int64_t calls)
{
    const weight_job *j = r->job;
    const int64_t first = gr_wino_cut(r->after - r->end, parts, part), end = gr_wino_cut(r->after - r->end, parts, part + 1);
    return (feeds){GR_KERNEL(gr_wino_feed)(&j->x, &j->plan.grid, 6, r->end + first, end - first, calls),
                   GR_KERNEL(gr_wino_feed)(&j->dy, &j->plan.grid, 4, r->end + first, end - first, calls)};
}

/* The lines, as many as tiles of a piece, that call number `strip` of a panel asks for: those of V first, then the panel's own
 * of W. Where a vector is a line, a panel has few calls, and the first panel's alone ask for V. */
static const float *ahead_of(const weight_plan *plan, int64_t panel, int64_t strip, int64_t lines, const float *v, const float *w)
{
    const int64_t of_v = panel == 0 || GR_VL < GR_LINE ? gr_blocks(plan->c_group, GR_LINE) : 0;
    const int64_t of_w = gr_blocks(GR_PANEL, GR_LINE);
    if (strip < of_v)
        return v + strip * lines * GR_LINE;
    return strip < of_v + of_w ? w + (strip - of_v) * lines * GR_LINE : w;
}

/* dU (+)= V^T W for one position and panel. Each piece of tiles is summed before it joins dU, so that no sum grows long.
 * Meanwhile the next piece is asked for, and pixels. */
static void multiply_panel(const tiles *r, const square *s, int64_t position, int64_t panel, bool add, feeds *pixels)
{
    const weight_plan *plan = &r->job->plan;
    int64_t need0, need1;
    gr_wino_needs(&plan->grid, position, &need0, &need1);
    const int64_t from = gr_least(gr_most(need0, r->first), r->end) - r->first;
    const int64_t count = gr_most(0, gr_least(need1, r->end) - r->first - from), pieces = gr_blocks(count, PIECE);
    const int64_t strips = gr_blocks(s->c_count, GR_STRIP);
    const float *v = r->v + (s->group * GR_POSITIONS + position) * plan->v_position + from * plan->c_group;
    const float *w = r->w + ((s->panel0 + panel) * GR_POSITIONS + position) * plan->w_position + from * GR_PANEL;
    float *du = s->du + position * plan->du_position + panel * plan->du_panel;
    if (count == 0 && !add)
        memset(du, 0, sizeof(float) * (size_t)plan->du_panel);
    for (int64_t piece = 0; piece < pieces; piece++) {
        const int64_t depth = gr_wino_cut(count, pieces, piece + 1) - gr_wino_cut(count, pieces, piece);
        const float *v_next = v + depth * plan->c_group, *w_next = w + depth * GR_PANEL;
        for (int64_t strip = 0; strip < strips; strip++) {
            const int64_t c = gr_wino_cut(s->c_count, strips, strip), rows = gr_wino_cut(s->c_count, strips, strip + 1) - c;
            GR_KERNEL(gr_wino_feed_part)(&pixels->x);
            GR_KERNEL(gr_wino_feed_part)(&pixels->dy);
            GR_KERNEL(gr_wino_multiply_transposed)
            (rows, depth, v + c, plan->c_group, w, du + c * GR_PANEL, add || piece > 0,
             ahead_of(plan, panel, strip, depth, v_next, w_next));
        }
        v = v_next, w = w_next;
    }
}

/* dw of channels first .. first + rows - 1 of a square. */
static void finish(const weight_job *j, const square *s, int64_t first, int64_t rows, bool accumulate)
{
    const weight_plan *plan = &j->plan;
    for (int64_t panel = 0; panel < s->panels; panel++) {
        const int64_t oc = (s->panel0 + panel) * GR_PANEL;
        GR_KERNEL(gr_wino_filter_gradient)
        (j->p, s->c0 + first, rows, oc, gr_least(GR_PANEL, plan->oc - oc), s->du + panel * plan->du_panel + first * GR_PANEL,
         plan->du_position, GR_PANEL, accumulate, j->args->out);
    }
}

static int64_t calls_of(const weight_plan *plan, const square *s)
{
    return gr_blocks(plan->depth, PIECE) * gr_blocks(s->c_count, GR_STRIP);
}

static void multiply_square(const tiles *r, const square *s, bool add, feeds *pixels)
{
    for (int64_t position = 0; position < GR_POSITIONS; position++)
        for (int64_t panel = 0; panel < s->panels; panel++)
            multiply_panel(r, s, position, panel, add, pixels);
}

static void square_task(void *ctx, int64_t index, int thread)
{
    const tiles *r = ctx;
    const weight_job *j = r->job;
    const weight_plan *plan = &j->plan;
    const square s = square_of(plan, index, j->du + plan->du_square * thread);
    feeds pixels = feeds_of(r, index, plan->squares, GR_POSITIONS * s.panels * calls_of(plan, &s));
    multiply_square(r, &s, false, &pixels);
    finish(j, &s, 0, s.c_count, j->args->accumulate || r->later);
}

/* A thread's positions follow each other in all squares: it reads V and W of these alone, and its sums are the same ones in all
 * rounds. */
static void panel_task(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const tiles *r = ctx;
    const weight_plan *plan = &r->job->plan;
    const int64_t panel = index % plan->oc_panels, number = index / plan->oc_panels % plan->squares;
    const int64_t position = index / plan->oc_panels / plan->squares;
    const square s = square_of(plan, number, r->job->du + plan->du_square * number);
    feeds pixels = feeds_of(r, index, plan->squares * GR_POSITIONS * plan->oc_panels, calls_of(plan, &s));
    if (panel < s.panels)
        multiply_panel(r, &s, position, panel, r->later, &pixels);
}

static void chunk_task(void *ctx, int64_t chunk, int thread)
{
    const weight_job *j = ctx;
    const weight_plan *plan = &j->plan;
    const size_t at = j->per_thread * (size_t)thread;
    tiles r = {.job = j, .v = j->v + at, .w = j->w + at};
    for (int64_t round = 0; round < plan->rounds; round++) {
        next_round(&r, chunk, round);
        transform_all(&r);
        for (int64_t k = 0; k < plan->squares; k++) {
            const square s = square_of(plan, k, j->du + plan->du_square * (chunk * plan->squares + k));
            feeds pixels = feeds_of(&r, k, plan->squares, GR_POSITIONS * s.panels * calls_of(plan, &s));
            multiply_square(&r, &s, r.later, &pixels);
        }
    }
}

/* The first chunk's sums of some channels of a square gain the other chunks'. */
static void add_chunks(const weight_plan *plan, const square *s, int64_t first, int64_t rows)
{
    const int64_t apart = plan->squares * plan->du_square;
    for (int64_t line = 0; line < GR_POSITIONS * s->panels; line++) {
        float *to = s->du + line / s->panels * plan->du_position + line % s->panels * plan->du_panel + first * GR_PANEL;
        for (int64_t i = 0; i < rows * GR_PANEL; i += GR_VL) {
            gr_vf sum = gr_vload(to + i);
            for (int64_t chunk = 1; chunk < plan->chunks; chunk++)
                sum += gr_vload(to + chunk * apart + i);
            gr_vstore(to + i, sum);
        }
    }
}

static void finish_task(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const weight_job *j = ctx;
    const weight_plan *plan = &j->plan;
    const int64_t parts = gr_blocks(plan->c_group, ROWS), first = index % parts * ROWS;
    const square s = square_of(plan, index / parts, j->du + plan->du_square * (index / parts));
    const int64_t rows = gr_least(ROWS, s.c_count - first);
    if (rows <= 0)
        return;
    add_chunks(plan, &s, first, rows);
    finish(j, &s, first, rows, j->args->accumulate);
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

/* Floats of V and W of a round and of all dU. */
typedef struct sizes {
    size_t v, w, du;
} sizes;

static sizes sizes_of(const weight_plan *plan, int threads)
{
    return (sizes){(size_t)(plan->c_groups * plan->v_position * GR_POSITIONS),
                   (size_t)(plan->panels * plan->w_position * GR_POSITIONS),
                   (size_t)(plan->du_square * (plan->way == MANY ? threads : plan->chunks * plan->squares))};
}

size_t GR_KERNEL(gr_wino_weight_scratch)(const gr_conv_problem *p, int threads)
{
    const weight_plan plan = plan_of(p, true); /* the others have as many tiles */
    const sizes s = sizes_of(&plan, threads);
    return ((s.v + s.w) * (size_t)(plan.way == CHUNKS ? threads : 1) + s.du) * sizeof(float);
}

/* All threads share each round. */
static void run_rounds(const weight_job *j)
{
    const weight_plan *plan = &j->plan;
    tiles r = {.job = j, .v = j->v, .w = j->w};
    for (int64_t round = 0; round < plan->rounds; round++) {
        next_round(&r, 0, round);
        gr_parallel_for(gr_blocks(r.end - r.first, TILES), transform_task, &r);
        if (plan->way == MANY)
            gr_parallel_for(plan->squares, square_task, &r);
        else
            gr_parallel_for(plan->squares * GR_POSITIONS * plan->oc_panels, panel_task, &r);
    }
}

void GR_KERNEL(gr_wino_weight)(const gr_conv_problem *p, const gr_conv_args *args)
{
    weight_job j = {.p = p, .args = args, .plan = plan_of(p, gr_wino_pools(args)), .dy = gr_wino_image_of_dy(p, args)};
    j.x = (gr_wino_image){.source = gr_stored_x(p, args), .h = p->h, .w = p->w, .channels = p->c};
    const weight_plan *plan = &j.plan;
    const sizes s = sizes_of(plan, gr_threads_get());
    j.du = args->scratch;
    j.v = j.du + s.du;
    j.w = j.v + s.v;
    j.per_thread = s.v + s.w;
    if (plan->way == CHUNKS)
        gr_parallel_for(plan->chunks, chunk_task, &j);
    else
        run_rounds(&j);
    if (plan->way != MANY)
        gr_parallel_for(plan->squares * gr_blocks(plan->c_group, ROWS), finish_task, &j);
}

void GR_KERNEL(gr_wino_weight_describe)(const gr_conv_problem *p, char *text, size_t size)
{
    static const char *const ways[] = {"in chunks", "in rounds", "in rounds square by square"};
    const weight_plan plan = plan_of(p, false);
    snprintf(text, size, "F(3x3,4x4), %lld tiles, register block %d x %d channels, %s, %lld tiles at a time",
             (long long)plan.grid.tiles, GR_STRIP, GR_PANEL, ways[plan.way], (long long)plan.depth);
}
