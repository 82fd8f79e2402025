/* Depthwise convolution, forward, a row of results at a time. Rows are changed as they are read (batch norm, activation), once, and
 * kept with their channels apart, [vectors][columns][GR_VL], zeros at both ends: no tap hangs over an edge, and what neighbouring
 * results share is loaded once. A task has a strip of channels and some rows. */
#include <stdio.h>

#include "implicit_gemm.h"
#include "parts.h"

enum {
    BLOCKS = 48,      /* tasks wanted */
    STRIP = 256,      /* channels of one at most */
    ROOM = 64 * 1024, /* floats of the rows that a task keeps: 256 KB, in L2 */
    WIDEST = 7,       /* taps of a row or column */
    WIDE = 4,         /* results at once */
    LARGE = 16 << 20  /* bytes of results: nothing of so much would be left in the caches for its reader */
};

/* Everything follows from the shape. */
typedef struct cut {
    int64_t rows, block, blocks;    /* of results; of a task; how many */
    int64_t vectors, strip, strips; /* of channels; of a task; how many */
    int64_t line;                   /* columns of a row that is kept, with zeros */
} cut;

static cut make_cut(const gr_conv_problem *p)
{
    cut c = {.rows = p->n * p->oh, .vectors = gr_blocks(p->c, GR_VL)};
    c.line = gr_most(p->pad_left + p->w, (p->ow - 1) * p->stride_w + p->kw);
    const int64_t column = ((p->kh + 1) * c.line + p->ow) * GR_VL; /* floats that one vector of channels takes */
    const int64_t most = gr_most(1, gr_least(STRIP / GR_VL, ROOM / column));
    c.strips = gr_blocks(c.vectors, most);
    c.strip = gr_blocks(c.vectors, c.strips);
    c.strips = gr_blocks(c.vectors, c.strip);
    c.block = gr_blocks(c.rows, gr_blocks(BLOCKS, c.strips));
    if (c.block < p->oh && p->oh <= 32 && p->n * c.strips >= 16)
        c.block = p->oh; /* rows at a block's edges are read twice */
    c.blocks = gr_blocks(c.rows, c.block);
    return c;
}

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *fusion)
{
    (void)fusion;
    if (d != GR_FORWARD)
        return "it is for the forward direction";
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
    return sizeof(float) * (size_t)(gr_blocks(p->c, GR_VL) * p->kh * p->kw * GR_VL);
}

/* [vectors][KH][KW][GR_VL] */
static void pack(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed)
{
    (void)d;
    const int64_t taps = p->kh * p->kw;
    for (int64_t v = 0; v * GR_VL < p->c; v++)
        for (int64_t tap = 0; tap < taps; tap++)
            gr_vstore((float *)packed + (v * taps + tap) * GR_VL,
                      gr_vload_upto(weights + tap * p->c + v * GR_VL, p->c - v * GR_VL));
}

static int64_t held_floats(const gr_conv_problem *p)
{
    return gr_round_up(2 * p->kh, 16);
}

/* Which rows of x are there; those, and one of zeros; a row of results of the vectors that are written together. */
static size_t thread_floats(const gr_conv_problem *p, const cut *c)
{
    return (size_t)(held_floats(p) + gr_round_up(((p->kh + 1) * c->line * c->strip + GR_TOGETHER * p->ow) * GR_VL, 16));
}

static size_t scratch_size(const gr_conv_problem *p, gr_direction d, int threads)
{
    (void)d;
    cut c = make_cut(p);
    return sizeof(float) * thread_floats(p, &c) * (size_t)threads;
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
    const gr_conv_fusion *f;
    gr_source x;
    bool stream; /* results go past the caches */
    cut c;
} job;

/* A task and what it keeps. */
typedef struct task {
    const job *j;
    int64_t first, vectors; /* of channels */
    int64_t channel, count; /* the same in channels */
    int64_t *held;          /* [KH]: which row of x stands in a place */
    float *x, *zeros, *y;
    const float *fetch[2]; /* rows of x that the next row of results reads and this one does not */
    float *stats; /* the block's [2][C], or NULL */
} task;

/* Where memory is waited for most: at stride 2 there are few results for two new rows, and asking for both between them would fill
 * the queue of misses. So who reads a row asks for what stands there in the next one, a line a pixel. */
static inline bool strips_ask(const gr_conv_problem *p)
{
    return GR_TOGETHER == 2 && p->stride_h == 2;
}

static const float *row_of_x(task *t, int64_t n, int64_t ih)
{
    const job *j = t->j;
    const gr_conv_problem *p = j->p;
    if (ih < 0 || ih >= p->h)
        return t->zeros;
    const int64_t row = n * p->h + ih, place = row % p->kh;
    float *out = t->x + place * j->c.line * j->c.strip * GR_VL;
    if (t->held[place] == row)
        return out;
    const int64_t later = row + p->stride_h < p->n * p->h ? p->stride_h * p->w * p->c : 0;
    for (int64_t v = 0; v < t->vectors; v += GR_TOGETHER) {
        const int64_t at = row * p->w * p->c + t->channel + v * GR_VL;
        GR_KERNEL(gr_source_strip)(&j->x, &(gr_strip){.at = at,
                                                      .step = p->c,
                                                      .pixels = p->w,
                                                      .channel = t->channel + v * GR_VL,
                                                      .count = gr_least(GR_TOGETHER * GR_VL, t->count - v * GR_VL),
                                                      .out = out + (v * j->c.line + p->pad_left) * GR_VL,
                                                      .out_step = GR_VL,
                                                      .apart = j->c.line * GR_VL,
                                                      .fetch = strips_ask(p) && later > 0 ? j->x.data + at + later : NULL});
    }
    t->held[place] = row;
    return out;
}

/* `count` results of one vector of channels, from rows[r] + at on: all of a tap's numbers are loaded once. */
GR_INLINE void run_results(const float *const *rows, int64_t at, const gr_conv_problem *p, const float *weights, const int count,
                           const int kw, const int stride, float *out)
{
    gr_vf sum[WIDE];
    for (int i = 0; i < count; i++)
        sum[i] = gr_vzero();
    for (int64_t r = 0; r < p->kh; r++, weights += kw * GR_VL) {
        const float *x = rows[r] + at;
#pragma GCC unroll 7
        for (int k = 0; k < kw; k++) {
            const gr_vf w = gr_vload(weights + k * GR_VL);
#pragma GCC unroll 4
            for (int i = 0; i < count; i++)
                sum[i] = gr_vfma(gr_vload(x + (i * stride + k) * GR_VL), w, sum[i]);
        }
    }
    for (int i = 0; i < count; i++)
        gr_vstore(out + i * GR_VL, sum[i]);
}

GR_INLINE void run_line(const float *const *rows, int64_t at, const gr_conv_problem *p, const float *weights, const int kw,
                        const int stride, float *out)
{
    int64_t j = 0;
    for (; j + WIDE <= p->ow; j += WIDE)
        run_results(rows, at + j * stride * GR_VL, p, weights, WIDE, kw, stride, out + j * GR_VL);
    for (; j < p->ow; j++)
        run_results(rows, at + j * stride * GR_VL, p, weights, 1, kw, stride, out + j * GR_VL);
}

/* Any width and stride. */
static void run_any(const float *const *rows, int64_t at, const gr_conv_problem *p, const float *weights, float *out)
{
    for (int64_t j = 0; j < p->ow; j++, at += p->stride_w * GR_VL) {
        gr_vf sum = gr_vzero();
        for (int64_t r = 0; r < p->kh; r++)
            for (int64_t k = 0; k < p->kw; k++)
                sum = gr_vfma(gr_vload(rows[r] + at + k * GR_VL), gr_vload(weights + (r * p->kw + k) * GR_VL), sum);
        gr_vstore(out + j * GR_VL, sum);
    }
}

static void run_vector(const float *const *rows, int64_t at, const gr_conv_problem *p, const float *weights, float *out)
{
    if (p->stride_w == 1 && p->kw == 3)
        run_line(rows, at, p, weights, 3, 1, out);
    else if (p->stride_w == 1 && p->kw == 5)
        run_line(rows, at, p, weights, 5, 1, out);
    else if (p->stride_w == 2 && p->kw == 3)
        run_line(rows, at, p, weights, 3, 2, out);
    else if (p->stride_w == 2 && p->kw == 5)
        run_line(rows, at, p, weights, 5, 2, out);
    else if (p->stride_w == 2 && p->kw == 7)
        run_line(rows, at, p, weights, 7, 2, out);
    else
        run_any(rows, at, p, weights, out);
}

/* What a vector of channels has of its own. */
typedef struct lane {
    gr_vf bias, sum, squares;
} lane;

static void add_sums(const task *t, int64_t channel, int64_t lanes, const lane *l)
{
    float *sums = t->stats + channel, *of_squares = sums + t->j->p->c;
    gr_vstore_upto(sums, gr_vload_upto(sums, lanes) + l->sum, lanes);
    gr_vstore_upto(of_squares, gr_vload_upto(of_squares, lanes) + l->squares, lanes);
}

/* Asks for pixel i of the next rows; memory is the wait. */
GR_INLINE void fetch_pixel(const task *t, int64_t i, int64_t channel)
{
    const gr_conv_problem *p = t->j->p;
    const int64_t at = i * p->stride_w * p->c + channel;
    for (int64_t l = 0; l < gr_least(2, p->stride_w); l++) {
        __builtin_prefetch(t->fetch[0] + at + l * p->c, 0, 2);
        __builtin_prefetch(t->fetch[1] + at + l * p->c, 0, 2);
    }
}

/* Puts a row's results of some vectors where they belong. Inlined once for each kind; several vectors are whole ones. */
GR_INLINE void finish_lanes(const task *t, int64_t row, int64_t channel, const int vectors, int64_t lanes, const bool residual,
                            const gr_act act)
{
    const job *j = t->j;
    const gr_conv_fusion *f = j->f;
    const int64_t c = j->p->c, ow = j->p->ow;
    const bool biased = f->bias != NULL, stream = j->stream, asks = !strips_ask(j->p);
    lane l[GR_TOGETHER];
    for (int k = 0; k < vectors; k++)
        l[k] = (lane){biased ? gr_vload_upto(f->bias + channel + k * GR_VL, lanes) : gr_vzero(), gr_vzero(), gr_vzero()};
    for (int64_t i = 0, at = row * ow * c + channel; i < ow; i++, at += c) {
        if (asks)
            fetch_pixel(t, i, channel);
#pragma GCC unroll 2
        for (int k = 0; k < vectors; k++) {
            gr_vf y = gr_vload(t->y + (k * ow + i) * GR_VL);
            if (biased)
                y += l[k].bias;
            l[k].sum += y;
            l[k].squares = gr_vfma(y, y, l[k].squares);
            if (residual)
                y += gr_vload_upto(f->residual + at + k * GR_VL, lanes);
            y = gr_vact(act, y);
            if (stream)
                gr_vstream(j->args->out + at + k * GR_VL, y);
            else
                gr_vstore_upto(j->args->out + at + k * GR_VL, y, lanes);
        }
    }
    for (int k = 0; k < vectors && t->stats != NULL; k++)
        add_sums(t, channel + k * GR_VL, lanes, &l[k]);
}

GR_INLINE void finish_kind(const task *t, int64_t row, int64_t channel, const int vectors, int64_t lanes)
{
    if (t->j->f->residual != NULL) {
        finish_lanes(t, row, channel, vectors, lanes, true, t->j->f->act);
        return;
    }
    switch (t->j->f->act) {
    case GR_ACT_NONE: finish_lanes(t, row, channel, vectors, lanes, false, GR_ACT_NONE); break;
    case GR_ACT_RELU: finish_lanes(t, row, channel, vectors, lanes, false, GR_ACT_RELU); break;
    case GR_ACT_RELU6: finish_lanes(t, row, channel, vectors, lanes, false, GR_ACT_RELU6); break;
    case GR_ACT_HARD_SIGMOID: finish_lanes(t, row, channel, vectors, lanes, false, GR_ACT_HARD_SIGMOID); break;
    case GR_ACT_HARD_SWISH: finish_lanes(t, row, channel, vectors, lanes, false, GR_ACT_HARD_SWISH); break;
    case GR_ACT_SILU: finish_lanes(t, row, channel, vectors, lanes, false, GR_ACT_SILU); break;
    }
}

/* Of vector v alone, whose results stand first. */
static void finish_one(const task *t, int64_t row, int64_t v)
{
    const int64_t lanes = t->count - v * GR_VL, channel = t->channel + v * GR_VL;
    if (lanes >= GR_VL)
        finish_kind(t, row, channel, 1, GR_VL);
    else
        finish_kind(t, row, channel, 1, lanes);
}

/* The first two of those rows, or rows that are there. */
static void find_next(task *t, int64_t row)
{
    const gr_conv_problem *p = t->j->p;
    const int64_t next = row + 1, last = next % p->oh * p->stride_h - p->pad_top + p->kh; /* behind the rows that it reads */
    for (int64_t i = 0; i < 2; i++) {
        const int64_t ih = last - p->stride_h + i;
        const bool asks = next < t->j->c.rows && i < p->stride_h && ih >= 0 && ih < p->h;
        t->fetch[i] = t->j->x.data + (asks ? (next / p->oh * p->h + ih) * p->w * p->c : 0);
    }
}

static void run_row(task *t, int64_t row)
{
    const job *j = t->j;
    const gr_conv_problem *p = j->p;
    const float *rows[WIDEST];
    find_next(t, row);
    for (int64_t r = 0; r < p->kh; r++)
        rows[r] = row_of_x(t, row / p->oh, row % p->oh * p->stride_h - p->pad_top + r);
    for (int64_t v = 0; v < t->vectors; v += GR_TOGETHER) {
        const bool whole = GR_TOGETHER > 1 && t->count >= (v + GR_TOGETHER) * GR_VL;
        for (int64_t k = 0; k < gr_least(GR_TOGETHER, t->vectors - v); k++) {
            const float *weights = (const float *)j->args->packed + (t->first + v + k) * p->kh * p->kw * GR_VL;
            run_vector(rows, (v + k) * j->c.line * GR_VL, p, weights, whole ? t->y + k * p->ow * GR_VL : t->y);
            if (!whole)
                finish_one(t, row, v + k);
        }
        if (whole)
            finish_kind(t, row, t->channel + v * GR_VL, GR_TOGETHER, GR_VL);
    }
}

static void run_task(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const cut *c = &j->c;
    const gr_conv_problem *p = j->p;
    const int64_t strip = index % c->strips, block = index / c->strips, row_floats = c->line * c->strip * GR_VL;
    float *own = (float *)j->args->scratch + thread_floats(p, c) * (size_t)thread;
    task t = {.j = j, .first = strip * c->strip, .held = (int64_t *)(void *)own, .x = own + held_floats(p)};
    t.vectors = gr_least(c->strip, c->vectors - t.first);
    t.channel = t.first * GR_VL, t.count = gr_least(t.vectors * GR_VL, p->c - t.channel);
    t.zeros = t.x + p->kh * row_floats, t.y = t.zeros + row_floats;
    memset(t.x, 0, sizeof(float) * (size_t)((p->kh + 1) * row_floats));
    for (int64_t i = 0; i < p->kh; i++)
        t.held[i] = -1;
    if (j->f->stats != NULL) {
        t.stats = j->f->stats + block * 2 * p->c;
        memset(t.stats + t.channel, 0, sizeof(float) * (size_t)t.count);
        memset(t.stats + p->c + t.channel, 0, sizeof(float) * (size_t)t.count);
    }
    const int64_t end = gr_least((block + 1) * c->block, c->rows);
    for (int64_t row = block * c->block; row < end; row++)
        run_row(&t, row);
    if (j->stream)
        gr_vstream_end();
}

static void run(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    (void)d;
    job j = {.p = p, .args = args, .f = args->fusion != NULL ? args->fusion : &gr_no_fusion, .c = make_cut(p)};
    j.x = gr_source_of_x(args);
    /* Only where whole lines of cache are written together: halves would be written twice. */
    j.stream = GR_TOGETHER * GR_VL == 16 && p->c % 16 == 0 && (j.c.strips == 1 || j.c.strip % GR_TOGETHER == 0) &&
               (uintptr_t)args->out % 64 == 0 &&
               j.c.rows * p->ow * p->c * (int64_t)sizeof(float) >= LARGE;
    gr_parallel_for(j.c.blocks * j.c.strips, run_task, &j);
}

const gr_conv_algorithm GR_KERNEL(gr_depthwise_rows) = {
    .name = "depthwise_rows",
    .refuses = refuses,
    .packed_size = packed_size,
    .scratch_size = scratch_size,
    .stat_blocks = stat_blocks,
    .pack = pack,
    .run = run,
    .describe = describe,
};
