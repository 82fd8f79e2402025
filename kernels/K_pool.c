/* Pooling, vectorised over channels. One task is one row of outputs (forward) or of inputs (backward): the backward
 * gathers from the windows that hold a pixel, so that no two tasks write the same place. */
#include "parts.h"
#include "past_caches.h"
#include "rows.h"
#include "simd_math.h"

/* The taps [begin, end) of a window, or the windows [begin, end) of a pixel, in one direction. */
typedef struct span {
    int64_t begin, end;
} span;

/* The taps of a window that starts at `start` which lie inside [0, size). */
static inline span taps_inside(int64_t start, int64_t taps, int64_t size)
{
    span s = {gr_most(0, -start), gr_least(taps, size - start)};
    return s;
}

/* The windows that hold input `at`. */
static inline span windows_of(int64_t at, int64_t pad, int64_t taps, int64_t stride, int64_t windows)
{
    int64_t last = at + pad;
    int64_t first = last - taps + 1;
    span s = {first <= 0 ? 0 : gr_blocks(first, stride), gr_least(windows, last / stride + 1)};
    return s;
}

GR_INLINE void store_bytes(uint8_t *p, gr_vi v, int64_t left)
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
    for (int64_t l = 0; l < left; l++)
        part[l] = p[l];
    return gr_vwiden_bytes(part);
}

/* What an average over a window with taps [kh] x [kw] inside divides by. */
static inline float divisor(const gr_pool_problem *p, span kh, span kw)
{
    if (p->count_include_pad)
        return (float)(p->kh * p->kw);
    return (float)gr_most(1, gr_most(0, kh.end - kh.begin) * gr_most(0, kw.end - kw.begin));
}

/* ---- forward ---------------------------------------------------------------------------------------------------------- */

typedef struct forward_job {
    const gr_pool_problem *p;
    const float *x;
    float *y;
    uint8_t *index;
    const gr_pool_fusion *fusion;
} forward_job;

/* One window's maximum over the taps [kh] x [kw]; tap (0, 0) is, or would be, at x[at]. A lazy x is ReLU(x * scale + shift):
 * ReLU keeps the order, so that it may come last; where it gives 0 no gradient passes, whichever tap was chosen. */
GR_INLINE void max_window(int64_t c, int64_t row, int64_t kernel_w, span kh, span kw, const float *x, int64_t at,
                          const gr_pool_fusion *lazy, float *y, uint8_t *index)
{
    for (int64_t i = 0; i < c; i += GR_VL) {
        int64_t left = c - i;
        gr_vf scale = lazy != NULL ? gr_vload_upto(lazy->scale + i, left) : gr_vzero();
        gr_vf shift = lazy != NULL ? gr_vload_upto(lazy->shift + i, left) : gr_vzero();
        gr_vf best = gr_vset(-__builtin_inff());
        gr_vi chosen = (gr_vi){0} + (int32_t)(kh.begin * kernel_w + kw.begin);
        for (int64_t h = kh.begin; h < kh.end; h++)
            for (int64_t w = kw.begin; w < kw.end; w++) {
                gr_vf v = gr_vload_upto(x + (at + h * row + w * c + i), left);
                if (lazy != NULL)
                    v = gr_vfma(v, scale, shift);
                gr_vi tap = (gr_vi){0} + (int32_t)(h * kernel_w + w);
                gr_vtake_greater(v, tap, &best, &chosen);
            }
        gr_vstore_upto(y + i, lazy != NULL ? gr_vrelu(best) : best, left);
        if (index != NULL)
            store_bytes(index + i, chosen, left);
    }
}

/* Windows of `size` x `size` taps (0: any) that lie inside the image have constant loops. */
GR_INLINE void max_row(const forward_job *job, int64_t task, int64_t size, bool indexed, const gr_pool_fusion *lazy)
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
            max_window(p->c, row, size, (span){0, size}, (span){0, size}, job->x, at, lazy, job->y + out, index);
        else
            max_window(p->c, row, p->kw, kh, kw, job->x, at, lazy, job->y + out, index);
    }
}

static void max_task(void *ctx, int64_t task, int thread)
{
    (void)thread;
    const forward_job *job = ctx;
    int64_t size = job->p->kh == job->p->kw ? job->p->kh : 0;
    if (job->fusion != NULL && size == 3)
        max_row(job, task, 3, true, job->fusion);
    else if (job->fusion != NULL)
        max_row(job, task, 0, true, job->fusion);
    else if (job->index == NULL && size == 3)
        max_row(job, task, 3, false, NULL);
    else if (job->index == NULL)
        max_row(job, task, 0, false, NULL);
    else if (size == 3)
        max_row(job, task, 3, true, NULL);
    else if (size == 2)
        max_row(job, task, 2, true, NULL);
    else
        max_row(job, task, 0, true, NULL);
}

void GR_KERNEL(gr_max_pool)(const gr_pool_problem *p, const float *x, float *y, uint8_t *index, const gr_pool_fusion *fusion)
{
    forward_job job = {p, x, y, index, fusion};
    gr_parallel_for(p->n * p->oh, max_task, &job);
}

/* One window's mean over the taps [kh] x [kw], of which tap (0, 0) is, or would be, at x[at]. */
GR_INLINE void avg_window(const gr_pool_problem *p, span kh, span kw, const float *x, int64_t at, float *y)
{
    const gr_vf count = gr_vset(divisor(p, kh, kw));
    for (int64_t i = 0; i < p->c; i += GR_VL) {
        gr_vf sum = gr_vzero();
        for (int64_t h = kh.begin; h < kh.end; h++)
            for (int64_t w = kw.begin; w < kw.end; w++)
                sum += gr_vload_upto(x + (at + (h * p->w + w) * p->c + i), p->c - i);
        gr_vstore_upto(y + i, sum / count, p->c - i);
    }
}

static void avg_task(void *ctx, int64_t task, int thread)
{
    (void)thread;
    const forward_job *job = ctx;
    const gr_pool_problem *p = job->p;
    int64_t n = task / p->oh, h0 = task % p->oh * p->stride_h - p->pad_top;
    span kh = taps_inside(h0, p->kh, p->h);
    for (int64_t ow = 0; ow < p->ow; ow++) {
        int64_t w0 = ow * p->stride_w - p->pad_left;
        span kw = taps_inside(w0, p->kw, p->w);
        int64_t at = ((n * p->h + h0) * p->w + w0) * p->c;
        float *y = job->y + (task * p->ow + ow) * p->c;
        if (kh.end - kh.begin == 3 && kw.end - kw.begin == 3 && p->kh == 3 && p->kw == 3)
            avg_window(p, (span){0, 3}, (span){0, 3}, job->x, at, y);
        else
            avg_window(p, kh, kw, job->x, at, y);
    }
}

void GR_KERNEL(gr_avg_pool)(const gr_pool_problem *p, const float *x, float *y)
{
    forward_job job = {p, x, y, NULL, NULL};
    gr_parallel_for(p->n * p->oh, avg_task, &job);
}

/* ---- backward --------------------------------------------------------------------------------------------------------- */

typedef struct backward_job {
    const gr_pool_problem *p;
    const uint8_t *index; /* NULL: average */
    const float *dy;
    float *dx;
    bool accumulate;
    bool stream; /* dx goes past the caches */
    const gr_pool_fusion *fusion;
} backward_job;

/* The windows that hold one pixel, at most LIST of them at a time; more are taken in several lists, in order. */
enum { LIST = 64 };
typedef struct window_list {
    int64_t count;
    int64_t at[LIST];  /* where the window's channels begin in dy */
    int32_t tap[LIST]; /* which of the window's taps the pixel is */
    float share[LIST]; /* 1 / what an average over the window divides by */
} window_list;

GR_INLINE void gather_windows(const backward_job *job, const window_list *list, int64_t count, bool max, bool accumulate,
                              float *dx)
{
    int64_t c = job->p->c;
    for (int64_t i = 0; i < c; i += GR_VL) {
        int64_t left = c - i;
        gr_vf sum = accumulate ? gr_vload_upto(dx + i, left) : gr_vzero();
        for (int64_t j = 0; j < count; j++) {
            gr_vf dy = gr_vload_upto(job->dy + list->at[j] + i, left);
            if (max) {
                gr_vi mine = (gr_vi)(load_bytes(job->index + list->at[j] + i, left) == (gr_vi){0} + list->tap[j]);
                sum += gr_vselect(mine, dy, gr_vzero());
            } else {
                sum = gr_vfma(dy, gr_vset(list->share[j]), sum);
            }
        }
        gr_vstore_upto(dx + i, sum, left);
    }
}

/* The counts that 3x3 and 2x2 windows with stride 2 give, and 3x3 with stride 1, are constants to the compiler. */
GR_INLINE void gather(const backward_job *job, const window_list *list, bool max, bool accumulate, float *dx)
{
    if (list->count == 1)
        gather_windows(job, list, 1, max, accumulate, dx);
    else if (list->count == 2)
        gather_windows(job, list, 2, max, accumulate, dx);
    else if (list->count == 4)
        gather_windows(job, list, 4, max, accumulate, dx);
    else if (list->count == 9)
        gather_windows(job, list, 9, max, accumulate, dx);
    else
        gather_windows(job, list, list->count, max, accumulate, dx);
}

/* `list` then holds the last windows of the pixel. */
GR_INLINE void backward_pixel(const backward_job *job, int64_t n, int64_t h, int64_t w, span oh, bool max, window_list *list)
{
    const gr_pool_problem *p = job->p;
    float *dx = job->dx + ((n * p->h + h) * p->w + w) * p->c;
    span ow = windows_of(w, p->pad_left, p->kw, p->stride_w, p->ow);
    bool accumulate = job->accumulate;
    list->count = 0;
    for (int64_t y = oh.begin; y < oh.end; y++)
        for (int64_t x = ow.begin; x < ow.end; x++) {
            if (list->count == LIST) {
                gather(job, list, max, accumulate, dx);
                accumulate = true;
                list->count = 0;
            }
            int64_t h0 = y * p->stride_h - p->pad_top, w0 = x * p->stride_w - p->pad_left, j = list->count++;
            list->at[j] = ((n * p->oh + y) * p->ow + x) * p->c;
            if (max)
                list->tap[j] = (int32_t)((h - h0) * p->kw + (w - w0));
            else
                list->share[j] = 1.0f / divisor(p, taps_inside(h0, p->kh, p->h), taps_inside(w0, p->kw, p->w));
        }
    gather(job, list, max, accumulate, dx);
}

/* At stride 1 do all columns of windows around pixel w lie in the image? Then those of the next such pixel stand one further and
 * have the same shares. */
static bool windows_are_whole(const gr_pool_problem *p, int64_t w)
{
    const span ow = windows_of(w, p->pad_left, p->kw, p->stride_w, p->ow);
    return w >= 0 && p->stride_w == 1 && ow.end - ow.begin == p->kw && ow.begin >= p->pad_left &&
           ow.end - 1 - p->pad_left + p->kw <= p->w;
}

static void average_row(const backward_job *job, int64_t task, span oh)
{
    const gr_pool_problem *p = job->p;
    window_list list;
    list.count = 0;
    for (int64_t w = 0; w < p->w; w++) {
        const bool near = (oh.end - oh.begin) * p->kw <= LIST && windows_are_whole(p, w - 1) && windows_are_whole(p, w);
        if (!near) {
            backward_pixel(job, task / p->h, task % p->h, w, oh, false, &list);
            continue;
        }
        for (int64_t j = 0; j < list.count; j++)
            list.at[j] += p->c;
        gather(job, &list, false, job->accumulate, job->dx + (task * p->w + w) * p->c);
    }
}

/* Masks one row of dx by the ReLU in front and leaves the row's sums, while the row is in the cache. */
static void mask_row(const backward_job *job, int64_t task)
{
    int64_t c = job->p->c, width = job->p->w;
    const gr_pool_fusion *f = job->fusion;
    const float *x = f->x + task * width * c;
    float *dx = job->dx + task * width * c, *sums = f->mask_stats + task * 2 * c;
    for (int64_t i = 0; i < c; i += GR_VL) {
        int64_t left = c - i;
        gr_vf scale = gr_vload_upto(f->scale + i, left), shift = gr_vload_upto(f->shift + i, left);
        gr_vf sum_g = gr_vzero(), sum_gx = gr_vzero();
        for (int64_t w = 0; w < width; w++) {
            gr_vf v = gr_vload_upto(x + w * c + i, left), g = gr_vload_upto(dx + w * c + i, left);
            g = gr_vselect((gr_vi)(gr_vfma(v, scale, shift) > gr_vzero()), g, gr_vzero());
            sum_g += g;
            sum_gx = gr_vfma(g, v, sum_gx);
            gr_vstore_upto(dx + w * c + i, g, left);
        }
        gr_vstore_upto(sums + i, sum_g, left);
        gr_vstore_upto(sums + c + i, sum_gx, left);
    }
}

/* The rows of 3x3 windows at stride 2 which reach a row of x, two at most. */
typedef struct window_rows {
    int64_t count, at[2]; /* where the first window's channels begin in dy */
    int32_t tap[2];       /* the first of the three taps that lie in the row of x */
} window_rows;

/* One vector of channels of a row of dx, and of the ReLU in front. */
typedef struct vector_of_row {
    const float *x; /* NULL: nothing masks */
    float *dx;
    int64_t step, width, left;
    gr_vf scale, shift, sum_g, sum_gx;
    bool stream;
} vector_of_row;

GR_INLINE void put_pixel(vector_of_row *v, int64_t w, gr_vf g, const bool masks)
{
    if (w < 0 || w >= v->width)
        return;
    if (masks) {
        const gr_vf x = gr_vload_upto(v->x + w * v->step, v->left);
        g = gr_vselect((gr_vi)(gr_vfma(x, v->scale, v->shift) > gr_vzero()), g, gr_vzero());
        v->sum_g += g;
        v->sum_gx = gr_vfma(g, x, v->sum_gx);
    }
    if (v->stream)
        gr_vstream(v->dx + w * v->step, g);
    else
        gr_vstore_upto(v->dx + w * v->step, g, v->left);
}

/* Vectors that go along a row together: memory is read and written in its order where the registers hold their sums. */
enum { ABREAST = GR_VL == 16 ? 4 : 1 };

/* Window after window, each read once: it shares its first column with the one before it, the middle one is its own. */
GR_INLINE void spread_windows(const backward_job *job, const window_rows *rows, const int count, int64_t i, vector_of_row *v,
                              const int abreast, const bool masks)
{
    const int64_t c = job->p->c, pad = job->p->pad_left, windows = job->p->ow;
    gr_vf last[ABREAST][2] = {0};
    for (int64_t ow = 0; ow <= windows; ow++)
#pragma GCC unroll 4
        for (int k = 0; k < abreast; k++) {
            gr_vf first = gr_vzero(), middle = gr_vzero();
            for (int r = 0; r < count; r++) {
                first += last[k][r];
                if (ow == windows)
                    continue;
                const int64_t at = rows->at[r] + ow * c + i + k * GR_VL;
                const gr_vf dy = gr_vload_upto(job->dy + at, v[k].left);
                const gr_vi taps = load_bytes(job->index + at, v[k].left) - rows->tap[r];
                first += gr_vselect((gr_vi)(taps == (gr_vi){0}), dy, gr_vzero());
                middle += gr_vselect((gr_vi)(taps == (gr_vi){0} + 1), dy, gr_vzero());
                last[k][r] = gr_vselect((gr_vi)(taps == (gr_vi){0} + 2), dy, gr_vzero());
            }
            put_pixel(&v[k], 2 * ow - pad, first, masks);
            put_pixel(&v[k], 2 * ow + 1 - pad, middle, masks);
        }
    for (int64_t w = 2 * windows + 2 - pad; w < v->width; w++)
        for (int k = 0; k < abreast; k++)
            put_pixel(&v[k], w, gr_vzero(), masks);
}

GR_INLINE void spread_vectors(const backward_job *job, const window_rows *rows, int64_t task, int64_t i, int64_t left,
                              const int abreast, const bool masks)
{
    const int64_t c = job->p->c, at = task * job->p->w * c + i;
    const gr_pool_fusion *f = job->fusion;
    vector_of_row v[ABREAST];
    for (int k = 0; k < abreast; k++) {
        v[k] = (vector_of_row){.dx = job->dx + at + k * GR_VL, .step = c, .width = job->p->w, .left = left, .stream = job->stream};
        if (masks) {
            v[k].x = f->x + at + k * GR_VL;
            v[k].scale = gr_vload_upto(f->scale + i + k * GR_VL, left), v[k].shift = gr_vload_upto(f->shift + i + k * GR_VL, left);
        }
    }
    if (rows->count == 2)
        spread_windows(job, rows, 2, i, v, abreast, masks);
    else if (rows->count == 1)
        spread_windows(job, rows, 1, i, v, abreast, masks);
    else
        spread_windows(job, rows, 0, i, v, abreast, masks);
    for (int k = 0; k < abreast && masks; k++) {
        float *sums = f->mask_stats + task * 2 * c + i + k * GR_VL;
        gr_vstore_upto(sums, v[k].sum_g, left);
        gr_vstore_upto(sums + c, v[k].sum_gx, left);
    }
}

/* The bits are those of pixel after pixel: every sum has the same terms in the same order. */
GR_INLINE void spread_row(const backward_job *job, int64_t task, const bool masks)
{
    const gr_pool_problem *p = job->p;
    const int64_t n = task / p->h, h = task % p->h;
    const span oh = windows_of(h, p->pad_top, p->kh, p->stride_h, p->oh);
    window_rows rows = {.count = gr_most(0, oh.end - oh.begin)};
    for (int64_t r = 0; r < rows.count; r++) {
        rows.at[r] = (n * p->oh + oh.begin + r) * p->ow * p->c;
        rows.tap[r] = (int32_t)((h + p->pad_top - (oh.begin + r) * 2) * 3);
    }
    int64_t i = 0;
    for (; i + ABREAST * GR_VL <= p->c; i += ABREAST * GR_VL)
        spread_vectors(job, &rows, task, i, GR_VL, ABREAST, masks);
    for (; i + GR_VL <= p->c && ABREAST > 1; i += GR_VL)
        spread_vectors(job, &rows, task, i, GR_VL, 1, masks);
    if (i < p->c)
        spread_vectors(job, &rows, task, i, p->c - i, 1, masks);
    if (job->stream)
        gr_vstream_end();
}

static void spread_task(void *ctx, int64_t task, int thread)
{
    (void)thread;
    const backward_job *job = ctx;
    if (job->fusion != NULL)
        spread_row(job, task, true);
    else
        spread_row(job, task, false);
}

static void backward_task(void *ctx, int64_t task, int thread)
{
    (void)thread;
    const backward_job *job = ctx;
    const gr_pool_problem *p = job->p;
    window_list list;
    span oh = windows_of(task % p->h, p->pad_top, p->kh, p->stride_h, p->oh);
    if (job->index == NULL)
        average_row(job, task, oh);
    else
        for (int64_t w = 0; w < p->w; w++)
            backward_pixel(job, task / p->h, task % p->h, w, oh, true, &list);
    if (job->fusion != NULL)
        mask_row(job, task);
}

void GR_KERNEL(gr_max_pool_backward)(const gr_pool_problem *p, const uint8_t *index, const float *dy, float *dx,
                                     bool accumulate, const gr_pool_fusion *fusion)
{
    backward_job job = {.p = p, .index = index, .dy = dy, .dx = dx, .accumulate = accumulate, .fusion = fusion};
    job.stream = p->c % GR_VL == 0 && gr_past_caches(p->n * p->h * p->w * p->c * (int64_t)sizeof(float), dx);
    const bool threes = p->kh == 3 && p->kw == 3 && p->stride_h == 2 && p->stride_w == 2 && !accumulate;
    gr_parallel_for(p->n * p->h, threes ? spread_task : backward_task, &job);
}

void GR_KERNEL(gr_avg_pool_backward)(const gr_pool_problem *p, const float *dy, float *dx, bool accumulate)
{
    backward_job job = {.p = p, .dy = dy, .dx = dx, .accumulate = accumulate};
    gr_parallel_for(p->n * p->h, backward_task, &job);
}
