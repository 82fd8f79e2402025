/* A 2x2 max pool, and the ReLU behind it, where a convolution's sums are. Private to kernels/K_*.c. */
#ifndef GR_POOLED_H
#define GR_POOLED_H

#include "conv_fusion.h"
#include "rows.h"

/* NULL when a convolution can pool as `f` says, else why not. */
static inline const char *gr_pooled_refuses(const gr_conv_problem *p, const gr_conv_fusion *f)
{
    const gr_pool_problem *pool = &f->pool;
    if (pool->kh != 2 || pool->kw != 2 || pool->stride_h != 2 || pool->stride_w != 2 || pool->pad_top != 0 ||
        pool->pad_left != 0)
        return "the pool is not 2x2 by 2";
    if (2 * pool->oh > p->oh || 2 * pool->ow > p->ow)
        return "a window of the pool leaves the map";
    if (f->out_a != NULL || f->residual != NULL || f->stats != NULL || f->act > GR_ACT_RELU)
        return "something else stands between convolution and pool";
    return NULL;
}

/* The most of a window's four sums in their order, with the bias, and which it was: `lanes` channels to y and taps. */
GR_INLINE void gr_pooled_write(const gr_vf four[4], gr_vf bias, gr_act act, int64_t lanes, float *y, uint8_t *taps)
{
    gr_vf best = gr_vset(-__builtin_inff());
    gr_vi chosen = {0};
#pragma GCC unroll 4
    for (int tap = 0; tap < 4; tap++)
        gr_vtake_greater(four[tap] + bias, (gr_vi){0} + tap, &best, &chosen);
    if (act == GR_ACT_RELU) {
        const gr_vi closed = (gr_vi){0} + GR_POOL_CLOSED, open = (gr_vi)(best > gr_vzero());
        chosen = (open & chosen) | (~open & closed);
        best = gr_vrelu(best);
    }
    gr_vstore_upto(y, best, lanes);
    uint8_t bytes[GR_VL];
    gr_vnarrow_bytes(lanes >= GR_VL ? taps : bytes, chosen);
    if (lanes < GR_VL)
        memcpy(taps, bytes, (size_t)lanes);
}

/* The taps of `lanes` channels, one a lane. */
GR_INLINE gr_vi gr_pooled_taps(const uint8_t *taps, int64_t lanes)
{
    uint8_t part[GR_VL] = {0};
    if (lanes >= GR_VL)
        return gr_vwiden_bytes(taps);
    memcpy(part, taps, (size_t)lanes);
    return gr_vwiden_bytes(part);
}

/* dy where `tap` was chosen, else 0. */
GR_INLINE gr_vf gr_pooled_share(gr_vi taps, int tap, gr_vf dy)
{
    return gr_vselect((gr_vi)(taps == (gr_vi){0} + tap), dy, gr_vzero());
}

#endif
