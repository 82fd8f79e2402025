/* The weight gradient of ResNet's 7x7 over an image, by Winograd (winograd_image.h). A row of tiles of the image is transformed,
 * and, a panel of channels at a time, the gradient of its results; their products are added up by point.
 *
 * Rows of tiles are cut into slices that follow from the shape; each has sums of its own, which are added in their order. */
#include <stdio.h>

#include "winograd_image.h"

enum {
    SLICES = 48,
    SLICE_MIN = 112,                              /* tiles, so that a slice's sums are worth adding up */
    LONG = GR_IMAGE_MOST * GR_IMAGE_TILE + 1,     /* room for results of a row; odd, so that rows share few places in L1 */
    POINT = (GR_IMAGE_MOST | 1) * GR_NR,          /* numbers of a point, likewise */
    ALL_POINTS = GR_IMAGE_POINTS * GR_IMAGE_POINTS
};

typedef struct cut {
    gr_image_cut image;
    int64_t slice, slices; /* rows of tiles of a slice; how many slices */
} cut;

static cut make_cut(const gr_conv_problem *p)
{
    cut c = {.image = gr_image_cut_of(p)};
    const int64_t most = gr_most(1, gr_least(SLICES, c.image.rows * c.image.wide / SLICE_MIN));
    c.slice = gr_blocks(c.image.rows, most);
    c.slices = gr_blocks(c.image.rows, c.slice);
    return c;
}

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *fusion)
{
    if (d != GR_BACKWEIGHT)
        return "it is for the weight direction";
    return gr_winograd_image_refuses(p, fusion);
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

/* [panel][row of V][GR_NR] */
static size_t slice_floats(const cut *c)
{
    return (size_t)(c->image.panels * c->image.k * GR_NR);
}

/* What a thread keeps: V, the gradient of a panel as it is read [row][result][channel], and transformed [point][tile][channel]. */
typedef struct own {
    float *v, *room, *dy, *spread;
} own;

static size_t thread_floats(const gr_conv_problem *p, const cut *c)
{
    const size_t v = (size_t)c->image.k * GR_IMAGE_TILES, dy = GR_IMAGE_TILE * LONG * GR_NR;
    return (v + dy + ALL_POINTS * POINT + GR_KERNEL(gr_image_room)(p) + 15) / 16 * 16;
}

static own own_of(const gr_conv_problem *p, const cut *c, float *scratch, int thread)
{
    own o = {.dy = scratch + slice_floats(c) * (size_t)c->slices + thread_floats(p, c) * (size_t)thread};
    o.spread = o.dy + GR_IMAGE_TILE * LONG * GR_NR;
    o.v = o.spread + ALL_POINTS * POINT;
    o.room = o.v + c->image.k * GR_IMAGE_TILES;
    return o;
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
    snprintf(text, size, "F(7x7,4x4) of stride 2, %lld slices of %lld rows of %lld tiles", (long long)c.slices, (long long)c.slice,
             (long long)c.image.wide);
}

typedef struct job {
    const gr_conv_problem *p;
    const gr_conv_args *args;
    gr_source dy;
    cut c;
} job;

/* A strip of channels, up to GR_NR, of pixels that may be narrow. */
static void read_narrow(const gr_source *s, const gr_strip *t)
{
    for (int64_t i = 0; i < t->pixels; i++)
        for (int64_t c = 0; c < t->count; c += GR_VL)
            gr_vstore(t->out + i * t->out_step + c,
                      gr_stored_read(s, t->at + i * t->step + c, t->channel + c, gr_least(GR_VL, t->count - c)));
}

/* The stretch's gradient of one panel, with zeros where there is no result. */
static void read_gradient(const job *j, const gr_image_stretch *s, int64_t channel, float *to)
{
    const gr_conv_problem *p = j->p;
    const int64_t image = s->row / j->c.image.high, top = s->row % j->c.image.high * GR_IMAGE_TILE, left = s->first * GR_IMAGE_TILE;
    const int64_t all = s->count * GR_IMAGE_TILE, real = gr_least(all, p->ow - left);
    for (int64_t row = 0; row < GR_IMAGE_TILE; row++, to += LONG * GR_NR) {
        if (top + row >= p->oh) {
            memset(to, 0, sizeof *to * (size_t)(all * GR_NR));
            continue;
        }
        const gr_strip strip = {.at = ((image * p->oh + top + row) * p->ow + left) * p->oc + channel,
                                .step = p->oc,
                                .pixels = real,
                                .channel = channel,
                                .count = gr_least(GR_NR, p->oc - channel),
                                .out = to,
                                .out_step = GR_NR};
        (j->dy.narrow || j->dy.other_narrow ? read_narrow : GR_KERNEL(gr_source_strip))(&j->dy, &strip);
        memset(to + real * GR_NR, 0, sizeof *to * (size_t)((all - real) * GR_NR));
    }
}

/* G dy G^T of one tile and one vector of channels. */
GR_INLINE void spread_tile(const float *dy, float *out)
{
    gr_vf rows[GR_IMAGE_TILE][GR_IMAGE_POINTS];
#pragma GCC unroll 4
    for (int row = 0; row < GR_IMAGE_TILE; row++) {
        gr_vf in[GR_IMAGE_TILE];
#pragma GCC unroll 4
        for (int col = 0; col < GR_IMAGE_TILE; col++)
            in[col] = gr_vload(dy + (row * LONG + col) * GR_NR);
        gr_image_spread(in, rows[row]);
    }
#pragma GCC unroll 7
    for (int j = 0; j < GR_IMAGE_POINTS; j++) {
        const gr_vf in[GR_IMAGE_TILE] = {rows[0][j], rows[1][j], rows[2][j], rows[3][j]};
        gr_vf points[GR_IMAGE_POINTS];
        gr_image_spread(in, points);
#pragma GCC unroll 7
        for (int i = 0; i < GR_IMAGE_POINTS; i++)
            gr_vstore(out + (i * GR_IMAGE_POINTS + j) * POINT, points[i]);
    }
}

static void spread_gradient(const float *dy, int64_t tiles, float *out)
{
    for (int64_t t = 0; t < tiles; t++, dy += GR_IMAGE_TILE * GR_NR, out += GR_NR)
        for (int at = 0; at < GR_NR; at += GR_VL)
            spread_tile(dy + at, out + at);
}

/* Some rows of V times all tiles' gradient at their point, added to sums. `rows` is a constant at each call. Each step asks for
 * a line of cache that will be read soon. */
GR_INLINE void multiply(const float *v, const float *dy, int64_t tiles, const int rows, const char *fetch, int64_t fetch_step,
                        float *sums)
{
    gr_vf low[GR_MR], high[GR_MR];
#pragma GCC unroll 14
    for (int r = 0; r < rows; r++)
        low[r] = high[r] = gr_vzero();
    for (int64_t t = 0; t < tiles; t++, dy += GR_NR, fetch += fetch_step) {
        __builtin_prefetch(fetch, 0, 2);
        const gr_vf dy0 = gr_vload(dy), dy1 = gr_vload(dy + GR_VL);
#pragma GCC unroll 14
        for (int r = 0; r < rows; r++) {
            const gr_vf pixel = gr_vset(v[r * GR_IMAGE_TILES + t]);
            low[r] = gr_vfma(pixel, dy0, low[r]);
            high[r] = gr_vfma(pixel, dy1, high[r]);
        }
    }
#pragma GCC unroll 14
    for (int r = 0; r < rows; r++, sums += GR_NR) {
        gr_vstore(sums, gr_vload(sums) + low[r]);
        gr_vstore(sums + GR_VL, gr_vload(sums + GR_VL) + high[r]);
    }
}

#define ROWS(r)                                                                                                             \
    case r:                                                                                                                 \
        multiply(v, dy, tiles, r <= GR_MR ? r : 1, fetch, fetch_step, sums);                                                \
        break;

static void multiply_rows(const float *v, const float *dy, int64_t tiles, int64_t rows, const char *fetch, int64_t fetch_step,
                          float *sums)
{
    switch (rows) {
        ROWS(1) ROWS(2) ROWS(3) ROWS(4) ROWS(5) ROWS(6) ROWS(7) ROWS(8)
        ROWS(9) ROWS(10) ROWS(11) ROWS(12) ROWS(13) ROWS(14)
    }
}

/* What product number `turn` of a panel asks for, a pixel each step, from number `next` of dy on: a quarter of a row of dy, later
 * of the tensor that completes it. Little by little, for asked in one go the lines would fill the queue of misses. */
static const char *read_soon(const job *j, const gr_image_stretch *s, int64_t next, int64_t turn)
{
    const gr_conv_problem *p = j->p;
    const int64_t quarters = GR_IMAGE_TILE * GR_IMAGE_TILE, quarter = turn % quarters;
    const float *tensor = turn < quarters ? j->dy.data : turn < 2 * quarters ? j->dy.other : NULL;
    const int64_t pixel = quarter / GR_IMAGE_TILE * p->ow + quarter % GR_IMAGE_TILE * s->count;
    const int64_t at = next + pixel * p->oc, end = at + s->count * p->oc;
    const bool inside = tensor != NULL && end <= p->n * p->oh * p->ow * p->oc;
    return inside ? gr_number_at(tensor, at, turn < quarters ? j->dy.narrow : j->dy.other_narrow) : NULL;
}

static void multiply_points(const job *j, const gr_image_stretch *s, const own *o, int64_t next, float *sums)
{
    const float *v = o->v, *dy = o->spread;
    int64_t turn = 0;
    for (int point = 0; point < ALL_POINTS; point++, dy += POINT) {
        const int64_t depth = gr_image_depth(j->p->c, point / GR_IMAGE_POINTS, point % GR_IMAGE_POINTS);
        const int64_t parts = gr_blocks(depth, GR_MR);
        for (int64_t part = 0; part < parts; part++, turn++) {
            const int64_t rows = depth * (part + 1) / parts - depth * part / parts;
            const char *fetch = read_soon(j, s, next, turn);
            multiply_rows(v, dy, s->count, rows, fetch != NULL ? fetch : (const char *)dy,
                          fetch != NULL ? j->p->oc * (j->dy.narrow ? 2 : 4) : 0, sums);
            v += rows * GR_IMAGE_TILES, sums += rows * GR_NR;
        }
    }
}

/* Where in dy the gradient stands that is read behind a panel's: of the same results in the next one, or of the next row. */
static int64_t next_gradient(const job *j, const gr_image_stretch *s, int64_t panel)
{
    const gr_conv_problem *p = j->p;
    const int64_t high = j->c.image.high, row = s->row + (panel + 1 == j->c.image.panels);
    const int64_t line = row / high * p->oh + row % high * GR_IMAGE_TILE;
    return (line * p->ow + s->first * GR_IMAGE_TILE) * p->oc + (panel + 1) % j->c.image.panels * GR_NR;
}

static void run_stretch(const job *j, const gr_image_stretch *s, const own *o, float *sums)
{
    GR_KERNEL(gr_image_tiles)(j->p, &j->c.image, j->args->x, s, o->room, o->v);
    for (int64_t panel = 0; panel < j->c.image.panels; panel++, sums += j->c.image.k * GR_NR) {
        read_gradient(j, s, panel * GR_NR, o->dy);
        spread_gradient(o->dy, s->count, o->spread);
        multiply_points(j, s, o, next_gradient(j, s, panel), sums);
    }
}

static void run_slice(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const cut *c = &j->c;
    const own o = own_of(j->p, c, j->args->scratch, thread);
    float *sums = (float *)j->args->scratch + slice_floats(c) * (size_t)index;
    memset(sums, 0, sizeof *sums * slice_floats(c));
    const int64_t end = gr_least((index + 1) * c->slice, c->image.rows);
    for (int64_t row = index * c->slice; row < end; row++)
        for (int64_t first = 0; first < c->image.wide; first += c->image.chunk) {
            const int64_t count = gr_least(c->image.chunk, c->image.wide - first);
            const gr_image_stretch s = {row, first, count, GR_VL, GR_VL, GR_IMAGE_TILES};
            run_stretch(j, &s, &o, sums);
        }
}

/* One vector of channels of one channel of the image, in one phase of rows and of columns: all points' sums over the slices. */
static void add_points(const job *j, int64_t oc, int64_t ch, int64_t up, int64_t left, gr_vf sum[ALL_POINTS])
{
    const cut *c = &j->c;
    const float *from = (const float *)j->args->scratch + oc / GR_NR * c->image.k * GR_NR + oc % GR_NR;
    for (int point = 0; point < ALL_POINTS; point++) {
        const int row = point / GR_IMAGE_POINTS, col = point % GR_IMAGE_POINTS;
        sum[point] = gr_vzero();
        if (up >= gr_image_phases(row) || left >= gr_image_phases(col))
            continue;
        const int64_t phase = up * gr_image_phases(col) + left;
        const float *at = from + (gr_image_row(j->p->c, row, col) + phase * j->p->c + ch) * GR_NR;
        for (int64_t slice = 0; slice < c->slices; slice++)
            sum[point] += gr_vload(at + slice_floats(c) * (size_t)slice);
    }
}

static void write_taps(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const job *j = ctx;
    const gr_conv_problem *p = j->p;
    const int64_t up = index / 2 % 2, left = index % 2, ch = index / 4 % p->c, oc = index / 4 / p->c * GR_VL, count = p->oc - oc;
    gr_vf sum[ALL_POINTS], rows[GR_IMAGE_POINTS][GR_IMAGE_TILE];
    add_points(j, oc, ch, up, left, sum);
    for (int i = 0; i < GR_IMAGE_POINTS; i++)
        gr_image_results(sum + i * GR_IMAGE_POINTS, rows[i]);
    for (int64_t kw = left; kw < GR_IMAGE_TAPS; kw += 2) {
        gr_vf in[GR_IMAGE_POINTS], taps[GR_IMAGE_TILE];
        for (int i = 0; i < GR_IMAGE_POINTS; i++)
            in[i] = rows[i][kw / 2];
        gr_image_results(in, taps);
        for (int64_t kh = up; kh < GR_IMAGE_TAPS; kh += 2) {
            float *out = j->args->out + ((kh * GR_IMAGE_TAPS + kw) * p->c + ch) * p->oc + oc;
            const gr_vf old = j->args->accumulate ? gr_vload_upto(out, count) : gr_vzero();
            gr_vstore_upto(out, old + taps[kh / 2], count);
        }
    }
}

static void run(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    (void)d;
    job j = {.p = p, .args = args, .dy = gr_stored_dy(p, args), .c = make_cut(p)};
    gr_parallel_for(j.c.slices, run_slice, &j);
    gr_parallel_for(gr_blocks(p->oc, GR_VL) * p->c * 4, write_taps, &j);
}

const gr_conv_algorithm GR_KERNEL(gr_winograd_image_weight) = {
    .name = "winograd_image_weight",
    .refuses = refuses,
    .packed_size = packed_size,
    .scratch_size = scratch_size,
    .stat_blocks = stat_blocks,
    .pack = pack,
    .run = run,
    .describe = describe,
};
