/* Several taps through matrix registers, forward and data direction: a block brings some rows of results' planes (or those of a
 * few small images) into L2, then panel after panel of weights passes over them. A tile's sums over all taps stay in matrix
 * registers, and are finished while they are in L1. */
#include <stdio.h>

#include "matrix_taps.h"
#include "matrix_tile.h"
#include "pairs_finish.h"

#if GR_PAIR_STEP > 1

enum {
    BAND_BYTES = 160 << 10,   /* of planes, where an image is cut */
    IMAGES_BYTES = 384 << 10, /* of planes, where several images share a block: weights are read once for all of them */
    WEIGHTS_FEW = 1 << 20,    /* bytes which stay in L2, so that images need not share them */
    COLUMNS_MIN = 128,
    ROWS_MIN = 4,
    BLOCKS_WANTED = 32
};

/* How one view is cut up. It follows from the shape alone, so that the order of all sums does. */
typedef struct cut {
    gr_taps taps;
    int64_t images, groups;  /* images of a block; groups of them */
    int64_t columns, strips; /* output channels of a block; strips of them */
} cut;

static int64_t image_bytes(const gr_view *v, const gr_taps *t)
{
    return t->plane * t->planes * v->in_c * (int64_t)sizeof(uint16_t);
}

static int64_t rows_for(const gr_view *v)
{
    gr_taps one = GR_KERNEL(gr_taps_make)(v, 1);
    int64_t row = one.width * one.planes * v->in_c * (int64_t)sizeof(uint16_t);
    return gr_most(ROWS_MIN, BAND_BYTES / row - (one.plane - one.results) / one.width);
}

static cut make_cut(const gr_view *v)
{
    int64_t rows = rows_for(v), weights = v->k * v->out_c * (int64_t)sizeof(uint16_t);
    cut c = {.taps = GR_KERNEL(gr_taps_make)(v, rows), .images = 1, .columns = v->out_c};
    if (c.taps.bands == 1)
        c.images = gr_most(1, gr_least(v->n, IMAGES_BYTES / image_bytes(v, &c.taps)));
    for (;;) {
        c.groups = gr_blocks(v->n, c.images), c.strips = gr_blocks(v->out_c, c.columns);
        if (c.groups * c.taps.bands * c.strips >= BLOCKS_WANTED)
            return c;
        if (c.images > 1 && (weights <= WEIGHTS_FEW || c.columns < 2 * COLUMNS_MIN))
            c.images = gr_blocks(c.images, 2);
        else if (c.columns >= 2 * COLUMNS_MIN)
            c.columns = gr_round_up(c.columns / 2, GR_NR);
        else if (c.taps.rows >= 2 * ROWS_MIN)
            c.taps = GR_KERNEL(gr_taps_make)(v, c.taps.rows / 2);
        else
            return c;
    }
}

static size_t planes_floats(const gr_view *v, const cut *c)
{
    return (size_t)gr_round_up(gr_blocks(c->images * image_bytes(v, &c->taps), (int64_t)sizeof(float)), 16);
}

static size_t thread_floats(const gr_conv_problem *p, gr_direction d)
{
    size_t most = 0;
    for (int64_t i = 0; i < GR_KERNEL(gr_view_count)(p, d); i++) {
        gr_view v = GR_KERNEL(gr_view_make)(p, d, i);
        cut c = make_cut(&v);
        size_t floats = planes_floats(&v, &c);
        most = floats > most ? floats : most;
    }
    return most;
}

size_t GR_KERNEL(gr_taps_product_scratch)(const gr_conv_problem *p, gr_direction d, int threads)
{
    return thread_floats(p, d) * (size_t)threads * sizeof(float);
}

/* Blocks of pixels of a view. */
static int64_t chunks(const cut *c)
{
    return c->groups * c->taps.bands;
}

int64_t GR_KERNEL(gr_taps_product_stat_blocks)(const gr_conv_problem *p, gr_direction d)
{
    int64_t count = 0;
    for (int64_t i = 0; i < GR_KERNEL(gr_view_count)(p, d); i++) {
        gr_view v = GR_KERNEL(gr_view_make)(p, d, i);
        cut c = make_cut(&v);
        count += chunks(&c);
    }
    return count;
}

void GR_KERNEL(gr_taps_product_describe)(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    gr_view v = GR_KERNEL(gr_view_make)(p, d, 0);
    cut c = make_cut(&v);
    snprintf(text, size, "bf16, %d pixels x %d channels, %lld blocks of %lld images' %lld rows x %lld", GR_PAIR_ROWS, GR_NR,
             (long long)(chunks(&c) * c.strips), (long long)c.images, (long long)c.taps.rows, (long long)c.columns);
}

/* One view's work. */
typedef struct job {
    const gr_conv_args *args;
    gr_source source;
    gr_pairs_finish finish;
    gr_view v;
    cut c;
    int64_t first_stats; /* blocks of sums before this view's */
    float *scratch;      /* of all threads */
    size_t thread_floats;
} job;

typedef struct block {
    const job *j;
    int64_t image, images, band, column, columns;
    const uint16_t *planes;
    float *stats; /* [2][channels] or NULL */
} block;

/* Sums of 32 (or 16, not `low`) results x 32 channels, over all taps, into sums[32][GR_NR]; `a`: what the first result reads of
 * a band's first plane, whose next channels are `apart` behind. Neighbouring taps find most of a's lines in L1. */
GR_INLINE void multiply(const job *j, const uint16_t *a, int64_t apart, const float *b, const bool low, float *sums)
{
    const gr_taps *t = &j->c.taps;
    const int64_t tap_floats = j->v.in_c / 2 * GR_NR;
    gr_matrix_zero();
    for (int64_t k = 0; k < j->v.in_c; k += GR_TAPS_RUN, a += apart, b += GR_TILE_STEP)
        for (int64_t i = 0; i < t->count; i++)
            gr_matrix_step(a + t->shift[i] * GR_TAPS_RUN, GR_TILE_RUN, b + i * tap_floats, low);
    gr_matrix_store(sums);
}

/* The real ones of `count` results from number `first` of a band on: neighbours of one row at a time. */
static void finish(const block *b, int64_t image, int64_t first, int64_t count, int64_t column, const float *sums)
{
    const gr_view *v = &b->j->v;
    const int64_t width = b->j->c.taps.width;
    int64_t at[GR_PAIR_ROWS];
    for (int64_t r = 0; r < count;) {
        int64_t row = (first + r) / width, w = (first + r) % width, begin = r;
        int64_t line = image * v->h.full + v->h.at + (b->band * b->j->c.taps.rows + row) * v->h.step;
        for (; w < v->w.results && r < count; w++, r++)
            at[r] = (line * v->w.full + v->w.at + w * v->w.step) * v->out_c;
        if (r > begin)
            GR_KERNEL(gr_pairs_finish_tile)(&b->j->finish, sums + begin * GR_NR, at + begin, r - begin, column, GR_NR, b->stats);
        r += width - w;
    }
}

static void run_image(const block *b, int64_t i, int64_t column)
{
    const job *j = b->j;
    const gr_taps *t = &j->c.taps;
    const float *panel = (const float *)j->args->packed + j->v.packed_at + column / GR_NR * j->v.k * GR_NR;
    const int64_t words = gr_taps_words(t), apart = words * j->c.images;
    const uint16_t *planes = b->planes + i * words;
    float sums[GR_TILE_FLOATS] __attribute__((aligned(64)));
    int64_t rows = gr_least(t->rows, j->v.h.results - b->band * t->rows), results = rows * t->width;
    for (int64_t first = 0; first < results; first += GR_PAIR_ROWS) {
        int64_t count = gr_least(GR_PAIR_ROWS, results - first);
        GR_MATRIX_FENCE();
        if (count > GR_TILE_HALF)
            multiply(j, planes + first * GR_TAPS_RUN, apart, panel, true, sums);
        else
            multiply(j, planes + first * GR_TAPS_RUN, apart, panel, false, sums);
        GR_MATRIX_FENCE();
        finish(b, b->image + i, first, count, column, sums);
    }
}

static void begin_stats(block *b, int64_t number)
{
    const gr_pairs_finish *f = &b->j->finish;
    b->stats = f->stats != NULL ? f->stats + (b->j->first_stats + number) * 2 * f->channels : NULL;
    if (b->stats == NULL)
        return;
    memset(b->stats + b->column, 0, sizeof(float) * (size_t)b->columns);
    memset(b->stats + f->channels + b->column, 0, sizeof(float) * (size_t)b->columns);
}

static void run_index(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const cut *c = &j->c;
    int64_t strip = index % c->strips, chunk = index / c->strips;
    block b = {.j = j, .image = chunk / c->taps.bands * c->images, .band = chunk % c->taps.bands, .column = strip * c->columns};
    b.images = gr_least(c->images, j->v.n - b.image), b.columns = gr_least(c->columns, j->v.out_c - b.column);
    uint16_t *planes = (uint16_t *)(j->scratch + j->thread_floats * (size_t)thread);
    const int64_t words = gr_taps_words(&c->taps);
    b.planes = planes;
    begin_stats(&b, chunk);
    for (int64_t i = 0; i < b.images; i++)
        GR_KERNEL(gr_taps_fill)(&j->v, &c->taps, &j->source, b.image + i, b.band, 0, j->v.in_c, planes + i * words,
                                words * c->images);
    GR_KERNEL(gr_matrix_begin)();
    for (int64_t column = b.column; column < b.column + b.columns; column += GR_NR)
        for (int64_t i = 0; i < b.images; i++)
            run_image(&b, i, column);
    GR_KERNEL(gr_matrix_end)();
    if (j->finish.stream)
        gr_vstream_end();
}

void GR_KERNEL(gr_taps_product_run)(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    job j = {.args = args, .finish = GR_KERNEL(gr_pairs_finish_make)(p, d, args), .scratch = args->scratch};
    j.source = d == GR_FORWARD ? gr_stored_x(p, args) : gr_stored_dy(p, args);
    j.thread_floats = thread_floats(p, d);
    for (int64_t i = 0; i < GR_KERNEL(gr_view_count)(p, d); i++) {
        j.v = GR_KERNEL(gr_view_make)(p, d, i);
        j.c = make_cut(&j.v);
        gr_parallel_for(chunks(&j.c) * j.c.strips, run_index, &j);
        j.first_stats += chunks(&j.c);
    }
}

#endif
