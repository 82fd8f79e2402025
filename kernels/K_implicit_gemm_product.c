/* Implicit GEMM, forward and data direction: blocks of pixels x output channels, shared out among the threads. A block
 * copies its rows of the left matrix once (as much of K at a time as leaves a tile's rows in L1 and the weights in L2), runs
 * the register tiles over them, and finishes each tile while it is still in L1. */
#include <stdio.h>

#include "implicit_gemm.h"

enum {
    COLUMNS = 256,        /* of the output at once */
    WEIGHTS = 192 * 1024, /* at once: 768 KB, which stay in L2 for all pixels of a block */
    COLUMNS_MIN = 64,
    PIXELS = 112,
    PIXELS_MIN = 28,
    LINE = 16,             /* floats */
    BLOCKS_WANTED = 48,    /* enough for the threads of a workstation to finish together */
    STREAM_FROM = GR_VL < LINE ? 48 << 20 : 16 << 20 /* bytes of output: no L3 keeps as much until it is read */
};

/* How one direction of a problem is cut up. It follows from the shape alone, so that the order of all sums does. */
typedef struct cut {
    int64_t views, groups;
    int64_t pixels, chunks;  /* pixels of a block; chunks of pixels of the largest view */
    int64_t columns, strips; /* output channels of a block; strips of them in a group */
    int64_t depth;           /* the most of K that one view takes at once */
} cut;

static cut make_cut(const gr_conv_problem *p, gr_direction d)
{
    gr_view v = GR_KERNEL(gr_view_make)(p, d, 0); /* the first view has the most pixels */
    cut c = {.views = GR_KERNEL(gr_view_count)(p, d), .groups = p->groups, .pixels = PIXELS / GR_MR * GR_MR};
    c.columns = gr_least(COLUMNS, v.panels * GR_NR);
    for (;;) {
        c.chunks = gr_blocks(v.pixels, c.pixels);
        c.strips = gr_blocks(v.group_out, c.columns);
        if (c.views * c.groups * c.chunks * c.strips >= BLOCKS_WANTED)
            break;
        if (c.columns >= 2 * COLUMNS_MIN)
            c.columns = gr_round_up(c.columns / 2, GR_NR);
        else if (c.pixels >= 2 * (PIXELS_MIN / GR_MR * GR_MR))
            c.pixels = gr_round_up(c.pixels / 2, GR_MR);
        else
            break;
    }
    c.depth = gr_least(WEIGHTS / c.columns, p->kh * p->kw * v.group_in);
    return c;
}

static size_t thread_floats(const cut *c)
{
    return (size_t)(GR_MR * gr_row_stride(c->depth));
}

size_t GR_KERNEL(gr_product_scratch)(const gr_conv_problem *p, gr_direction d, int threads)
{
    cut c = make_cut(p, d);
    return thread_floats(&c) * sizeof(float) * (size_t)threads;
}

int64_t GR_KERNEL(gr_product_stat_blocks)(const gr_conv_problem *p, gr_direction d)
{
    cut c = make_cut(p, d);
    return c.views * c.chunks;
}

void GR_KERNEL(gr_product_describe)(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    cut c = make_cut(p, d);
    snprintf(text, size, "%d pixels x %d channels, %lld blocks of %lld x %lld", GR_MR, GR_NR,
             (long long)(c.views * c.groups * c.chunks * c.strips), (long long)c.pixels, (long long)c.columns);
}

typedef struct job {
    const gr_conv_problem *p;
    gr_direction d;
    const gr_conv_args *args;
    const gr_conv_fusion *f;
    gr_source source;
    cut c;
    bool stream; /* what is written goes past the caches */
} job;

/* One block of the output. */
typedef struct block {
    const job *j;
    gr_view v;
    int64_t group, pixel, pixels; /* of the view */
    int64_t column, columns;      /* within the group */
    gr_finish finish;
} block;

/* Results one behind the other, pixel by pixel: none of the tensor that is written belong to another view. */
static bool lies_still(const gr_axis *a)
{
    return a->at == 0 && a->step == 1 && a->results == a->full;
}

/* Where the results of pixels first .. first + rows of the view stand, for this block's group. */
static void locate(const block *b, int64_t first, int64_t rows, float *out[GR_ROWS_MOST])
{
    const gr_view *v = &b->v;
    if (lies_still(&v->h) && lies_still(&v->w)) { /* no divisions, which would take as long as a short sum */
        float *start = b->j->args->out + first * v->out_c + b->group * v->group_out;
        for (int64_t r = 0; r < rows; r++)
            out[r] = start + r * v->out_c;
        return;
    }
    for (int64_t r = 0; r < rows;) {
        int64_t at = first + r, w = at % v->w.results, h = at / v->w.results % v->h.results;
        int64_t line = at / (v->w.results * v->h.results) * v->h.full + v->h.at + h * v->h.step;
        float *start = b->j->args->out + (line * v->w.full + v->w.at) * v->out_c + b->group * v->group_out;
        for (; w < v->w.results && r < rows; w++, r++)
            out[r] = start + w * v->w.step * v->out_c;
    }
}

/* Asks for the memory that a tile will write while its sums are still running: what is written is seldom in cache. */
static inline void fetch_out(float *const *out, int64_t rows, int64_t column)
{
    for (int64_t r = 0; r < rows; r++) {
        __builtin_prefetch(out[r] + column, 1);
        if (GR_NR > LINE)
            __builtin_prefetch(out[r] + column + GR_NR - 1, 1);
    }
}

/* What the tiles of some pixels ask for: the rows of taps that the pixels behind them read. */
typedef struct ahead {
    int64_t first, lines; /* of the image, the first of which may be outside; how many rows there are */
    int64_t image, column; /* lines in front of the image; where in each the pixels begin */
    int64_t step;          /* bytes of a tile's step */
} ahead;

/* Once for all tiles of some pixels: divisions take as long as several steps. No lines: nothing is asked for. */
static ahead look_ahead(const block *b, int64_t pixel, int64_t steps)
{
    const gr_view *v = &b->v;
    int64_t j = pixel % v->w.results, i = pixel / v->w.results, n = i / v->h.results;
    if (n >= v->n || steps == 0)
        return (ahead){0};
    int64_t pixels = GR_MR * v->w.stride + v->w.taps - 1;
    return (ahead){.first = v->h.first + i % v->h.results * v->h.stride,
                   .lines = v->h.size,
                   .image = n * v->h.size,
                   .column = gr_most(0, v->w.first + j * v->w.stride),
                   .step = pixels * v->in_c * (int64_t)sizeof(float) / steps + 1};
}

/* Tile number `tile` of a row of tiles asks for what the next pixels' row of taps of that number reads; the tiles behind,
 * for what completes it. */
static void fetch_source(const block *b, const ahead *next, int64_t tile, gr_tile *t)
{
    const gr_view *v = &b->v;
    const float *data = b->j->source.data;
    if (tile >= v->h.taps && b->j->source.a != NULL)
        data = b->j->source.other, tile -= v->h.taps;
    int64_t line = next->first + tile * v->h.dil;
    t->fetch = (const char *)t->b;
    t->fetch_step = 0;
    if (tile >= v->h.taps || line < 0 || line >= next->lines)
        return;
    t->fetch = (const char *)(data + ((next->image + line) * v->w.size + next->column) * v->in_c);
    t->fetch_step = next->step;
}

/* true, and t's left matrix is the tensor itself, when each pixel reads [k0, k1) of K as it stands in memory: as one run of
 * neighbouring taps and channels for each row of taps, equally far from pixel to pixel. */
static bool left_in_place(const block *b, int64_t pixel, int64_t rows, int64_t k0, int64_t k1, gr_tile *t)
{
    const gr_view *v = &b->v;
    const gr_source *s = &b->j->source;
    int64_t width = v->w.taps * v->group_in, j = pixel % v->w.results, i = pixel / v->w.results;
    if (gr_source_changes(s) || v->k == 0 || (v->w.taps > 1 && (v->w.dil != 1 || v->groups != 1)))
        return false;
    bool one_run = k1 <= (k0 / width + 1) * width, whole_runs = k0 % width == 0 && k1 % width == 0;
    /* Rows a multiple of 4 KB apart would share one set of L1, which holds fewer than GR_MR of them. */
    if (v->w.stride * v->in_c % 1024 == 0 || !(one_run || whole_runs))
        return false;
    int64_t runs = one_run ? 1 : (k1 - k0) / width,
            line = v->h.first + i % v->h.results * v->h.stride + k0 / width * v->h.dil;
    int64_t column = v->w.first + j * v->w.stride, last = column + (rows - 1) * v->w.stride + v->w.taps - 1;
    bool inside = line >= 0 && line + (runs - 1) * v->h.dil < v->h.size && column >= 0 && last < v->w.size;
    if (!GR_KERNEL(gr_left_is_source)(v, s) && !(inside && j + rows <= v->w.results))
        return false;
    line += i / v->h.results * v->h.size;
    t->a = s->data + (line * v->w.size + column) * v->in_c + b->group * v->group_in + k0 % width;
    t->runs = runs, t->k = (k1 - k0) / runs, t->lda = v->w.stride * v->in_c, t->run_step = v->h.dil * v->w.size * v->in_c;
    return true;
}

/* A tile whose sums are whole at once and are changed before they are written: they wait in L1 meanwhile. */
static void run_aside(const block *b, gr_tile *t, float *const *out, int64_t rows)
{
    _Alignas(64) float sums[GR_ROWS_MOST * GR_NR];
    float *aside[GR_ROWS_MOST];
    const int64_t column = t->column, columns = t->columns;
    if (GR_KERNEL(gr_tile_finish)(&b->finish, t, rows, b->group * b->v.group_out + column, b->j->stream))
        return;
    for (int64_t r = 0; r < rows; r++)
        aside[r] = sums + r * GR_NR;
    t->out = aside, t->column = 0, t->columns = gr_round_up(columns, GR_VL); /* zeros behind the last one */
    GR_KERNEL(gr_tile_rows)(t, rows);
    t->out = out;
    GR_KERNEL(gr_finish_move)
    (&b->finish, sums, GR_NR, out, rows, column, b->group * b->v.group_out + column, columns, b->j->stream);
}

/* The tiles of GR_MR pixels (fewer at the end) from `pixel` on, for [k0, k1) of K. Where their rows of the left matrix must
 * be copied, that is to `a`, which stays in L1 while the weights stream past. `t` is theirs, zero at first: to clear one
 * for each would take as long as many steps. */
static void run_tiles(const block *b, gr_tile *t, int64_t pixel, int64_t rows, int64_t k0, int64_t k1, float *a)
{
    const job *j = b->j;
    const float *packed = (const float *)j->args->packed + b->v.packed_at + b->group * b->v.panels * b->v.k * GR_NR;
    bool last = k1 == b->v.k && GR_KERNEL(gr_finish_needed)(&b->finish);
    float *out[GR_ROWS_MOST];
    locate(b, pixel, rows, out);
    t->out = out, t->add = k0 > 0 || j->args->accumulate;
    if (!left_in_place(b, pixel, rows, k0, k1, t)) {
        t->runs = 1, t->k = k1 - k0, t->a = a, t->lda = gr_row_stride(t->k);
        GR_KERNEL(gr_gather)(&b->v, &j->source, b->group, pixel, rows, k0, k1, a, t->lda);
    }
    const ahead next = look_ahead(b, pixel + GR_MR, t->runs * t->k);
    for (int64_t column = b->column; column < b->column + b->columns; column += GR_NR) {
        t->b = packed + (column / GR_NR * b->v.k + k0) * GR_NR;
        t->column = column;
        t->columns = gr_least(GR_NR, b->column + b->columns - column);
        fetch_source(b, &next, (column - b->column) / GR_NR, t);
        if (last && !t->add) {
            if (!j->stream)
                fetch_out(out, rows, column);
            run_aside(b, t, out, rows);
            continue;
        }
        fetch_out(out, rows, column);
        GR_KERNEL(gr_tile_rows)(t, rows);
        if (last)
            GR_KERNEL(gr_finish_tile)(&b->finish, out, rows, column, b->group * b->v.group_out + column, t->columns);
    }
}

/* K is 0 where no tap reaches a pixel: one step of empty sums then writes its zeros. */
static void run_block(const block *b, float *a)
{
    int64_t steps = gr_most(1, gr_blocks(b->v.k, b->j->c.depth)), depth = gr_most(1, gr_blocks(b->v.k, steps));
    gr_tile t = {0};
    for (int64_t k = 0; k == 0 || k < b->v.k; k += depth)
        for (int64_t i = 0; i < b->pixels; i += GR_MR)
            run_tiles(b, &t, b->pixel + i, gr_least(GR_MR, b->pixels - i), k, gr_least(k + depth, b->v.k), a);
}

/* Views alternate fastest behind strips and groups, since they differ in their work. */
static void run_index(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const cut *c = &j->c;
    int64_t strip = index % c->strips, group = index / c->strips % c->groups;
    int64_t view = index / (c->strips * c->groups) % c->views, chunk = index / (c->strips * c->groups * c->views);
    block b = {.j = j, .v = GR_KERNEL(gr_view_make)(j->p, j->d, view), .group = group};
    b.pixel = chunk * c->pixels, b.pixels = gr_least(c->pixels, b.v.pixels - b.pixel);
    b.column = strip * c->columns, b.columns = gr_least(c->columns, b.v.group_out - b.column);
    b.finish = GR_KERNEL(gr_finish_begin)(j->f, j->d, j->args->out, b.v.out_c, chunk * c->views + view,
                                          group * b.v.group_out + b.column, b.columns);
    if (b.pixels > 0)
        run_block(&b, (float *)j->args->scratch + (size_t)thread * thread_floats(c));
    if (j->stream)
        gr_vstream_end();
}

/* true for an output so large that whoever reads it will not find it in cache. Only where a tile's row is whole lines of cache,
 * which are written together: halves would be written twice. */
static bool streams(const gr_conv_problem *p, gr_direction d, const float *out)
{
    int64_t channels = (d == GR_FORWARD ? p->oc : p->c) / p->groups;
    int64_t pixels = d == GR_FORWARD ? p->oh * p->ow : p->h * p->w;
    return GR_VL >= 8 && channels % GR_NR == 0 && (uintptr_t)out % 64 == 0 &&
           p->n * pixels * channels * p->groups * (int64_t)sizeof(float) >= STREAM_FROM;
}

void GR_KERNEL(gr_product_run)(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    job j = {.p = p, .d = d, .args = args, .f = args->fusion != NULL ? args->fusion : &gr_no_fusion, .c = make_cut(p, d)};
    j.stream = streams(p, d, args->out);
    j.source = d == GR_FORWARD ? gr_source_of_x(args) : gr_source_of_dy(args);
    gr_parallel_for(j.c.views * j.c.groups * j.c.chunks * j.c.strips, run_index, &j);
}
