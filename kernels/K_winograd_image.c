/* Winograd for ResNet's 7x7 over an image in front of a batch norm, forward (winograd_image.h). A row of tiles is transformed, then
 * a few of its tiles at a time go through the points of a panel of channels: products of one row of points are transformed along
 * it while they are in L1, and along the columns on their way out. */
#include <stdio.h>

#include "conv_finish.h"
#include "narrow.h"
#include "winograd_image.h"

enum {
    GROUP = GR_REGISTERS == 32 ? 7 : GR_MR, /* tiles at once, so that what is between the transforms stays in L1 */
    BESIDE = GR_VL / GROUP * GROUP,         /* tiles whose V stands side by side, in a vector */
    PIXELS = GR_IMAGE_TILE * GR_IMAGE_TILE,
    LARGE = 48 << 20 /* bytes of results: no L3 keeps as much until it is read */
};

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *fusion)
{
    if (d != GR_FORWARD)
        return "it is for the forward direction";
    if (fusion == NULL || fusion->stats == NULL || fusion->residual != NULL || fusion->act != GR_ACT_NONE)
        return "no batch norm stands behind";
    return gr_winograd_image_refuses(p, fusion);
}

/* U [panel][row of V][GR_NR] */
static size_t packed_size(const gr_conv_problem *p, gr_direction d)
{
    (void)d;
    const gr_image_cut c = gr_image_cut_of(p);
    return sizeof(float) * (size_t)(c.panels * c.k * GR_NR);
}

/* G of one axis, of four taps `step` apart. */
static void spread_taps(const double *w, int64_t step, double *out, int64_t out_step)
{
    for (int k = 0; k < GR_IMAGE_PAIRS; k++) {
        const double at = GR_IMAGE_AT[k], one = 1.0 / gr_image_divisor(k);
        const double even = (w[0] + at * at * w[2 * step]) * one, odd = (w[step] + at * at * w[3 * step]) * at * one;
        out[2 * k * out_step] = odd + even, out[(2 * k + 1) * out_step] = odd - even;
    }
    out[6 * out_step] = w[3 * step];
}

/* U of one phase of rows and of columns, one channel of the image and one of the results: to[i * 7 + j]. */
static void spread_phase(const gr_conv_problem *p, const float *weights, int64_t up, int64_t left, double *to)
{
    double taps[4][4], rows[4][GR_IMAGE_POINTS];
    for (int64_t h = 0; h < 4; h++)
        for (int64_t w = 0; w < 4; w++) {
            const int64_t kh = 2 * h + up, kw = 2 * w + left;
            const bool inside = kh < GR_IMAGE_TAPS && kw < GR_IMAGE_TAPS;
            taps[h][w] = inside ? (double)weights[(kh * GR_IMAGE_TAPS + kw) * p->c * p->oc] : 0.0;
        }
    for (int h = 0; h < 4; h++)
        spread_taps(taps[h], 1, rows[h], 1);
    for (int j = 0; j < GR_IMAGE_POINTS; j++)
        spread_taps(&rows[0][j], GR_IMAGE_POINTS, to + j, GR_IMAGE_POINTS);
}

typedef struct packing {
    const gr_conv_problem *p;
    const float *weights;
    float *packed;
} packing;

static void pack_channel(void *ctx, int64_t oc, int thread)
{
    (void)thread;
    const packing *j = ctx;
    const int64_t c = j->p->c;
    float *out = j->packed + oc / GR_NR * GR_IMAGE_ROWS * c * GR_NR + oc % GR_NR;
    for (int64_t ch = 0; ch < c; ch++)
        for (int64_t phases = 0; phases < 4; phases++) {
            const int64_t up = phases / 2, left = phases % 2;
            double u[GR_IMAGE_POINTS * GR_IMAGE_POINTS] = {0};
            if (oc < j->p->oc)
                spread_phase(j->p, j->weights + ch * j->p->oc + oc, up, left, u);
            for (int at = 0; at < GR_IMAGE_POINTS * GR_IMAGE_POINTS; at++) {
                const int row = at / GR_IMAGE_POINTS, col = at % GR_IMAGE_POINTS;
                if (up < gr_image_phases(row) && left < gr_image_phases(col))
                    out[(gr_image_row(c, row, col) + (up * gr_image_phases(col) + left) * c + ch) * GR_NR] = (float)u[at];
            }
        }
}

static void pack(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed)
{
    (void)d;
    packing j = {p, weights, packed};
    gr_parallel_for(gr_round_up(p->oc, GR_NR), pack_channel, &j);
}

/* What a thread keeps: V, room to make it, and a group's numbers between the two transforms. */
typedef struct own {
    float *v, *room, *half;
} own;

static size_t v_floats(const gr_image_cut *c)
{
    return (size_t)(gr_blocks(c->chunk, BESIDE) * c->k * GR_VL);
}

static size_t thread_floats(const gr_conv_problem *p, const gr_image_cut *c)
{
    const size_t half = GR_IMAGE_POINTS * GR_IMAGE_TILE * GROUP * GR_NR;
    return (v_floats(c) + GR_KERNEL(gr_image_room)(p) + half + 15) / 16 * 16;
}

static size_t scratch_size(const gr_conv_problem *p, gr_direction d, int threads)
{
    (void)d;
    const gr_image_cut c = gr_image_cut_of(p);
    return sizeof(float) * thread_floats(p, &c) * (size_t)threads;
}

static int64_t stat_blocks(const gr_conv_problem *p, gr_direction d)
{
    (void)d;
    return gr_image_cut_of(p).rows;
}

static void describe(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    (void)d;
    const gr_image_cut c = gr_image_cut_of(p);
    snprintf(text, size, "F(4x4,7x7) of stride 2, %lld rows of %lld tiles, %d tiles x %d channels", (long long)c.rows,
             (long long)c.wide, GROUP, GR_NR);
}

typedef struct job {
    const gr_conv_problem *p;
    const gr_conv_args *args;
    const gr_conv_fusion *f;
    gr_image_cut c;
    bool stream; /* results go past the caches */
} job;

/* One point's products for `rows` tiles, a constant at each call. */
GR_INLINE void multiply(const float *v, const float *u, int64_t depth, const int rows, float *m)
{
    gr_vf low[GROUP], high[GROUP];
#pragma GCC unroll 7
    for (int r = 0; r < rows; r++)
        low[r] = high[r] = gr_vzero();
    for (; depth > 0; depth--, v += GR_VL, u += GR_NR) {
        const gr_vf u0 = gr_vload(u), u1 = gr_vload(u + GR_VL);
#pragma GCC unroll 7
        for (int r = 0; r < rows; r++) {
            const gr_vf pixel = gr_vset(v[r]);
            low[r] = gr_vfma(pixel, u0, low[r]);
            high[r] = gr_vfma(pixel, u1, high[r]);
        }
    }
#pragma GCC unroll 7
    for (int r = 0; r < rows; r++) {
        gr_vstore(m + r * GR_NR, low[r]);
        gr_vstore(m + r * GR_NR + GR_VL, high[r]);
    }
}

/* half[point of rows][column of the tile][tile][channel] */
GR_INLINE void run_points(int64_t channels, const float *v, const float *u, const int rows, float *half)
{
    _Alignas(64) float m[GR_IMAGE_POINTS][GROUP * GR_NR];
    for (int i = 0; i < GR_IMAGE_POINTS; i++, half += GR_IMAGE_TILE * GROUP * GR_NR) {
        for (int j = 0; j < GR_IMAGE_POINTS; j++) {
            const int64_t depth = gr_image_depth(channels, i, j);
            multiply(v, u, depth, rows, m[j]);
            v += depth * GR_VL, u += depth * GR_NR;
        }
        for (int at = 0; at < rows * GR_NR; at += GR_VL) {
            gr_vf in[GR_IMAGE_POINTS], out[GR_IMAGE_TILE];
#pragma GCC unroll 7
            for (int j = 0; j < GR_IMAGE_POINTS; j++)
                in[j] = gr_vload(m[j] + at);
            gr_image_results(in, out);
#pragma GCC unroll 4
            for (int col = 0; col < GR_IMAGE_TILE; col++)
                gr_vstore(half + col * GROUP * GR_NR + at, out[col]);
        }
    }
}

#define ROWS(r)                                                                                                             \
    case r:                                                                                                                 \
        run_points(channels, v, u, r <= GROUP ? r : 1, half);                                                               \
        break;

static void run_group(int64_t channels, const float *v, const float *u, int64_t tiles, float *half)
{
    switch (tiles) {
        ROWS(1) ROWS(2) ROWS(3) ROWS(4) ROWS(5) ROWS(6) ROWS(7)
    }
}

/* The rows of one column of a tile: out[row], GR_NR channels each. */
GR_INLINE void last_transform(const float *half, gr_vf *low, gr_vf *high)
{
    gr_vf in[GR_IMAGE_POINTS];
#pragma GCC unroll 7
    for (int i = 0; i < GR_IMAGE_POINTS; i++)
        in[i] = gr_vload(half + i * GR_IMAGE_TILE * GROUP * GR_NR);
    gr_image_results(in, low);
#pragma GCC unroll 7
    for (int i = 0; i < GR_IMAGE_POINTS; i++)
        in[i] = gr_vload(half + i * GR_IMAGE_TILE * GROUP * GR_NR + GR_VL);
    gr_image_results(in, high);
}

/* Where a group stands. */
typedef struct place {
    int64_t row, tile, tiles, channel;
} place;

/* A bias and a batch norm's sums of one panel. */
typedef struct counted {
    gr_vf bias[2], sum[2], squares[2];
} counted;

/* A pixel's two vectors. */
GR_INLINE void put_pixel(void *out, const gr_vf *value, const bool stream, const bool narrow)
{
    if (narrow) {
        gr_vstore_words_pair(out, value[0], value[1], stream);
        return;
    }
#pragma GCC unroll 2
    for (int k = 0; k < 2; k++)
        if (stream)
            gr_vstream((float *)out + k * GR_VL, value[k]);
        else
            gr_vstore((float *)out + k * GR_VL, value[k]);
}

/* A tile that is whole in all directions goes from the registers to where it belongs; `pixel` and `line` in bytes. */
GR_INLINE void put_tile(const float *half, char *out, int64_t pixel, int64_t line, const bool stream, const bool narrow, counted *n)
{
#pragma GCC unroll 1
    for (int col = 0; col < GR_IMAGE_TILE; col++, out += pixel) {
        gr_vf y[2][GR_IMAGE_TILE];
        last_transform(half + col * GROUP * GR_NR, y[0], y[1]);
#pragma GCC unroll 4
        for (int row = 0; row < GR_IMAGE_TILE; row++) {
            gr_vf value[2];
#pragma GCC unroll 2
            for (int k = 0; k < 2; k++) {
                value[k] = y[k][row] + n->bias[k];
                n->sum[k] += value[k];
                n->squares[k] = gr_vfma(value[k], value[k], n->squares[k]);
            }
            put_pixel(out + row * line, value, stream, narrow);
        }
    }
}

static void put_whole(const job *j, const float *half, char *out, int64_t pixel, int64_t line, counted *n)
{
    if (j->p->narrow.y && j->stream)
        put_tile(half, out, pixel, line, true, true, n);
    else if (j->p->narrow.y)
        put_tile(half, out, pixel, line, false, true, n);
    else if (j->stream)
        put_tile(half, out, pixel, line, true, false, n);
    else
        put_tile(half, out, pixel, line, false, false, n);
}

/* Results that are finished where they stand, y[count][GR_NR], rounded to where they belong. */
static void put_narrow(const job *j, float *y, const int64_t *places, int64_t count, int64_t columns)
{
    for (int64_t r = 0; r < count; r++)
        for (int64_t at = 0; at < columns; at += GR_VL)
            gr_vstore_as(j->args->out, places[r] + at, gr_vload(y + r * GR_NR + at), columns - at, true);
}

/* A tile that hangs over an edge, or a panel that is not whole. */
static void put_part(const job *j, const gr_finish *finish, const place *at, int64_t tile, const float *half)
{
    const gr_conv_problem *p = j->p;
    _Alignas(64) float y[PIXELS * GR_NR];
    float *out[PIXELS];
    int64_t places[PIXELS], count = 0;
    const int64_t columns = gr_least(GR_NR, p->oc - at->channel);
    const int64_t image = at->row / j->c.high, top = at->row % j->c.high * GR_IMAGE_TILE, left = tile * GR_IMAGE_TILE;
    for (int64_t col = 0; col < GR_IMAGE_TILE && left + col < p->ow; col++) {
        gr_vf low[GR_IMAGE_TILE], high[GR_IMAGE_TILE];
        last_transform(half + col * GROUP * GR_NR, low, high);
        for (int64_t row = 0; row < GR_IMAGE_TILE && top + row < p->oh; row++) {
            gr_vstore(y + count * GR_NR, low[row]);
            gr_vstore(y + count * GR_NR + GR_VL, high[row]);
            places[count] = ((image * p->oh + top + row) * p->ow + left + col) * p->oc + at->channel;
            out[count] = p->narrow.y ? y + count * GR_NR : j->args->out + places[count];
            count++;
        }
    }
    if (p->narrow.y) {
        GR_KERNEL(gr_finish_tile)(finish, out, count, 0, at->channel, columns);
        put_narrow(j, y, places, count, columns);
    } else {
        GR_KERNEL(gr_finish_move)(finish, y, GR_NR, out, count, 0, at->channel, columns, j->stream);
    }
}

static void put_group(const job *j, const gr_finish *finish, const place *at, const float *half)
{
    const gr_conv_problem *p = j->p;
    const int64_t image = at->row / j->c.high, top = at->row % j->c.high * GR_IMAGE_TILE;
    const int64_t pixel = p->oc * (p->narrow.y ? 2 : 4);
    const bool panel = top + GR_IMAGE_TILE <= p->oh && at->channel + GR_NR <= p->oc;
    counted n;
    for (int k = 0; k < 2; k++) {
        n.bias[k] = panel && j->f->bias != NULL ? gr_vload(j->f->bias + at->channel + k * GR_VL) : gr_vzero();
        n.sum[k] = n.squares[k] = gr_vzero();
    }
    for (int64_t t = 0; t < at->tiles; t++, half += GR_NR) {
        const int64_t left = (at->tile + t) * GR_IMAGE_TILE;
        const int64_t first = ((image * p->oh + top) * p->ow + left) * p->oc + at->channel;
        if (!panel || left + GR_IMAGE_TILE > p->ow)
            put_part(j, finish, at, at->tile + t, half);
        else
            put_whole(j, half, (char *)j->args->out + first * (p->narrow.y ? 2 : 4), pixel, p->ow * pixel, &n);
    }
    for (int k = 0; k < 2 && panel && finish->stats != NULL; k++) { /* none where a map is made again */
        float *sums = finish->stats + at->channel + k * GR_VL, *squares = sums + p->oc;
        gr_vstore(sums, gr_vload(sums) + n.sum[k]);
        gr_vstore(squares, gr_vload(squares) + n.squares[k]);
    }
}

static void run_row(void *ctx, int64_t row, int thread)
{
    const job *j = ctx;
    const gr_image_cut *c = &j->c;
    own o = {.v = (float *)j->args->scratch + thread_floats(j->p, c) * (size_t)thread};
    o.half = o.v + v_floats(c), o.room = o.half + GR_IMAGE_POINTS * GR_IMAGE_TILE * GROUP * GR_NR;
    const gr_finish finish = GR_KERNEL(gr_finish_begin)(j->f, GR_FORWARD, j->args->out, j->p->oc, row, 0, j->p->oc);
    for (int64_t first = 0; first < c->wide; first += c->chunk) {
        const int64_t count = gr_least(c->chunk, c->wide - first);
        const gr_image_stretch s = {row, first, count, BESIDE, c->k * GR_VL, GR_VL};
        GR_KERNEL(gr_image_tiles)(j->p, c, j->args->x, &s, o.room, o.v);
        for (int64_t t = 0; t < count; t += GROUP)
            for (int64_t panel = 0; panel < c->panels; panel++) {
                const place at = {row, first + t, gr_least(GROUP, count - t), panel * GR_NR};
                const float *v = o.v + t / BESIDE * c->k * GR_VL + t % BESIDE, *u = j->args->packed;
                run_group(j->p->c, v, u + panel * c->k * GR_NR, at.tiles, o.half);
                put_group(j, &finish, &at, o.half);
            }
    }
    if (j->stream)
        gr_vstream_end();
}

static void run(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    (void)d;
    job j = {.p = p, .args = args, .f = args->fusion != NULL ? args->fusion : &gr_no_fusion, .c = gr_image_cut_of(p)};
    const int64_t count = p->n * p->oh * p->ow * p->oc;
    if (p->narrow.y)
        j.stream = gr_streams_narrow(args->out, count, p->oc);
    else
        j.stream = GR_VL >= 8 && p->oc % GR_NR == 0 && (uintptr_t)args->out % 64 == 0 && count * (int64_t)sizeof(float) >= LARGE;
    gr_parallel_for(j.c.rows, run_row, &j);
}

const gr_conv_algorithm GR_KERNEL(gr_winograd_image) = {
    .name = "winograd_image",
    .refuses = refuses,
    .packed_size = packed_size,
    .scratch_size = scratch_size,
    .stat_blocks = stat_blocks,
    .pack = pack,
    .run = run,
    .describe = describe,
};
