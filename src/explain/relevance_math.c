#include "explain/relevance_math.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 1 << 14 };

typedef struct job {
    void (*run)(void *ctx, int64_t from, int64_t to);
    void *ctx;
    int64_t count;
} job;

static void run_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const job *j = ctx;
    int64_t from = index * BLOCK, to = from + BLOCK < j->count ? from + BLOCK : j->count;
    j->run(j->ctx, from, to);
}

static void in_blocks(int64_t count, void (*run)(void *ctx, int64_t from, int64_t to), void *ctx)
{
    job j = {run, ctx, count};
    gr_parallel_for((count + BLOCK - 1) / BLOCK, run_block, &j);
}

/* ---- division
 * ---------------------------------------------------------------------------------------------------------------- */

/* Below it a sum counts as 0: R over it would not be a number that float32 holds. */
static const float LEAST = 1e-20f;

static float stabilized(float z, float eps)
{
    return z + (z >= 0.0f ? eps : -eps);
}

typedef struct divide_job {
    gr_division division;
    gr_side side;
    float eps;
    const float *y, *r;
    float *z, *s;
    int *left; /* set by any block that leaves something over */
} divide_job;

static void divide_conserving(const divide_job *j, int64_t from, int64_t to)
{
    const float *restrict r = j->r;
    float *restrict z = j->z, *restrict s = j->s;
    float any = 0.0f;
    for (int64_t i = from; i < to; i++) {
        bool zero = fabsf(z[i]) < LEAST;
        float over = zero ? r[i] : 0.0f;
        s[i] = zero ? 0.0f : r[i] / z[i];
        z[i] = over;
        any += fabsf(over);
    }
    if (any != 0.0f)
        __atomic_store_n(j->left, 1, __ATOMIC_RELAXED);
}

static void divide_block(void *ctx, int64_t from, int64_t to)
{
    const divide_job *j = ctx;
    if (j->division == GR_DIVIDE_CONSERVING) {
        divide_conserving(j, from, to);
        return;
    }
    const float *restrict r = j->r, *restrict z = j->z;
    float *restrict s = j->s;
    if (j->division == GR_DIVIDE_STABILIZED)
        for (int64_t i = from; i < to; i++)
            s[i] = r[i] / stabilized(z[i], j->eps);
    else
        for (int64_t i = from; i < to; i++)
            s[i] = r[i] / (z[i] == 0.0f ? 1e-7f : z[i]);
    for (int64_t i = from; j->side == GR_SIDE_ABOVE && i < to; i++)
        s[i] = j->y[i] > 0.0f ? s[i] : 0.0f;
    for (int64_t i = from; j->side == GR_SIDE_BELOW && i < to; i++)
        s[i] = j->y[i] < 0.0f ? s[i] : 0.0f;
}

bool gr_relevance_divide(int64_t count, gr_division division, double eps, gr_side side, const float *y, const float *r,
                         float *z, float *s)
{
    int left = 0;
    divide_job j = {division, side, (float)eps, y, r, z, s, &left};
    in_blocks(count, divide_block, &j);
    return left != 0;
}

typedef struct below_job {
    const float *y, *r;
    int *found;
} below_job;

static void below_block(void *ctx, int64_t from, int64_t to)
{
    const below_job *j = ctx;
    int found = 0;
    for (int64_t i = from; i < to; i++)
        found |= j->y[i] < 0.0f && j->r[i] != 0.0f;
    if (found)
        __atomic_store_n(j->found, 1, __ATOMIC_RELAXED);
}

bool gr_relevance_below(int64_t count, const float *y, const float *r)
{
    int found = 0;
    below_job j = {y, r, &found};
    in_blocks(count, below_block, &j);
    return found != 0;
}

/* ---- views, products, sums
 * ------------------------------------------------------------------------------------------------------ */

typedef struct view_job {
    gr_view view;
    int64_t image;
    const float *x, *bound;
    float *out;
} view_job;

static void view_block(void *ctx, int64_t from, int64_t to)
{
    const view_job *j = ctx;
    const float *restrict x = j->x;
    float *restrict out = j->out;
    switch (j->view) {
    case GR_VIEW_X: memcpy(out + from, x + from, (size_t)(to - from) * sizeof *x); break;
    case GR_VIEW_POSITIVE:
        for (int64_t i = from; i < to; i++)
            out[i] = x[i] > 0.0f ? x[i] : 0.0f;
        break;
    case GR_VIEW_NEGATIVE:
        for (int64_t i = from; i < to; i++)
            out[i] = x[i] < 0.0f ? x[i] : 0.0f;
        break;
    case GR_VIEW_ABOVE_LOW:
    case GR_VIEW_BELOW_HIGH:
        for (int64_t i = from; i < to; i++)
            out[i] = x[i] - j->bound[i % j->image];
        break;
    case GR_VIEW_ONE:
        for (int64_t i = from; i < to; i++)
            out[i] = 1.0f;
        break;
    }
}

void gr_relevance_view(gr_view view, int64_t images, int64_t count, const float *x, const float *bound, float *out)
{
    view_job j = {view, count, x, bound, out};
    in_blocks(images * count, view_block, &j);
}

typedef struct pair_job {
    gr_view views[2];
    const float *bounds[2];
    int64_t image, c;
    float factor;
    const float *x, *g;
    float *to;
    bool add;
} pair_job;

static float view_of(gr_view view, float x, const float *bound, int64_t at)
{
    switch (view) {
    case GR_VIEW_X: break;
    case GR_VIEW_POSITIVE: return x > 0.0f ? x : 0.0f;
    case GR_VIEW_NEGATIVE: return x < 0.0f ? x : 0.0f;
    case GR_VIEW_ABOVE_LOW:
    case GR_VIEW_BELOW_HIGH: return x - bound[at];
    case GR_VIEW_ONE: return 1.0f;
    }
    return x;
}

static void view_pair_block(void *ctx, int64_t from, int64_t to)
{
    const pair_job *j = ctx;
    for (int64_t pixel = from; pixel < to; pixel++)
        for (int half = 0; half < 2; half++)
            for (int64_t k = 0; k < j->c; k++)
                j->to[(2 * pixel + half) * j->c + k] =
                    view_of(j->views[half], j->x[pixel * j->c + k], j->bounds[half], (pixel * j->c + k) % j->image);
}

void gr_relevance_view_pair(const gr_view views[2], int64_t images, int64_t count, int64_t c, const float *x,
                            const float *const bounds[2], float *out)
{
    pair_job j = {
        .views = {views[0], views[1]}, .bounds = {bounds[0], bounds[1]}, .image = count, .c = c, .x = x, .to = out};
    in_blocks(images * count / c, view_pair_block, &j);
}

static void multiply_pair_block(void *ctx, int64_t from, int64_t to)
{
    const pair_job *j = ctx;
    for (int64_t pixel = from; pixel < to; pixel++)
        for (int64_t k = 0; k < j->c; k++) {
            int64_t first = 2 * pixel * j->c + k, second = first + j->c, at = pixel * j->c + k;
            float value = j->factor * (j->x[first] * j->g[first] + j->x[second] * j->g[second]);
            j->to[at] = j->add ? j->to[at] + value : value;
        }
}

void gr_relevance_multiply_pair(int64_t pixels, int64_t c, double factor, const float *x, const float *g, float *to,
                                bool add)
{
    pair_job j = {.c = c, .factor = (float)factor, .x = x, .g = g, .to = to, .add = add};
    in_blocks(pixels, multiply_pair_block, &j);
}

typedef struct product_job {
    float factor;
    const float *x, *g;
    float *to;
    bool add;
} product_job;

static void multiply_block(void *ctx, int64_t from, int64_t to)
{
    const product_job *j = ctx;
    for (int64_t i = from; i < to; i++) {
        float value = j->factor * (j->x != NULL ? j->x[i] : 1.0f) * j->g[i];
        j->to[i] = j->add ? j->to[i] + value : value;
    }
}

/* The common case, in a form that compilers vectorise. */
static void multiply_plain_block(void *ctx, int64_t from, int64_t to)
{
    const product_job *j = ctx;
    const float *x = j->x, *g = j->g;
    float *out = j->to;
    if (j->add)
        for (int64_t i = from; i < to; i++)
            out[i] += x[i] * g[i];
    else
        for (int64_t i = from; i < to; i++)
            out[i] = x[i] * g[i];
}

void gr_relevance_multiply(int64_t count, double factor, const float *x, const float *g, float *to, bool add)
{
    product_job j = {(float)factor, x, g, to, add};
    in_blocks(count, factor == 1.0 && x != NULL ? multiply_plain_block : multiply_block, &j);
}

static void copy_block(void *ctx, int64_t from, int64_t to)
{
    const product_job *j = ctx;
    if (!j->add)
        memcpy(j->to + from, j->g + from, (size_t)(to - from) * sizeof *j->g);
    for (int64_t i = from; j->add && i < to; i++)
        j->to[i] += j->g[i];
}

void gr_relevance_copy(int64_t count, const float *from, float *to, bool add)
{
    product_job j = {1.0f, NULL, from, to, add};
    in_blocks(count, copy_block, &j);
}

typedef struct share_job {
    gr_division division;
    float eps;
    const float *a, *b, *r;
    float *to;
    bool add;
} share_job;

static void share_block(void *ctx, int64_t from, int64_t to)
{
    const share_job *j = ctx;
    for (int64_t i = from; i < to; i++) {
        float z = j->a[i] + j->b[i], value;
        if (j->division == GR_DIVIDE_STABILIZED)
            value = j->a[i] * (j->r[i] / stabilized(z, j->eps));
        else
            value = fabsf(z) < LEAST ? 0.5f * j->r[i] : j->a[i] * (j->r[i] / z);
        j->to[i] = j->add ? j->to[i] + value : value;
    }
}

void gr_relevance_share(int64_t count, gr_division division, double eps, const float *a, const float *b, const float *r,
                        float *to, bool add)
{
    share_job j = {division, (float)eps, a, b, r, to, add};
    in_blocks(count, share_block, &j);
}

typedef struct sums_job {
    int64_t count;
    const float *r;
    double *sums;
} sums_job;

static void sum_image(void *ctx, int64_t n, int thread)
{
    (void)thread;
    const sums_job *j = ctx;
    double sum = 0.0;
    for (int64_t i = 0; i < j->count; i++)
        sum += (double)j->r[n * j->count + i];
    j->sums[n] = sum;
}

void gr_relevance_sums(int64_t images, int64_t count, const float *r, double *sums)
{
    sums_job j = {count, r, sums};
    gr_parallel_for(images, sum_image, &j);
}
