/* The update rules of update.h. */
#include "update.h"

#include "parts.h"
#include "rows.h"

GR_INLINE gr_vf larger(gr_vf a, gr_vf b)
{
    return gr_vselect((gr_vi)(a > b), a, b);
}

GR_INLINE gr_vf magnitude(gr_vf x)
{
    return gr_vselect((gr_vi)(x < gr_vzero()), -x, x);
}

GR_INLINE gr_vf sign(gr_vf w)
{
    gr_vf one = gr_vset(1.0f);
    gr_vf positive = gr_vselect((gr_vi)(w > gr_vzero()), one, gr_vzero());
    return gr_vselect((gr_vi)(w < gr_vzero()), -one, positive);
}

/* What every rule begins with: the weight, shrunk by a decoupled decay, and the gradient with its penalties. */
GR_INLINE gr_vf weight_of(const gr_update *u, int64_t i, int64_t left, gr_vf *d)
{
    gr_vf w = gr_vload_upto(u->w + i, left);
    *d = gr_vload_upto(u->g + i, left);
    if (u->l1 != 0.0f)
        *d = gr_vfma(sign(w), gr_vset(u->l1), *d);
    if (u->decay != 0.0f)
        *d = gr_vfma(w, gr_vset(u->decay), *d);
    return w * gr_vset(u->keep);
}

/* p = beta p + rest x, stored and given. */
GR_INLINE gr_vf moved(float *p, int64_t left, float beta, float rest, gr_vf x)
{
    gr_vf value = gr_vfma(x, gr_vset(rest), gr_vload_upto(p, left) * gr_vset(beta));
    gr_vstore_upto(p, value, left);
    return value;
}

GR_INLINE void sgd_at(const gr_update *u, int64_t i, int64_t left)
{
    gr_vf d, w = weight_of(u, i, left, &d), step = gr_vset(-u->lr) * d;
    if (u->a != NULL) {
        gr_vf v = gr_vfma(gr_vload_upto(u->a + i, left), gr_vset(u->momentum), step);
        gr_vstore_upto(u->a + i, v, left);
        step = u->nesterov ? gr_vfma(v, gr_vset(u->momentum), step) : v;
    }
    gr_vstore_upto(u->w + i, w + step, left);
}

GR_INLINE void adam_at(const gr_update *u, int64_t i, int64_t left)
{
    gr_vf d, w = weight_of(u, i, left, &d);
    gr_vf m = moved(u->a + i, left, u->beta1, u->rest1, d), v = moved(u->b + i, left, u->beta2, u->rest2, d * d);
    if (u->c != NULL) {
        v = larger(gr_vload_upto(u->c + i, left), v);
        gr_vstore_upto(u->c + i, v, left);
    }
    gr_vf denominator = gr_vsqrt(v) / gr_vset(u->correction) + gr_vset(u->eps);
    gr_vstore_upto(u->w + i, w - gr_vset(u->lr) * m / denominator, left);
}

GR_INLINE void nadam_at(const gr_update *u, int64_t i, int64_t left)
{
    gr_vf d, w = weight_of(u, i, left, &d);
    gr_vf m = moved(u->a + i, left, u->beta1, u->rest1, d), v = moved(u->b + i, left, u->beta2, u->rest2, d * d);
    gr_vf denominator = gr_vsqrt(v) / gr_vset(u->correction) + gr_vset(u->eps);
    gr_vstore_upto(u->w + i, w - (gr_vset(u->lr) * d + gr_vset(u->lr2) * m) / denominator, left);
}

GR_INLINE void adamax_at(const gr_update *u, int64_t i, int64_t left)
{
    gr_vf d, w = weight_of(u, i, left, &d), eps = gr_vset(u->eps);
    gr_vf m = moved(u->a + i, left, u->beta1, u->rest1, d);
    gr_vf large = u->keras ? magnitude(d) : magnitude(d) + eps;
    gr_vf norm = larger(gr_vload_upto(u->b + i, left) * gr_vset(u->beta2), large);
    gr_vstore_upto(u->b + i, norm, left);
    gr_vstore_upto(u->w + i, w - gr_vset(u->lr) * m / (u->keras ? norm + eps : norm), left);
}

GR_INLINE gr_vf root(const gr_update *u, gr_vf square)
{
    gr_vf eps = gr_vset(u->eps);
    return u->keras ? gr_vsqrt(square + eps) : gr_vsqrt(square) + eps;
}

GR_INLINE void adagrad_at(const gr_update *u, int64_t i, int64_t left)
{
    gr_vf d, w = weight_of(u, i, left, &d);
    gr_vf sum = gr_vfma(d, d, gr_vload_upto(u->a + i, left));
    gr_vstore_upto(u->a + i, sum, left);
    gr_vstore_upto(u->w + i, w - gr_vset(u->lr) * d / root(u, sum), left);
}

GR_INLINE void rmsprop_at(const gr_update *u, int64_t i, int64_t left)
{
    gr_vf d, w = weight_of(u, i, left, &d);
    gr_vf square = moved(u->a + i, left, u->beta2, u->rest2, d * d);
    if (u->b != NULL) {
        gr_vf mean = moved(u->b + i, left, u->beta2, u->rest2, d);
        square -= mean * mean;
    }
    gr_vf step = d / root(u, square), lr = gr_vset(u->lr);
    step = u->keras ? lr * step : step;
    if (u->c != NULL)
        step = moved(u->c + i, left, u->momentum, 1.0f, step);
    gr_vstore_upto(u->w + i, w - (u->keras ? step : lr * step), left);
}

#define BLOCKS(rule)                                                                                                         \
    static void rule##_block(void *ctx, int64_t index, int thread)                                                           \
    {                                                                                                                        \
        (void)thread;                                                                                                        \
        const gr_update *shared = ctx;                                                                                       \
        const gr_update u = *shared; /* a copy, which the stores cannot change */                                            \
        int64_t i = index * GR_FLAT_BLOCK, end = gr_least(u.count, i + GR_FLAT_BLOCK);                                       \
        for (; i + GR_VL <= end; i += GR_VL)                                                                                 \
            rule##_at(&u, i, GR_VL);                                                                                         \
        if (i < end)                                                                                                         \
            rule##_at(&u, i, end - i);                                                                                       \
    }
BLOCKS(sgd)
BLOCKS(adam)
BLOCKS(nadam)
BLOCKS(adamax)
BLOCKS(adagrad)
BLOCKS(rmsprop)

void GR_KERNEL(gr_update)(gr_update_rule rule, const gr_update *update)
{
    static void (*const blocks[])(void *ctx, int64_t index, int thread) = {
        [GR_UPDATE_SGD] = sgd_block,       [GR_UPDATE_ADAM] = adam_block,       [GR_UPDATE_NADAM] = nadam_block,
        [GR_UPDATE_ADAMAX] = adamax_block, [GR_UPDATE_ADAGRAD] = adagrad_block, [GR_UPDATE_RMSPROP] = rmsprop_block,
    };
    gr_update job = *update;
    gr_parallel_for(gr_blocks(job.count, GR_FLAT_BLOCK), blocks[rule], &job);
}
