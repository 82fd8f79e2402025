/* Pooling, vectorised over channels. One task is one row of outputs (forward) or of inputs (backward): the backward
 * gathers from the windows that hold a pixel, so that no two tasks write the same place. */
#include "parts.h"
#include "rows.h"

typedef uint8_t gr_vb __attribute__((vector_size(GR_VL)));

/* The taps [begin, end) of a window that starts at `start` which lie inside [0, size). */
typedef struct span {
    int64_t begin, end;
} span;

static inline span taps_inside(int64_t start, int64_t taps, int64_t size)
{
    span s = {gr_most(0, -start), gr_least(taps, size - start)};
    return s;
}

/* The windows [begin, end) that hold input `at`. */
static inline span windows_of(int64_t at, int64_t pad, int64_t taps, int64_t stride, int64_t windows)
{
    int64_t last = at + pad;
    int64_t first = last - taps + 1;
    span s = {first <= 0 ? 0 : gr_blocks(first, stride), gr_least(windows, last / stride + 1)};
    return s;
}

GR_INLINE void store_bytes(uint8_t *p, gr_vi v, int64_t left)
{
    gr_vb bytes = __builtin_convertvector(v, gr_vb);
    if (left >= GR_VL)
        memcpy(p, &bytes, sizeof bytes);
    else
        for (int64_t l = 0; l < left; l++)
            p[l] = bytes[l];
}

GR_INLINE gr_vi load_bytes(const uint8_t *p, int64_t left)
{
    gr_vb bytes = {0};
    if (left >= GR_VL)
        memcpy(&bytes, p, sizeof bytes);
    else
        for (int64_t l = 0; l < left; l++)
            bytes[l] = p[l];
    return __builtin_convertvector(bytes, gr_vi);
}

/* ---- max -------------------------------------------------------------------------------------------------------------- */

typedef struct max_job {
    const gr_pool_problem *p;
    const float *x;
    float *y;
    uint8_t *index;
} max_job;

/* One window's maximum over the taps [kh] x [kw]; tap (0, 0) is, or would be, at x[at]. */
GR_INLINE void max_window(int64_t c, int64_t row, int64_t kernel_w, span kh, span kw, const float *x, int64_t at, float *y,
                          uint8_t *index)
{
    for (int64_t i = 0; i < c; i += GR_VL) {
        int64_t left = c - i;
        gr_vf best = gr_vset(-__builtin_inff());
        gr_vi chosen = (gr_vi){0} + (int32_t)(kh.begin * kernel_w + kw.begin);
        for (int64_t h = kh.begin; h < kh.end; h++)
            for (int64_t w = kw.begin; w < kw.end; w++) {
                gr_vf v = gr_vload_upto(x + (at + h * row + w * c + i), left);
                gr_vi better = (gr_vi)(v > best) | (gr_vi)(v != v);
                best = gr_vselect(better, v, best);
                if (index != NULL)
                    chosen = (better & (int32_t)(h * kernel_w + w)) | (~better & chosen);
            }
        gr_vstore_upto(y + i, best, left);
        if (index != NULL)
            store_bytes(index + i, chosen, left);
    }
}

/* Windows of `size` x `size` taps (0: any) that lie inside the image have constant loops. */
GR_INLINE void max_row(const max_job *job, int64_t task, int64_t size, bool indexed)
{
    const gr_pool_problem *p = job->p;
    int64_t n = task / p->oh, oh = task % p->oh, h0 = oh * p->stride_h - p->pad_top, row = p->w * p->c;
    span kh = taps_inside(h0, p->kh, p->h);
    for (int64_t ow = 0; ow < p->ow; ow++) {
        int64_t w0 = ow * p->stride_w - p->pad_left, out = (task * p->ow + ow) * p->c;
        span kw = taps_inside(w0, p->kw, p->w);
        int64_t at = ((n * p->h + h0) * p->w + w0) * p->c;
        uint8_t *index = indexed ? job->index + out : NULL;
        if (size != 0 && kh.end - kh.begin == size && kw.end - kw.begin == size)
            max_window(p->c, row, size, (span){0, size}, (span){0, size}, job->x, at, job->y + out, index);
        else
            max_window(p->c, row, p->kw, kh, kw, job->x, at, job->y + out, index);
    }
}

static void max_task(void *ctx, int64_t task, int thread)
{
    (void)thread;
    const max_job *job = ctx;
    int64_t size = job->p->kh == job->p->kw ? job->p->kh : 0;
    if (job->index == NULL)
        max_row(job, task, size == 3 ? 3 : 0, false);
    else if (size == 3)
        max_row(job, task, 3, true);
    else if (size == 2)
        max_row(job, task, 2, true);
    else
        max_row(job, task, 0, true);
}

void GR_KERNEL(gr_max_pool)(const gr_pool_problem *p, const float *x, float *y, uint8_t *index)
{
    max_job job = {p, x, y, index};
    gr_parallel_for(p->n * p->oh, max_task, &job);
}

typedef struct max_backward_job {
    const gr_pool_problem *p;
    const uint8_t *index;
    const float *dy;
    float *dx;
    bool accumulate;
} max_backward_job;

/* dx of one pixel: the sum of dy over the windows [oh] x [ow] that chose it. */
GR_INLINE void max_pixel(const max_backward_job *job, int64_t n, int64_t h, int64_t w, span oh, span ow, float *dx)
{
    const gr_pool_problem *p = job->p;
    for (int64_t i = 0; i < p->c; i += GR_VL) {
        int64_t left = p->c - i;
        gr_vf sum = job->accumulate ? gr_vload_upto(dx + i, left) : gr_vzero();
        for (int64_t y = oh.begin; y < oh.end; y++)
            for (int64_t x = ow.begin; x < ow.end; x++) {
                int64_t at = ((n * p->oh + y) * p->ow + x) * p->c + i;
                int64_t tap = (h + p->pad_top - y * p->stride_h) * p->kw + (w + p->pad_left - x * p->stride_w);
                gr_vi mine = (gr_vi)(load_bytes(job->index + at, left) == (gr_vi){0} + (int32_t)tap);
                sum += gr_vselect(mine, gr_vload_upto(job->dy + at, left), gr_vzero());
            }
        gr_vstore_upto(dx + i, sum, left);
    }
}

static void max_backward_task(void *ctx, int64_t task, int thread)
{
    (void)thread;
    const max_backward_job *job = ctx;
    const gr_pool_problem *p = job->p;
    int64_t n = task / p->h, h = task % p->h;
    span oh = windows_of(h, p->pad_top, p->kh, p->stride_h, p->oh);
    for (int64_t w = 0; w < p->w; w++) {
        span ow = windows_of(w, p->pad_left, p->kw, p->stride_w, p->ow);
        max_pixel(job, n, h, w, oh, ow, job->dx + (task * p->w + w) * p->c);
    }
}

void GR_KERNEL(gr_max_pool_backward)(const gr_pool_problem *p, const uint8_t *index, const float *dy, float *dx,
                                     bool accumulate)
{
    max_backward_job job = {p, index, dy, dx, accumulate};
    gr_parallel_for(p->n * p->h, max_backward_task, &job);
}

/* ---- average ---------------------------------------------------------------------------------------------------------- */

typedef struct avg_job {
    const gr_pool_problem *p;
    const float *in; /* x, or dy in the backward */
    float *out;      /* y, or dx in the backward */
    bool accumulate;
} avg_job;

/* What a window with taps [kh] x [kw] inside is divided by. */
static inline float divisor(const gr_pool_problem *p, span kh, span kw)
{
    if (p->count_include_pad)
        return (float)(p->kh * p->kw);
    return (float)gr_most(1, gr_most(0, kh.end - kh.begin) * gr_most(0, kw.end - kw.begin));
}

static void avg_task(void *ctx, int64_t task, int thread)
{
    (void)thread;
    const avg_job *job = ctx;
    const gr_pool_problem *p = job->p;
    int64_t n = task / p->oh, h0 = task % p->oh * p->stride_h - p->pad_top;
    span kh = taps_inside(h0, p->kh, p->h);
    for (int64_t ow = 0; ow < p->ow; ow++) {
        int64_t w0 = ow * p->stride_w - p->pad_left;
        span kw = taps_inside(w0, p->kw, p->w);
        int64_t at = ((n * p->h + h0) * p->w + w0) * p->c;
        float *y = job->out + (task * p->ow + ow) * p->c;
        gr_vf count = gr_vset(divisor(p, kh, kw));
        for (int64_t i = 0; i < p->c; i += GR_VL) {
            gr_vf sum = gr_vzero();
            for (int64_t h = kh.begin; h < kh.end; h++)
                for (int64_t w = kw.begin; w < kw.end; w++)
                    sum += gr_vload_upto(job->in + (at + (h * p->w + w) * p->c + i), p->c - i);
            gr_vstore_upto(y + i, sum / count, p->c - i);
        }
    }
}

void GR_KERNEL(gr_avg_pool)(const gr_pool_problem *p, const float *x, float *y)
{
    avg_job job = {p, x, y, false};
    gr_parallel_for(p->n * p->oh, avg_task, &job);
}

/* dx of one pixel: the sum of dy / divisor over the windows [oh] x [ow] that hold it. */
static void avg_pixel(const avg_job *job, int64_t n, span oh, span ow, float *dx)
{
    const gr_pool_problem *p = job->p;
    for (int64_t i = 0; i < p->c; i += GR_VL) {
        int64_t left = p->c - i;
        gr_vf sum = job->accumulate ? gr_vload_upto(dx + i, left) : gr_vzero();
        for (int64_t y = oh.begin; y < oh.end; y++) {
            span kh = taps_inside(y * p->stride_h - p->pad_top, p->kh, p->h);
            for (int64_t x = ow.begin; x < ow.end; x++) {
                span kw = taps_inside(x * p->stride_w - p->pad_left, p->kw, p->w);
                gr_vf share = gr_vset(1.0f / divisor(p, kh, kw));
                sum = gr_vfma(gr_vload_upto(job->in + ((n * p->oh + y) * p->ow + x) * p->c + i, left), share, sum);
            }
        }
        gr_vstore_upto(dx + i, sum, left);
    }
}

static void avg_backward_task(void *ctx, int64_t task, int thread)
{
    (void)thread;
    const avg_job *job = ctx;
    const gr_pool_problem *p = job->p;
    span oh = windows_of(task % p->h, p->pad_top, p->kh, p->stride_h, p->oh);
    for (int64_t w = 0; w < p->w; w++) {
        span ow = windows_of(w, p->pad_left, p->kw, p->stride_w, p->ow);
        avg_pixel(job, task / p->h, oh, ow, job->out + (task * p->w + w) * p->c);
    }
}

void GR_KERNEL(gr_avg_pool_backward)(const gr_pool_problem *p, const float *dy, float *dx, bool accumulate)
{
    avg_job job = {p, dy, dx, accumulate};
    gr_parallel_for(p->n * p->h, avg_backward_task, &job);
}

/* ---- global average --------------------------------------------------------------------------------------------------- */

typedef struct global_job {
    int64_t pixels, c, groups, block, blocks; /* groups of channels of one image (forward), blocks of pixels (backward) */
    const float *in;
    float *out;
    bool accumulate;
} global_job;

static void global_task(void *ctx, int64_t task, int thread)
{
    (void)thread;
    const global_job *job = ctx;
    double sum[GR_GROUP];
    int64_t n = task / job->groups, first = task % job->groups * GR_GROUP, width = gr_least(GR_GROUP, job->c - first);
    int64_t panel = gr_cut_rows(job->pixels, width).panel;
    gr_rows_sum(job->pixels, panel, width, job->c, job->in + n * job->pixels * job->c + first, sum);
    for (int64_t i = 0; i < width; i++)
        job->out[n * job->c + first + i] = (float)(sum[i] / (double)job->pixels);
}

void GR_KERNEL(gr_global_avg_pool)(int64_t n, int64_t pixels, int64_t c, const float *x, float *y)
{
    global_job job = {.pixels = pixels, .c = c, .groups = gr_blocks(c, GR_GROUP), .in = x, .out = y};
    gr_parallel_for(n * job.groups, global_task, &job);
}

static void global_backward_task(void *ctx, int64_t task, int thread)
{
    (void)thread;
    const global_job *job = ctx;
    int64_t n = task / job->blocks, begin = task % job->blocks * job->block, end = gr_least(job->pixels, begin + job->block);
    float share[4 * GR_GROUP];
    for (int64_t first = 0; first < job->c; first += 4 * GR_GROUP) {
        int64_t width = gr_least(4 * GR_GROUP, job->c - first);
        const float *dy = job->in + n * job->c + first;
        for (int64_t i = 0; i < width; i += GR_VL)
            gr_vstore(share + i, gr_vload_upto(dy + i, width - i) / gr_vset((float)job->pixels));
        for (int64_t pixel = begin; pixel < end; pixel++) {
            float *dx = job->out + (n * job->pixels + pixel) * job->c + first;
            for (int64_t i = 0; i < width; i += GR_VL) {
                gr_vf v = gr_vload(share + i);
                if (job->accumulate)
                    v += gr_vload_upto(dx + i, width - i);
                gr_vstore_upto(dx + i, v, width - i);
            }
        }
    }
}

void GR_KERNEL(gr_global_avg_pool_backward)(int64_t n, int64_t pixels, int64_t c, const float *dy, float *dx,
                                            bool accumulate)
{
    global_job job = {.pixels = pixels, .c = c, .in = dy, .out = dx, .accumulate = accumulate};
    job.block = gr_rows_per_block(c);
    job.blocks = gr_blocks(pixels, job.block);
    gr_parallel_for(n * job.blocks, global_backward_task, &job);
}
