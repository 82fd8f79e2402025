/* Implicit GEMM with factors in bfloat16, forward and data direction: blocks of pixels x output channels, shared out among the
 * threads. A block's rows of the left matrix are brought into bfloat16 once. Where the weights stay in L2, a few rows go through
 * all their panels; else the rows do, and panel after panel passes over all of them. Each tile of sums is finished while it is in
 * L1. Sums stand in float32 beside the output, which may be narrow.
 *
 * Where the tensor that is read is narrow and needs no change, a 1x1 convolution's left matrix is the tensor itself. */
#include <stdio.h>

#include "implicit_gemm.h"
#include "pairs_finish.h"

enum {
    COLUMNS = 512, /* of the output at once */
    COLUMNS_MIN = 64,
    DEPTH = 1024, /* of K at once: with PIXELS rows a quarter of a megabyte */
    WEIGHTS = 192 << 10, /* of a block, at most, which stay in L2 beside all else */
    PIXELS = 112,
    PIXELS_HALF = 56, /* weights are read from L3 twice as often, which is less than bringing pixels in for each strip */
    PIXELS_MIN = 28,
    BLOCKS_WANTED = 48, /* enough for the threads of a workstation to finish together */
    LINE = 64           /* bytes */
};

/* How one direction of a problem is cut up. It follows from the shape alone, so that the order of all sums does. */
typedef struct cut {
    int64_t views, groups;
    int64_t pixels, chunks;  /* pixels of a block; chunks of pixels of the largest view */
    int64_t columns, strips; /* output channels of a block; strips of them in a group */
    int64_t depth, steps;    /* the most of K that one view takes at once, and the most steps */
} cut;

static cut make_cut(const gr_conv_problem *p, gr_direction d)
{
    gr_view v = GR_KERNEL(gr_view_make)(p, d, 0); /* the first view has the most pixels */
    int64_t rows = GR_PAIR_ROWS, k = p->kh * p->kw * v.group_in;
    cut c = {.views = GR_KERNEL(gr_view_count)(p, d), .groups = p->groups, .pixels = PIXELS / rows * rows};
    c.columns = gr_least(COLUMNS, v.panels * GR_NR);
    for (;;) {
        c.chunks = gr_blocks(v.pixels, c.pixels);
        c.strips = gr_blocks(v.group_out, c.columns);
        if (c.views * c.groups * c.chunks * c.strips >= BLOCKS_WANTED)
            break;
        if (c.pixels >= 2 * (PIXELS_HALF / rows * rows) && c.columns >= 2 * COLUMNS_MIN)
            c.pixels = gr_round_up(c.pixels / 2, rows);
        else if (c.columns >= 2 * COLUMNS_MIN)
            c.columns = gr_round_up(c.columns / 2, GR_NR);
        else if (c.pixels >= 2 * (PIXELS_MIN / rows * rows) && c.pixels > rows)
            c.pixels = gr_round_up(c.pixels / 2, rows);
        else
            break;
    }
    c.steps = gr_most(1, gr_blocks(k, DEPTH));
    c.depth = gr_least(DEPTH, gr_most(1, k));
    return c;
}

/* Floats from row to row of a block's left matrix. */
static int64_t row_floats(int64_t depth)
{
    return gr_row_stride(gr_round_up(gr_blocks(depth, 2), GR_PAIR_STEP));
}

/* A block's sums stand as [panel][pixel][GR_NR]; where K is taken in one step, those of one tile are enough. */
static size_t sums_floats(const cut *c)
{
    int64_t pixels = gr_round_up(c->pixels, GR_ROWS_MOST);
    return (size_t)(c->steps > 1 ? pixels * gr_round_up(c->columns, GR_NR) : GR_ROWS_MOST * GR_NR);
}

/* Steps are rounded up to whole pairs and steps of pairs. */
static size_t left_floats(const cut *c)
{
    return (size_t)((c->pixels + GR_ROWS_MOST) * row_floats(c->depth + 2 * GR_PAIR_STEP));
}

size_t GR_KERNEL(gr_pairs_product_scratch)(const gr_conv_problem *p, gr_direction d, int threads)
{
    cut c = make_cut(p, d);
    gr_view v = GR_KERNEL(gr_view_make)(p, d, 0);
    size_t rounded = d == GR_FORWARD ? GR_KERNEL(gr_rounded_floats)(p, &v) : 0;
    return (rounded + (sums_floats(&c) + left_floats(&c)) * (size_t)threads) * sizeof(float);
}

int64_t GR_KERNEL(gr_pairs_product_stat_blocks)(const gr_conv_problem *p, gr_direction d)
{
    cut c = make_cut(p, d);
    return c.views * c.chunks;
}

void GR_KERNEL(gr_pairs_product_describe)(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    cut c = make_cut(p, d);
    snprintf(text, size, "bf16, %d pixels x %d channels, %lld blocks of %lld x %lld", GR_PAIR_ROWS, GR_NR,
             (long long)(c.views * c.groups * c.chunks * c.strips), (long long)c.pixels, (long long)c.columns);
}

typedef struct job {
    const gr_conv_problem *p;
    gr_direction d;
    const gr_conv_args *args;
    gr_source source;
    gr_pairs_finish finish;
    cut c;
    float *scratch; /* of all threads */
} job;

/* One block of the output. */
typedef struct block {
    const job *j;
    gr_view v;
    int64_t group, pixel, pixels; /* of the view */
    int64_t column, columns;      /* within the group */
    bool matrix;                  /* pairs go through matrix registers */
    bool in_place;                /* the left matrix is the tensor itself */
    bool by_rows;                 /* tiles go through all panels for a few pixels: the weights stay in L2 */
    int64_t rows;                 /* of a tile at most */
    float *left, *sums;
    float *stats; /* [2][channels] or NULL */
    int64_t at[PIXELS + GR_ROWS_MOST]; /* where each pixel stands in out */
} block;

/* A part of K. */
typedef struct part {
    int64_t k0, k1, lda;
    bool first, last;
} part;

static void locate(block *b)
{
    const gr_view *v = &b->v;
    for (int64_t r = 0; r < b->pixels;) {
        int64_t at = b->pixel + r, w = at % v->w.results, h = at / v->w.results % v->h.results;
        int64_t line = at / (v->w.results * v->h.results) * v->h.full + v->h.at + h * v->h.step;
        int64_t start = (line * v->w.full + v->w.at) * v->out_c;
        for (; w < v->w.results && r < b->pixels; w++, r++)
            b->at[r] = start + w * v->w.step * v->out_c;
    }
}

/* Rows a multiple of 4 KB apart would share one set of L1, which holds fewer than a tile has. */
static bool left_in_place(const gr_view *v, const gr_source *s)
{
    return s->narrow && v->in_c % 2 == 0 && v->group_in % 2 == 0 && v->in_c % 2048 != 0 && GR_KERNEL(gr_left_is_source)(v, s);
}

/* ---- asking early ------------------------------------------------------------------------------------------------------- */

/* Asks for the lines that hold a tile's columns of one pixel. */
static inline void fetch_columns(const char *at, bool narrow, const bool write)
{
    const int64_t bytes = GR_NR * (narrow ? 2 : 4);
    for (int64_t i = 0; i < bytes; i += LINE)
        write ? __builtin_prefetch(at + i, 1) : __builtin_prefetch(at + i, 0);
    if ((uintptr_t)at % LINE != 0)
        write ? __builtin_prefetch(at + bytes - 1, 1) : __builtin_prefetch(at + bytes - 1, 0);
}

/* Asks for what a tile's sums will be combined with, and where they will be written. */
static inline void fetch_out(const block *b, int64_t row, int64_t rows, int64_t column)
{
    const gr_pairs_finish *f = &b->j->finish;
    const bool narrow = (f->features & GR_PAIRS_NARROW) != 0, narrow_x = (f->features & GR_PAIRS_NARROW_X) != 0;
    for (int64_t r = row; r < row + rows; r++) {
        if (!f->stream)
            fetch_columns(gr_number_at(f->out, b->at[r] + column, narrow), narrow, true);
        if (f->features & GR_PAIRS_MASK)
            fetch_columns(gr_number_at(f->f->mask_x, b->at[r] + column, narrow_x), narrow_x, false);
    }
}

/* The first row of taps that `rows` pixels from `pixel` on read: where it begins in the source, and how many numbers it has; 0: it
 * lies outside. */
static int64_t first_row_of_taps(const block *b, int64_t pixel, int64_t rows, int64_t *at)
{
    const gr_view *v = &b->v;
    int64_t j = pixel % v->w.results, i = pixel / v->w.results, n = i / v->h.results;
    int64_t line = v->h.first + i % v->h.results * v->h.stride + (v->h.taps - 1) * v->h.dil;
    if (line < 0 || line >= v->h.size || n >= v->n || v->k == 0)
        return 0;
    *at = ((n * v->h.size + line) * v->w.size + gr_most(0, v->w.first + j * v->w.stride)) * v->in_c;
    return (rows * v->w.stride + v->w.taps - 1) * v->in_c;
}

/* While a tile runs, a part of the next pixels' last row of taps is asked for (the others were read before): what is read in the
 * first panel of columns, what completes it in the second. */
static void fetch_source(const block *b, int64_t pixel, int64_t panel, gr_tile *t)
{
    const gr_source *s = &b->j->source;
    const void *tensor = panel == 0 ? s->data : s->other;
    const bool narrow = panel == 0 ? s->narrow : s->other_narrow;
    int64_t at = 0, count = panel < 2 && tensor != NULL && t->k > 0 ? first_row_of_taps(b, pixel, b->rows, &at) : 0;
    t->fetch = (const char *)t->b, t->fetch_step = 0;
    if (count > 0)
        t->fetch = gr_number_at(tensor, at, narrow), t->fetch_step = count * (narrow ? 2 : 4) / t->k + 1;
}

/* The next panel of weights, in two tiles. */
static void fetch_weights(int64_t tile, const float *panel, gr_tile *t)
{
    t->fetch = (const char *)t->b, t->fetch_step = 0;
    if (tile < 2 && panel != NULL)
        t->fetch = (const char *)panel + tile * t->k * LINE, t->fetch_step = LINE;
}

/* ---- work --------------------------------------------------------------------------------------------------------------- */

/* Zeros behind the k pairs of each row up to a whole step. */
static void fill_step(int64_t k, int64_t rows, float *a, int64_t lda)
{
    int64_t whole = gr_round_up(k, GR_PAIR_STEP);
    for (int64_t r = 0; r < rows && k < whole; r++)
        memset(a + r * lda + k, 0, sizeof *a * (size_t)(whole - k));
}

static void gather(const block *b, const part *p, int64_t row, int64_t rows)
{
    float *a = b->left + row * p->lda;
    GR_KERNEL(gr_gather_pairs)(&b->v, &b->j->source, b->group, b->pixel + row, rows, p->k0, p->k1, a, p->lda);
    if (b->matrix)
        fill_step(gr_blocks(p->k1 - p->k0, 2), rows, a, p->lda);
}

static inline void run_tile(const block *b, const gr_tile *t, int64_t rows)
{
#if GR_PAIR_STEP > 1
    if (b->matrix) {
        GR_KERNEL(gr_tile_matrix)(t, rows);
        return;
    }
#else
    (void)b;
#endif
    GR_KERNEL(gr_tile_rows)(t, rows);
}

/* Where a row of tiles has its left matrix, brought in if it must be. */
static const float *left_of(const block *b, const part *p, int64_t row, int64_t rows)
{
    if (b->in_place) {
        int64_t at = (b->pixel + row) * b->v.in_c + b->group * b->v.group_in + p->k0;
        return gr_number_at(b->j->source.data, at, true);
    }
    if (rows > 0)
        gather(b, p, row, rows);
    return b->left + row * p->lda;
}

/* One tile; t has its left matrix. */
static void run_tile_at(const block *b, const part *p, int64_t row, int64_t column, gr_tile *t)
{
    const job *j = b->j;
    const int64_t pairs = gr_blocks(p->k1 - p->k0, 2), count = gr_least(GR_NR, b->columns - (column - b->column));
    const float *packed = (const float *)j->args->packed + b->v.packed_at + b->group * b->v.panels * b->v.k * GR_NR;
    const bool last_panel = column + GR_NR >= b->column + b->columns;
    int64_t rows = gr_least(b->rows, b->pixels - row), panel = (column - b->column) / GR_NR;
    float *own = b->sums, *out[GR_ROWS_MOST];
    if (j->c.steps > 1)
        own += (panel * gr_round_up(j->c.pixels, GR_ROWS_MOST) + row) * GR_NR;
    for (int64_t r = 0; r < rows; r++)
        out[r] = own + r * GR_NR;
    t->out = out;
    t->b = packed + (column / GR_NR * b->v.k + p->k0 / 2) * GR_NR;
    t->columns = count > GR_VL ? GR_NR : GR_VL;
    t->k = b->matrix ? gr_round_up(pairs, GR_PAIR_STEP) : pairs;
    if (b->by_rows || panel == 0)
        fetch_source(b, b->pixel + row + rows, panel, t);
    else
        fetch_weights(row / b->rows, last_panel ? NULL : t->b + b->v.k * GR_NR, t);
    if (p->last)
        fetch_out(b, row, rows, b->group * b->v.group_out + column);
    run_tile(b, t, rows);
    if (p->last)
        GR_KERNEL(gr_pairs_finish_tile)(&j->finish, own, b->at + row, rows, b->group * b->v.group_out + column, count, b->stats);
}

static void run_part(const block *b, const part *p)
{
    gr_tile t = {.pairs = true, .runs = 1, .add = !p->first, .lda = p->lda};
    const int64_t end = b->column + b->columns;
    for (int64_t row = 0; b->by_rows && row < b->pixels; row += b->rows) {
        t.a = left_of(b, p, row, gr_least(b->rows, b->pixels - row));
        for (int64_t column = b->column; column < end; column += GR_NR)
            run_tile_at(b, p, row, column, &t);
    }
    for (int64_t column = b->column; !b->by_rows && column < end; column += GR_NR)
        for (int64_t row = 0; row < b->pixels; row += b->rows) {
            t.a = left_of(b, p, row, column == b->column ? gr_least(b->rows, b->pixels - row) : 0);
            run_tile_at(b, p, row, column, &t);
        }
}

/* K is 0 where no tap reaches a pixel: one step of empty sums then writes its zeros. */
static void run_block(const block *b)
{
    int64_t steps = gr_most(1, gr_blocks(b->v.k, DEPTH)), depth = gr_most(1, gr_blocks(b->v.k, steps));
    depth = gr_round_up(depth, 2 * GR_PAIR_STEP); /* no pair is torn */
    for (int64_t k = 0; k == 0 || k < b->v.k; k += depth) {
        part p = {.k0 = k, .k1 = gr_least(k + depth, b->v.k), .first = k == 0, .last = k + depth >= b->v.k};
        p.lda = b->in_place ? b->v.in_c / 2 : row_floats(p.k1 - p.k0);
        run_part(b, &p);
    }
    if (b->j->finish.stream)
        gr_vstream_end();
}

static void begin_stats(block *b, int64_t number)
{
    const gr_pairs_finish *f = &b->j->finish;
    b->stats = f->stats != NULL ? f->stats + number * 2 * f->channels : NULL;
    if (b->stats == NULL)
        return;
    float *sums = b->stats + b->group * b->v.group_out + b->column;
    memset(sums, 0, sizeof *sums * (size_t)b->columns);
    memset(sums + f->channels, 0, sizeof *sums * (size_t)b->columns);
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
    begin_stats(&b, chunk * c->views + view);
    if (b.pixels <= 0)
        return;
    b.matrix = gr_view_by_matrix(&b.v);
    b.rows = b.matrix ? GR_PAIR_ROWS : GR_MR;
    b.by_rows = gr_least(b.v.k, DEPTH) * b.columns <= WEIGHTS;
    b.in_place = !b.matrix && left_in_place(&b.v, &j->source);
    b.sums = j->scratch + (size_t)thread * (sums_floats(c) + left_floats(c));
    b.left = b.sums + sums_floats(c);
    locate(&b);
#if GR_PAIR_STEP > 1
    GR_KERNEL(gr_matrix_begin)();
    run_block(&b);
    GR_KERNEL(gr_matrix_end)();
#else
    run_block(&b);
#endif
}

void GR_KERNEL(gr_pairs_product_run)(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    job j = {.p = p, .d = d, .args = args, .c = make_cut(p, d), .finish = GR_KERNEL(gr_pairs_finish_make)(p, d, args)};
    j.source = d == GR_FORWARD ? gr_stored_x(p, args) : gr_stored_dy(p, args);
    j.scratch = args->scratch;
    if (d == GR_FORWARD) {
        gr_view v = GR_KERNEL(gr_view_make)(p, d, 0);
        GR_KERNEL(gr_round_source)(p, &v, &j.source, j.scratch);
        j.scratch += GR_KERNEL(gr_rounded_floats)(p, &v);
    }
    gr_parallel_for(j.c.views * j.c.groups * j.c.chunks * j.c.strips, run_index, &j);
}
