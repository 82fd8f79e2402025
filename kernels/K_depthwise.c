/* Depthwise convolution: every channel has its own taps, so that vectors run over channels and nothing is shared between
 * them. Bound by loads, not by arithmetic: each number is read from L1 once a tap.
 *
 * Forward and data direction are one loop over views (implicit_gemm.h says why): a row of results at a time. In the weight
 * direction blocks of rows sum on their own, and are added in their order. */
#include <stdio.h>

#include "implicit_gemm.h"
#include "parts.h"

enum {
    BLOCKS = 128, /* of rows at most */
    WIDE = 4,     /* results, or vectors of channels, that share what is loaded */
    REDUCE = 1024 /* numbers of dw that one call adds up */
};

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *fusion)
{
    (void)d, (void)fusion;
    return p->groups > 1 && p->groups == p->c && p->c == p->oc ? NULL : "the channels are not each a group of their own";
}

static size_t packed_size(const gr_conv_problem *p, gr_direction d)
{
    return d == GR_BACKWEIGHT ? 0 : sizeof(float) * (size_t)(p->kh * p->kw * p->c);
}

/* Rows of the tensor that is written, or of dy: all of them, and those of one block. */
static int64_t rows_of(const gr_conv_problem *p, gr_direction d)
{
    return p->n * (d == GR_BACKDATA ? p->h : p->oh);
}

static int64_t block_rows(const gr_conv_problem *p, gr_direction d)
{
    return gr_blocks(rows_of(p, d), BLOCKS);
}

static int64_t stat_blocks(const gr_conv_problem *p, gr_direction d)
{
    return gr_blocks(rows_of(p, d), block_rows(p, d));
}

static size_t block_floats(const gr_conv_problem *p)
{
    return (size_t)gr_round_up(p->kh * p->kw * p->c, 16);
}

static size_t scratch_size(const gr_conv_problem *p, gr_direction d, int threads)
{
    (void)threads;
    return d == GR_BACKWEIGHT ? sizeof(float) * block_floats(p) * (size_t)stat_blocks(p, d) : 0;
}

static void pack(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed)
{
    memcpy(packed, weights, packed_size(p, d));
}

typedef struct job {
    const gr_conv_problem *p;
    gr_direction d;
    const gr_conv_args *args;
    const gr_conv_fusion *f;
    gr_source x, dy; /* the product reads one of them, the weight direction both */
} job;

/* ---- forward and data ----------------------------------------------------------------------------------------------------
 */

/* Results of one row, all under the same rows of taps. */
typedef struct line {
    const gr_view *v;
    const gr_source *s;
    const float *weights;      /* [KH,KW,C] */
    int64_t image, first_line; /* first row of the image in the tensor read; row under tap 0 */
    int64_t kernel_width;
    float *out; /* result 0 */
    bool add;
} line;

/* `count` results from j on, all of whose taps [tap, tap_end) lie in the image, for one vector of channels. */
GR_INLINE void run_vector(const line *l, int64_t j, const int count, int64_t tap, int64_t tap_end, int64_t channel,
                          int64_t lanes, const bool plain)
{
    const gr_view *v = l->v;
    gr_vf sum[WIDE];
    int64_t step = v->w.step * v->out_c, move = v->w.stride * v->in_c;
    float *out = l->out + j * step + channel;
    for (int i = 0; i < count; i++)
        sum[i] = l->add ? gr_vload_upto(out + i * step, lanes) : gr_vzero();
    for (int64_t th = 0; th < v->h.taps; th++) {
        int64_t row = l->first_line + th * v->h.dil, kernel_row = v->h.kernel_first + th * v->h.kernel_step;
        if (row < 0 || row >= v->h.size)
            continue;
        for (int64_t tw = tap; tw < tap_end; tw++) {
            int64_t at = ((l->image + row) * v->w.size + v->w.first + j * v->w.stride + tw * v->w.dil) * v->in_c + channel;
            int64_t place = kernel_row * l->kernel_width + v->w.kernel_first + tw * v->w.kernel_step;
            gr_vf w = gr_vload_upto(l->weights + place * v->in_c + channel, lanes);
            for (int i = 0; i < count; i++, at += move) {
                gr_vf x = plain ? gr_vload_upto(l->s->data + at, lanes) : gr_source_read(l->s, at, channel, lanes);
                sum[i] = gr_vfma(x, w, sum[i]);
            }
        }
    }
    for (int i = 0; i < count; i++)
        gr_vstore_upto(out + i * step, sum[i], lanes);
}

GR_INLINE void run_results(const line *l, int64_t j, const int count, int64_t tap, int64_t tap_end)
{
    bool plain = !gr_source_changes(l->s);
    for (int64_t channel = 0; channel < l->v->out_c; channel += GR_VL) {
        int64_t lanes = l->v->out_c - channel;
        if (plain && lanes >= GR_VL)
            run_vector(l, j, count, tap, tap_end, channel, GR_VL, true);
        else
            run_vector(l, j, count, tap, tap_end, channel, gr_least(lanes, GR_VL), false);
    }
}

static void run_line(const line *l)
{
    const gr_axis *w = &l->v->w;
    int64_t reach = (w->taps - 1) * w->dil;
    for (int64_t j = 0; j < w->results;) {
        int64_t column = w->first + j * w->stride;
        if (column >= 0 && column + (WIDE - 1) * w->stride + reach < w->size && j + WIDE <= w->results) {
            run_results(l, j, WIDE, 0, w->taps);
            j += WIDE;
            continue;
        }
        int64_t tap = column < 0 ? gr_blocks(-column, w->dil) : 0;
        int64_t tap_end = gr_least(w->taps, gr_blocks(gr_most(0, w->size - column), w->dil));
        run_results(l, j, 1, tap, gr_most(tap, tap_end));
        j++;
    }
}

/* One whole row of the output: as many views as the stride has remainders. */
static void run_row(const job *j, int64_t row, const gr_finish *finish)
{
    int64_t height = j->d == GR_BACKDATA ? j->p->h : j->p->oh, views = j->d == GR_BACKDATA ? j->p->stride_w : 1;
    int64_t n = row / height, h = row % height;
    float *out = NULL;
    for (int64_t rest = 0; rest < views; rest++) {
        int64_t index = j->d == GR_BACKDATA ? h % j->p->stride_h * j->p->stride_w + rest : 0;
        gr_view v = GR_KERNEL(gr_view_make)(j->p, j->d, index);
        out = j->args->out + row * v.w.full * v.out_c;
        line l = {.v = &v,
                  .s = j->d == GR_FORWARD ? &j->x : &j->dy,
                  .weights = j->args->packed,
                  .image = n * v.h.size,
                  .first_line = v.h.first + (h - v.h.at) / v.h.step * v.h.stride,
                  .kernel_width = j->p->kw,
                  .out = out + v.w.at * v.out_c,
                  .add = j->args->accumulate};
        run_line(&l);
    }
    int64_t pixels = j->d == GR_BACKDATA ? j->p->w : j->p->ow;
    for (int64_t i = 0; GR_KERNEL(gr_finish_needed)(finish) && i < pixels; i++) {
        float *pixel = out + i * j->p->c;
        GR_KERNEL(gr_finish_tile)(finish, &pixel, 1, 0, 0, j->p->c);
    }
}

static void run_block(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    (void)thread;
    int64_t rows = block_rows(j->p, j->d), end = gr_least((index + 1) * rows, rows_of(j->p, j->d));
    gr_finish finish = GR_KERNEL(gr_finish_begin)(j->f, j->d, j->args->out, j->p->c, index, 0, j->p->c);
    for (int64_t row = index * rows; row < end; row++)
        run_row(j, row, &finish);
}

/* ---- weight --------------------------------------------------------------------------------------------------------------
 */

/* Adds x * dy over results [begin, end) of one row, where x stands `x_at` and dy `y_at` floats into its tensor for result 0,
 * to sums[channels]. */
typedef struct span {
    int64_t x_at, x_step, y_at, begin, end, channels;
} span;

GR_INLINE void add_span(const job *j, const span *s, int64_t channel, const int vectors, int64_t lanes, const bool plain,
                        float *sums)
{
    gr_vf sum[WIDE];
    for (int i = 0; i < vectors; i++)
        sum[i] = gr_vload_upto(sums + channel + i * GR_VL, lanes);
    for (int64_t ow = s->begin; ow < s->end; ow++)
        for (int i = 0; i < vectors; i++) {
            int64_t c = channel + i * GR_VL, x_at = s->x_at + ow * s->x_step + c, y_at = s->y_at + ow * s->channels + c;
            gr_vf x = plain ? gr_vload_upto(j->x.data + x_at, lanes) : gr_source_read(&j->x, x_at, c, lanes);
            gr_vf dy = plain ? gr_vload_upto(j->dy.data + y_at, lanes) : gr_source_read(&j->dy, y_at, c, lanes);
            sum[i] = gr_vfma(x, dy, sum[i]);
        }
    for (int i = 0; i < vectors; i++)
        gr_vstore_upto(sums + channel + i * GR_VL, sum[i], lanes);
}

static void add_row(const job *j, const span *s, float *sums)
{
    bool plain = !gr_source_changes(&j->x) && !gr_source_changes(&j->dy);
    int64_t channel = 0;
    for (; plain && channel + WIDE * GR_VL <= s->channels; channel += WIDE * GR_VL)
        add_span(j, s, channel, WIDE, GR_VL, true, sums);
    for (; channel < s->channels; channel += GR_VL)
        add_span(j, s, channel, 1, gr_least(GR_VL, s->channels - channel), false, sums);
}

static void weight_block(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const gr_conv_problem *p = j->p;
    (void)thread;
    float *sums = (float *)j->args->scratch + (size_t)index * block_floats(p);
    memset(sums, 0, sizeof(float) * block_floats(p));
    int64_t rows = block_rows(p, GR_BACKWEIGHT), end = gr_least((index + 1) * rows, p->n * p->oh);
    for (int64_t row = index * rows; row < end; row++)
        for (int64_t tap = 0; tap < p->kh * p->kw; tap++) {
            int64_t ih = row % p->oh * p->stride_h - p->pad_top + tap / p->kw * p->dil_h;
            int64_t first = tap % p->kw * p->dil_w - p->pad_left; /* the column of x under result 0 */
            if (ih < 0 || ih >= p->h)
                continue;
            span s = {.x_step = p->stride_w * p->c, .y_at = row * p->ow * p->c, .channels = p->c};
            s.x_at = ((row / p->oh * p->h + ih) * p->w + first) * p->c;
            s.begin = first < 0 ? gr_blocks(-first, p->stride_w) : 0;
            s.end = gr_least(p->ow, gr_blocks(gr_most(0, p->w - first), p->stride_w));
            add_row(j, &s, sums + tap * p->c);
        }
}

static void add_blocks(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    (void)thread;
    const float *sums = j->args->scratch;
    size_t stride = block_floats(j->p);
    int64_t blocks = stat_blocks(j->p, GR_BACKWEIGHT), end = gr_least((index + 1) * REDUCE, j->p->kh * j->p->kw * j->p->c);
    for (int64_t at = index * REDUCE; at < end; at += GR_VL) {
        int64_t count = end - at;
        gr_vf sum = j->args->accumulate ? gr_vload_upto(j->args->out + at, count) : gr_vzero();
        for (int64_t block = 0; block < blocks; block++)
            sum += gr_vload(sums + (size_t)block * stride + at); /* padded to whole vectors */
        gr_vstore_upto(j->args->out + at, sum, count);
    }
}

static void run(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    job j = {.p = p, .d = d, .args = args, .f = args->fusion != NULL ? args->fusion : &gr_no_fusion};
    j.x = gr_source_of_x(args), j.dy = gr_source_of_dy(args);
    gr_parallel_for(stat_blocks(p, d), d == GR_BACKWEIGHT ? weight_block : run_block, &j);
    if (d == GR_BACKWEIGHT)
        gr_parallel_for(gr_blocks(p->kh * p->kw * p->c, REDUCE), add_blocks, &j);
}

static void describe(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    snprintf(text, size, "%d channels at once, %lld blocks of %lld rows", GR_VL, (long long)stat_blocks(p, d),
             (long long)block_rows(p, d));
}

const gr_conv_algorithm GR_KERNEL(gr_depthwise) = {
    .name = "depthwise",
    .refuses = refuses,
    .packed_size = packed_size,
    .scratch_size = scratch_size,
    .stat_blocks = stat_blocks,
    .pack = pack,
    .run = run,
    .describe = describe,
};
