/* Winograd along one axis, weight direction. What forward computes is bilinear, y = A [(G w) . (B x)], so its gradient is
 *
 *   dw = G^T sum over tiles of (B x) (A^T dy)^T
 *
 * a product of channels by channels for each point, summed over the tiles. A task has some lines and some input channels: it
 * transforms as many lines at once as the tiles of a chunk, and adds their products to its own sums. These are added up in their
 * order. */
#include "winograd_line.h"

enum {
    CHUNK = 64,       /* tiles at once, about */
    BAND = 96,        /* input channels of a task at most */
    SLICES = 8,
    SLICE_TILES = 256 /* of a slice at least, so that its sums are worth writing */
};

typedef struct cut {
    gr_lines l;
    int64_t band, bands;
    int64_t slice, slices; /* lines of a slice */
    int64_t chunk;         /* lines at once */
    int64_t dy_lda;
} cut;

static cut make_cut(const gr_conv_problem *p)
{
    cut c = {.l = GR_KERNEL(gr_lines_make)(p, GR_BACKWEIGHT)};
    c.bands = gr_blocks(p->c, BAND);
    c.band = gr_round_up(gr_blocks(p->c, c.bands), GR_MR);
    c.bands = gr_blocks(p->c, c.band);
    c.slices = gr_most(1, gr_least(SLICES, c.l.lines * c.l.tiles / SLICE_TILES));
    c.slice = gr_blocks(c.l.lines, c.slices);
    c.slices = gr_blocks(c.l.lines, c.slice);
    c.chunk = gr_most(1, CHUNK / c.l.tiles);
    c.l.in_lda = gr_row_stride(c.band);
    c.dy_lda = gr_row_stride(p->oc);
    return c;
}

static int64_t chunk_tiles(const cut *c)
{
    return c->chunk * c->l.tiles;
}

/* [point][C][OC], to whole vectors */
static int64_t sums_floats(const cut *c)
{
    return gr_round_up(c->l.points * c->l.v.in_c * c->l.v.out_c, 16);
}

/* A line of x and one of dy as they are read; a chunk of both, transformed. */
static int64_t x_floats(const cut *c)
{
    return (c->l.patch + c->l.points * chunk_tiles(c)) * c->l.in_lda;
}

static int64_t dy_floats(const cut *c)
{
    return c->l.tiles * GR_LINE_OUTS * c->dy_lda + c->l.points * c->l.v.panels * GR_NR * chunk_tiles(c);
}

size_t GR_KERNEL(gr_line_weight_scratch)(const gr_conv_problem *p, int threads)
{
    const cut c = make_cut(p);
    return sizeof(float) * (size_t)(sums_floats(&c) * c.slices + (x_floats(&c) + dy_floats(&c)) * threads);
}

typedef struct job {
    cut c;
    const gr_conv_args *args;
    gr_source x, dy;
    float *own; /* the threads' memory */
} job;

/* A^T dy of one tile, a vector of channels. */
GR_INLINE void transform(const int taps, const int points, const float *dy, int64_t lda, float *w, int64_t step)
{
    gr_vf in[GR_LINE_OUTS];
#pragma GCC unroll 4
    for (int i = 0; i < GR_LINE_OUTS; i++)
        in[i] = gr_vload(dy + i * lda);
#pragma GCC unroll 10
    for (int k = 0; k < points; k++) {
        gr_vf sum = gr_vzero();
#pragma GCC unroll 4
        for (int i = 0; i < GR_LINE_OUTS; i++)
            if (gr_line_a(taps, i, k) != 0.0f)
                sum = gr_vfma(in[i], gr_vset(gr_line_a(taps, i, k)), sum);
        gr_vstore(w + k * step, sum);
    }
}

/* Reads a line of dy into patch, where zeros stand behind its end, and transforms its tiles, the first of which is number `tile`
 * of the chunk: w[point][panel][tile][GR_NR]. */
static void read_dy(const job *j, int64_t line, int64_t tile, float *patch, float *w)
{
    const cut *c = &j->c;
    const gr_lines *l = &c->l;
    const int64_t oc = l->v.out_c, panel = chunk_tiles(c) * GR_NR, step = l->v.panels * panel;
    GR_KERNEL(gr_source_block)(&j->dy, gr_line_begin(l, line, l->results) * oc, gr_line_step(l) * oc, 0, l->results, oc, patch,
                               c->dy_lda);
    for (int64_t i = 0; i < l->tiles; i++, patch += GR_LINE_OUTS * c->dy_lda)
        for (int64_t at = 0; at < l->v.panels * GR_NR; at += GR_VL) {
            float *out = w + at / GR_NR * panel + (tile + i) * GR_NR + at % GR_NR;
            if (l->taps == 7)
                transform(7, 10, patch + at, c->dy_lda, out, step);
            else
                transform(3, 6, patch + at, c->dy_lda, out, step);
        }
}

/* What a chunk adds to the sums of `channels` input channels, which begin at `sums` for each point. */
static void multiply(const job *j, int64_t channels, int64_t tiles, const float *v, const float *w, float *sums, bool add)
{
    const cut *c = &j->c;
    const int64_t oc = c->l.v.out_c, in_c = c->l.v.in_c, panel = chunk_tiles(c) * GR_NR;
    float *out[GR_MR];
    gr_tile t = {.runs = 1, .k = tiles, .lda = c->l.in_lda, .out = out, .add = add};
    for (int64_t point = 0; point < c->l.points; point++, v += chunk_tiles(c) * c->l.in_lda, w += c->l.v.panels * panel)
        for (int64_t row = 0; row < channels; row += GR_MR) {
            const int64_t rows = gr_least(GR_MR, channels - row);
            for (int64_t r = 0; r < rows; r++)
                out[r] = sums + (point * in_c + row + r) * oc;
            for (int64_t column = 0; column < oc; column += GR_NR) {
                t.a = v + row, t.b = w + column / GR_NR * panel, t.fetch = (const char *)t.b;
                t.column = column, t.columns = gr_least(GR_NR, oc - column);
                for (int64_t r = 0; r < rows && add; r++)
                    __builtin_prefetch(out[r] + column, 1);
                GR_KERNEL(gr_tile_columns)(&t, rows);
            }
        }
}

static void run_task(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const cut *c = &j->c;
    const gr_lines *l = &c->l;
    const int64_t channel = index % c->bands * c->band, channels = gr_least(c->band, l->v.in_c - channel);
    const int64_t slice = index / c->bands, begin = slice * c->slice, end = gr_least(begin + c->slice, l->lines);
    float *x = j->own + (x_floats(c) + dy_floats(c)) * thread, *v = x + l->patch * l->in_lda;
    float *dy = x + x_floats(c), *w = dy + l->tiles * GR_LINE_OUTS * c->dy_lda;
    float *sums = (float *)j->args->scratch + sums_floats(c) * slice + channel * l->v.out_c;
    memset(x, 0, sizeof *x * (size_t)(l->patch * l->in_lda));
    memset(dy, 0, sizeof *dy * (size_t)(l->tiles * GR_LINE_OUTS * c->dy_lda));
    for (int64_t line = begin; line < end; line += c->chunk) {
        const int64_t lines = gr_least(c->chunk, end - line);
        for (int64_t i = 0; i < lines; i++) {
            GR_KERNEL(gr_line_read)(l, &j->x, line + i, channel, channels, x, chunk_tiles(c), v + i * l->tiles * l->in_lda);
            read_dy(j, line + i, i * l->tiles, dy, w);
        }
        multiply(j, channels, lines * l->tiles, v, w, sums, line > begin);
    }
}

/* G^T of the sums of all slices, for one input channel. */
static void add_slices(void *ctx, int64_t channel, int thread)
{
    (void)thread;
    const job *j = ctx;
    const gr_lines *l = &j->c.l;
    const int64_t oc = l->v.out_c, in_c = l->v.in_c, step = sums_floats(&j->c);
    for (int64_t at = 0; at < oc; at += GR_VL) {
        const int64_t count = oc - at;
        gr_vf dw[7];
        for (int64_t tap = 0; tap < l->taps; tap++)
            dw[tap] = gr_vzero();
        for (int64_t point = 0; point < l->points; point++) {
            const float *sums = (const float *)j->args->scratch + (point * in_c + channel) * oc + at;
            gr_vf sum = gr_vload_upto(sums, count);
            for (int64_t slice = 1; slice < j->c.slices; slice++)
                sum += gr_vload_upto(sums + slice * step, count);
            for (int64_t tap = 0; tap < l->taps; tap++)
                dw[tap] = gr_vfma(sum, gr_vset(gr_line_g(l->taps, point, tap)), dw[tap]);
        }
        for (int64_t tap = 0; tap < l->taps; tap++) {
            float *out = j->args->out + (tap * in_c + channel) * oc + at;
            gr_vstore_upto(out, j->args->accumulate ? gr_vload_upto(out, count) + dw[tap] : dw[tap], count);
        }
    }
}

void GR_KERNEL(gr_line_weight)(const gr_conv_problem *p, const gr_conv_args *args)
{
    job j = {.c = make_cut(p), .args = args, .x = gr_source_of_x(args), .dy = gr_source_of_dy(args)};
    j.own = (float *)args->scratch + sums_floats(&j.c) * j.c.slices;
    gr_parallel_for(j.c.slices * j.c.bands, run_task, &j);
    gr_parallel_for(p->c, add_slices, &j);
}
