/* Depthwise convolution: every channel has its own taps, so that vectors run over channels and nothing is shared between
 * them. Bound by memory, not by arithmetic.
 *
 * Forward and data direction are one loop over views (implicit_gemm.h says why): a row of results at a time. */
#include <stdio.h>

#include "depthwise.h"
#include "parts.h"

enum { FINISHED = 16 /* pixels at once */ };

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *fusion)
{
    (void)d, (void)fusion;
    if (p->narrow.x || p->narrow.dx || p->narrow.y || p->narrow.dy)
        return "a tensor is stored as bfloat16";
    return p->groups > 1 && p->groups == p->c && p->c == p->oc ? NULL : "the channels are not each a group of their own";
}

static size_t packed_size(const gr_conv_problem *p, gr_direction d)
{
    return d == GR_BACKWEIGHT ? 0 : sizeof(float) * (size_t)(p->kh * p->kw * p->c);
}

static int64_t stat_blocks(const gr_conv_problem *p, gr_direction d)
{
    return gr_dw_blocks(p, d);
}

/* Rows of the tensor read that one row of results reaches over. */
static int64_t reach(const gr_conv_problem *p)
{
    return (p->kh - 1) * p->dil_h + 1;
}

static size_t reader_floats(const gr_conv_problem *p, gr_direction d)
{
    return gr_dw_reader_floats(d == GR_FORWARD ? p->w : p->ow, p->c, reach(p));
}

/* The reader, and a pointer, as long as two floats, for each row of taps. */
static size_t thread_floats(const gr_conv_problem *p, gr_direction d)
{
    return reader_floats(p, d) + (size_t)gr_round_up(p->kh * 2, 16);
}

static size_t scratch_size(const gr_conv_problem *p, gr_direction d, int threads)
{
    if (d == GR_BACKWEIGHT)
        return GR_KERNEL(gr_dw_weight_scratch)(p, threads);
    return sizeof(float) * thread_floats(p, d) * (size_t)threads;
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
    gr_source source;
} job;

/* Results of one row, all under the same rows of taps. */
typedef struct line {
    const gr_view *v;
    const float *const *rows; /* [taps of v.h]: what each tap reads; NULL outside the image */
    const float *weights;     /* [KH,KW,C] */
    int64_t kernel_width;
    float *out; /* result 0 */
    bool add;
} line;

/* `count` results from j on, all of whose taps [tap, tap_end) lie in the image, for `vectors` vectors of channels; of a
 * single one `lanes` are real. */
GR_INLINE void run_vectors(const line *l, int64_t j, const int count, int64_t tap, int64_t tap_end, int64_t channel,
                           const int vectors, int64_t lanes)
{
    const gr_view *v = l->v;
    gr_vf sum[GR_DW_WIDE][2];
    const int64_t step = v->w.step * v->out_c, move = v->w.stride * v->in_c;
    float *out = l->out + j * step + channel;
    for (int i = 0; i < count; i++)
        for (int k = 0; k < vectors; k++)
            sum[i][k] = l->add ? gr_vload_upto(out + i * step + k * GR_VL, lanes) : gr_vzero();
    for (int64_t th = 0; th < v->h.taps; th++) {
        if (l->rows[th] == NULL)
            continue;
        const float *row = l->rows[th] + (v->w.first + j * v->w.stride) * v->in_c + channel;
        const int64_t kernel_row = (v->h.kernel_first + th * v->h.kernel_step) * l->kernel_width + v->w.kernel_first;
        for (int64_t tw = tap; tw < tap_end; tw++) {
            const float *at = row + tw * v->w.dil * v->in_c;
            const float *w = l->weights + (kernel_row + tw * v->w.kernel_step) * v->in_c + channel;
            for (int k = 0; k < vectors; k++) {
                gr_vf tap_weight = gr_vload_upto(w + k * GR_VL, lanes);
                for (int i = 0; i < count; i++)
                    sum[i][k] = gr_vfma(gr_vload_upto(at + i * move + k * GR_VL, lanes), tap_weight, sum[i][k]);
            }
        }
    }
    for (int i = 0; i < count; i++)
        for (int k = 0; k < vectors; k++)
            gr_vstore_upto(out + i * step + k * GR_VL, sum[i][k], lanes);
}

GR_INLINE void run_results(const line *l, int64_t j, const int count, int64_t tap, int64_t tap_end)
{
    int64_t channel = 0;
    for (; channel + 2 * GR_VL <= l->v->out_c; channel += 2 * GR_VL)
        run_vectors(l, j, count, tap, tap_end, channel, 2, GR_VL);
    if (channel + GR_VL <= l->v->out_c) {
        run_vectors(l, j, count, tap, tap_end, channel, 1, GR_VL);
        channel += GR_VL;
    }
    if (channel < l->v->out_c)
        run_vectors(l, j, count, tap, tap_end, channel, 1, l->v->out_c - channel);
}

static void run_line(const line *l)
{
    const gr_axis *w = &l->v->w;
    int64_t over = (w->taps - 1) * w->dil;
    for (int64_t j = 0; j < w->results;) {
        int64_t column = w->first + j * w->stride;
        if (column >= 0 && column + (GR_DW_WIDE - 1) * w->stride + over < w->size && j + GR_DW_WIDE <= w->results) {
            run_results(l, j, GR_DW_WIDE, 0, w->taps);
            j += GR_DW_WIDE;
            continue;
        }
        int64_t tap = column < 0 ? gr_blocks(-column, w->dil) : 0;
        int64_t tap_end = gr_least(w->taps, gr_blocks(gr_most(0, w->size - column), w->dil));
        run_results(l, j, 1, tap, gr_most(tap, tap_end));
        j++;
    }
}

/* Where the taps of a view read for row h of image n of the tensor that is written. */
static void find_rows(const gr_view *v, const gr_dw_reader *reader, int64_t n, int64_t h, const float **rows)
{
    int64_t first = v->h.first + (h - v->h.at) / v->h.step * v->h.stride;
    for (int64_t th = 0; th < v->h.taps; th++) {
        int64_t row = first + th * v->h.dil;
        rows[th] = row < 0 || row >= v->h.size ? NULL : gr_dw_row(reader, n * v->h.size + row);
    }
}

/* One whole row of the output: as many views as the stride has remainders. */
static void run_row(const job *j, const gr_dw_reader *reader, const float **rows, int64_t row)
{
    int64_t height = j->d == GR_BACKDATA ? j->p->h : j->p->oh, views = j->d == GR_BACKDATA ? j->p->stride_w : 1;
    int64_t n = row / height, h = row % height;
    for (int64_t rest = 0; rest < views; rest++) {
        int64_t index = j->d == GR_BACKDATA ? h % j->p->stride_h * j->p->stride_w + rest : 0;
        gr_view v = GR_KERNEL(gr_view_make)(j->p, j->d, index);
        find_rows(&v, reader, n, h, rows);
        run_line(&(line){.v = &v,
                         .rows = rows,
                         .weights = j->args->packed,
                         .kernel_width = j->p->kw,
                         .out = j->args->out + (row * v.w.full + v.w.at) * v.out_c,
                         .add = j->args->accumulate});
    }
}

static void finish_row(const job *j, const gr_finish *finish, int64_t row)
{
    const int64_t pixels = j->d == GR_BACKDATA ? j->p->w : j->p->ow, c = j->p->c;
    for (int64_t i = 0; i < pixels; i += FINISHED) {
        float *out[FINISHED];
        int64_t count = gr_least(FINISHED, pixels - i);
        for (int64_t k = 0; k < count; k++)
            out[k] = j->args->out + (row * pixels + i + k) * c;
        GR_KERNEL(gr_finish_tile)(finish, out, count, 0, 0, c);
    }
}

static void run_block(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const gr_conv_problem *p = j->p;
    float *scratch = (float *)j->args->scratch + (size_t)thread * thread_floats(p, j->d);
    const float **rows = (const float **)(void *)(scratch + reader_floats(p, j->d));
    gr_dw_reader reader = gr_dw_reader_make(&j->source, j->d == GR_FORWARD ? p->w : p->ow, p->c, reach(p), scratch);
    gr_finish finish = GR_KERNEL(gr_finish_begin)(j->f, j->d, j->args->out, p->c, index, 0, p->c);
    const bool finishes = GR_KERNEL(gr_finish_needed)(&finish);
    int64_t block = gr_dw_block_rows(p, j->d), end = gr_least((index + 1) * block, gr_dw_rows(p, j->d));
    for (int64_t row = index * block; row < end; row++) {
        run_row(j, &reader, rows, row);
        if (finishes)
            finish_row(j, &finish, row);
    }
}

static void run(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    if (d == GR_BACKWEIGHT) {
        GR_KERNEL(gr_dw_weight_run)(p, args);
        return;
    }
    job j = {.p = p, .d = d, .args = args, .f = args->fusion != NULL ? args->fusion : &gr_no_fusion};
    j.source = d == GR_FORWARD ? gr_source_of_x(args) : gr_source_of_dy(args);
    gr_parallel_for(gr_dw_blocks(p, d), run_block, &j);
}

static void describe(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    snprintf(text, size, "%d channels at once, %lld blocks of %lld rows", GR_VL, (long long)gr_dw_blocks(p, d),
             (long long)gr_dw_block_rows(p, d));
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
