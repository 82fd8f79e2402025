/* Winograd along one axis as a plan sees it, and forward and data direction, which are the same work: a block of lines is read
 * and transformed in L2; then, for each panel of output channels, the products of each point run in register tiles, and a tile's
 * results leave L1 finished. */
#include <stdio.h>

#include "winograd_line.h"

enum { TILES_MIN = 32, CHANNELS_MIN = 16 };

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *fusion)
{
    (void)fusion;
    if (p->exact || p->bf16)
        return "its transforms round more than the sums";
    if (p->groups != 1 || p->stride_h != 1 || p->stride_w != 1 || p->dil_h != 1 || p->dil_w != 1)
        return "it is strided, dilated or grouped";
    if ((p->kh != 1 && p->kw != 1) || (p->kh * p->kw != 3 && p->kh * p->kw != 7))
        return "the kernel is not 1x3, 3x1, 1x7 or 7x1";
    if (p->kh == 1 ? p->pad_top != 0 || p->oh != p->h : p->pad_left != 0 || p->ow != p->w)
        return "the lines are padded across";
    if (p->c < CHANNELS_MIN || p->oc < CHANNELS_MIN)
        return "few channels";
    const gr_lines l = GR_KERNEL(gr_lines_make)(p, d);
    if (l.tiles * l.points >= l.results * l.taps)
        return "the results fill so little of their tiles that nothing is saved";
    return l.lines * l.tiles < TILES_MIN ? "few tiles for so many transformed weights" : NULL;
}

static size_t packed_size(const gr_conv_problem *p, gr_direction d)
{
    if (d == GR_BACKWEIGHT)
        return 0;
    const gr_lines l = GR_KERNEL(gr_lines_make)(p, d);
    return sizeof(float) * (size_t)(l.v.panels * GR_NR * l.v.in_c * (l.points + l.taps));
}

/* The weights as implicit GEMM packs them stand behind the transformed ones. */
typedef struct packing {
    gr_lines l;
    float *packed;
} packing;

static void transform_panel(void *ctx, int64_t panel, int thread)
{
    (void)thread;
    const packing *j = ctx;
    const int64_t step = j->l.v.in_c * GR_NR, taps = j->l.taps, points = j->l.points;
    const float *w = j->packed + j->l.v.panels * points * step + panel * taps * step;
    float *u = j->packed + panel * points * step;
    for (int64_t point = 0; point < points; point++)
        for (int64_t at = 0; at < step; at += GR_VL) {
            gr_vf sum = gr_vzero();
            for (int64_t tap = 0; tap < taps; tap++)
                sum = gr_vfma(gr_vload(w + tap * step + at), gr_vset(gr_line_g(taps, point, tap)), sum);
            gr_vstore(u + point * step + at, sum);
        }
}

static void pack(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed)
{
    if (d == GR_BACKWEIGHT)
        return;
    packing j = {.l = GR_KERNEL(gr_lines_make)(p, d), .packed = packed};
    GR_KERNEL(gr_view_pack)(p, d, weights, j.packed + j.l.v.panels * j.l.points * j.l.v.in_c * GR_NR);
    gr_parallel_for(j.l.v.panels, transform_panel, &j);
}

static int64_t block_tiles(const gr_lines *l)
{
    return l->block * l->tiles;
}

/* A line as it is read, and a block's tiles, transformed. */
static size_t thread_floats(const gr_lines *l)
{
    return (size_t)((l->patch + l->points * block_tiles(l)) * l->in_lda);
}

static size_t scratch_size(const gr_conv_problem *p, gr_direction d, int threads)
{
    if (d == GR_BACKWEIGHT)
        return GR_KERNEL(gr_line_weight_scratch)(p, threads);
    const gr_lines l = GR_KERNEL(gr_lines_make)(p, d);
    return sizeof(float) * thread_floats(&l) * (size_t)threads;
}

static int64_t stat_blocks(const gr_conv_problem *p, gr_direction d)
{
    return d == GR_BACKWEIGHT ? 0 : GR_KERNEL(gr_lines_make)(p, d).blocks;
}

static void describe(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    const gr_lines l = GR_KERNEL(gr_lines_make)(p, d);
    snprintf(text, size, "F(%d,%lld), %d tiles x %d channels, %lld blocks of %lld lines of %lld tiles", GR_LINE_OUTS,
             (long long)l.taps, GR_MR, GR_NR, (long long)l.blocks, (long long)l.block, (long long)l.tiles);
}

typedef struct job {
    gr_lines l;
    const gr_conv_args *args;
    gr_source source;
    gr_direction d;
    const gr_conv_fusion *f;
} job;

/* Tiles of a block, and one panel of their output channels. */
typedef struct work {
    const job *j;
    gr_finish finish;
    bool finishes;
    int64_t line, tiles; /* the block's first line; its tiles */
    const float *v;
    int64_t column, columns;
} work;

/* A m for the sums m of one tile, m[point * step]. */
GR_INLINE void results_of(const int taps, const int points, const float *m, int64_t step, float *y)
{
#pragma GCC unroll 2
    for (int at = 0; at < GR_NR; at += GR_VL) {
        gr_vf in[GR_LINE_POINTS];
#pragma GCC unroll 10
        for (int k = 0; k < points; k++)
            in[k] = gr_vload(m + k * step + at);
#pragma GCC unroll 4
        for (int i = 0; i < GR_LINE_OUTS; i++) {
            gr_vf sum = gr_vzero();
#pragma GCC unroll 10
            for (int k = 0; k < points; k++)
                if (gr_line_a(taps, i, k) != 0.0f)
                    sum = gr_vfma(in[k], gr_vset(gr_line_a(taps, i, k)), sum);
            gr_vstore(y + i * GR_NR + at, sum);
        }
    }
}

/* Where the results of tile `tile` of the block go, those that the line has; their number. */
static int64_t locate(const work *w, int64_t tile, float **out)
{
    const gr_lines *l = &w->j->l;
    const int64_t line = w->line + tile / l->tiles, first = tile % l->tiles * GR_LINE_OUTS, step = gr_line_step(l) * l->v.out_c;
    const int64_t count = gr_least(GR_LINE_OUTS, l->results - first);
    float *at = w->j->args->out + gr_line_begin(l, line, l->results) * l->v.out_c + first * step;
    for (int64_t i = 0; i < count; i++)
        out[i] = at + i * step;
    return count;
}

/* Finished results y[rows][GR_NR] to where they belong. */
static void write_out(const work *w, float *y, float *const *out, int64_t rows)
{
    for (int64_t r = 0; r < rows && w->j->args->accumulate; r++)
        for (int64_t at = 0; at < w->columns; at += GR_VL) {
            const gr_vf old = gr_vload_upto(out[r] + w->column + at, w->columns - at);
            gr_vstore(y + r * GR_NR + at, gr_vload(y + r * GR_NR + at) + old);
        }
    if (w->finishes) {
        GR_KERNEL(gr_finish_move)(&w->finish, y, GR_NR, out, rows, w->column, w->column, w->columns, false);
        return;
    }
    for (int64_t r = 0; r < rows; r++)
        for (int64_t at = 0; at < w->columns; at += GR_VL)
            gr_vstore_upto(out[r] + w->column + at, gr_vload(y + r * GR_NR + at), w->columns - at);
}

/* GR_MR tiles, or what is left of the block. */
static void run_strip(const work *w, int64_t tile, int64_t tiles)
{
    const gr_lines *l = &w->j->l;
    const int64_t c = l->v.in_c, step = c * GR_NR;
    _Alignas(64) float sums[GR_LINE_POINTS * GR_MR * GR_NR], y[(GR_MR + 1) * GR_LINE_OUTS * GR_NR];
    float *rows[GR_MR], *out[GR_MR * GR_LINE_OUTS];
    int64_t count = 0;
    for (int64_t r = 0; r < GR_MR; r++)
        rows[r] = sums + r * GR_NR;
    for (int64_t r = 0; r < tiles; r++)
        count += locate(w, tile + r, out + count);
    for (int64_t r = 0; r < count; r++)
        __builtin_prefetch(out[r] + w->column, 1);
    gr_tile t = {.runs = 1, .k = c, .lda = l->in_lda, .out = rows, .columns = gr_round_up(w->columns, GR_VL)};
    t.b = (const float *)w->j->args->packed + w->column / GR_NR * l->points * step;
    for (int64_t point = 0; point < l->points; point++, t.b += step) {
        t.a = w->v + (point * block_tiles(l) + tile) * l->in_lda;
        t.column = point * GR_MR * GR_NR, t.fetch = (const char *)(t.b + step), t.fetch_step = GR_NR * (int64_t)sizeof(float);
        GR_KERNEL(gr_tile_rows)(&t, tiles);
    }
    float *to = y;
    for (int64_t r = 0; r < tiles; r++) {
        if (l->taps == 7)
            results_of(7, 10, rows[r], GR_MR * GR_NR, to);
        else
            results_of(3, 6, rows[r], GR_MR * GR_NR, to);
        to += gr_least(GR_LINE_OUTS, l->results - (tile + r) % l->tiles * GR_LINE_OUTS) * GR_NR;
    }
    write_out(w, y, out, count);
}

static void run_block(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const gr_lines *l = &j->l;
    float *patch = (float *)j->args->scratch + thread_floats(l) * (size_t)thread, *v = patch + l->patch * l->in_lda;
    const int64_t first = index * l->block, lines = gr_least(l->block, l->lines - first);
    memset(patch, 0, sizeof *patch * (size_t)(l->patch * l->in_lda));
    for (int64_t i = 0; i < lines; i++)
        GR_KERNEL(gr_line_read)(l, &j->source, first + i, 0, l->v.in_c, patch, block_tiles(l), v + i * l->tiles * l->in_lda);
    work w = {.j = j, .line = first, .tiles = lines * l->tiles, .v = v};
    w.finish = GR_KERNEL(gr_finish_begin)(j->f, j->d, j->args->out, l->v.out_c, index, 0, l->v.out_c);
    w.finishes = GR_KERNEL(gr_finish_needed)(&w.finish);
    for (; w.column < l->v.out_c; w.column += GR_NR) {
        w.columns = gr_least(GR_NR, l->v.out_c - w.column);
        for (int64_t tile = 0; tile < w.tiles; tile += GR_MR)
            run_strip(&w, tile, gr_least(GR_MR, w.tiles - tile));
    }
}

static void run(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    if (d == GR_BACKWEIGHT) {
        GR_KERNEL(gr_line_weight)(p, args);
        return;
    }
    job j = {.l = GR_KERNEL(gr_lines_make)(p, d), .args = args, .d = d, .f = args->fusion != NULL ? args->fusion : &gr_no_fusion};
    j.source = d == GR_FORWARD ? gr_source_of_x(args) : gr_source_of_dy(args);
    gr_parallel_for(j.l.blocks, run_block, &j);
}

const gr_conv_algorithm GR_KERNEL(gr_winograd_line) = {
    .name = "winograd_line",
    .refuses = refuses,
    .packed_size = packed_size,
    .scratch_size = scratch_size,
    .stat_blocks = stat_blocks,
    .pack = pack,
    .run = run,
    .describe = describe,
};
