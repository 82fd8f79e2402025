/* Max pooling over tensors of which some are narrow, vectorised over channels. A task is one row of outputs (forward) or of inputs
 * (backward), which gathers from the windows that hold a pixel, so that no two tasks write the same place. What is taken, and where
 * a gradient goes, is as in K_pool.c. */
#include "narrow.h"
#include "parts.h"

typedef struct job {
    const gr_pool_problem *p;
    const gr_pool_stored *s;
} job;

/* What of a window's taps that start at `start` lies inside [0, size), or which of `count` windows hold a pixel. */
typedef struct span {
    int64_t begin, end;
} span;

static span taps_inside(int64_t start, int64_t taps, int64_t size)
{
    return (span){gr_most(0, -start), gr_least(taps, size - start)};
}

static span windows_of(int64_t at, int64_t pad, int64_t taps, int64_t stride, int64_t count)
{
    int64_t last = at + pad, first = last - taps + 1;
    return (span){first <= 0 ? 0 : gr_blocks(first, stride), gr_least(count, last / stride + 1)};
}

static void store_bytes(uint8_t *p, gr_vi v, int64_t left)
{
    uint8_t part[GR_VL];
    gr_vnarrow_bytes(left >= GR_VL ? p : part, v);
    if (left < GR_VL)
        memcpy(p, part, (size_t)left);
}

GR_INLINE gr_vi load_bytes(const uint8_t *p, int64_t left)
{
    uint8_t part[GR_VL] = {0};
    if (left >= GR_VL)
        return gr_vwiden_bytes(p);
    memcpy(part, p, (size_t)left);
    return gr_vwiden_bytes(part);
}

/* ---- forward ---------------------------------------------------------------------------------------------------------- */

/* Channels i .. i + left of one window; `at`: where tap (0, 0) is or would be. ReLU keeps the order, so that it comes last. */
GR_INLINE void window(const job *j, span kh, span kw, int64_t at, int64_t i, int64_t out, const bool narrow)
{
    const gr_pool_problem *p = j->p;
    const gr_pool_stored *s = j->s;
    const bool lazy = s->scale != NULL;
    int64_t left = p->c - i;
    gr_vf scale = lazy ? gr_vload_upto(s->scale + i, left) : gr_vzero();
    gr_vf shift = lazy ? gr_vload_upto(s->shift + i, left) : gr_vzero();
    gr_vf best = gr_vset(-__builtin_inff());
    gr_vi chosen = (gr_vi){0} + (int32_t)(kh.begin * p->kw + kw.begin);
    for (int64_t h = kh.begin; h < kh.end; h++)
        for (int64_t w = kw.begin; w < kw.end; w++) {
            gr_vf v = gr_vload_as(s->x.data, at + (h * p->w + w) * p->c + i, left, narrow || s->x.narrow);
            if (lazy)
                v = gr_vfma(v, scale, shift);
            gr_vtake_greater(v, (gr_vi){0} + (int32_t)(h * p->kw + w), &best, &chosen);
        }
    gr_vstore_as(s->y.data, out + i, lazy ? gr_vrelu(best) : best, left, narrow || s->y.narrow);
    store_bytes(s->index + out + i, chosen, left);
}

static void forward_task(void *ctx, int64_t task, int thread)
{
    (void)thread;
    const job *j = ctx;
    const gr_pool_problem *p = j->p;
    const bool narrow = j->s->x.narrow && j->s->y.narrow;
    int64_t n = task / p->oh, h0 = task % p->oh * p->stride_h - p->pad_top;
    span kh = taps_inside(h0, p->kh, p->h);
    for (int64_t ow = 0; ow < p->ow; ow++) {
        int64_t w0 = ow * p->stride_w - p->pad_left, at = ((n * p->h + h0) * p->w + w0) * p->c, out = (task * p->ow + ow) * p->c;
        span kw = taps_inside(w0, p->kw, p->w);
        for (int64_t i = 0; i < p->c; i += GR_VL)
            if (narrow)
                window(j, kh, kw, at, i, out, true);
            else
                window(j, kh, kw, at, i, out, false);
    }
}

void GR_KERNEL(gr_max_pool_stored)(const gr_pool_problem *p, const gr_pool_stored *pool)
{
    job j = {p, pool};
    gr_parallel_for(p->n * p->oh, forward_task, &j);
}

/* ---- backward --------------------------------------------------------------------------------------------------------- */

/* The gradient of channels i .. i + left of input pixel (n, h, w), from windows [oh] x [ow], added to `sum`. */
GR_INLINE gr_vf gathered(const job *j, int64_t n, int64_t h, int64_t w, span oh, span ow, int64_t i, int64_t left,
                         const bool narrow, gr_vf sum)
{
    const gr_pool_problem *p = j->p;
    for (int64_t y = oh.begin; y < oh.end; y++)
        for (int64_t x = ow.begin; x < ow.end; x++) {
            int64_t at = ((n * p->oh + y) * p->ow + x) * p->c + i;
            int64_t tap = (h - y * p->stride_h + p->pad_top) * p->kw + w - x * p->stride_w + p->pad_left;
            gr_vi mine = (gr_vi)(load_bytes(j->s->index + at, left) == (gr_vi){0} + (int32_t)tap);
            sum += gr_vselect(mine, gr_vload_as(j->s->dy.data, at, left, narrow || j->s->dy.narrow), gr_vzero());
        }
    return sum;
}

enum { VECTORS = 4 }; /* whose sums stay in registers */

/* One row of inputs for `vectors` vectors of channels from `first` on: masked by the ReLU in front, with the row's sums, where x is
 * lazy. */
GR_INLINE void row_back(const job *j, int64_t task, span oh, int64_t first, const int vectors, const bool narrow)
{
    const gr_pool_problem *p = j->p;
    const gr_pool_stored *s = j->s;
    int64_t n = task / p->h, h = task % p->h;
    const bool lazy = s->scale != NULL;
    gr_vf sum[VECTORS] = {gr_vzero()}, products[VECTORS] = {gr_vzero()};
    for (int64_t w = 0; w < p->w; w++) {
        span ow = windows_of(w, p->pad_left, p->kw, p->stride_w, p->ow);
        for (int v = 0; v < vectors; v++) {
            int64_t i = first + v * GR_VL, at = (task * p->w + w) * p->c + i, left = v < vectors - 1 ? GR_VL : p->c - i;
            gr_vf old = s->accumulate ? gr_vload_as(s->dx.data, at, left, narrow || s->dx.narrow) : gr_vzero();
            gr_vf g = gathered(j, n, h, w, oh, ow, i, left, narrow, old);
            if (lazy) {
                gr_vf x = gr_vload_as(s->x.data, at, left, narrow || s->x.narrow);
                gr_vf z = gr_vfma(x, gr_vload_upto(s->scale + i, left), gr_vload_upto(s->shift + i, left));
                g = gr_vselect((gr_vi)(z > gr_vzero()), g, gr_vzero());
                sum[v] += g;
                products[v] = gr_vfma(g, x, products[v]);
            }
            gr_vstore_as(s->dx.data, at, g, left, narrow || s->dx.narrow);
        }
    }
    for (int v = 0; lazy && v < vectors; v++) {
        int64_t i = first + v * GR_VL, left = p->c - i;
        gr_vstore_upto(s->mask_stats + task * 2 * p->c + i, sum[v], left);
        gr_vstore_upto(s->mask_stats + (task * 2 + 1) * p->c + i, products[v], left);
    }
}

static void backward_task(void *ctx, int64_t task, int thread)
{
    (void)thread;
    const job *j = ctx;
    const gr_pool_stored *s = j->s;
    const bool narrow = s->x.narrow && s->dy.narrow && s->dx.narrow;
    span oh = windows_of(task % j->p->h, j->p->pad_top, j->p->kh, j->p->stride_h, j->p->oh);
    int64_t i = 0;
    for (; narrow && i + VECTORS * GR_VL <= j->p->c; i += VECTORS * GR_VL)
        row_back(j, task, oh, i, VECTORS, true);
    for (; i < j->p->c; i += GR_VL)
        row_back(j, task, oh, i, 1, false);
}

void GR_KERNEL(gr_max_pool_backward_stored)(const gr_pool_problem *p, const gr_pool_stored *pool)
{
    job j = {p, pool};
    gr_parallel_for(p->n * p->h, backward_task, &j);
}
