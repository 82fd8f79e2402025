/* An image through matrix registers, weight direction: dw [row of taps][numbers of the row][OC] is a sum over all results of what
 * each reads, times dy, whose channels are the rows of the tiles. A band of results at a time is brought into L2: dy, turned so
 * that 32 results of a row lie side by side, and for each row that is read what pairs of neighbouring results see of it. Slices of
 * the bands sum on their own, and are added in their order. */
#include <stdio.h>

#include "matrix_image.h"
#include "matrix_tile.h"

#if GR_PAIR_STEP > 1

enum {
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
    return p->oc / GR_NR * p->kh * GR_TILE_FLOATS;
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
    const int64_t empty = c->b.results - p->ow, apart = 2 * dy_floats(c);
    for (int64_t r = 0; r < rows; r++) {
        uint16_t *row = (uint16_t *)b->words + r * c->b.results * GR_IMAGE_RUN;
        int64_t at = (image * p->oh + first + r) * p->ow * p->oc;
        GR_KERNEL(gr_round_pixels)(&b->j->dy, at, p->oc, 0, p->ow, p->oc, row, apart);
        for (int64_t i = 0; i < p->oc / GR_NR && empty > 0; i++)
            memset(row + i * apart + p->ow * GR_IMAGE_RUN, 0, sizeof *row * (size_t)(empty * GR_IMAGE_RUN));
    }
    for (int64_t i = 0; i < p->oc / GR_NR; i++)
        gr_matrix_turn(rows * c->b.results * GR_PAIR_STEP, b->words + i * dy_floats(c), b->turned + i * dy_floats(c));
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
        for (int64_t th = 0; th < p->kh; th++, sums += GR_TILE_FLOATS) {
            const float *dy = b->turned + i * dy_floats(c), *x = b->seen + th * seen_floats(c);
            if (add)
                gr_matrix_sum_pixels(dy, x, b_step, rows, c->b.results, true, sums);
            else
                gr_matrix_sum_pixels(dy, x, b_step, rows, c->b.results, false, sums);
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
    (void)thread;
    gr_matrix_add_slices(j->slices + index * GR_TILE_FLOATS, j->c.slices, slice_floats(p), count,
                         j->args->out + th * count * p->oc + out, p->oc, j->args->accumulate);
}

void GR_KERNEL(gr_image_taps_weight)(const gr_conv_problem *p, const gr_conv_args *args)
{
    job j = {.p = p, .args = args, .slices = args->scratch, .dy = gr_stored_dy(p, args), .c = make_cut(p)};
    j.scratch = j.slices + slice_floats(p) * j.c.slices;
    gr_parallel_for(j.c.slices, run_slice, &j);
    gr_parallel_for(p->oc / GR_NR * p->kh, add_slices, &j);
}

#endif
