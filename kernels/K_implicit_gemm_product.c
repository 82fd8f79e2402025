/* Implicit GEMM, forward and data direction: blocks of pixels x output channels, shared out among the threads. A block
 * copies its rows of the left matrix once (as much of K at a time as leaves a tile's rows in L1 and the weights in L2), runs
 * the register tiles over them, and finishes each tile while it is still in L1. */
#include <stdio.h>

#include "implicit_gemm.h"

enum {
    DEPTH = 512,            /* of K at once: 14 rows are 28 KB */
    COLUMNS = 256,          /* of the output at once: DEPTH x COLUMNS weights are 512 KB */
    COLUMNS_MIN = 64,
    PIXELS = 112 / GR_MR * GR_MR,
    PIXELS_MIN = 28 / GR_MR * GR_MR,
    BLOCKS_WANTED = 48      /* enough for the threads of a workstation to finish together */
};

/* How one direction of a problem is cut up. It follows from the shape alone, so that the order of all sums does. */
typedef struct cut {
    int64_t views, groups;
    int64_t pixels, chunks;   /* pixels of a block; chunks of pixels of the largest view */
    int64_t columns, strips;  /* output channels of a block; strips of them in a group */
    int64_t depth;            /* the most of K that one view takes at once */
} cut;

static cut make_cut(const gr_conv_problem *p, gr_direction d)
{
    gr_view v = GR_KERNEL(gr_view_make)(p, d, 0); /* the first view has the most pixels */
    cut c = {.views = GR_KERNEL(gr_view_count)(p, d), .groups = p->groups, .pixels = PIXELS};
    c.columns = gr_least(COLUMNS, v.panels * GR_NR);
    for (;;) {
        c.chunks = gr_pieces(v.pixels, c.pixels);
        c.strips = gr_pieces(v.group_out, c.columns);
        if (c.views * c.groups * c.chunks * c.strips >= BLOCKS_WANTED)
            break;
        if (c.columns >= 2 * COLUMNS_MIN)
            c.columns = gr_round_up(c.columns / 2, GR_NR);
        else if (c.pixels >= 2 * PIXELS_MIN)
            c.pixels = gr_round_up(c.pixels / 2, GR_MR);
        else
            break;
    }
    c.depth = gr_least(DEPTH, p->kh * p->kw * v.group_in);
    return c;
}

static size_t thread_floats(const cut *c)
{
    return (size_t)(c->pixels * gr_row_stride(c->depth));
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
} job;

/* One block of the output. */
typedef struct block {
    const job *j;
    gr_view v;
    int64_t group, pixel, pixels;  /* of the view */
    int64_t column, columns;       /* within the group */
    float *stats;                  /* sums of the group's channels, or NULL; the sums of squares (or products) follow the
                                      last channel of the last group */
} block;

/* Where the results of pixels first .. first + rows of the view stand, for this block's group. */
static void locate(const block *b, int64_t first, int64_t rows, float *out[GR_MR])
{
    const gr_view *v = &b->v;
    for (int64_t r = 0; r < rows; r++) {
        int64_t at = first + r, w = at % v->w.results, h = at / v->w.results % v->h.results;
        int64_t n = at / (v->w.results * v->h.results);
        int64_t line = n * v->h.full + v->h.at + h * v->h.step, place = line * v->w.full + v->w.at + w * v->w.step;
        out[r] = b->j->args->out + place * v->out_c + b->group * v->group_out;
    }
}

static inline gr_vf take(const float *p, int64_t count)
{
    return count >= GR_VL ? gr_vload(p) : gr_vload_part(p, count);
}

static inline void put(float *p, gr_vf v, int64_t count)
{
    if (count >= GR_VL)
        gr_vstore(p, v);
    else
        gr_vstore_part(p, v, count);
}

static void add_stats(const block *b, int64_t column, int64_t count, gr_vf sum, gr_vf product)
{
    if (b->stats == NULL)
        return;
    float *sums = b->stats + column, *products = sums + b->v.out_c;
    put(sums, take(sums, count) + sum, count);
    put(products, take(products, count) + product, count);
}

/* bias, statistics, residual, ReLU for one vector of columns of a tile */
static void finish_forward(const block *b, float *const *out, int64_t rows, int64_t column, int64_t count)
{
    const gr_conv_fusion *f = b->j->f;
    gr_vf bias = f->bias != NULL ? take(f->bias + b->group * b->v.group_out + column, count) : gr_vzero();
    gr_vf sum = gr_vzero(), squares = gr_vzero();
    for (int64_t r = 0; r < rows; r++) {
        gr_vf y = take(out[r] + column, count) + bias;
        sum += y;
        squares = gr_vfma(y, y, squares);
        if (f->residual != NULL)
            y += take(f->residual + (out[r] - b->j->args->out) + column, count);
        put(out[r] + column, f->relu ? gr_vrelu(y) : y, count);
    }
    add_stats(b, column, count, sum, squares);
}

/* the ReLU in front and its sums, for one vector of columns of a tile */
static void finish_data(const block *b, float *const *out, int64_t rows, int64_t column, int64_t count)
{
    const gr_conv_fusion *f = b->j->f;
    int64_t channel = b->group * b->v.group_out + column;
    gr_vf scale = gr_vset(1.0f), shift = gr_vzero(), sum = gr_vzero(), products = gr_vzero();
    if (f->mask_scale != NULL)
        scale = take(f->mask_scale + channel, count), shift = take(f->mask_shift + channel, count);
    for (int64_t r = 0; r < rows; r++) {
        gr_vf x = take(f->mask_x + (out[r] - b->j->args->out) + column, count), dx = take(out[r] + column, count);
        dx = gr_vselect((gr_vi)(gr_vfma(x, scale, shift) > gr_vzero()), dx, gr_vzero());
        sum += dx;
        products = gr_vfma(dx, x, products);
        put(out[r] + column, dx, count);
    }
    add_stats(b, column, count, sum, products);
}

static bool must_finish(const job *j)
{
    const gr_conv_fusion *f = j->f;
    if (j->d == GR_BACKDATA)
        return f->mask_x != NULL;
    return f->bias != NULL || f->residual != NULL || f->relu || f->stats != NULL;
}

static void finish(const block *b, float *const *out, int64_t rows, int64_t column, int64_t columns)
{
    for (int64_t at = 0; at < columns; at += GR_VL) {
        int64_t count = gr_least(GR_VL, columns - at);
        if (b->j->d == GR_FORWARD)
            finish_forward(b, out, rows, column + at, count);
        else
            finish_data(b, out, rows, column + at, count);
    }
}

/* All tiles of a block for [k0, k1) of K, whose left matrix stands in `a`. */
static void run_tiles(const block *b, int64_t k0, int64_t k1, const float *a, int64_t lda)
{
    const float *packed = (const float *)b->j->args->packed + b->v.packed_at + b->group * b->v.panels * b->v.k * GR_NR;
    bool last = k1 == b->v.k && must_finish(b->j);
    float *out[GR_MR];
    for (int64_t i = 0; i < b->pixels; i += GR_MR) {
        int64_t rows = gr_least(GR_MR, b->pixels - i);
        locate(b, b->pixel + i, rows, out);
        gr_tile t = {.k = k1 - k0, .a = a + i * lda, .lda = lda, .out = out, .add = k0 > 0 || b->j->args->accumulate};
        for (int64_t column = b->column; column < b->column + b->columns; column += GR_NR) {
            t.b = packed + (column / GR_NR * b->v.k + k0) * GR_NR;
            t.column = column;
            t.columns = gr_least(GR_NR, b->column + b->columns - column);
            GR_KERNEL(gr_tile_rows)(&t, rows);
            if (last)
                finish(b, out, rows, column, t.columns);
        }
    }
}

static void run_block(const block *b, float *a)
{
    int64_t steps = gr_most(1, gr_pieces(b->v.k, b->j->c.depth)), depth = gr_pieces(b->v.k, steps);
    int64_t lda = gr_row_stride(depth);
    /* K is 0 where no tap reaches a pixel: one step of empty sums then writes its zeros. */
    for (int64_t k0 = 0; k0 == 0 || k0 < b->v.k; k0 += depth) {
        int64_t k1 = gr_least(k0 + depth, b->v.k);
        GR_KERNEL(gr_gather)(&b->v, &b->j->source, b->group, b->pixel, b->pixels, k0, k1, a, lda);
        run_tiles(b, k0, k1, a, lda);
        if (b->v.k == 0)
            break;
    }
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
    float *stats = j->d == GR_FORWARD ? j->f->stats : j->f->mask_x != NULL ? j->f->mask_stats : NULL;
    if (stats != NULL) {
        b.stats = stats + (chunk * c->views + view) * 2 * b.v.out_c + group * b.v.group_out;
        memset(b.stats + b.column, 0, sizeof(float) * (size_t)b.columns);
        memset(b.stats + b.v.out_c + b.column, 0, sizeof(float) * (size_t)b.columns);
    }
    if (b.pixels > 0)
        run_block(&b, (float *)j->args->scratch + (size_t)thread * thread_floats(c));
}

void GR_KERNEL(gr_product_run)(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    job j = {.p = p, .d = d, .args = args, .f = args->fusion != NULL ? args->fusion : &gr_no_fusion, .c = make_cut(p, d)};
    j.source = d == GR_FORWARD ? GR_KERNEL(gr_source_of_x)(args) : GR_KERNEL(gr_source_of_dy)(args);
    gr_parallel_for(j.c.views * j.c.groups * j.c.chunks * j.c.strips, run_index, &j);
}
