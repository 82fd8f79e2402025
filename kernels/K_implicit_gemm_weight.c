/* Implicit GEMM, weight direction: dw [K][OC] is the left matrix, transposed, times dy, a sum over all pixels. A block holds
 * some rows of dw and some of its columns; it walks over the pixels a few at a time, copies both factors' pieces into cache
 * and runs the register tiles, whose rows are the left matrix's columns. When dw has too few blocks for the threads, the
 * pixels are cut into slices too; each slice sums on its own, and the slices are added in their order. */
#include <stdio.h>

#include "implicit_gemm.h"

enum {
    EDGES = 768, /* rows + columns of a block: PIXELS of both factors are 384 KB, in L2 */
    COLUMNS = 256,
    COLUMNS_MIN = 128,
    ROWS_MIN = 140,
    PIXELS = 128,                  /* at once */
    LINE = 16,                     /* floats */
    PANEL = PIXELS * GR_NR + LINE, /* from panel to panel of dy: no multiple of 4 KB, or their lines collide in L1 */
    LEFT = PIXELS * GR_MR + LINE,  /* from panel to panel of the left matrix, where it lies in such */
    SLICE_MIN = 512,               /* pixels, so that a slice's sums are worth writing */
    BLOCKS_WANTED = 32,
    REDUCE = 4096 /* numbers of dw that one call adds up */
};

typedef struct cut {
    int64_t rows, bands;     /* rows of dw in a block; bands of them */
    int64_t columns, strips; /* columns of dw in a block; strips of them in a group */
    int64_t pixels, slices;  /* pixels of a slice; slices */
} cut;

static cut make_cut(const gr_view *v)
{
    const int64_t rows_min = ROWS_MIN / GR_MR * GR_MR;
    cut c = {.columns = gr_least(COLUMNS, v->panels * GR_NR)};
    c.rows = (EDGES - c.columns) / GR_MR * GR_MR;
    int64_t most_slices = gr_most(1, v->pixels / SLICE_MIN);
    for (;;) {
        c.bands = gr_blocks(v->k, c.rows);
        c.rows = gr_round_up(gr_blocks(v->k, c.bands), LINE); /* bands alike, so that threads end together */
        c.strips = gr_blocks(v->group_out, c.columns);
        int64_t blocks = c.bands * c.strips * v->groups;
        c.slices = gr_least(most_slices, gr_blocks(BLOCKS_WANTED, blocks));
        if (blocks * c.slices >= BLOCKS_WANTED || (c.rows <= gr_round_up(rows_min, LINE) && c.columns <= COLUMNS_MIN))
            break;
        if (c.columns > COLUMNS_MIN)
            c.columns = COLUMNS_MIN;
        else
            c.rows = rows_min;
    }
    c.pixels = gr_round_up(gr_blocks(v->pixels, c.slices), v->w.results); /* whole rows, which may be read in place */
    c.slices = gr_blocks(v->pixels, c.pixels);
    return c;
}

static size_t slice_floats(const gr_view *v, const cut *c)
{
    return c->slices == 1 ? 0 : (size_t)gr_round_up(v->k * v->out_c, 16);
}

/* The left matrix's piece: panels, and a few columns on their way there; or rows. */
static int64_t left_floats(const cut *c)
{
    return GR_LEFT_PANELS ? gr_blocks(c->rows, GR_MR) * LEFT + PIXELS * GR_LEFT_COLUMNS : PIXELS * gr_row_stride(c->rows);
}

/* Both factors' pieces. */
static size_t thread_floats(const cut *c)
{
    return (size_t)(left_floats(c) + c->columns / GR_NR * PANEL);
}

size_t GR_KERNEL(gr_weight_scratch)(const gr_conv_problem *p, int threads)
{
    gr_view v = GR_KERNEL(gr_view_make)(p, GR_BACKWEIGHT, 0);
    cut c = make_cut(&v);
    return sizeof(float) * (slice_floats(&v, &c) * (size_t)c.slices + thread_floats(&c) * (size_t)threads);
}

void GR_KERNEL(gr_weight_describe)(const gr_conv_problem *p, char *text, size_t size)
{
    gr_view v = GR_KERNEL(gr_view_make)(p, GR_BACKWEIGHT, 0);
    cut c = make_cut(&v);
    snprintf(text, size, "%d weights x %d channels, %lld blocks of %lld x %lld, %lld slices of pixels", GR_MR, GR_NR,
             (long long)(c.bands * c.strips * v.groups), (long long)c.rows, (long long)c.columns, (long long)c.slices);
}

typedef struct job {
    const gr_conv_args *args;
    gr_view v;
    cut c;
    gr_source x, dy;
} job;

typedef struct block {
    const job *j;
    int64_t group, row, rows, column, columns; /* of dw; columns within the group */
    float *out;                                /* dw or the slice's own sums */
    bool one_pixel;                            /* a pixel reads its own place of x alone */
    bool in_place, strided;                    /* what of the left matrix needs no copy: all; rows of pixels */
    float *left, *right;                       /* pieces of both factors */
    float *aside;                              /* columns on their way to the left one's panels */
} block;

/* dy of `pixels` pixels as panels [columns / GR_NR][pixels][GR_NR], PANEL apart, zero behind the last column */
static void gather_dy(const block *b, int64_t pixel, int64_t pixels)
{
    const gr_view *v = &b->j->v;
    for (int64_t column = 0; column < b->columns; column += GR_NR) {
        int64_t count = gr_least(GR_NR, b->columns - column), channel = b->group * v->group_out + b->column + column;
        float *out = b->right + column / GR_NR * PANEL;
        GR_KERNEL(gr_source_block)(&b->j->dy, pixel * v->out_c + channel, v->out_c, channel, pixels, count, out, GR_NR);
        for (int64_t i = 0; i < pixels && count < GR_NR; i++)
            memset(out + i * GR_NR + count, 0, sizeof *out * (size_t)(GR_NR - count));
    }
}

/* Where in x the rows begin that a pixel's taps read. */
static int64_t first_read(const gr_view *v, int64_t pixel)
{
    int64_t i = pixel / v->w.results, n = i / v->h.results, line = v->h.first + i % v->h.results * v->h.stride;
    return (n * v->h.size + gr_most(0, line)) * v->w.size * v->in_c;
}

/* Lines `line` of each pixel of a tensor [pixels][channels], from channel `channel` on: true when the block reads as many.
 */
static bool fetch_line(const float *data, int64_t pixel, int64_t channels, int64_t channel, int64_t line, int64_t width,
                       gr_tile *t)
{
    if (line >= gr_blocks(width, LINE))
        return false;
    t->fetch = (const char *)(data + pixel * channels + channel + line * LINE);
    t->fetch_step = channels * (int64_t)sizeof(float);
    return true;
}

/* Tile number `tile` of a piece asks for a share of what the next piece reads: a line of dy of each pixel; then of the
 * tensor that completes it; then a line of x of each pixel, or a stretch of the rows of x that the taps will read. */
static void fetch_early(const block *b, int64_t pixel, int64_t tile, gr_tile *t)
{
    const job *j = b->j;
    const gr_view *v = &j->v;
    int64_t lines = gr_blocks(b->columns, LINE), channel = b->group * v->group_out + b->column;
    t->fetch = (const char *)t->b, t->fetch_step = 0;
    if (fetch_line(j->dy.data, pixel, v->out_c, channel, tile, b->columns, t))
        return;
    tile -= lines;
    if (j->dy.a != NULL && fetch_line(j->dy.other, pixel, v->out_c, channel, tile, b->columns, t))
        return;
    tile -= j->dy.a != NULL ? lines : 0;
    if (b->one_pixel)
        fetch_line(j->x.data, pixel, v->in_c, b->group * v->group_in + b->row, tile, b->rows, t);
    else {
        int64_t at = first_read(v, pixel) + tile * PIXELS * LINE;
        if (at < first_read(v, pixel + PIXELS))
            t->fetch = (const char *)(j->x.data + at), t->fetch_step = LINE * (int64_t)sizeof(float);
    }
}

/* Rows of dw from `row` on times all columns of the block; t's left matrix stands at `left`. */
static void run_rows(const block *b, gr_tile *t, int64_t row, int64_t rows, int64_t next_pixel)
{
    const gr_view *v = &b->j->v;
    float *out[GR_ROWS_MOST];
    for (int64_t r = 0; r < rows; r++)
        out[r] = b->out + (b->row + row + r) * v->out_c + b->group * v->group_out + b->column;
    t->out = out;
    int64_t tile = row / GR_MR * gr_blocks(b->columns, GR_NR);
    for (int64_t column = 0; column < b->columns; column += GR_NR, tile++) {
        t->b = b->right + column / GR_NR * PANEL;
        t->column = column;
        t->columns = gr_least(GR_NR, b->columns - column);
        fetch_early(b, next_pixel, tile, t);
        for (int64_t r = 0; r < rows && t->add && GR_LEFT_PANELS; r++) /* sums that are seldom in L1 */
            __builtin_prefetch(out[r] + column, 1);
        GR_KERNEL(gr_tile_columns)(t, rows);
    }
}

/* Where the tiles find the left matrix of some pixels: in x, or in a copy. */
static void find_left(const block *b, int64_t pixel, int64_t pixels, gr_tile *t)
{
    const gr_view *v = &b->j->v;
    const int64_t channel = b->group * v->group_in + b->row;
    t->runs = 1, t->k = pixels, t->lda = gr_row_stride(b->rows);
    if (b->in_place)
        t->a = b->j->x.data + pixel * v->in_c + channel, t->lda = v->in_c;
    else if (b->strided && pixels % v->w.results == 0) {
        t->a = b->j->x.data + first_read(v, pixel) + channel;
        t->runs = pixels / v->w.results, t->k = v->w.results;
        t->lda = v->w.stride * v->in_c, t->run_step = v->h.stride * v->w.size * v->in_c;
    } else if (GR_LEFT_PANELS)
        t->a = NULL;
    else {
        t->a = b->left;
        GR_KERNEL(gr_gather)(v, &b->j->x, b->group, pixel, pixels, b->row, b->row + b->rows, b->left, t->lda);
    }
}

/* The same in panels, a few columns after the others. */
static void make_panels(const block *b, int64_t pixel, int64_t pixels, gr_tile *t)
{
    for (int64_t run = 0; run < t->runs && t->a != NULL; run++)
        GR_KERNEL(gr_left_panels)(t->k, b->rows, t->a + run * t->run_step, t->lda, b->left + run * t->k * GR_MR, LEFT);
    for (int64_t at = 0; at < b->rows && t->a == NULL; at += GR_LEFT_COLUMNS) {
        const int64_t count = gr_least(GR_LEFT_COLUMNS, b->rows - at), row = b->row + at;
        GR_KERNEL(gr_gather)(&b->j->v, &b->j->x, b->group, pixel, pixels, row, row + count, b->aside, GR_LEFT_COLUMNS);
        GR_KERNEL(gr_left_panels)(pixels, count, b->aside, GR_LEFT_COLUMNS, b->left + at / GR_MR * LEFT, LEFT);
    }
    t->a = b->left, t->runs = 1, t->k = pixels, t->lda = GR_MR;
}

/* Adds (or begins with) the products of pixels [pixel, pixel + pixels). */
static void run_pixels(const block *b, int64_t pixel, int64_t pixels, bool add)
{
    gr_tile t = {.add = add};
    find_left(b, pixel, pixels, &t);
    if (GR_LEFT_PANELS)
        make_panels(b, pixel, pixels, &t);
    gather_dy(b, pixel, pixels);
    const float *left = t.a;
    for (int64_t row = 0; row < b->rows; row += GR_MR) {
        t.a = left + (GR_LEFT_PANELS ? row / GR_MR * LEFT : row);
        run_rows(b, &t, row, gr_least(GR_MR, b->rows - row), pixel + pixels);
    }
}

static void run_index(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const cut *c = &j->c;
    int64_t strip = index % c->strips, band = index / c->strips % c->bands,
            group = index / (c->strips * c->bands) % j->v.groups;
    int64_t slice = index / (c->strips * c->bands * j->v.groups);
    float *sums = j->args->scratch,
          *own = sums + slice_floats(&j->v, c) * (size_t)c->slices + thread_floats(c) * (size_t)thread;
    block b = {.j = j, .group = group, .row = band * c->rows, .column = strip * c->columns};
    b.one_pixel = GR_KERNEL(gr_left_is_still)(&j->v);
    b.in_place = GR_KERNEL(gr_left_is_source)(&j->v, &j->x);
    b.strided = GR_KERNEL(gr_left_is_strided)(&j->v, &j->x);
    b.rows = gr_least(c->rows, j->v.k - b.row), b.columns = gr_least(c->columns, j->v.group_out - b.column);
    b.out = c->slices == 1 ? j->args->out : sums + slice_floats(&j->v, c) * (size_t)slice;
    b.left = own, b.right = own + left_floats(c), b.aside = b.right - PIXELS * GR_LEFT_COLUMNS;
    int64_t begin = slice * c->pixels, end = gr_least(begin + c->pixels, j->v.pixels);
    bool add = c->slices == 1 && j->args->accumulate;
    int64_t piece = b.strided && j->v.w.results <= PIXELS ? PIXELS / j->v.w.results * j->v.w.results : PIXELS;
    for (int64_t pixel = begin; pixel < end; pixel += piece, add = true)
        run_pixels(&b, pixel, gr_least(piece, end - pixel), add);
}

static void add_slices(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    (void)thread;
    const float *sums = j->args->scratch;
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

void GR_KERNEL(gr_weight_run)(const gr_conv_problem *p, const gr_conv_args *args)
{
    job j = {.args = args, .v = GR_KERNEL(gr_view_make)(p, GR_BACKWEIGHT, 0)};
    j.c = make_cut(&j.v);
    j.x = gr_source_of_x(args), j.dy = gr_source_of_dy(args);
    gr_parallel_for(j.c.slices * j.v.groups * j.c.bands * j.c.strips, run_index, &j);
    if (j.c.slices > 1)
        gr_parallel_for(gr_blocks(j.v.k * j.v.out_c, REDUCE), add_slices, &j);
}
