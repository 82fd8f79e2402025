/* Squeeze-and-excitation over a map that was not written out: x stands for act(x scale + shift), the batch norm in front. The same
 * sums, in the same order, as those of the map itself (K_pool.c, K_channels.c). */
#include "parts.h"
#include "rows.h"
#include "simd_math.h"

enum { LARGE = 16 << 20 /* bytes: nothing of so much would be left in the caches for its reader */ };

typedef struct lazy_job {
    int64_t pixels, c, chunks, block;
    const float *x, *s, *dy;
    gr_stands_for f;
    float *y, *dx, *ds;
    bool accumulate_dx, accumulate_ds;
    bool stream; /* y goes past the caches */
} lazy_job;

/* A panel's first pixel in each array; by channel: scale and shift of the map, the factors s. */
typedef struct lazy_view {
    const float *x, *dy, *scale, *shift, *s;
    float *dx;
    bool accumulate;
} lazy_view;

GR_INLINE gr_vf read_at(const lazy_view *v, int64_t at, int64_t i, int64_t left, const gr_act act)
{
    return gr_vact(act, gr_vfma(gr_vload_upto(v->x + at, left), gr_vload_upto(v->scale + i, left),
                                gr_vload_upto(v->shift + i, left)));
}

GR_INLINE void sum_relu(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    (void)q;
    *s += read_at(view, at, i, left, GR_ACT_RELU);
}

GR_INLINE void sum_hard_swish(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    (void)q;
    *s += read_at(view, at, i, left, GR_ACT_HARD_SWISH);
}

GR_INLINE void sum_silu(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    (void)q;
    *s += read_at(view, at, i, left, GR_ACT_SILU);
}

GR_INLINE void scale_back(const lazy_view *v, int64_t at, int64_t i, int64_t left, const gr_act act, gr_vf *s)
{
    gr_vf dy = gr_vload_upto(v->dy + at, left);
    *s = gr_vfma(dy, read_at(v, at, i, left, act), *s);
    if (v->dx == NULL)
        return;
    gr_vf dx = dy * gr_vload_upto(v->s + i, left);
    gr_vstore_upto(v->dx + at, v->accumulate ? gr_vload_upto(v->dx + at, left) + dx : dx, left);
}

GR_INLINE void back_relu(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    (void)q;
    scale_back(view, at, i, left, GR_ACT_RELU, s);
}

GR_INLINE void back_hard_swish(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    (void)q;
    scale_back(view, at, i, left, GR_ACT_HARD_SWISH, s);
}

GR_INLINE void back_silu(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    (void)q;
    scale_back(view, at, i, left, GR_ACT_SILU, s);
}

/* One group of channels of one image: `total` is the sum over all its pixels, panels in double. */
GR_INLINE void sum_group(const lazy_job *j, int64_t index, double *total, gr_step_fn *step)
{
    int64_t n = index / j->chunks, first = index % j->chunks * GR_GROUP, width = gr_least(GR_GROUP, j->c - first);
    float sum[GR_GROUP], unused[GR_GROUP];
    for (int64_t i = 0; i < width; i++)
        total[i] = 0;
    for (int64_t p = 0; p < j->pixels; p += GR_PANEL_ROWS) {
        int64_t at = (n * j->pixels + p) * j->c + first, rows = gr_least(GR_PANEL_ROWS, j->pixels - p);
        const lazy_view view = {.x = j->x + at,
                                .dy = j->dy != NULL ? j->dy + at : NULL,
                                .scale = j->f.scale + first,
                                .shift = j->f.shift + first,
                                .s = j->s != NULL ? j->s + n * j->c + first : NULL,
                                .dx = j->dx != NULL ? j->dx + at : NULL,
                                .accumulate = j->accumulate_dx};
        gr_panel_sums(&view, rows, width, j->c, step, sum, unused);
        for (int64_t i = 0; i < width; i++)
            total[i] += (double)sum[i];
    }
}

static void pool_task(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const lazy_job *j = ctx;
    double total[GR_GROUP];
    if (j->f.act == GR_ACT_RELU)
        sum_group(j, index, total, sum_relu);
    else if (j->f.act == GR_ACT_HARD_SWISH)
        sum_group(j, index, total, sum_hard_swish);
    else
        sum_group(j, index, total, sum_silu);
    int64_t n = index / j->chunks, first = index % j->chunks * GR_GROUP, width = gr_least(GR_GROUP, j->c - first);
    for (int64_t i = 0; i < width; i++)
        j->y[n * j->c + first + i] = (float)(total[i] / (double)j->pixels);
}

void GR_KERNEL(gr_lazy_avg_pool)(int64_t n, int64_t pixels, int64_t c, const float *x, const gr_stands_for *f, float *y)
{
    lazy_job j = {.pixels = pixels, .c = c, .chunks = gr_blocks(c, GR_GROUP), .x = x, .f = *f, .y = y};
    gr_parallel_for(n * j.chunks, pool_task, &j);
}

GR_INLINE void scale_pixels(const lazy_job *j, int64_t index, const gr_act act, const bool stream)
{
    int64_t n = index / j->chunks, first = index % j->chunks * j->block, end = gr_least(j->pixels, first + j->block);
    const lazy_view view = {.x = j->x, .scale = j->f.scale, .shift = j->f.shift};
    const float *s = j->s + n * j->c;
    for (int64_t p = first; p < end; p++)
        for (int64_t i = 0; i < j->c; i += GR_VL) {
            int64_t at = (n * j->pixels + p) * j->c + i, left = j->c - i;
            const gr_vf y = read_at(&view, at, i, left, act) * gr_vload_upto(s + i, left);
            if (stream)
                gr_vstream(j->y + at, y);
            else
                gr_vstore_upto(j->y + at, y, left);
        }
    if (stream)
        gr_vstream_end();
}

GR_INLINE void scale_rows(const lazy_job *j, int64_t index, const gr_act act)
{
    if (j->stream)
        scale_pixels(j, index, act, true);
    else
        scale_pixels(j, index, act, false);
}

static void scale_task(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const lazy_job *j = ctx;
    if (j->f.act == GR_ACT_RELU)
        scale_rows(j, index, GR_ACT_RELU);
    else if (j->f.act == GR_ACT_HARD_SWISH)
        scale_rows(j, index, GR_ACT_HARD_SWISH);
    else
        scale_rows(j, index, GR_ACT_SILU);
}

void GR_KERNEL(gr_lazy_scale)(int64_t n, int64_t pixels, int64_t c, const float *x, const gr_stands_for *f, const float *s,
                              float *y)
{
    lazy_job j = {.pixels = pixels, .c = c, .block = gr_rows_per_block(c), .x = x, .s = s, .f = *f, .y = y};
    j.chunks = gr_blocks(pixels, j.block);
    j.stream = c % GR_VL == 0 && (uintptr_t)y % 64 == 0 && n * pixels * c * (int64_t)sizeof(float) >= LARGE;
    gr_parallel_for(n * j.chunks, scale_task, &j);
}

static void back_task(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const lazy_job *j = ctx;
    double total[GR_GROUP];
    if (j->f.act == GR_ACT_RELU)
        sum_group(j, index, total, back_relu);
    else if (j->f.act == GR_ACT_HARD_SWISH)
        sum_group(j, index, total, back_hard_swish);
    else
        sum_group(j, index, total, back_silu);
    int64_t n = index / j->chunks, first = index % j->chunks * GR_GROUP, width = gr_least(GR_GROUP, j->c - first);
    float *ds = j->ds != NULL ? j->ds + n * j->c + first : NULL;
    for (int64_t i = 0; ds != NULL && i < width; i++)
        ds[i] = (float)total[i] + (j->accumulate_ds ? ds[i] : 0.0f);
}

void GR_KERNEL(gr_lazy_scale_backward)(int64_t n, int64_t pixels, int64_t c, const float *x, const gr_stands_for *f,
                                       const float *s, const float *dy, float *dx, bool accumulate_dx, float *ds,
                                       bool accumulate_ds)
{
    lazy_job j = {.pixels = pixels, .c = c, .chunks = gr_blocks(c, GR_GROUP), .x = x, .s = s, .dy = dy, .f = *f, .dx = dx, .ds = ds,
                  .accumulate_dx = accumulate_dx, .accumulate_ds = accumulate_ds};
    gr_parallel_for(n * j.chunks, back_task, &j);
}
