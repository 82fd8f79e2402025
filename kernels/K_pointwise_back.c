/* 1x1 convolutions of stride 1: both directions of backward in one pass over the tensors.
 *
 *   dx [pixels][C] = dy [pixels][OC] w^T,   dw [C][OC] = x^T dy
 *
 * A piece of dy (with batch norm's backward applied) and the same pixels of x (normalised and activated) are made once, in cache,
 * and serve both products. Slices of pixels have sums of dw of their own, which are added in their order. */
#include <stdio.h>

#include "back_finish.h"
#include "implicit_gemm.h"
#include "parts.h"

enum {
    PIXELS = 112,      /* of a piece at most */
    PIECE = 96 * 1024, /* floats of both factors of a piece: 384 KB, in L2 */
    SLICES = 48,
    SLICES_MIN = 8, /* fewer: the sums of dw would be as much work as the tensors */
    LINE = 16,      /* floats */
    PANELS_MIN = 4, /* panels of dy: with fewer, x has too few readers to be put into panels for them */
    REDUCE = 4096   /* numbers of dw that one call adds up */
};

/* Everything follows from the shape. */
typedef struct cut {
    int64_t pixels, slices, slice; /* of all; how many; pixels of one */
    int64_t piece;                 /* pixels at once */
    int64_t panels, panel;         /* of dy in a piece; floats from one to the next */
    int64_t lda;                   /* of x's copy, by rows */
    int64_t left;                  /* floats from panel to panel of x's copy; 0: by rows */
} cut;

static cut make_cut(const gr_conv_problem *p)
{
    cut c = {.pixels = p->n * p->oh * p->ow};
    c.slices = gr_least(gr_least(SLICES, c.pixels / (4 * GR_MR)), c.pixels * (p->c + p->oc) / (2 * p->c * p->oc));
    c.slice = gr_round_up(gr_blocks(c.pixels, gr_most(1, c.slices)), GR_MR);
    c.slices = gr_blocks(c.pixels, c.slice);
    c.piece = gr_most(2 * GR_MR, gr_least(PIXELS, PIECE / (p->c + p->oc)) / GR_MR * GR_MR);
    c.panels = gr_blocks(p->oc, GR_NR);
    c.panel = c.piece * GR_NR + LINE; /* no multiple of 4 KB */
    c.lda = gr_row_stride(p->c);
    c.left = GR_LEFT_PANELS && c.panels >= PANELS_MIN ? c.piece * GR_MR + LINE : 0;
    return c;
}

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *fusion)
{
    (void)d, (void)fusion;
    if (p->kh != 1 || p->kw != 1 || p->stride_h != 1 || p->stride_w != 1 || p->pad_top != 0 || p->pad_left != 0 ||
        p->oh != p->h || p->ow != p->w || p->groups != 1)
        return "the kernel is not 1x1 at stride 1";
    if (p->bf16)
        return "bfloat16 goes by pairs";
    return make_cut(p).slices < SLICES_MIN ? "few pixels for so many weights" : NULL;
}

static size_t packed_size(const gr_conv_problem *p, gr_direction d)
{
    (void)d;
    return sizeof(float) * (size_t)(gr_blocks(p->c, GR_NR) * GR_NR * p->oc);
}

static size_t slice_floats(const gr_conv_problem *p)
{
    return (size_t)gr_round_up(p->c * p->oc, LINE);
}

/* x's copy; where it is panels, with columns on their way there. */
static int64_t left_floats(const gr_conv_problem *p, const cut *c)
{
    return c->left > 0 ? gr_blocks(p->c, GR_MR) * c->left + c->piece * GR_LEFT_COLUMNS : c->piece * c->lda;
}

/* Both factors of a piece, and a tile of dx. */
static size_t thread_floats(const gr_conv_problem *p, const cut *c)
{
    return (size_t)(c->panels * c->panel + left_floats(p, c) + GR_MR * GR_NR);
}

static size_t scratch_size(const gr_conv_problem *p, gr_direction d, int threads)
{
    (void)d;
    cut c = make_cut(p);
    return sizeof(float) * (slice_floats(p) * (size_t)c.slices + thread_floats(p, &c) * (size_t)threads);
}

static int64_t stat_blocks(const gr_conv_problem *p, gr_direction d)
{
    (void)d;
    return make_cut(p).slices;
}

static void pack(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed)
{
    (void)d;
    GR_KERNEL(gr_view_pack)(p, GR_BACKDATA, weights, packed);
}

static void describe(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    (void)d;
    cut c = make_cut(p);
    snprintf(text, size, "%d pixels x %d channels, %lld slices, %lld pixels at once", GR_MR, GR_NR, (long long)c.slices,
             (long long)c.piece);
}

typedef struct job {
    const gr_conv_problem *p;
    const gr_conv_args *args;
    gr_source x, dy;
    gr_back_finish finish;
    cut c;
    bool in_place; /* x is read where it stands */
} job;

/* One piece of a slice. */
typedef struct piece {
    const job *j;
    int64_t pixel, pixels, next; /* next: pixels of the piece behind it, which tiles ask for while they run */
    float *dy, *x_copy, *dx;
    const float *x;
    int64_t lda, apart; /* from pixel to pixel of x; from the channels of a tile to those of the next */
    gr_back_finish finish;
} piece;

/* Channels [channel, channel + count) of the piece's x, as they are multiplied. */
static void read_x(const piece *b, int64_t channel, int64_t count, float *out, int64_t step)
{
    const int64_t c = b->j->p->c;
    for (int64_t at = 0; at < count; at += GR_NR)
        GR_KERNEL(gr_source_strip)(&b->j->x, &(gr_strip){.at = b->pixel * c + channel + at,
                                                         .step = c,
                                                         .pixels = b->pixels,
                                                         .channel = channel + at,
                                                         .count = gr_least(GR_NR, count - at),
                                                         .out = out + at,
                                                         .out_step = step});
}

static void read_x_panels(const piece *b)
{
    const job *j = b->j;
    const int64_t c = j->p->c;
    float *aside = b->x_copy + gr_blocks(c, GR_MR) * j->c.left;
    for (int64_t at = 0; at < c; at += GR_LEFT_COLUMNS) {
        const int64_t count = gr_least(GR_LEFT_COLUMNS, c - at);
        float *out = b->x_copy + at / GR_MR * j->c.left;
        if (j->in_place)
            GR_KERNEL(gr_left_panels)(b->pixels, count, j->x.data + b->pixel * c + at, c, out, j->c.left);
        else {
            read_x(b, at, count, aside, GR_LEFT_COLUMNS);
            GR_KERNEL(gr_left_panels)(b->pixels, count, aside, GR_LEFT_COLUMNS, out, j->c.left);
        }
    }
}

static void read_factors(piece *b)
{
    const job *j = b->j;
    const int64_t c = j->p->c, oc = j->p->oc;
    for (int64_t at = 0; at < oc; at += GR_NR)
        GR_KERNEL(gr_source_strip)(&j->dy, &(gr_strip){.at = b->pixel * oc + at,
                                                       .step = oc,
                                                       .pixels = b->pixels,
                                                       .channel = at,
                                                       .count = gr_least(GR_NR, oc - at),
                                                       .out = b->dy + at / GR_NR * j->c.panel,
                                                       .out_step = GR_NR});
    b->x = b->x_copy, b->lda = j->c.lda, b->apart = GR_MR;
    if (j->c.left > 0) {
        read_x_panels(b);
        b->lda = GR_MR, b->apart = j->c.left;
    } else if (j->in_place)
        b->x = j->x.data + b->pixel * c, b->lda = c;
    else
        read_x(b, 0, c, b->x_copy, j->c.lda);
}

/* Numbers that will be read soon, which tiles ask for: each for its share, a piece of it a step. */
typedef struct ahead {
    const float *from;
    int64_t lines, share, step; /* lines in all; of a tile; bytes of a step */
} ahead;

/* `floats` numbers from `from` on, by `tiles` tiles of k steps each. Once for many tiles: two divisions are a tenth of a short
 * one. */
static ahead make_ahead(const float *from, int64_t floats, int64_t tiles, int64_t k)
{
    ahead a = {.from = from, .lines = gr_blocks(floats, LINE)};
    a.share = gr_blocks(a.lines, gr_most(1, tiles));
    a.step = gr_blocks(a.share * LINE * (int64_t)sizeof(float), k);
    return a;
}

static void fetch_share(gr_tile *t, const ahead *a, int64_t tile)
{
    t->fetch = (const char *)t->b, t->fetch_step = 0;
    if (tile * a->share < a->lines)
        t->fetch = (const char *)(a->from + tile * a->share * LINE), t->fetch_step = a->step;
}

/* A tile of dx: dy's panels by rows, all whole ones in runs, then what is left. */
static void multiply_tile(const piece *b, int64_t i, int64_t rows, gr_tile *t)
{
    const job *j = b->j;
    const int64_t whole = j->p->oc / GR_NR, left = j->p->oc % GR_NR;
    if (whole > 0) {
        t->a = b->dy + i * GR_NR, t->runs = whole, t->k = GR_NR, t->run_step = j->c.panel;
        GR_KERNEL(gr_tile_rows)(t, rows);
        t->b += whole * GR_NR * GR_NR, t->add = true;
    }
    if (left > 0) {
        t->a = b->dy + whole * j->c.panel + i * GR_NR, t->runs = 1, t->k = left, t->run_step = 0;
        if (whole > 0)
            t->fetch = (const char *)t->b, t->fetch_step = 0;
        GR_KERNEL(gr_tile_rows)(t, rows);
    }
}

static void multiply_data(const piece *b)
{
    const job *j = b->j;
    const int64_t c = j->p->c, oc = j->p->oc, tiles = gr_blocks(b->pixels, GR_MR) * gr_blocks(c, GR_NR);
    const ahead next = make_ahead(j->dy.data + (b->pixel + b->pixels) * oc, b->next * oc, tiles, oc);
    float *out[GR_MR];
    for (int64_t r = 0; r < GR_MR; r++)
        out[r] = b->dx + r * GR_NR;
    gr_tile t = {.out = out, .lda = GR_NR};
    for (int64_t i = 0, tile = 0; i < b->pixels; i += GR_MR) {
        const int64_t rows = gr_least(GR_MR, b->pixels - i);
        for (int64_t column = 0; column < c; column += GR_NR, tile++) {
            const int64_t columns = gr_least(GR_NR, c - column);
            t.columns = gr_round_up(columns, GR_VL), t.add = false; /* zeros behind the last one */
            t.b = (const float *)j->args->packed + column * oc;
            fetch_share(&t, &next, tile);
            for (int64_t r = 0; r < rows && !b->finish.stream; r++) /* what is written is seldom in cache */
                __builtin_prefetch(b->finish.out + (b->pixel + i + r) * c + column, 1),
                    __builtin_prefetch(b->finish.out + (b->pixel + i + r) * c + column + columns - 1, 1);
            multiply_tile(b, i, rows, &t);
            for (int64_t at = 0; at < columns; at += GR_TOGETHER * GR_VL)
                GR_KERNEL(gr_back_finish_run)
                (&b->finish, b->dx + at, GR_NR, GR_VL, b->pixel + i, rows, column + at, columns - at);
        }
    }
}

/* Adds the piece's products to the slice's sums, or begins them. */
static void multiply_weight(const piece *b, float *sums, bool add)
{
    const job *j = b->j;
    const int64_t c = j->p->c, oc = j->p->oc, after = b->pixel + b->pixels;
    const int64_t tiles = gr_blocks(c, GR_MR) * j->c.panels, half = j->dy.other != NULL ? tiles / 2 : 0;
    const ahead other = make_ahead(half > 0 ? j->dy.other + after * oc : NULL, b->next * oc, half, b->pixels);
    const ahead x = make_ahead(j->x.data + after * c, b->next * c, tiles - half, b->pixels);
    float *out[GR_MR];
    gr_tile t = {.runs = 1, .k = b->pixels, .lda = b->lda, .out = out, .add = add};
    for (int64_t row = 0, tile = 0; row < c; row += GR_MR) {
        const int64_t rows = gr_least(GR_MR, c - row);
        for (int64_t r = 0; r < rows; r++)
            out[r] = sums + (row + r) * oc;
        for (int64_t column = 0; column < oc; column += GR_NR, tile++) {
            t.a = b->x + row / GR_MR * b->apart, t.column = column;
            t.b = b->dy + column / GR_NR * j->c.panel;
            t.columns = gr_least(GR_NR, oc - column);
            if (tile < half)
                fetch_share(&t, &other, tile);
            else
                fetch_share(&t, &x, tile - half);
            for (int64_t r = 0; r < rows && add && j->c.left > 0; r++) /* sums that are seldom in L1 */
                __builtin_prefetch(out[r] + column, 1);
            GR_KERNEL(gr_tile_columns)(&t, rows);
        }
    }
}

static void run_slice(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const cut *c = &j->c;
    float *sums = (float *)j->args->scratch + slice_floats(j->p) * (size_t)index;
    float *own = (float *)j->args->scratch + slice_floats(j->p) * (size_t)c->slices + thread_floats(j->p, c) * (size_t)thread;
    piece b = {.j = j, .dy = own, .x_copy = own + c->panels * c->panel, .finish = j->finish};
    b.dx = b.x_copy + left_floats(j->p, c);
    GR_KERNEL(gr_back_finish_begin)(&b.finish, index, 0, j->p->c);
    const int64_t begin = index * c->slice, end = gr_least(begin + c->slice, c->pixels);
    for (b.pixel = begin; b.pixel < end; b.pixel += b.pixels) {
        b.pixels = gr_least(c->piece, end - b.pixel);
        b.next = gr_least(c->piece, c->pixels - b.pixel - b.pixels);
        read_factors(&b);
        multiply_data(&b);
        multiply_weight(&b, sums, b.pixel > begin);
    }
    GR_KERNEL(gr_back_finish_end)(&b.finish);
}

static void add_slices(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const job *j = ctx;
    const float *sums = j->args->scratch;
    const size_t stride = slice_floats(j->p);
    const int64_t end = gr_least((index + 1) * REDUCE, j->p->c * j->p->oc);
    for (int64_t at = index * REDUCE; at < end; at += GR_VL) {
        gr_vf sum = gr_vload(sums + at); /* a slice is padded to whole vectors */
        for (int64_t slice = 1; slice < j->c.slices; slice++)
            sum += gr_vload(sums + (size_t)slice * stride + at);
        gr_vstore_upto(j->args->dw + at, sum, end - at);
    }
}

static void run(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    (void)d;
    job j = {.p = p, .args = args, .x = gr_source_of_x(args), .dy = gr_source_of_dy(args), .c = make_cut(p)};
    j.finish = GR_KERNEL(gr_back_finish_make)(args, j.c.pixels, p->c);
    j.in_place = !gr_source_changes(&j.x) && (j.c.left > 0 || p->c % 512 != 0); /* pixels 4 KB apart share few places in L1 */
    gr_parallel_for(j.c.slices, run_slice, &j);
    gr_parallel_for(gr_blocks(p->c * p->oc, REDUCE), add_slices, &j);
}

const gr_conv_algorithm GR_KERNEL(gr_pointwise_back) = {
    .name = "pointwise",
    .refuses = refuses,
    .packed_size = packed_size,
    .scratch_size = scratch_size,
    .stat_blocks = stat_blocks,
    .pack = pack,
    .run = run,
    .describe = describe,
};
