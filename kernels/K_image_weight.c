/* Weight gradient of a convolution that reads an image: the left matrix needs no copy but of the lines that are read.
 *
 *   dw[kh][t][oc] = the sum over n, oh, ow of x[n][oh stride - pad + kh][ow step + t] dy[n][oh][ow][oc],   t < KW C
 *
 * Rows of results are cut into slices that follow from the shape; each has sums of its own, which are added in their order. */
#include <stdio.h>

#include "conv_source.h"
#include "image_lines.h"
#include "parts.h"

enum {
    SLICES = 48,
    SLICE_MIN = 256, /* results, so that a slice's sums are worth adding up */
    STRETCH = 128,   /* results of a row at once: their dy stays in L1 */
    TALL = 9         /* taps at once over one vector of channels; over two GR_MR */
};

/* Everything follows from the shape. */
typedef struct cut {
    int64_t rows, slice, slices; /* rows of results; of a slice; how many slices */
    int64_t taps, step, k;       /* of a row of the kernel; from result to result in a line; of the whole kernel */
    int64_t line, panels;        /* floats of a line with its zeros; panels of GR_NR channels of dy */
} cut;

static cut make_cut(const gr_conv_problem *p)
{
    cut c = {.rows = p->n * p->oh, .taps = p->kw * p->c, .step = p->stride_w * p->c, .panels = gr_blocks(p->oc, GR_NR)};
    const int64_t most = gr_most(1, gr_least(SLICES, c.rows * p->ow / SLICE_MIN));
    c.slice = gr_blocks(c.rows, most);
    c.slices = gr_blocks(c.rows, c.slice);
    c.k = p->kh * c.taps;
    c.line = gr_image_line(p);
    return c;
}

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *fusion)
{
    if (d != GR_BACKWEIGHT)
        return "it is for the weight direction";
    return gr_image_refuses(p, fusion);
}

static size_t packed_size(const gr_conv_problem *p, gr_direction d)
{
    (void)p, (void)d;
    return 0;
}

static void pack(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed)
{
    (void)p, (void)d, (void)weights, (void)packed;
}

/* [panel][k][GR_NR] */
static size_t slice_floats(const cut *c)
{
    return (size_t)(c->panels * c->k * GR_NR);
}

/* Lines, and one panel of a stretch of dy. */
static size_t thread_floats(const gr_conv_problem *p, const cut *c)
{
    return (size_t)(p->kh * c->line + STRETCH * GR_NR);
}

static size_t scratch_size(const gr_conv_problem *p, gr_direction d, int threads)
{
    (void)d;
    const cut c = make_cut(p);
    return sizeof(float) * (slice_floats(&c) * (size_t)c.slices + thread_floats(p, &c) * (size_t)threads);
}

static int64_t stat_blocks(const gr_conv_problem *p, gr_direction d)
{
    (void)p, (void)d;
    return 0;
}

static void describe(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    (void)d;
    const cut c = make_cut(p);
    snprintf(text, size, "%d weights x %d channels from lines of the image, %lld slices of %lld rows", GR_MR, GR_NR,
             (long long)c.slices, (long long)c.slice);
}

typedef struct job {
    const gr_conv_problem *p;
    const gr_conv_args *args;
    gr_source dy;
    cut c;
} job;

/* What a thread keeps. */
typedef struct task {
    const job *j;
    float *lines, *dy, *sums;
} task;

/* Some taps' sums over a stretch of results. `taps` and `vectors` are constants at each call. Each step asks for a line of cache
 * that will be read soon. */
GR_INLINE void add_taps(const float *x, int64_t step, const float *dy, int64_t results, const int taps, const int vectors,
                        const char *fetch, int64_t fetch_step, float *sums)
{
    gr_vf sum[TALL][2];
#pragma GCC unroll 9
    for (int t = 0; t < taps; t++)
        sum[t][0] = sum[t][1] = gr_vzero();
    for (int64_t i = 0; i < results; i++, x += step, dy += GR_NR, fetch += fetch_step) {
        const gr_vf low = gr_vload(dy), high = vectors == 2 ? gr_vload(dy + GR_VL) : gr_vzero();
        __builtin_prefetch(fetch, 0, 2);
#pragma GCC unroll 9
        for (int t = 0; t < taps; t++) {
            const gr_vf pixel = gr_vset(x[t]);
            sum[t][0] = gr_vfma(pixel, low, sum[t][0]);
            if (vectors == 2)
                sum[t][1] = gr_vfma(pixel, high, sum[t][1]);
        }
    }
#pragma GCC unroll 9
    for (int t = 0; t < taps; t++)
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++)
            gr_vstore(sums + t * GR_NR + v * GR_VL, gr_vload(sums + t * GR_NR + v * GR_VL) + sum[t][v]);
}

#define TAPS(n, most, vectors)                                                                                              \
    case n:                                                                                                                 \
        add_taps(x, step, dy, results, n <= most ? n : 1, vectors, fetch, fetch_step, sums);                                \
        break;

static void add_tall(const float *x, int64_t step, const float *dy, int64_t results, int64_t taps, const char *fetch,
                     int64_t fetch_step, float *sums)
{
    switch (taps) {
        TAPS(1, TALL, 1) TAPS(2, TALL, 1) TAPS(3, TALL, 1) TAPS(4, TALL, 1) TAPS(5, TALL, 1)
        TAPS(6, TALL, 1) TAPS(7, TALL, 1) TAPS(8, TALL, 1) TAPS(9, TALL, 1)
    }
}

static void add_wide(const float *x, int64_t step, const float *dy, int64_t results, int64_t taps, const char *fetch,
                     int64_t fetch_step, float *sums)
{
    switch (taps) {
        TAPS(1, GR_MR, 2) TAPS(2, GR_MR, 2) TAPS(3, GR_MR, 2) TAPS(4, GR_MR, 2) TAPS(5, GR_MR, 2) TAPS(6, GR_MR, 2)
    }
}

/* Results [first, first + results) of a row, one panel of channels. */
typedef struct piece {
    int64_t row, first, results, panel;
    int64_t at, count; /* of its first number in dy; channels that are real */
} piece;

static int64_t tiles_of(const cut *c, int64_t count)
{
    return gr_blocks(c->taps, count > GR_VL ? GR_MR : TALL);
}

/* What tile number `tile` of a piece asks for: its share of the same results of the next row, of dy and then of the tensor that
 * completes it. Little by little, for asked in one go the lines would fill the queue of misses. *step: from result to result. */
static const char *read_soon(const task *t, const piece *s, int64_t tile, int64_t *step)
{
    const job *j = t->j;
    const int64_t oc = j->p->oc, each = j->p->kh * tiles_of(&j->c, GR_NR), tensors = j->dy.a != NULL ? 2 : 1;
    const int64_t last = oc - (j->c.panels - 1) * GR_NR, all = each * (j->c.panels - 1) + j->p->kh * tiles_of(&j->c, last);
    const int64_t share = gr_most(1, all / tensors), turn = s->panel * each + tile;
    if (s->row + 1 >= j->c.rows || turn >= share * tensors) {
        *step = 0;
        return (const char *)t->dy;
    }
    *step = gr_blocks(oc * (int64_t)sizeof(float), share);
    const float *from = (turn < share ? j->dy.data : j->dy.other) + ((s->row + 1) * j->p->ow + s->first) * oc;
    return (const char *)from + turn % share * *step * s->results;
}

/* A piece, which stands in t->dy, times the lines. */
static void run_piece(const task *t, const piece *s)
{
    const cut *c = &t->j->c;
    const int64_t tiles = tiles_of(c, s->count), kernel_rows = t->j->p->kh;
    float *sums = t->sums + s->panel * c->k * GR_NR;
    for (int64_t kh = 0; kh < kernel_rows; kh++, sums += c->taps * GR_NR)
        for (int64_t tile = 0; tile < tiles; tile++) {
            const int64_t tap = c->taps * tile / tiles, taps = c->taps * (tile + 1) / tiles - tap;
            const float *x = t->lines + kh * c->line + s->first * c->step + tap;
            int64_t fetch_step;
            const char *fetch = read_soon(t, s, kh * tiles + tile, &fetch_step);
            if (s->count > GR_VL)
                add_wide(x, c->step, t->dy, s->results, taps, fetch, fetch_step, sums + tap * GR_NR);
            else
                add_tall(x, c->step, t->dy, s->results, taps, fetch, fetch_step, sums + tap * GR_NR);
        }
}

static void run_row(const task *t, int64_t row)
{
    const gr_conv_problem *p = t->j->p;
    for (int64_t first = 0; first < p->ow; first += STRETCH)
        for (int64_t panel = 0; panel < t->j->c.panels; panel++) {
            const int64_t channel = panel * GR_NR;
            const piece s = {.row = row, .first = first, .results = gr_least(STRETCH, p->ow - first), .panel = panel,
                             .at = (row * p->ow + first) * p->oc + channel, .count = gr_least(GR_NR, p->oc - channel)};
            GR_KERNEL(gr_source_strip)(&t->j->dy, &(gr_strip){.at = s.at,
                                                              .step = p->oc,
                                                              .pixels = s.results,
                                                              .channel = channel,
                                                              .count = s.count,
                                                              .out = t->dy,
                                                              .out_step = GR_NR});
            run_piece(t, &s);
        }
}

static void run_slice(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const cut *c = &j->c;
    const size_t each = slice_floats(c), own = thread_floats(j->p, c);
    float *all = j->args->scratch;
    task t = {.j = j, .sums = all + each * (size_t)index, .lines = all + each * (size_t)c->slices + own * (size_t)thread};
    t.dy = t.lines + j->p->kh * c->line;
    memset(t.sums, 0, sizeof *t.sums * each);
    memset(t.lines, 0, sizeof *t.lines * (size_t)(j->p->kh * c->line));
    const int64_t end = gr_least((index + 1) * c->slice, c->rows);
    for (int64_t row = index * c->slice; row < end; row++) {
        gr_image_copy(j->p, j->args->x, row, c->line, t.lines);
        run_row(&t, row);
    }
}

/* One tap of all channels. */
static void add_slices(void *ctx, int64_t k, int thread)
{
    (void)thread;
    const job *j = ctx;
    const cut *c = &j->c;
    float *out = j->args->out + k * j->p->oc;
    for (int64_t oc = 0; oc < j->p->oc; oc += GR_VL) {
        const int64_t left = j->p->oc - oc;
        const float *from = (const float *)j->args->scratch + (oc / GR_NR * c->k + k) * GR_NR + oc % GR_NR;
        gr_vf sum = gr_vload(from);
        for (int64_t slice = 1; slice < c->slices; slice++)
            sum += gr_vload(from + slice_floats(c) * (size_t)slice);
        if (j->args->accumulate)
            sum += gr_vload_upto(out + oc, left);
        gr_vstore_upto(out + oc, sum, left);
    }
}

static void run(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    (void)d;
    job j = {.p = p, .args = args, .dy = gr_source_of_dy(args), .c = make_cut(p)};
    gr_parallel_for(j.c.slices, run_slice, &j);
    gr_parallel_for(j.c.k, add_slices, &j);
}

const gr_conv_algorithm GR_KERNEL(gr_image_weight) = {
    .name = "image_weight",
    .refuses = refuses,
    .packed_size = packed_size,
    .scratch_size = scratch_size,
    .stat_blocks = stat_blocks,
    .pack = pack,
    .run = run,
    .describe = describe,
};
