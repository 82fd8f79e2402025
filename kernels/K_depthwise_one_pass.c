/* Depthwise convolutions 3x3 and 5x5 at inference. GR_WIDE results of a row, of one vector of channels, are summed in registers
 * from the bias to the activation; a row of what they read is loaded once for all taps. Work is cut into bands of rows by groups
 * of channels, so narrow that the rows of a band stay in cache until all taps have seen them. */
#include <stdio.h>

#include "one_pass.h"
#include "parts.h"

enum {
    WIDE = 7,  /* divides 224, 112, 56, 28, 14 and 7 */
    GROUP = 4, /* vectors of channels */
    MOST_TAPS = 5,
    TASKS_WANTED = 24,
    MOST_ROWS = 28 /* of a band */
};

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *f)
{
    if (p->groups <= 1 || p->groups != p->c || p->c != p->oc)
        return "the channels are not each a group of their own";
    if (d != GR_FORWARD)
        return "it runs forward alone";
    if (p->narrow.x || p->narrow.dx || p->narrow.y || p->narrow.dy)
        return "a tensor is stored as bfloat16";
    if ((p->kh != 3 && p->kh != 5) || p->kw != p->kh)
        return "the kernel is neither 3x3 nor 5x5";
    if (p->stride_h != p->stride_w || p->stride_h > 2)
        return "the stride is neither 1 nor 2";
    if (p->dil_h != 1 || p->dil_w != 1)
        return "the kernel is dilated";
    if (f != NULL && (f->stats != NULL || f->residual != NULL || f->act == GR_ACT_HARD_SIGMOID))
        return "it leaves no sums, adds no residual and knows no hard sigmoid";
    if (f != NULL && (f->in_scale != NULL || f->in_act != GR_ACT_NONE))
        return "what it reads must be written as it is";
    return NULL;
}

typedef struct cut {
    int64_t groups, vectors; /* of channels */
    int64_t rows, bands;     /* rows of all images */
} cut;

static cut make_cut(const gr_conv_problem *p)
{
    cut c = {.rows = p->n * p->oh, .vectors = gr_blocks(p->c, GR_VL)};
    c.groups = gr_blocks(c.vectors, GROUP);
    c.bands = gr_most(gr_blocks(c.rows, MOST_ROWS), gr_least(c.rows, gr_blocks(TASKS_WANTED, c.groups)));
    return c;
}

static size_t packed_size(const gr_conv_problem *p, gr_direction d)
{
    (void)d;
    return sizeof(float) * (size_t)(p->kh * p->kw * gr_blocks(p->c, GR_VL) * GR_VL);
}

static size_t scratch_size(const gr_conv_problem *p, gr_direction d, int threads)
{
    (void)p, (void)d, (void)threads;
    return 0;
}

static int64_t stat_blocks(const gr_conv_problem *p, gr_direction d)
{
    (void)p, (void)d;
    return 0;
}

/* Where the vector that begins at `channel` stands. A last one that would reach behind the last channel goes back as far, where
 * parts of a vector are slow to read and write: what it has in common with the one before it, in the same task, is made twice and
 * the same. */
static inline int64_t begin_of(int64_t channels, int64_t channel)
{
    return GR_REGISTERS == 16 && channels >= GR_VL ? gr_least(channel, channels - GR_VL) : channel;
}

/* [vector of channels][tap][GR_VL], zeros behind the last channel. */
static void pack(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed)
{
    float *out = packed;
    (void)d;
    for (int64_t c = 0; c < p->c; c += GR_VL)
        for (int64_t tap = 0; tap < p->kh * p->kw; tap++, out += GR_VL)
            gr_vstore(out, gr_vload_upto(weights + tap * p->c + begin_of(p->c, c), p->c - begin_of(p->c, c)));
}

/* One row of results, of one vector of channels after the other. */
typedef struct place {
    const float *const *rows; /* what each row of taps reads */
    int64_t channel, end;     /* where in a pixel the vector stands; the channels behind the last one of these */
    int64_t c;                /* floats from pixel to pixel */
    int64_t tap, tap_end;     /* rows of taps that lie in the image */
    int64_t results, pixels;  /* of the row, of a row that it reads */
    int64_t pad;
    const float *weights, *bias; /* of the first vector; of a pixel, or NULL */
    float *out;                  /* of a pixel */
    int64_t lanes;               /* that are real */
    gr_act act;
} place;

/* Which pixels, counted from what tap 0 of the first result reads, lie in the image. */
typedef struct span {
    int64_t first, end;
} span;

GR_INLINE void leave_as(const place *at, float *out, const gr_limits *limits, const gr_vf *sum, const int count, const bool full,
                        const gr_act act)
{
#pragma GCC unroll 7
    for (int i = 0; i < count; i++) {
        gr_vf y = act == GR_ACT_SILU         ? gr_vsilu(sum[i])
                  : act == GR_ACT_HARD_SWISH ? gr_vact(GR_ACT_HARD_SWISH, sum[i])
                                             : gr_vlimit(sum[i], limits);
        if (full)
            gr_vstore(out + i * at->c, y);
        else
            gr_vstore_upto(out + i * at->c, y, at->lanes);
    }
}

GR_INLINE void leave(const place *at, float *out, const gr_limits *limits, const gr_vf *sum, const int count, const bool full)
{
    if (at->act == GR_ACT_SILU)
        leave_as(at, out, limits, sum, count, full, GR_ACT_SILU);
    else if (at->act == GR_ACT_HARD_SWISH)
        leave_as(at, out, limits, sum, count, full, GR_ACT_HARD_SWISH);
    else
        leave_as(at, out, limits, sum, count, full, GR_ACT_NONE);
}

/* `count`, `size` (of the kernel), `stride` and `full` (all lanes are real) are constants at each call of what follows, and so is
 * `real` but for rare shapes. `c` is at->c, which would be read anew after each store. */

GR_INLINE gr_vf load_lanes(const float *p, const place *at, const bool full)
{
    return full ? gr_vload(p) : gr_vload_upto(p, at->lanes);
}

#if GR_REGISTERS == 32
/* So that a compiler keeps x in a register, and does not read it anew for each tap. */
static inline void keep(gr_vf *x)
{
#if defined(__AVX512F__) && !defined(GR_EMULATED_AVX512)
    __asm__("" : "+v"(*x));
#else
    (void)x;
#endif
}

/* Adds what one row of taps reads: the whole row lies in registers. */
GR_INLINE void add_row(const place *at, const float *row, const float *weights, gr_vf *sum, const int count, const int size,
                       const int stride, const span real, const bool full)
{
    enum { MOST = (WIDE - 1) * 2 + 5 };
    gr_vf x[MOST];
    const int pixels = (count - 1) * stride + size;
#pragma GCC unroll 17
    for (int i = 0; i < pixels; i++) {
        x[i] = i >= real.first && i < real.end ? load_lanes(row + i * at->c, at, full) : gr_vzero();
        keep(&x[i]);
    }
#pragma GCC unroll 5
    for (int k = 0; k < size; k++) {
        gr_vf w = gr_vload(weights + k * GR_VL);
#pragma GCC unroll 7
        for (int i = 0; i < count; i++)
            sum[i] = gr_vfma(x[i * stride + k], w, sum[i]);
    }
}
#else
/* Adds what one row of taps reads: its weights lie in registers, and a pixel goes to all results that want it at once. Pixels are
 * reached from every third one, since a pointer for each would not fit the registers. */
GR_INLINE void add_row(const place *at, const float *row, const float *weights, gr_vf *sum, const int count, const int size,
                       const int stride, const span real, const bool full)
{
    gr_vf w[MOST_TAPS];
    const int pixels = (count - 1) * stride + size;
#pragma GCC unroll 5
    for (int k = 0; k < size; k++)
        w[k] = gr_vload(weights + k * GR_VL);
#pragma GCC unroll 17
    for (int i = 0; i < pixels; i++) {
        if (i > 0 && i % 3 == 0)
            row += 3 * at->c;
        if (i < real.first || i >= real.end)
            continue;
        gr_vf x = load_lanes(row + i % 3 * at->c, at, full);
#pragma GCC unroll 5
        for (int k = size - 1; k >= 0; k--)
            if (i >= k && (i - k) % stride == 0 && (i - k) / stride < count)
                sum[(i - k) / stride] = gr_vfma(x, w[k], sum[(i - k) / stride]);
    }
}
#endif

/* Results from `first` on. */
GR_INLINE void run_results(const place *at, int64_t first, gr_vf bias, const gr_limits *limits, const int count, const int size,
                           const int stride, const span real, const bool full)
{
    gr_vf sum[WIDE];
    const int64_t left = first * stride - at->pad;
#pragma GCC unroll 7
    for (int i = 0; i < count; i++)
        sum[i] = bias;
    for (int64_t tap = at->tap; tap < at->tap_end; tap++)
        add_row(at, at->rows[tap] + left * at->c + at->channel, at->weights + tap * size * GR_VL, sum, count, size, stride, real,
                full);
    leave(at, at->out + first * at->c + at->channel, limits, sum, count, full);
}

/* A whole block: `low` and `high` of the pixels that it reads lie outside. As many as at the edges of most maps are constants. */
GR_INLINE void run_block(const place *at, int64_t first, gr_vf bias, const gr_limits *limits, const int size, const int stride,
                         const bool full, int64_t low, int64_t high)
{
    const int pixels = (WIDE - 1) * stride + size, pad = size / 2, behind = (size - stride) / 2;
    if (!full || (low != 0 && low != pad) || (high != 0 && high != behind))
        run_results(at, first, bias, limits, WIDE, size, stride, (span){low, pixels - high}, full);
    else if (low == 0 && (behind == 0 || high == 0))
        run_results(at, first, bias, limits, WIDE, size, stride, (span){0, pixels}, true);
    else if (behind == 0 || high == 0)
        run_results(at, first, bias, limits, WIDE, size, stride, (span){pad, pixels}, true);
    else if (low == 0)
        run_results(at, first, bias, limits, WIDE, size, stride, (span){0, pixels - behind}, true);
    else
        run_results(at, first, bias, limits, WIDE, size, stride, (span){pad, pixels - behind}, true);
}

/* The last block of a row begins early enough to be whole: some results are made twice, and are the same. */
GR_INLINE void run_row(const place *at, const gr_limits *limits, const int size, const int stride, const bool full)
{
    const gr_vf bias = at->bias != NULL ? gr_vload_upto(at->bias + at->channel, at->lanes) : gr_vzero();
    const int pixels = (WIDE - 1) * stride + size;
    if (at->results < WIDE) {
        for (int64_t i = 0; i < at->results; i++) {
            const int64_t left = i * stride - at->pad;
            run_results(at, i, bias, limits, 1, size, stride, (span){-left, at->pixels - left}, full);
        }
        return;
    }
    for (int64_t i = 0; i < at->results; i += WIDE) {
        const int64_t first = gr_least(i, at->results - WIDE), left = first * stride - at->pad;
        run_block(at, first, bias, limits, size, stride, full, gr_most(0, -left), gr_most(0, left + pixels - at->pixels));
    }
}

/* In a copy of its own, which stays in registers: what stands in memory would be read anew after each store. */
GR_INLINE void run_any(const place *from, const int size, const int stride)
{
    place at = *from;
    const gr_limits limits = gr_limits_of(at.act);
    for (int64_t channel = at.channel; channel < at.end; channel += GR_VL, at.weights += size * size * GR_VL) {
        at.channel = begin_of(at.c, channel);
        at.lanes = gr_least(GR_VL, at.c - at.channel);
        if (at.lanes == GR_VL)
            run_row(&at, &limits, size, stride, true);
        else
            run_row(&at, &limits, size, stride, false);
    }
}

static void three_1(const place *at) { run_any(at, 3, 1); }
static void three_2(const place *at) { run_any(at, 3, 2); }
static void five_1(const place *at) { run_any(at, 5, 1); }
static void five_2(const place *at) { run_any(at, 5, 2); }

typedef void runner(const place *at);

static runner *runner_of(const gr_conv_problem *p)
{
    if (p->kh == 3)
        return p->stride_h == 1 ? three_1 : three_2;
    return p->stride_h == 1 ? five_1 : five_2;
}

/* Row `row` of the results, counted over all images, which is row `line` of its own, of some vectors of channels; rows[tap]: what
 * it reads. */
static void run_vectors(const gr_conv_problem *p, const gr_conv_args *args, const float *const *rows, int64_t row, int64_t line,
                        int64_t first, int64_t end)
{
    const gr_conv_fusion *f = args->fusion != NULL ? args->fusion : &gr_no_fusion;
    const int64_t top = line * p->stride_h - p->pad_top;
    const place at = {.rows = rows,
                      .channel = first,
                      .end = end,
                      .c = p->c,
                      .tap = gr_most(0, -top),
                      .tap_end = gr_least(p->kh, p->h - top),
                      .results = p->ow,
                      .pixels = p->w,
                      .pad = p->pad_left,
                      .weights = (const float *)args->packed + first * p->kh * p->kw,
                      .bias = f->bias,
                      .out = args->out + row * p->ow * p->c,
                      .act = f->act};
    runner_of(p)(&at);
}

/* Asks for part `turn` of `turns` of what is read after this convolution. */
static void fetch_ahead(const gr_conv_problem *p, const gr_conv_args *args, int64_t turn, int64_t turns)
{
    const char *behind = (const char *)args->packed + packed_size(p, GR_FORWARD);
    for (int64_t at = GR_AHEAD * turn / turns; at < GR_AHEAD * (turn + 1) / turns; at += 64)
        __builtin_prefetch(behind + at, 0, 2);
}

void GR_KERNEL(gr_depthwise_row)(const gr_conv_problem *p, const gr_conv_args *args, const float *const *rows, int64_t row)
{
    fetch_ahead(p, args, row, p->n * p->oh);
    run_vectors(p, args, rows, row, row % p->oh, 0, p->c);
}

typedef struct job {
    const gr_conv_problem *p;
    const gr_conv_args *args;
    cut c;
} job;

static void run_task(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const cut *c = &j->c;
    const gr_conv_problem *p = j->p;
    (void)thread;
    int64_t band = index / c->groups, group = index % c->groups, end = c->rows * (band + 1) / c->bands;
    int64_t first = c->vectors * group / c->groups * GR_VL, last = gr_least(p->c, c->vectors * (group + 1) / c->groups * GR_VL);
    int64_t row = c->rows * band / c->bands, line = row % p->oh, image = row / p->oh;
    for (; row < end; row++) {
        const float *rows[MOST_TAPS];
        const int64_t top = image * p->h + line * p->stride_h - p->pad_top;
        for (int64_t tap = 0; tap < p->kh; tap++)
            rows[tap] = j->args->x + (top + tap) * p->w * p->c;
        if (GR_REGISTERS == 32) /* Zen 3: it cost more than it saved, as the convolution in front has asked for nearly as much */
            fetch_ahead(p, j->args, row * c->groups + group, c->rows * c->groups);
        run_vectors(p, j->args, rows, row, line, first, last);
        if (++line == p->oh)
            line = 0, image++;
    }
}

static void run(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    job j = {.p = p, .args = args, .c = make_cut(p)};
    (void)d;
    gr_parallel_for(j.c.bands * j.c.groups, run_task, &j);
}

static void describe(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    (void)d;
    cut c = make_cut(p);
    snprintf(text, size, "%d results x %d channels, %lld bands of rows x %lld groups of channels", WIDE, GR_VL,
             (long long)c.bands, (long long)c.groups);
}

const gr_conv_algorithm GR_KERNEL(gr_depthwise_one_pass) = {
    .name = "depthwise_one_pass",
    .refuses = refuses,
    .packed_size = packed_size,
    .scratch_size = scratch_size,
    .stat_blocks = stat_blocks,
    .pack = pack,
    .run = run,
    .describe = describe,
};
