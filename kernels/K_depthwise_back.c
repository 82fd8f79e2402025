/* Depthwise convolution, both directions of backward in one pass over the tensors. A row of x at a time:
 *
 *   dx[h,w] = sum over taps of dy[oh,ow] w[kh,kw],   dw[kh,kw] += x[h,w] dy[oh,ow],   h = oh s - p + kh, w = ow s - p + kw
 *
 * so that what is loaded of dy serves both. Rows are changed as they are read (batch norm, activation), once, and kept with
 * their channels apart, [vectors][columns][GR_VL], zeros at both ends: no tap hangs over an edge. A task has a strip of channels
 * and some rows; its sums of dw are added to the others' in their order. */
#include <stdio.h>

#include "back_finish.h"
#include "implicit_gemm.h"
#include "parts.h"

enum {
    BLOCKS = 48,           /* tasks wanted */
    STRIP = 256,           /* channels of one at most */
    ROOM = 64 * 1024,      /* floats of the rows that a task keeps: 256 KB, in L2 */
    WIDEST = 7,            /* taps of a row */
    REDUCE = 1024,         /* numbers of dw that one call adds up */
    TOGETHER = 3           /* rows of up to three taps whose sums stay in registers */
};

/* Everything follows from the shape. */
typedef struct cut {
    int64_t rows, block, blocks;   /* of x; of a task; how many */
    int64_t vectors, strip, strips; /* of channels; of a task; how many */
    int64_t kept;                  /* rows of dy under one of x */
    int64_t before, line;          /* zeros in front of a row of dy; its columns with them and those behind */
} cut;

static cut make_cut(const gr_conv_problem *p)
{
    cut c = {.rows = p->n * p->h, .vectors = gr_blocks(p->c, GR_VL), .kept = gr_blocks(p->kh, p->stride_h)};
    c.before = gr_most(0, gr_blocks(p->kw, p->stride_w) - 1 - p->pad_left / p->stride_w);
    c.line = c.before + gr_most(p->ow, (p->w - 1 + p->pad_left) / p->stride_w + 1);
    const int64_t column = ((c.kept + 1) * c.line + 2 * p->w) * GR_VL; /* floats that one vector of channels takes */
    const int64_t most = gr_most(1, gr_least(STRIP / GR_VL, ROOM / column));
    c.strips = gr_blocks(c.vectors, most);
    c.strip = gr_blocks(c.vectors, c.strips);
    c.strips = gr_blocks(c.vectors, c.strip);
    /* The sums of dw are to be less work than the tensors. */
    const int64_t wanted = gr_least(gr_blocks(BLOCKS, c.strips), gr_most(1, c.rows * p->w / (4 * p->kh * p->kw)));
    c.block = gr_blocks(c.rows, wanted);
    if (c.block < p->h && p->h <= 32 && p->n * c.strips >= 16)
        c.block = p->h; /* rows of dy at a block's edges are read twice */
    c.blocks = gr_blocks(c.rows, c.block);
    return c;
}

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *fusion)
{
    (void)d, (void)fusion;
    if (p->narrow.x || p->narrow.dx || p->narrow.y || p->narrow.dy)
        return "a tensor is stored as bfloat16";
    if (p->groups < 2 || p->groups != p->c || p->c != p->oc)
        return "the channels are not each a group of their own";
    if (p->dil_h != 1 || p->dil_w != 1)
        return "the taps are apart";
    return p->kw > WIDEST || p->kh > WIDEST ? "the kernel is too large" : NULL;
}

static size_t packed_size(const gr_conv_problem *p, gr_direction d)
{
    (void)d;
    return sizeof(float) * (size_t)(make_cut(p).vectors * p->kh * p->kw * GR_VL);
}

/* [vectors][KH][KW][GR_VL] */
static void pack(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed)
{
    (void)d;
    float *out = packed;
    const int64_t taps = p->kh * p->kw;
    for (int64_t v = 0; v * GR_VL < p->c; v++)
        for (int64_t tap = 0; tap < taps; tap++)
            gr_vstore(out + (v * taps + tap) * GR_VL,
                      gr_vload_upto(weights + tap * p->c + v * GR_VL, gr_least(GR_VL, p->c - v * GR_VL)));
}

static size_t block_sums(const gr_conv_problem *p, const cut *c)
{
    return (size_t)(c->vectors * p->kh * p->kw * GR_VL);
}

/* Numbers of rows, each as long as two floats, in whole lines. */
static int64_t held_floats(const cut *c)
{
    return gr_round_up(2 * c->kept, 16);
}

/* Rows of dy and one of zeros, a row of x, of dx for the vectors that are written together, and which rows of dy are there. */
static size_t thread_floats(const gr_conv_problem *p, const cut *c)
{
    const int64_t vectors = (c->kept + 1) * c->line * c->strip + p->w * (c->strip + GR_TOGETHER);
    return (size_t)(gr_round_up(vectors * GR_VL, 16) + held_floats(c));
}

static size_t scratch_size(const gr_conv_problem *p, gr_direction d, int threads)
{
    (void)d;
    cut c = make_cut(p);
    return sizeof(float) * (block_sums(p, &c) * (size_t)c.blocks + thread_floats(p, &c) * (size_t)threads);
}

static int64_t stat_blocks(const gr_conv_problem *p, gr_direction d)
{
    (void)d;
    return make_cut(p).blocks;
}

static void describe(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    (void)d;
    cut c = make_cut(p);
    snprintf(text, size, "%d channels at once, %lld blocks of %lld rows x %lld channels", GR_VL, (long long)(c.blocks * c.strips),
             (long long)c.block, (long long)(c.strip * GR_VL));
}

typedef struct job {
    const gr_conv_problem *p;
    const gr_conv_args *args;
    gr_source x, dy;
    gr_back_finish finish;
    cut c;
} job;

/* A task and what it keeps. */
typedef struct task {
    const job *j;
    int64_t first, vectors; /* of channels */
    int64_t channel, count; /* the same in channels */
    float *dy, *zeros, *x, *dx;
    int64_t *held;    /* [kept]: which row of dy stands in a place */
    float *sums;      /* of dw [vectors][KH KW][GR_VL] */
    gr_back_finish finish;
} task;

/* A row of a tensor [rows][width][C], channels apart, `line` columns for each vector of them. */
static void read_row(const task *t, const gr_source *s, int64_t row, int64_t width, float *out, int64_t line)
{
    const int64_t c = t->j->p->c;
    for (int64_t v = 0; v < t->vectors; v += GR_TOGETHER)
        GR_KERNEL(gr_source_strip)(s, &(gr_strip){.at = row * width * c + t->channel + v * GR_VL,
                                                  .step = c,
                                                  .pixels = width,
                                                  .channel = t->channel + v * GR_VL,
                                                  .count = gr_least(GR_TOGETHER * GR_VL, t->count - v * GR_VL),
                                                  .out = out + v * line * GR_VL,
                                                  .out_step = GR_VL,
                                                  .apart = line * GR_VL});
}

static const float *row_of_dy(task *t, int64_t n, int64_t oh)
{
    const gr_conv_problem *p = t->j->p;
    const cut *c = &t->j->c;
    if (oh < 0 || oh >= p->oh)
        return t->zeros;
    const int64_t row = n * p->oh + oh, place = row % c->kept;
    float *out = t->dy + place * c->line * c->strip * GR_VL;
    if (t->held[place] != row) {
        read_row(t, &t->j->dy, row, p->ow, out + c->before * GR_VL, c->line);
        t->held[place] = row;
    }
    return out;
}

/* Columns of x that the same taps reach, one every `step`, under some rows of dy, for one vector of channels. */
typedef struct span {
    int64_t count, step;
    const float *dy[3];      /* rows, where tap 0 of the first column reads; tap t reads t columns before */
    const float *x;
    float *dx;
    const float *weights;    /* of row 0 and tap 0 */
    float *sums;
    int64_t row_step, tap_step; /* from tap to tap, in both */
    bool begin;                 /* dx holds nothing yet */
    const float *fetch, *fetch_other; /* what will be read soon, a line for each column, fetch_step apart */
    int64_t fetch_step;
} span;

GR_INLINE void run_taps(const span *s, const int rows, const int taps, const bool begin)
{
    const bool held = GR_REGISTERS == 32 || rows * taps <= 6; /* weights in registers too; else they are read where they stand */
    gr_vf w[9], dw[9];
#pragma GCC unroll 3
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 7
        for (int k = 0; k < taps; k++) {
            if (held)
                w[r * taps + k] = gr_vload(s->weights + r * s->row_step + k * s->tap_step);
            dw[r * taps + k] = gr_vload(s->sums + r * s->row_step + k * s->tap_step);
        }
    /* What is stored may be anything, for all the compiler knows: what the loop reads of the span is read before. */
    const float *x = s->x, *fetch = s->fetch, *other = s->fetch_other, *dy[3];
    float *out = s->dx;
    const int64_t count = s->count, step = s->step, fetch_step = s->fetch_step, tap_step = s->tap_step;
    const float *weights[3];
    for (int r = 0; r < rows; r++)
        dy[r] = s->dy[r], weights[r] = s->weights + r * s->row_step;
    for (int64_t i = 0; i < count; i++, x += step, out += step, fetch += fetch_step, other += fetch_step) {
        __builtin_prefetch(fetch, 0, 2);
        __builtin_prefetch(other, 0, 2);
        gr_vf sum = begin ? gr_vzero() : gr_vload(out);
        const gr_vf at = gr_vload(x);
#pragma GCC unroll 3
        for (int r = 0; r < rows; r++)
#pragma GCC unroll 7
            for (int k = 0; k < taps; k++) {
                const gr_vf g = gr_vload(dy[r] + (i - k) * GR_VL);
                sum = gr_vfma(g, held ? w[r * taps + k] : gr_vload(weights[r] + k * tap_step), sum);
                dw[r * taps + k] = gr_vfma(g, at, dw[r * taps + k]);
            }
        gr_vstore(out, sum);
    }
#pragma GCC unroll 3
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 7
        for (int k = 0; k < taps; k++)
            gr_vstore(s->sums + r * s->row_step + k * s->tap_step, dw[r * taps + k]);
}

GR_INLINE void run_span(const span *s, const int rows, const int taps)
{
    if (s->begin)
        run_taps(s, rows, taps, true);
    else
        run_taps(s, rows, taps, false);
}

static void run_rows(const span *s, int64_t rows, int64_t taps)
{
    switch (rows * 8 + taps) {
    case 8 + 1: run_span(s, 1, 1); break;
    case 8 + 2: run_span(s, 1, 2); break;
    case 8 + 3: run_span(s, 1, 3); break;
    case 8 + 4: run_span(s, 1, 4); break;
    case 8 + 5: run_span(s, 1, 5); break;
    case 8 + 6: run_span(s, 1, 6); break;
    case 8 + 7: run_span(s, 1, 7); break;
    case 16 + 1: run_span(s, 2, 1); break;
    case 16 + 2: run_span(s, 2, 2); break;
    case 16 + 3: run_span(s, 2, 3); break;
    case 24 + 1: run_span(s, 3, 1); break;
    case 24 + 2: run_span(s, 3, 2); break;
    case 24 + 3: run_span(s, 3, 3); break;
    default: break;
    }
}

/* Adds one row of x for vector v: columns of each remainder modulo the stride are reached by the same taps. */
static void run_vector(const task *t, int64_t v, float *dx, int64_t row, const float *const *rows, int64_t reach, int64_t next)
{
    const job *j = t->j;
    const gr_conv_problem *p = j->p;
    const int64_t taps = p->kh * p->kw, first_kh = (row % p->h + p->pad_top) % p->stride_h;
    const int64_t columns = gr_least(p->stride_w, p->w);
    for (int64_t w = 0; w < columns; w++) {
        const int64_t kw = (w + p->pad_left) % p->stride_w, wide = kw < p->kw ? gr_blocks(p->kw - kw, p->stride_w) : 0;
        span s = {.count = gr_blocks(p->w - w, p->stride_w), .step = p->stride_w * GR_VL, .begin = true};
        s.x = t->x + (v * p->w + w) * GR_VL, s.dx = dx + w * GR_VL;
        s.row_step = p->stride_h * p->kw * GR_VL, s.tap_step = p->stride_w * GR_VL;
        const int64_t column = v * j->c.line + j->c.before + (w + p->pad_left) / p->stride_w;
        const int64_t together = wide <= 3 ? TOGETHER : 1;
        if (wide == 0 || reach == 0)
            for (int64_t i = 0; i < s.count; i++)
                gr_vstore(s.dx + i * s.step, gr_vzero());
        const int64_t at = next * p->ow * p->c + t->channel + v * GR_VL;
        const bool asks = next >= 0 && w == 0;
        s.fetch = asks ? j->dy.data + at : s.x, s.fetch_other = asks && j->dy.other != NULL ? j->dy.other + at : s.x;
        s.fetch_step = asks ? p->c : 0;
        for (int64_t r = 0; r < reach && wide > 0; r += together, s.begin = false) {
            const int64_t count = gr_least(together, reach - r);
            const int64_t tap = ((first_kh + r * p->stride_h) * p->kw + kw) * GR_VL;
            for (int64_t i = 0; i < count; i++)
                s.dy[i] = rows[r + i] + column * GR_VL;
            s.weights = (const float *)j->args->packed + (t->first + v) * taps * GR_VL + tap;
            s.sums = t->sums + v * taps * GR_VL + tap;
            run_rows(&s, count, wide);
            s.fetch = s.fetch_other = s.x, s.fetch_step = 0; /* once is enough */
        }
    }
}

/* The row of dy that the next row of x reads and this one does not, or -1. */
static int64_t next_of_dy(const task *t, int64_t row)
{
    const job *j = t->j;
    const gr_conv_problem *p = j->p;
    const int64_t oh = ((row + 1) % p->h + p->pad_top) / p->stride_h, next = (row + 1) / p->h * p->oh + oh;
    return row + 1 >= j->c.rows || oh >= p->oh || t->held[next % j->c.kept] == next ? -1 : next;
}

static void run_row(task *t, int64_t row)
{
    const job *j = t->j;
    const gr_conv_problem *p = j->p;
    const float *rows[WIDEST];
    const int64_t n = row / p->h, over = row % p->h + p->pad_top, first_kh = over % p->stride_h;
    const int64_t reach = first_kh < p->kh ? gr_blocks(p->kh - first_kh, p->stride_h) : 0;
    for (int64_t r = 0; r < reach; r++)
        rows[r] = row_of_dy(t, n, over / p->stride_h - r);
    read_row(t, &j->x, row, p->w, t->x, p->w);
    t->finish.fetch = row + 1 < j->c.rows ? j->x.data : NULL, t->finish.ahead = p->w * p->c;
    const int64_t next = next_of_dy(t, row);
    for (int64_t v = 0; v < t->vectors; v += GR_TOGETHER) {
        for (int64_t k = 0; k < gr_least(GR_TOGETHER, t->vectors - v); k++)
            run_vector(t, v + k, t->dx + k * p->w * GR_VL, row, rows, reach, next);
        GR_KERNEL(gr_back_finish_run)
        (&t->finish, t->dx, GR_VL, p->w * GR_VL, row * p->w, p->w, t->channel + v * GR_VL, t->count - v * GR_VL);
    }
}

static void run_task(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const cut *c = &j->c;
    const int64_t strip = index % c->strips, block = index / c->strips, taps = j->p->kh * j->p->kw;
    float *own = (float *)j->args->scratch + block_sums(j->p, c) * (size_t)c->blocks + thread_floats(j->p, c) * (size_t)thread;
    const int64_t row_floats = c->line * c->strip * GR_VL;
    task t = {.j = j, .first = strip * c->strip, .held = (int64_t *)(void *)own, .dy = own + held_floats(c)};
    t.vectors = gr_least(c->strip, c->vectors - t.first);
    t.channel = t.first * GR_VL, t.count = gr_least(t.vectors * GR_VL, j->p->c - t.channel);
    t.zeros = t.dy + c->kept * row_floats, t.x = t.zeros + row_floats, t.dx = t.x + c->strip * j->p->w * GR_VL;
    memset(t.dy, 0, sizeof(float) * (size_t)((c->kept + 1) * row_floats));
    for (int64_t i = 0; i < c->kept; i++)
        t.held[i] = -1;
    t.sums = (float *)j->args->scratch + block_sums(j->p, c) * (size_t)block + t.first * taps * GR_VL;
    memset(t.sums, 0, sizeof(float) * (size_t)(t.vectors * taps * GR_VL));
    t.finish = j->finish;
    GR_KERNEL(gr_back_finish_begin)(&t.finish, block, t.channel, t.count);
    const int64_t end = gr_least((block + 1) * c->block, c->rows);
    for (int64_t row = block * c->block; row < end; row++)
        run_row(&t, row);
    GR_KERNEL(gr_back_finish_end)(&t.finish);
}

/* dw [KH KW][C] of some vectors of channels. */
static void add_blocks(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const job *j = ctx;
    const gr_conv_problem *p = j->p;
    const float *sums = j->args->scratch;
    const size_t stride = block_sums(p, &j->c);
    const int64_t taps = p->kh * p->kw, all = j->c.vectors * taps;
    for (int64_t at = index * REDUCE / GR_VL; at < all && at < (index + 1) * REDUCE / GR_VL; at++) {
        gr_vf sum = gr_vload(sums + at * GR_VL);
        for (int64_t block = 1; block < j->c.blocks; block++)
            sum += gr_vload(sums + (size_t)block * stride + at * GR_VL);
        const int64_t channel = at / taps * GR_VL;
        gr_vstore_upto(j->args->dw + at % taps * p->c + channel, sum, p->c - channel);
    }
}

static void run(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    (void)d;
    job j = {.p = p, .args = args, .x = gr_source_of_x(args), .dy = gr_source_of_dy(args), .c = make_cut(p)};
    j.finish = GR_KERNEL(gr_back_finish_make)(args, j.c.rows * p->w, p->c);
    j.finish.stream &= j.c.strips == 1 || j.c.strip % GR_TOGETHER == 0; /* a strip begins with a line */
    gr_parallel_for(j.c.blocks * j.c.strips, run_task, &j);
    gr_parallel_for(gr_blocks(j.c.vectors * p->kh * p->kw * GR_VL, REDUCE), add_blocks, &j);
}

const gr_conv_algorithm GR_KERNEL(gr_depthwise_back) = {
    .name = "depthwise",
    .refuses = refuses,
    .packed_size = packed_size,
    .scratch_size = scratch_size,
    .stat_blocks = stat_blocks,
    .pack = pack,
    .run = run,
    .describe = describe,
};
