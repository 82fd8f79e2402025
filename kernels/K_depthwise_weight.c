/* Depthwise convolution's weight direction: dw[kh,kw,c] = sum over pixels of x dy. Blocks of rows of dy sum on their own,
 * and are added in their order. */
#include "depthwise.h"

enum {
    TAPS = 3,     /* of a row of taps, whose sums stay in registers together */
    REDUCE = 1024 /* numbers of dw that one call adds up */
};

typedef struct job {
    const gr_conv_problem *p;
    const gr_conv_args *args;
    gr_source x, dy;
} job;

static size_t sums_floats(const gr_conv_problem *p)
{
    return (size_t)gr_round_up(p->kh * p->kw * p->c, 16);
}

static int64_t reach(const gr_conv_problem *p)
{
    return (p->kh - 1) * p->dil_h + 1;
}

static size_t thread_floats(const gr_conv_problem *p)
{
    return gr_dw_reader_floats(p->w, p->c, reach(p)) + gr_dw_reader_floats(p->ow, p->c, 1);
}

size_t GR_KERNEL(gr_dw_weight_scratch)(const gr_conv_problem *p, int threads)
{
    return sizeof(float) * (sums_floats(p) * (size_t)gr_dw_blocks(p, GR_BACKWEIGHT) + thread_floats(p) * (size_t)threads);
}

/* A row of dy under a row of taps. */
typedef struct span {
    const gr_conv_problem *p;
    const float *x, *dy; /* the rows */
    float *sums;         /* of the row of taps: [KW][C] */
} span;

/* Results of a row, from begin to before end. */
typedef struct extent {
    int64_t begin, end;
} extent;

/* Those whose tap tw lies in the image. */
static extent valid(const gr_conv_problem *p, int64_t tw)
{
    int64_t first = tw * p->dil_w - p->pad_left; /* the column under result 0 */
    return (extent){first < 0 ? gr_blocks(-first, p->stride_w) : 0,
                    gr_least(p->ow, gr_blocks(gr_most(0, p->w - first), p->stride_w))};
}

/* Taps tw .. tw + taps of some results, `vectors` vectors of channels; of a single one `lanes` are real. */
GR_INLINE void add_taps(const span *s, int64_t tw, const int taps, extent in, int64_t channel, const int vectors,
                        int64_t lanes)
{
    const gr_conv_problem *p = s->p;
    const int64_t c = p->c, move = p->stride_w * c, apart = p->dil_w * c;
    gr_vf sum[TAPS][GR_DW_WIDE];
    float *sums = s->sums + tw * c + channel;
    for (int t = 0; t < taps; t++)
        for (int k = 0; k < vectors; k++)
            sum[t][k] = gr_vload_upto(sums + t * c + k * GR_VL, lanes);
    const float *x = s->x + (in.begin * p->stride_w + tw * p->dil_w - p->pad_left) * c + channel;
    const float *dy = s->dy + in.begin * c + channel;
    for (int64_t ow = in.begin; ow < in.end; ow++, x += move, dy += c)
        for (int k = 0; k < vectors; k++) {
            gr_vf gradient = gr_vload_upto(dy + k * GR_VL, lanes);
            for (int t = 0; t < taps; t++)
                sum[t][k] = gr_vfma(gr_vload_upto(x + t * apart + k * GR_VL, lanes), gradient, sum[t][k]);
        }
    for (int t = 0; t < taps; t++)
        for (int k = 0; k < vectors; k++)
            gr_vstore_upto(sums + t * c + k * GR_VL, sum[t][k], lanes);
}

GR_INLINE void add_channels(const span *s, int64_t tw, const int taps, extent in)
{
    const int vectors = taps == 1 ? GR_DW_WIDE : 2; /* as many sums as hide the time that one takes */
    int64_t channel = in.begin < in.end ? 0 : s->p->c;
    for (; channel + vectors * GR_VL <= s->p->c; channel += vectors * GR_VL)
        add_taps(s, tw, taps, in, channel, vectors, GR_VL);
    for (; channel < s->p->c; channel += GR_VL)
        add_taps(s, tw, taps, in, channel, 1, gr_least(GR_VL, s->p->c - channel));
}

/* One row of taps: where all of a few lie in the image, together, and the rest tap by tap. */
static void add_row(const span *s)
{
    const gr_conv_problem *p = s->p;
    for (int64_t tw = 0; tw < p->kw;) {
        const int64_t taps = p->kw - tw >= TAPS ? TAPS : 1;
        const extent first = valid(p, tw), last = valid(p, tw + taps - 1);
        const extent all = {first.begin, gr_most(first.begin, last.end)}; /* later taps begin and end earlier */
        if (taps == TAPS)
            add_channels(s, tw, TAPS, all);
        for (int64_t t = tw; t < tw + taps; t++) {
            const extent own = valid(p, t);
            add_channels(s, t, 1, (extent){own.begin, taps == TAPS ? gr_least(all.begin, own.end) : own.end});
            if (taps == TAPS)
                add_channels(s, t, 1, (extent){gr_most(own.begin, all.end), own.end});
        }
        tw += taps;
    }
}

static void weight_block(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const gr_conv_problem *p = j->p;
    float *sums = (float *)j->args->scratch + (size_t)index * sums_floats(p);
    float *scratch = (float *)j->args->scratch + sums_floats(p) * (size_t)gr_dw_blocks(p, GR_BACKWEIGHT) +
                     thread_floats(p) * (size_t)thread;
    gr_dw_reader x = gr_dw_reader_make(&j->x, p->w, p->c, reach(p), scratch);
    gr_dw_reader dy = gr_dw_reader_make(&j->dy, p->ow, p->c, 1, scratch + gr_dw_reader_floats(p->w, p->c, reach(p)));
    memset(sums, 0, sizeof(float) * sums_floats(p));
    int64_t rows = gr_dw_block_rows(p, GR_BACKWEIGHT), end = gr_least((index + 1) * rows, p->n * p->oh);
    for (int64_t row = index * rows; row < end; row++)
        for (int64_t th = 0; th < p->kh; th++) {
            int64_t ih = row % p->oh * p->stride_h - p->pad_top + th * p->dil_h;
            if (ih >= 0 && ih < p->h)
                add_row(&(span){p, gr_dw_row(&x, row / p->oh * p->h + ih), gr_dw_row(&dy, row), sums + th * p->kw * p->c});
        }
}

static void add_blocks(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    (void)thread;
    const float *sums = j->args->scratch;
    size_t stride = sums_floats(j->p);
    int64_t blocks = gr_dw_blocks(j->p, GR_BACKWEIGHT), end = gr_least((index + 1) * REDUCE, j->p->kh * j->p->kw * j->p->c);
    for (int64_t at = index * REDUCE; at < end; at += GR_VL) {
        int64_t count = end - at;
        gr_vf sum = j->args->accumulate ? gr_vload_upto(j->args->out + at, count) : gr_vzero();
        for (int64_t block = 0; block < blocks; block++)
            sum += gr_vload(sums + (size_t)block * stride + at); /* padded to whole vectors */
        gr_vstore_upto(j->args->out + at, sum, count);
    }
}

void GR_KERNEL(gr_dw_weight_run)(const gr_conv_problem *p, const gr_conv_args *args)
{
    job j = {p, args, gr_source_of_x(args), gr_source_of_dy(args)};
    gr_parallel_for(gr_dw_blocks(p, GR_BACKWEIGHT), weight_block, &j);
    gr_parallel_for(gr_blocks(p->kh * p->kw * p->c, REDUCE), add_blocks, &j);
}
