/* An image through matrix registers, weight direction: dw [row of taps][numbers of the row][OC] is a sum over all results of what
 * each reads, times dy, whose channels are the rows of the tiles. A band of results at a time is brought into L2: dy, turned so
 * that 32 results of a row lie side by side, and for each row that is read what pairs of neighbouring results see of it. Slices of
 * the bands sum on their own, and are added in their order. */
#include <stdio.h>

#include "matrix_image.h"

#if GR_PAIR_STEP > 1

enum {
    TILE = GR_NR / 2,
    TILE_FLOATS = GR_PAIR_ROWS * GR_NR,
    ROWS = 8, /* of results at once */
    SLICES_WANTED = 24
};

typedef struct cut {
    gr_image_band b;
    int64_t units, slices, of_slice; /* bands of all images; slices of them; bands of a slice */
} cut;

static cut make_cut(const gr_conv_problem *p)
{
    cut c = {.b = GR_KERNEL(gr_image_band_make)(p, ROWS)};
    c.units = p->n * c.b.bands;
    c.of_slice = gr_blocks(c.units, gr_least(c.units, SLICES_WANTED));
    c.slices = gr_blocks(c.units, c.of_slice);
    return c;
}

/* A band's 32 channels of dy, and as many as read; its rows; what pairs of results see of one of its rows. */
static int64_t dy_floats(const cut *c)
{
    return c->b.rows * c->b.results * GR_PAIR_STEP;
}

static int64_t line_floats(const cut *c)
{
    return gr_round_up(c->b.lines * c->b.line_words / 2, 16);
}

static int64_t seen_floats(const cut *c)
{
    return c->b.results / 2 * GR_NR;
}

static size_t thread_floats(const gr_conv_problem *p, const cut *c)
{
    return (size_t)(2 * dy_floats(c) * (p->oc / GR_NR) + line_floats(c) + seen_floats(c) * c->b.lines);
}

/* Sums of a slice: [32s of OC][row of taps][32 of OC][numbers of the row]. */
static int64_t slice_floats(const gr_conv_problem *p)
{
    return p->oc / GR_NR * p->kh * TILE_FLOATS;
}

size_t GR_KERNEL(gr_image_taps_scratch)(const gr_conv_problem *p, int threads)
{
    cut c = make_cut(p);
    return sizeof(float) * ((size_t)(slice_floats(p) * c.slices) + thread_floats(p, &c) * (size_t)threads);
}

void GR_KERNEL(gr_image_taps_describe)(const gr_conv_problem *p, char *text, size_t size)
{
    cut c = make_cut(p);
    snprintf(text, size, "bf16, %d channels x %d weights, %lld slices of %lld bands of %lld rows", GR_PAIR_ROWS, GR_NR,
             (long long)c.slices, (long long)c.of_slice, (long long)c.b.rows);
}

typedef struct job {
    const gr_conv_problem *p;
    const gr_conv_args *args;
    float *slices, *scratch; /* sums of the slices; of all threads */
    gr_source dy;
    cut c;
} job;

typedef struct block {
    const job *j;
    float *words, *turned, *lines, *seen;
    float *sums;
} block;

/* dy's rows, behind whose last result zeros stand, turned. */
static void bring_in_dy(const block *b, int64_t image, int64_t first, int64_t rows)
{
    const gr_conv_problem *p = b->j->p;
    const cut *c = &b->j->c;
    const int64_t empty = c->b.results - p->ow, apart = 2 * dy_floats(c), tile = GR_PAIR_ROWS * GR_PAIR_STEP;
    for (int64_t r = 0; r < rows; r++) {
        uint16_t *row = (uint16_t *)b->words + r * c->b.results * GR_IMAGE_RUN;
        int64_t at = (image * p->oh + first + r) * p->ow * p->oc;
        GR_KERNEL(gr_round_pixels)(&b->j->dy, at, p->oc, 0, p->ow, p->oc, row, apart);
        for (int64_t i = 0; i < p->oc / GR_NR && empty > 0; i++)
            memset(row + i * apart + p->ow * GR_IMAGE_RUN, 0, sizeof *row * (size_t)(empty * GR_IMAGE_RUN));
    }
    for (int64_t i = 0; i < p->oc / GR_NR; i++)
        for (int64_t at = i * dy_floats(c), end = at + rows * c->b.results * GR_PAIR_STEP; at < end; at += tile)
            GR_KERNEL(gr_turn_pairs)(GR_IMAGE_RUN, GR_IMAGE_RUN, b->words + at, GR_PAIR_STEP, b->turned + at, GR_PAIR_STEP);
}

static void bring_in_x(const block *b, int64_t image, int64_t band)
{
    const gr_conv_problem *p = b->j->p;
    const cut *c = &b->j->c;
    GR_KERNEL(gr_image_fill)(p, &c->b, b->j->args->x, image, band, (uint16_t *)b->lines);
    for (int64_t r = 0; r < c->b.lines; r++)
        GR_KERNEL(gr_pair_words)(c->b.results, GR_IMAGE_RUN, b->lines + r * c->b.line_words / 2, p->stride_w * p->c / 2,
                                 b->seen + r * seen_floats(c), GR_NR);
}

/* 32 channels x one row of taps, of `rows` rows of results: dy from `a` on, what the first one sees from `b` on. */
GR_INLINE void multiply(const cut *c, const float *a, const float *b, int64_t b_step, int64_t rows, const bool add, float *sums)
{
    const int64_t step = GR_PAIR_STEP * (int64_t)sizeof *a, panel = GR_NR * (int64_t)sizeof *b;
    if (add) {
        _tile_loadd(0, sums, panel);
        _tile_loadd(1, sums + TILE, panel);
        _tile_loadd(2, sums + TILE * GR_NR, panel);
        _tile_loadd(3, sums + TILE * GR_NR + TILE, panel);
    } else {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
    }
    for (int64_t r = 0; r < rows; r++, b += b_step) {
        const float *x = b;
        for (int64_t k = 0; k < c->b.results; k += GR_IMAGE_RUN, a += GR_PAIR_ROWS * GR_PAIR_STEP, x += GR_PAIR_STEP * GR_NR) {
            _tile_loadd(4, a, step);
            _tile_loadd(6, x, panel);
            _tile_dpbf16ps(0, 4, 6);
            _tile_loadd(7, x + TILE, panel);
            _tile_dpbf16ps(1, 4, 7);
            _tile_loadd(5, a + TILE * GR_PAIR_STEP, step);
            _tile_dpbf16ps(2, 5, 6);
            _tile_dpbf16ps(3, 5, 7);
        }
    }
    _tile_stored(0, sums, panel);
    _tile_stored(1, sums + TILE, panel);
    _tile_stored(2, sums + TILE * GR_NR, panel);
    _tile_stored(3, sums + TILE * GR_NR + TILE, panel);
}

static void run_unit(const block *b, int64_t unit, bool add)
{
    const gr_conv_problem *p = b->j->p;
    const cut *c = &b->j->c;
    const int64_t image = unit / c->b.bands, band = unit % c->b.bands, first = band * c->b.rows;
    const int64_t rows = gr_least(c->b.rows, p->oh - first), b_step = seen_floats(c) * p->stride_h;
    float *sums = b->sums;
    bring_in_x(b, image, band);
    bring_in_dy(b, image, first, rows);
    GR_MATRIX_FENCE();
    for (int64_t i = 0; i < p->oc / GR_NR; i++)
        for (int64_t th = 0; th < p->kh; th++, sums += TILE_FLOATS) {
            if (add)
                multiply(c, b->turned + i * dy_floats(c), b->seen + th * seen_floats(c), b_step, rows, true, sums);
            else
                multiply(c, b->turned + i * dy_floats(c), b->seen + th * seen_floats(c), b_step, rows, false, sums);
        }
    GR_MATRIX_FENCE();
}

static void run_slice(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const cut *c = &j->c;
    block b = {.j = j, .words = j->scratch + thread_floats(j->p, c) * (size_t)thread};
    b.turned = b.words + dy_floats(c) * (j->p->oc / GR_NR);
    b.lines = b.turned + dy_floats(c) * (j->p->oc / GR_NR);
    b.seen = b.lines + line_floats(c);
    b.sums = j->slices + index * slice_floats(j->p);
    int64_t begin = index * c->of_slice, end = gr_least(begin + c->of_slice, c->units);
    GR_KERNEL(gr_matrix_begin)();
    for (int64_t unit = begin; unit < end; unit++)
        run_unit(&b, unit, unit > begin);
    GR_KERNEL(gr_matrix_end)();
}

/* One tile of dw: the slices' sums in their order. */
static void add_slices(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const gr_conv_problem *p = j->p;
    const int64_t out = index / p->kh * GR_NR, th = index % p->kh, count = p->kw * p->c;
    float sums[TILE_FLOATS] __attribute__((aligned(64))), turned[TILE_FLOATS] __attribute__((aligned(64)));
    (void)thread;
    for (int64_t i = 0; i < TILE_FLOATS; i += GR_VL) {
        gr_vf sum = gr_vzero();
        for (int64_t slice = 0; slice < j->c.slices; slice++)
            sum += gr_vload(j->slices + slice * slice_floats(p) + index * TILE_FLOATS + i);
        gr_vstore(sums + i, sum);
    }
    gr_panel_transpose(GR_NR, GR_NR, sums, GR_NR, turned);
    float *to = j->args->out + th * count * p->oc + out;
    for (int64_t r = 0; r < count; r++, to += p->oc)
        for (int64_t i = 0; i < GR_NR; i += GR_VL) {
            gr_vf sum = gr_vload(turned + r * GR_NR + i);
            gr_vstore(to + i, j->args->accumulate ? gr_vload(to + i) + sum : sum);
        }
}

void GR_KERNEL(gr_image_taps_weight)(const gr_conv_problem *p, const gr_conv_args *args)
{
    job j = {.p = p, .args = args, .slices = args->scratch, .dy = gr_stored_dy(p, args), .c = make_cut(p)};
    j.scratch = j.slices + slice_floats(p) * j.c.slices;
    gr_parallel_for(j.c.slices, run_slice, &j);
    gr_parallel_for(p->oc / GR_NR * p->kh, add_slices, &j);
}

#endif
