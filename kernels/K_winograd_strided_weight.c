/* Strided Winograd's weight direction as a plan sees it, and how its work is cut. A round of bands is transformed, by bands and
 * groups of channels; then a task takes a square of channels and one or all of the 36 matrices, and adds the products of the round
 * to its sums. Many squares: a task has all matrices, its sums stay in L2, and dw gains what they come to in each round. Few
 * squares: their matrices are tasks of their own, whose sums wait until the last round is done. */
#include <stdio.h>

#include "panel.h"
#include "winograd_strided_weight.h"

enum {
    GROUP = 64,             /* channels of a square's sides */
    ROUND_BYTES = 20 << 20, /* of V and W */
    PIECE = 64,             /* entries of a square's V and W that L1 holds */
    SQUARES_MANY = 16,
    PRODUCTS_MIN = 40, /* of C * OC, for each of the C + OC channels that are transformed: 43 gains, 32 does not */
    TILES_MIN = 32
};

typedef struct weight_plan {
    gr_phase_grid grid;
    int64_t c, oc;
    int64_t c_group, c_groups, panels, oc_panels, oc_groups; /* panels: all; of a square */
    int64_t round, rounds;                                   /* bands in a round; rounds */
    bool many;                                               /* squares */
    int64_t v_group, w_panel, du_matrix, du_square;          /* floats */
} weight_plan;

static gr_phase_axis axis_of(int64_t size, int64_t pad, int64_t results)
{
    gr_phase_axis a = {.size = size, .pad = pad, .results = results, .tiles = gr_blocks(results, 4), .full = gr_fours(results)};
    for (int kind = 0; kind < GR_PHASE_KINDS; kind++)
        a.lines[kind] = gr_phase_before(&a, kind, a.tiles);
    return a;
}

/* Entries of a matrix in a round of `bands` bands, all of them of four results. */
static int64_t most_entries(const gr_phase_grid *g, int matrix, int64_t bands)
{
    return (matrix / GR_PHASE_KINDS == GR_PHASE_PLAIN ? 4 * bands : bands) * g->w.lines[matrix % GR_PHASE_KINDS];
}

static int64_t all_entries(const gr_phase_grid *g, int64_t bands)
{
    int64_t all = 0;
    for (int matrix = 0; matrix < GR_PHASE_MATRICES; matrix++)
        all += most_entries(g, matrix, bands);
    return all;
}

static weight_plan plan_of(const gr_conv_problem *p)
{
    weight_plan plan = {.c = p->c, .oc = p->oc};
    gr_phase_grid *g = &plan.grid;
    g->h = axis_of(p->h, p->pad_top, p->oh), g->w = axis_of(p->w, p->pad_left, p->ow);
    g->bands = p->n * g->h.tiles;
    const int64_t c_width = gr_round_up(p->c, GR_VL);
    plan.c_groups = gr_blocks(c_width, GROUP);
    plan.c_group = gr_least(c_width, GROUP);
    plan.panels = gr_blocks(p->oc, GR_PANEL);
    plan.oc_panels = gr_least(plan.panels, GROUP / GR_PANEL);
    plan.oc_groups = gr_blocks(plan.panels, plan.oc_panels);
    const int64_t width = plan.c_group * plan.c_groups + plan.panels * GR_PANEL;
    const int64_t most = gr_most(1, ROUND_BYTES / (all_entries(g, 1) * width * (int64_t)sizeof(float)));
    plan.rounds = gr_blocks(g->bands, most);
    plan.round = gr_blocks(g->bands, plan.rounds);
    plan.rounds = gr_blocks(g->bands, plan.round);
    plan.many = plan.c_groups * plan.oc_groups >= SQUARES_MANY;
    for (int matrix = 0; matrix < GR_PHASE_MATRICES; matrix++)
        g->at[matrix + 1] = g->at[matrix] + most_entries(g, matrix, plan.round);
    plan.v_group = g->at[GR_PHASE_MATRICES] * plan.c_group + GR_PHASE_MATRICES * GR_PHASE_PAD;
    plan.w_panel = g->at[GR_PHASE_MATRICES] * GR_PANEL + GR_PHASE_MATRICES * GR_PHASE_PAD;
    plan.du_matrix = plan.oc_panels * plan.c_group * GR_PANEL + GR_PHASE_PAD;
    plan.du_square = GR_PHASE_MATRICES * plan.du_matrix;
    return plan;
}

typedef struct job {
    const gr_conv_problem *p;
    const gr_conv_args *args;
    weight_plan plan;
    gr_wino_image x, dy;
    float *v, *w, *du;
    int64_t first, end; /* bands of the round under way */
    bool later;         /* it is not the first round */
} job;

/* ---- transforms ---------------------------------------------------------------------------------------------------- */

/* One band, and one group of channels of x or a square's panels of dy's. */
static void transform_task(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const job *j = ctx;
    const weight_plan *plan = &j->plan;
    const int64_t groups = plan->c_groups + plan->oc_groups, band = j->first + index / groups, group = index % groups;
    if (group < plan->c_groups) {
        const int64_t blocks = plan->c_group / GR_VL, cb = group * blocks;
        GR_KERNEL(gr_phase_x)(&j->x, &plan->grid, j->first, band, cb, gr_least(cb + blocks, gr_blocks(plan->c, GR_VL)),
                              plan->c_group, plan->v_group, j->v + group * plan->v_group);
        return;
    }
    const int64_t panel = (group - plan->c_groups) * plan->oc_panels, end = gr_least(panel + plan->oc_panels, plan->panels);
    GR_KERNEL(gr_phase_dy)(&j->dy, &plan->grid, j->first, band, 2 * panel, 2 * end, GR_PANEL, plan->w_panel,
                           j->w + panel * plan->w_panel);
}

/* ---- products ------------------------------------------------------------------------------------------------------ */

/* A square of channels. */
typedef struct square {
    int64_t group, oc_group, c_count, panels;
    float *du;
} square;

static square square_of(const job *j, int64_t index, float *du)
{
    const weight_plan *plan = &j->plan;
    square s = {.group = index / plan->oc_groups, .oc_group = index % plan->oc_groups, .du = du};
    s.c_count = gr_least(plan->c_group, plan->c - s.group * plan->c_group);
    s.panels = gr_least(plan->oc_panels, plan->panels - s.oc_group * plan->oc_panels);
    return s;
}

/* dU (+)= V^T W of one matrix, entries [begin, begin + count) of the round; they are summed before they are added to dU, so that
 * no sum grows long. Meanwhile the next ones' V is asked for, then the W of each panel. */
static void multiply_piece(const job *j, const square *s, int matrix, int64_t begin, int64_t count, bool first)
{
    const weight_plan *plan = &j->plan;
    const int64_t at = plan->grid.at[matrix] + begin, strips = gr_blocks(s->c_count, GR_MR);
    const int64_t lines = gr_blocks(plan->c_group, GR_LINE);
    const float *v = j->v + s->group * plan->v_group + at * plan->c_group + matrix * GR_PHASE_PAD;
    const float *w = j->w + s->oc_group * plan->oc_panels * plan->w_panel + at * GR_NR + matrix * GR_PHASE_PAD;
    float *out[GR_MR];
    gr_tile t = {.runs = 1, .k = count, .lda = plan->c_group, .out = out, .columns = GR_NR, .add = !first};
    t.fetch_step = GR_LINE * (int64_t)sizeof(float);
    int64_t call = 0;
    for (int64_t panel = 0; panel < s->panels; panel++, w += plan->w_panel)
        for (int64_t strip = 0; strip < strips; strip++, call++) {
            const int64_t c = gr_wino_cut(s->c_count, strips, strip), rows = gr_wino_cut(s->c_count, strips, strip + 1) - c;
            const float *ahead = call < lines ? v + count * (plan->c_group + call * GR_LINE) : w + count * GR_NR;
            for (int64_t r = 0; r < rows; r++) {
                out[r] = s->du + matrix * plan->du_matrix + (panel * plan->c_group + c + r) * GR_NR;
                __builtin_prefetch(out[r], 1);
            }
            t.a = v + c, t.b = w, t.fetch = (const char *)ahead;
            GR_KERNEL(gr_tile_columns)(&t, rows);
        }
}

static void multiply_matrix(const job *j, const square *s, int matrix, bool add)
{
    const gr_phase_grid *g = &j->plan.grid;
    const int rows = matrix / GR_PHASE_KINDS, cols = matrix % GR_PHASE_KINDS;
    const int64_t entries = (gr_phase_lines(g, rows, j->end) - gr_phase_lines(g, rows, j->first)) * g->w.lines[cols];
    if (entries == 0 && !add)
        memset(s->du + matrix * j->plan.du_matrix, 0, sizeof(float) * (size_t)(j->plan.du_matrix - GR_PHASE_PAD));
    const int64_t pieces = gr_blocks(entries, PIECE);
    for (int64_t piece = 0; piece < pieces; piece++) {
        const int64_t begin = gr_wino_cut(entries, pieces, piece);
        multiply_piece(j, s, matrix, begin, gr_wino_cut(entries, pieces, piece + 1) - begin, !add && piece == 0);
    }
}

/* A panel of a square's dw. */
static void finish_panel(const job *j, const square *s, int64_t panel, bool accumulate)
{
    const weight_plan *plan = &j->plan;
    const int64_t c = s->group * plan->c_group, oc = (s->oc_group * plan->oc_panels + panel) * GR_PANEL;
    GR_KERNEL(gr_phase_finish)
    (s->c_count, gr_least(GR_PANEL, plan->oc - oc), s->du + panel * plan->c_group * GR_PANEL, plan->du_matrix, plan->oc,
     plan->c * plan->oc, accumulate, j->args->out + c * plan->oc + oc);
}

static void square_task(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const square s = square_of(j, index, j->du + j->plan.du_square * thread);
    for (int matrix = 0; matrix < GR_PHASE_MATRICES; matrix++)
        multiply_matrix(j, &s, matrix, false);
    for (int64_t panel = 0; panel < s.panels; panel++)
        finish_panel(j, &s, panel, j->args->accumulate || j->later);
}

/* The matrices in the order in which tasks take them: those of most entries first, 16 of a tile, then 4, then 1. */
static int matrix_of(int64_t turn)
{
    enum { POINTS = GR_PHASE_PLAIN, MIXED = 1, POINTS_ONLY = MIXED + 2 * POINTS };
    if (turn < MIXED)
        return GR_PHASE_MATRICES - 1;
    const int number = (int)(turn < POINTS_ONLY ? turn - MIXED : turn - POINTS_ONLY), row = number / POINTS, col = number % POINTS;
    if (turn >= POINTS_ONLY)
        return row * GR_PHASE_KINDS + col;
    return row == 0 ? GR_PHASE_PLAIN * GR_PHASE_KINDS + col : col * GR_PHASE_KINDS + GR_PHASE_PLAIN;
}

/* All squares of a matrix one after the other, which read the same V or W. */
static void matrix_task(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const job *j = ctx;
    const int64_t squares = j->plan.c_groups * j->plan.oc_groups, number = index % squares;
    const square s = square_of(j, number, j->du + j->plan.du_square * number);
    multiply_matrix(j, &s, matrix_of(index / squares), j->later);
}

static void finish_task(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const job *j = ctx;
    const int64_t panels = j->plan.oc_panels;
    const square s = square_of(j, index / panels, j->du + j->plan.du_square * (index / panels));
    if (index % panels < s.panels)
        finish_panel(j, &s, index % panels, j->args->accumulate);
}

/* ---- the record ---------------------------------------------------------------------------------------------------- */

static size_t scratch_size(const gr_conv_problem *p, gr_direction d, int threads)
{
    (void)d;
    const weight_plan plan = plan_of(p);
    const int64_t sums = plan.many ? threads : plan.c_groups * plan.oc_groups;
    return sizeof(float) * (size_t)(plan.c_groups * plan.v_group + plan.panels * plan.w_panel + sums * plan.du_square);
}

static void run(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    (void)d;
    job j = {.p = p, .args = args, .plan = plan_of(p), .dy = gr_wino_image_of_dy(p, args)};
    j.x = (gr_wino_image){.source = gr_stored_x(p, args), .h = p->h, .w = p->w, .channels = p->c};
    const weight_plan *plan = &j.plan;
    const int64_t squares = plan->c_groups * plan->oc_groups;
    j.v = args->scratch;
    j.w = j.v + plan->c_groups * plan->v_group;
    j.du = j.w + plan->panels * plan->w_panel;
    for (; j.first < plan->grid.bands; j.first = j.end, j.later = true) {
        j.end = gr_least(j.first + plan->round, plan->grid.bands);
        gr_parallel_for((j.end - j.first) * (plan->c_groups + plan->oc_groups), transform_task, &j);
        if (plan->many)
            gr_parallel_for(squares, square_task, &j);
        else
            gr_parallel_for(squares * GR_PHASE_MATRICES, matrix_task, &j);
    }
    if (!plan->many)
        gr_parallel_for(squares * plan->oc_panels, finish_task, &j);
}

static bool only_relu(const gr_conv_fusion *f)
{
    return f == NULL || f->in_act <= GR_ACT_RELU;
}

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *fusion)
{
    if (d != GR_BACKWEIGHT)
        return "it computes weight gradients only";
    if (p->bf16 && GR_PAIR_STEP > 1)
        return "matrix registers multiply bfloat16 faster still";
    if (p->exact)
        return "its transforms round more than an exact plan allows";
    if (p->kh != 3 || p->kw != 3 || p->stride_h != 2 || p->stride_w != 2)
        return "it is not 3x3 of stride 2";
    if (p->dil_h != 1 || p->dil_w != 1 || p->groups != 1)
        return "it is dilated or grouped";
    if (p->pad_top < 0 || p->pad_top > 2 || p->pad_left < 0 || p->pad_left > 2)
        return "the padding is beyond 2";
    if (p->c * p->oc < PRODUCTS_MIN * (p->c + p->oc))
        return "few channels: its transforms would cost more than they save";
    if (!only_relu(fusion))
        return "an activation is not ReLU";
    if (fusion != NULL && fusion->pool.kh != 0)
        return "it knows no pool";
    const weight_plan plan = plan_of(p);
    const gr_phase_axis *h = &plan.grid.h, *w = &plan.grid.w;
    const int64_t products = (2 * h->full + 7 * h->tiles) * (2 * w->full + 7 * w->tiles); /* 9 for four results, 7 for three */
    if (4 * products > 3 * 9 * p->oh * p->ow)
        return "the results fill so little of their tiles that little is saved";
    return plan.grid.bands * w->tiles < TILES_MIN ? "few tiles for so many sums" : NULL;
}

static size_t packed_size(const gr_conv_problem *p, gr_direction d)
{
    (void)p, (void)d;
    return 0;
}

static int64_t stat_blocks(const gr_conv_problem *p, gr_direction d)
{
    (void)p, (void)d;
    return 0;
}

static void pack(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed)
{
    (void)p, (void)d, (void)weights, (void)packed;
}

static void describe(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    (void)d;
    const weight_plan plan = plan_of(p);
    snprintf(text, size, "F(2,4) by phases, %d x %d channels, %lld squares of channels, %lld rounds of %lld rows of tiles",
             GR_MR, GR_NR, (long long)(plan.c_groups * plan.oc_groups), (long long)plan.rounds, (long long)plan.round);
}

const gr_conv_algorithm GR_KERNEL(gr_winograd_strided_weight) = {
    .name = "winograd_strided_weight",
    .refuses = refuses,
    .packed_size = packed_size,
    .scratch_size = scratch_size,
    .stat_blocks = stat_blocks,
    .pack = pack,
    .run = run,
    .describe = describe,
};
