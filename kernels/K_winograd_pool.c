/* Winograd convolution with a 2x2 max pool behind: tiles out are pooled, and tiles of gradient come from the pool's. */
#include "pooled.h"
#include "winograd.h"

/* One window's gradient of channels c .. c + lanes - 1 to those of its four pixels that lie in the patch. */
GR_INLINE void spread(const gr_wino_image *image, int64_t window, int64_t c, int64_t lanes, const int size, int64_t i,
                      int64_t j, gr_vf *patch)
{
    const int64_t at = window * image->channels + c;
    const gr_vi taps = gr_pooled_taps(image->taps + at, lanes);
    const gr_vf dy = gr_vload_upto(image->source.data + at, lanes);
#pragma GCC unroll 4
    for (int tap = 0; tap < 4; tap++) {
        const int64_t row = i + tap / 2, col = j + tap % 2;
        if (row >= 0 && row < size && col >= 0 && col < size)
            patch[row * size + col] = gr_pooled_share(taps, tap, dy);
    }
}

GR_INLINE void unpool(const gr_wino_image *image, const int size, const gr_wino_corner *at, int64_t c, gr_vf *patch)
{
    const gr_pool_problem *pool = image->pool;
    const int64_t lanes = gr_least(GR_VL, image->channels - c);
    const int64_t first_row = at->row >= 0 ? at->row / 2 : (at->row - 1) / 2, odd_row = at->row - 2 * first_row;
    const int64_t first_col = at->col >= 0 ? at->col / 2 : (at->col - 1) / 2, odd_col = at->col - 2 * first_col;
    const int64_t rows = (size + odd_row + 1) / 2, cols = (size + odd_col + 1) / 2;
    const bool whole = first_row >= 0 && first_col >= 0 && first_row + rows <= pool->oh && first_col + cols <= pool->ow;
    if (!whole)
        for (int i = 0; i < size * size; i++)
            patch[i] = gr_vzero();
    if (whole && odd_row == 0 && odd_col == 0 && lanes == GR_VL) { /* the usual case without a test per pixel */
        int64_t window = (at->image * pool->oh + first_row) * pool->ow + first_col;
        GR_UNROLL
        for (int i = 0; i < size / 2; i++)
            GR_UNROLL
        for (int j = 0; j < size / 2; j++)
            spread(image, window + i * pool->ow + j, c, GR_VL, size, 2 * i, 2 * j, patch);
        return;
    }
    for (int64_t row = gr_most(0, first_row); row < gr_least(first_row + rows, pool->oh); row++)
        for (int64_t col = gr_most(0, first_col); col < gr_least(first_col + cols, pool->ow); col++)
            spread(image, (at->image * pool->oh + row) * pool->ow + col, c, lanes, size, 2 * row - at->row,
                   2 * col - at->col, patch);
}

void GR_KERNEL(gr_wino_unpool)(const gr_wino_image *image, int size, const gr_wino_corner *at, int64_t c, float *patch)
{
    if (size == 6)
        unpool(image, 6, at, c, (gr_vf *)patch);
    else
        unpool(image, 4, at, c, (gr_vf *)patch);
}

void GR_KERNEL(gr_wino_pool_tile)(const gr_wino_target *target, const gr_wino_corner *at, int64_t c, const float *tile)
{
    const gr_conv_fusion *f = target->fusion;
    const gr_pool_problem *pool = &f->pool;
    const int64_t lanes = gr_least(GR_VL, target->channels - c), row0 = at->row / 2, col0 = at->col / 2;
    const gr_vf bias = f->bias != NULL ? gr_vload_upto(f->bias + c, lanes) : gr_vzero();
    for (int64_t i = 0; i < gr_least(2, pool->oh - row0); i++)
        for (int64_t j = 0; j < gr_least(2, pool->ow - col0); j++) {
            const float *corner = tile + (2 * i * 4 + 2 * j) * GR_VL;
            const gr_vf four[4] = {gr_vload(corner), gr_vload(corner + GR_VL), gr_vload(corner + 4 * GR_VL),
                                   gr_vload(corner + 5 * GR_VL)};
            int64_t to = ((at->image * pool->oh + row0 + i) * pool->ow + col0 + j) * target->channels + c;
            gr_pooled_write(four, bias, f->act, lanes, target->out + to, f->pool_index + to);
        }
}
