/* How Winograd convolution along one axis cuts its work, and what it does to what it reads. */
#include "winograd_line.h"

enum { TILES = 36 }; /* of a block, about: transformed, they stay in L2 beside a panel of weights */

gr_lines GR_KERNEL(gr_lines_make)(const gr_conv_problem *p, gr_direction d)
{
    gr_lines l = {.v = GR_KERNEL(gr_view_make)(p, d, 0), .rows = p->kh == 1, .taps = p->kh * p->kw};
    const gr_axis *along = l.rows ? &l.v.w : &l.v.h, *across = l.rows ? &l.v.h : &l.v.w;
    l.points = GR_LINE_OUTS + l.taps - 1;
    l.lines = l.v.n * across->results, l.results = along->results, l.reads = along->size, l.first = along->first;
    l.tiles = gr_blocks(l.results, GR_LINE_OUTS);
    l.block = gr_most(1, TILES / l.tiles);
    l.blocks = gr_blocks(l.lines, l.block);
    l.patch = l.tiles * GR_LINE_OUTS + l.taps - 1;
    l.in_lda = gr_row_stride(l.v.in_c);
    return l;
}

/* B x, a vector of channels at a time. */
GR_INLINE void transform(const int taps, const int points, const float *x, int64_t lda, float *v, int64_t step)
{
    gr_vf in[GR_LINE_POINTS];
#pragma GCC unroll 10
    for (int i = 0; i < points; i++)
        in[i] = gr_vload(x + i * lda);
#pragma GCC unroll 10
    for (int k = 0; k < points; k++) {
        gr_vf sum = gr_vzero();
#pragma GCC unroll 10
        for (int i = 0; i < points; i++)
            if (gr_line_b(taps, k, i) != 0.0f)
                sum = gr_vfma(in[i], gr_vset(gr_line_b(taps, k, i)), sum);
        gr_vstore(v + k * step, sum);
    }
}

static void transform_tiles(const gr_lines *l, int64_t count, const float *patch, int64_t step, float *v)
{
    for (int64_t tile = 0; tile < l->tiles; tile++, v += l->in_lda, patch += GR_LINE_OUTS * l->in_lda)
        for (int64_t c = 0; c < count; c += GR_VL)
            if (l->taps == 7)
                transform(7, 10, patch + c, l->in_lda, v + c, step);
            else
                transform(3, 6, patch + c, l->in_lda, v + c, step);
}

void GR_KERNEL(gr_line_read)(const gr_lines *l, const gr_source *s, int64_t line, int64_t channel, int64_t count, float *patch,
                             int64_t tiles, float *v)
{
    const int64_t c = l->v.in_c, low = gr_most(0, -l->first), high = gr_least(l->patch, l->reads - l->first);
    const int64_t step = gr_line_step(l), begin = gr_line_begin(l, line, l->reads) + (l->first + low) * step;
    if (high > low)
        GR_KERNEL(gr_source_block)
        (s, begin * c + channel, step * c, channel, high - low, count, patch + low * l->in_lda, l->in_lda);
    transform_tiles(l, count, patch, tiles * l->in_lda, v);
}
