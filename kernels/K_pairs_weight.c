/* Implicit GEMM with factors in bfloat16, weight direction: dw [K][OC] is the left matrix, transposed, times dy, a sum over all
 * pixels, two of which make a pair. A block holds some rows of dw and some of its columns; it walks over the pixels a few hundred
 * at a time, brings both factors' pieces into cache as pairs and runs the register tiles, whose rows are the left matrix's columns.
 * The block's sums lie in L2 tile after tile, and are copied to dw at the end: dw's rows would share few sets of L1. When dw
 * has too few blocks for the threads, the pixels are cut into slices too; each slice sums on its own, and the slices are
 * added in their order. */
#include <stdio.h>

#include "implicit_gemm.h"

enum {
    EDGES = 768, /* rows + columns of a block: PIXELS of both factors are 384 KB, in L2 */
    COLUMNS = 256,
    COLUMNS_MIN = 128,
    ROWS_MIN = 140,
    MATRIX_EDGES = 768 + 256, /* matrix registers wait for the copying: fewer, larger blocks */
    MATRIX_COLUMNS = 512,
    MATRIX_MIN = 256, /* rows or columns */
    MATRIX_BLOCKS = 24,
    PIXELS = 256,                  /* at once */
    LINE = 64,                     /* bytes */
    PANEL = PIXELS / 2 * GR_NR + 16, /* from panel to panel of dy: no multiple of 4 KB, or their lines collide in L1 */
    TURNED = PIXELS / 2 + 16,      /* from row to row of pairs: the same */
    SLICE_MIN = 512,               /* pixels, so that a slice's sums are worth writing */
    BLOCKS_WANTED = 48,
    REDUCE = 4096 /* numbers of dw that one call adds up */
};

typedef struct cut {
    int64_t rows, bands;     /* rows of dw in a block; bands of them */
    int64_t columns, strips; /* columns of dw in a block; strips of them in a group */
    int64_t pixels, slices;  /* pixels of a slice; slices */
} cut;

static cut make_cut(const gr_view *v)
{
    const bool matrix = GR_PAIR_STEP > 1;
    int64_t tile = GR_PAIR_ROWS, rows_min = (matrix ? MATRIX_MIN : ROWS_MIN) / tile * tile;
    int64_t columns_min = matrix ? MATRIX_MIN : COLUMNS_MIN, wanted = matrix ? MATRIX_BLOCKS : BLOCKS_WANTED;
    cut c = {.columns = gr_least(matrix ? MATRIX_COLUMNS : COLUMNS, v->panels * GR_NR)};
    c.rows = ((matrix ? MATRIX_EDGES : EDGES) - c.columns) / tile * tile;
    int64_t most_slices = gr_most(1, v->pixels / SLICE_MIN);
    for (;;) {
        c.bands = gr_blocks(v->k, c.rows);
        c.rows = gr_round_up(gr_blocks(v->k, c.bands), tile);
        c.strips = gr_blocks(v->group_out, c.columns);
        int64_t blocks = c.bands * c.strips * v->groups;
        c.slices = gr_least(most_slices, gr_blocks(wanted, blocks));
        if (blocks * c.slices >= wanted || (c.rows <= rows_min && c.columns <= columns_min))
            break;
        if (c.columns > columns_min)
            c.columns = columns_min;
        else
            c.rows = rows_min;
    }
    c.pixels = gr_round_up(gr_blocks(v->pixels, c.slices), 2);
    c.slices = gr_blocks(v->pixels, c.pixels);
    return c;
}

static size_t slice_floats(const gr_view *v, const cut *c)
{
    return c->slices == 1 ? 0 : (size_t)gr_round_up(v->k * v->out_c, 16);
}

/* The left factor's pairs; its numbers before they are paired; the right factor's pairs. */
static size_t pairs_floats(const cut *c)
{
    int64_t by_column = PIXELS / 2 * gr_row_stride(c->rows), by_row = gr_round_up(c->rows, GR_PAIR_ROWS) * TURNED;
    return (size_t)(GR_PAIR_STEP > 1 ? by_row : by_column);
}

static size_t words_floats(const cut *c)
{
    return (size_t)(PIXELS * gr_row_stride(gr_round_up(c->rows, 32) / 2 + 16));
}

/* The block's sums, [row of tiles][panel][GR_PAIR_ROWS][GR_NR]. */
static size_t sums_floats(const cut *c)
{
    return (size_t)(gr_round_up(c->rows, GR_PAIR_ROWS) * gr_round_up(c->columns, GR_NR));
}

static size_t thread_floats(const cut *c)
{
    return sums_floats(c) + pairs_floats(c) + words_floats(c) + (size_t)(gr_blocks(c->columns, GR_NR) * PANEL);
}

size_t GR_KERNEL(gr_pairs_weight_scratch)(const gr_conv_problem *p, int threads)
{
    gr_view v = GR_KERNEL(gr_view_make)(p, GR_BACKWEIGHT, 0);
    cut c = make_cut(&v);
    return sizeof(float) * (slice_floats(&v, &c) * (size_t)c.slices + thread_floats(&c) * (size_t)threads +
                            GR_KERNEL(gr_rounded_floats)(p, &v));
}

void GR_KERNEL(gr_pairs_weight_describe)(const gr_conv_problem *p, char *text, size_t size)
{
    gr_view v = GR_KERNEL(gr_view_make)(p, GR_BACKWEIGHT, 0);
    cut c = make_cut(&v);
    snprintf(text, size, "bf16, %d weights x %d channels, %lld blocks of %lld x %lld, %lld slices of pixels", GR_PAIR_ROWS, GR_NR,
             (long long)(c.bands * c.strips * v.groups), (long long)c.rows, (long long)c.columns, (long long)c.slices);
}

typedef struct job {
    const gr_conv_args *args;
    float *slices, *scratch; /* sums of the slices; of all threads */
    gr_view v;
    cut c;
    gr_source x, dy;
    bool moves_nothing; /* the left matrix is x, with a change by channel at most */
} job;

typedef struct block {
    const job *j;
    int64_t group, row, rows, column, columns; /* of dw; columns within the group */
    float *out;                                /* dw or the slice's own sums */
    float *sums, *left, *words, *right;        /* its sums; pieces of both factors as pairs, the left one's numbers */
} block;

/* Both pieces as pairs of neighbouring pixels; returns how many. Matrix registers want the pairs of one row of dw side by side,
 * and whole steps of them. */
static int64_t gather(const block *b, int64_t pixel, int64_t pixels, int64_t lda)
{
    const job *j = b->j;
    const gr_view *v = &j->v;
    int64_t pairs = gr_blocks(pixels, 2), channel = b->group * v->group_out + b->column;
    int64_t words = gr_row_stride(gr_round_up(b->rows, 32) / 2 + 16);
    GR_KERNEL(gr_gather_panels)(&j->dy, pixel, pixels, v->out_c, channel, b->columns, b->right, PANEL);
    if (GR_PAIR_STEP == 1 && j->moves_nothing) {
        GR_KERNEL(gr_gather_columns)(&j->x, pixel, pixels, v->in_c, b->group * v->group_in + b->row, b->rows, b->left, lda);
        return pairs;
    }
    GR_KERNEL(gr_gather_pairs)(v, &j->x, b->group, pixel, pixels, b->row, b->row + b->rows, b->words, words);
#if GR_PAIR_STEP > 1
    int64_t whole = gr_round_up(pairs, GR_PAIR_STEP);
    memset(b->words + pixels * words, 0, sizeof(float) * (size_t)((2 * whole - pixels) * words));
    for (int64_t column = 0; column < b->columns; column += GR_NR)
        memset(b->right + column / GR_NR * PANEL + pairs * GR_NR, 0, sizeof(float) * (size_t)((whole - pairs) * GR_NR));
    GR_KERNEL(gr_turn_pairs)(2 * whole, b->rows, b->words, words, b->left, TURNED);
    return whole;
#else
    GR_KERNEL(gr_pair_words)(pixels, b->rows, b->words, words, b->left, lda);
    return pairs;
#endif
}

/* A tensor's rows that the next piece will read. */
typedef struct stretch {
    const char *begin;
    int64_t row_bytes, step_bytes; /* of what is read of a row; from row to row */
} stretch;

static stretch rows_of(const float *tensor, bool narrow, int64_t channels, int64_t pixel, int64_t channel,
                       int64_t count)
{
    int64_t size = narrow ? 2 : 4;
    return (stretch){gr_number_at(tensor, pixel * channels + channel, narrow), count * size, channels * size};
}

/* Tile number `tile` of a piece asks for a line of two pixels' rows in each step along k: of dy first, then of what completes it,
 * then of x where its rows are the left matrix's. */
static void fetch_early(const block *b, int64_t pixel, int64_t tile, gr_tile *t)
{
    const job *j = b->j;
    const gr_view *v = &j->v;
    int64_t channel = b->group * v->group_out + b->column;
    stretch all[3];
    int count = 0;
    t->fetch = (const char *)t->b, t->fetch_step = 0;
    if (pixel >= v->pixels)
        return;
    all[count++] = rows_of(j->dy.data, j->dy.narrow, v->out_c, pixel, channel, b->columns);
    if (j->dy.other != NULL)
        all[count++] = rows_of(j->dy.other, j->dy.other_narrow, v->out_c, pixel, channel, b->columns);
    if (j->moves_nothing)
        all[count++] = rows_of(j->x.data, j->x.narrow, v->in_c, pixel, b->group * v->group_in + b->row, b->rows);
    for (int i = 0; i < count; i++) {
        int64_t lines = gr_blocks(all[i].row_bytes, LINE);
        if (tile < 2 * lines) { /* even rows, then odd ones */
            t->fetch = all[i].begin + tile / 2 * LINE + tile % 2 * all[i].step_bytes;
            t->fetch_step = 2 * all[i].step_bytes;
            return;
        }
        tile -= 2 * lines;
    }
}

/* Rows of dw from `row` on times all columns of the block. */
static void run_rows(const block *b, gr_tile *t, int64_t row, int64_t rows, int64_t next_pixel)
{
    int64_t tile = row / GR_PAIR_ROWS * gr_blocks(b->columns, GR_NR);
    for (int64_t column = 0; column < b->columns; column += GR_NR, tile++) {
        float *own = b->sums + tile * GR_PAIR_ROWS * GR_NR, *out[GR_ROWS_MOST];
        for (int64_t r = 0; r < rows; r++)
            out[r] = own + r * GR_NR;
        t->out = out;
        t->b = b->right + column / GR_NR * PANEL;
        t->columns = b->columns - column > GR_VL ? GR_NR : GR_VL;
        fetch_early(b, next_pixel, tile, t);
#if GR_PAIR_STEP > 1
        GR_KERNEL(gr_tile_matrix)(t, rows);
#else
        GR_KERNEL(gr_tile_columns)(t, rows);
#endif
    }
}

/* Adds (or begins with) the products of pixels [pixel, pixel + pixels). */
static void run_pixels(const block *b, int64_t pixel, int64_t pixels, bool add)
{
    int64_t lda = GR_PAIR_STEP > 1 ? TURNED : gr_row_stride(b->rows);
    gr_tile t = {.pairs = true, .runs = 1, .lda = lda, .add = add};
    t.k = gather(b, pixel, pixels, lda);
    for (int64_t row = 0; row < b->rows; row += GR_PAIR_ROWS) {
        t.a = b->left + row * (GR_PAIR_STEP > 1 ? TURNED : 1);
        run_rows(b, &t, row, gr_least(GR_PAIR_ROWS, b->rows - row), pixel + pixels);
    }
}

/* The block's sums to dw, or to its slice's. */
static void write_sums(const block *b, bool add)
{
    const gr_view *v = &b->j->v;
    int64_t panels = gr_blocks(b->columns, GR_NR);
    for (int64_t row = 0; row < b->rows; row++) {
        float *out = b->out + (b->row + row) * v->out_c + b->group * v->group_out + b->column;
        const float *sums = b->sums + (row / GR_PAIR_ROWS * panels * GR_PAIR_ROWS + row % GR_PAIR_ROWS) * GR_NR;
        for (int64_t i = 0; i < b->columns; i += GR_VL) {
            int64_t left = b->columns - i;
            gr_vf sum = gr_vload(sums + i / GR_NR * GR_PAIR_ROWS * GR_NR + i % GR_NR);
            gr_vstore_upto(out + i, add ? gr_vload_upto(out + i, left) + sum : sum, left);
        }
    }
}

static void run_index(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const cut *c = &j->c;
    int64_t strip = index % c->strips, band = index / c->strips % c->bands,
            group = index / (c->strips * c->bands) % j->v.groups;
    int64_t slice = index / (c->strips * c->bands * j->v.groups);
    block b = {.j = j, .group = group, .row = band * c->rows, .column = strip * c->columns};
    b.rows = gr_least(c->rows, j->v.k - b.row), b.columns = gr_least(c->columns, j->v.group_out - b.column);
    b.out = c->slices == 1 ? j->args->out : j->slices + slice_floats(&j->v, c) * (size_t)slice;
    b.sums = j->scratch + thread_floats(c) * (size_t)thread;
    b.left = b.sums + sums_floats(c);
    b.words = b.left + pairs_floats(c);
    b.right = b.words + words_floats(c);
    int64_t begin = slice * c->pixels, end = gr_least(begin + c->pixels, j->v.pixels);
#if GR_PAIR_STEP > 1
    GR_KERNEL(gr_matrix_begin)();
#endif
    for (int64_t pixel = begin; pixel < end; pixel += PIXELS)
        run_pixels(&b, pixel, gr_least(PIXELS, end - pixel), pixel > begin);
#if GR_PAIR_STEP > 1
    GR_KERNEL(gr_matrix_end)();
#endif
    write_sums(&b, c->slices == 1 && j->args->accumulate);
}

static void add_slices(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    (void)thread;
    const float *sums = j->slices;
    size_t stride = slice_floats(&j->v, &j->c);
    int64_t begin = index * REDUCE, end = gr_least(begin + REDUCE, j->v.k * j->v.out_c);
    float *out = j->args->out;
    for (int64_t at = begin; at < end; at += GR_VL) {
        int64_t count = gr_least(GR_VL, end - at);
        gr_vf sum = gr_vload(sums + at); /* a slice is padded to whole vectors */
        for (int64_t slice = 1; slice < j->c.slices; slice++)
            sum += gr_vload(sums + (size_t)slice * stride + at);
        if (j->args->accumulate)
            sum += gr_vload_part(out + at, count);
        gr_vstore_part(out + at, sum, count);
    }
}

void GR_KERNEL(gr_pairs_weight_run)(const gr_conv_problem *p, const gr_conv_args *args)
{
    job j = {.args = args, .v = GR_KERNEL(gr_view_make)(p, GR_BACKWEIGHT, 0)};
    j.c = make_cut(&j.v);
    j.x = gr_stored_x(p, args), j.dy = gr_stored_dy(p, args);
    j.slices = (float *)args->scratch + GR_KERNEL(gr_rounded_floats)(p, &j.v);
    j.scratch = j.slices + slice_floats(&j.v, &j.c) * (size_t)j.c.slices;
    GR_KERNEL(gr_round_source)(p, &j.v, &j.x, args->scratch);
    gr_source plain = {.data = args->x};
    j.moves_nothing = GR_KERNEL(gr_left_is_source)(&j.v, &plain);
    gr_parallel_for(j.c.slices * j.v.groups * j.c.bands * j.c.strips, run_index, &j);
    if (j.c.slices > 1)
        gr_parallel_for(gr_blocks(j.v.k * j.v.out_c, REDUCE), add_slices, &j);
}
