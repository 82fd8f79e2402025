/* The first convolution with a max pool behind it, against the plain-loop convolution and the pool as passes of their own:
 * every instruction set, tails of channels and pixels, odd maps, padding, strides, with and without bias and ReLU, and the
 * same bits for any number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernels/kernels.h"

#define LIMIT 1e-5 /* of the largest value */

typedef struct shape {
    int64_t n, h, w, c, oc, kernel, stride, pad;
} shape;

static const shape shapes[] = {
    {2, 14, 14, 3, 32, 3, 1, 0},  {1, 4, 4, 3, 1, 3, 1, 0},       {3, 9, 13, 3, 33, 3, 1, 1},  {2, 17, 15, 1, 16, 3, 1, 0},
    {1, 12, 30, 1, 5, 3, 1, 1},   {1, 11, 10, 4, 48, 3, 1, 0},    {2, 16, 21, 3, 24, 5, 1, 2}, {1, 19, 18, 2, 40, 7, 2, 3},
    {1, 15, 13, 3, 32, 3, 2, 1},  {1, 7, 100, 3, 20, 2, 1, 0},    {9, 60, 8, 3, 8, 1, 1, 0},   {1, 6, 200, 3, 64, 3, 1, 0},
    {2, 14, 18, 32, 32, 3, 1, 0}, {3, 13, 11, 20, 24, 3, 1, 1},   {1, 30, 9, 8, 65, 3, 1, 2},  {2, 9, 9, 33, 9, 3, 1, 1},
    {1, 6, 200, 16, 8, 3, 1, 0},  {2, 14, 14, 180, 176, 3, 1, 1},
};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static gr_conv_problem problem_of(const shape *s)
{
    int64_t k = s->kernel;
    gr_conv_problem p = {.n = s->n,
                         .h = s->h,
                         .w = s->w,
                         .c = s->c,
                         .oc = s->oc,
                         .kh = k,
                         .kw = k,
                         .stride_h = s->stride,
                         .stride_w = s->stride,
                         .pad_top = s->pad,
                         .pad_left = s->pad,
                         .dil_h = 1,
                         .dil_w = 1,
                         .groups = 1};
    p.oh = (s->h + 2 * s->pad - k) / s->stride + 1, p.ow = (s->w + 2 * s->pad - k) / s->stride + 1;
    return p;
}

static gr_pool_problem pool_of(const gr_conv_problem *p)
{
    return (gr_pool_problem){p->n, p->oh, p->ow, p->oc, 2, 2, p->oh / 2, p->ow / 2, 2, 2, 0, 0, false};
}

static const gr_conv_algorithm *named(const gr_kernels *table, const char *name)
{
    for (int i = 0; table->conv[i] != NULL; i++)
        if (strcmp(table->conv[i]->name, name) == 0)
            return table->conv[i];
    fail_msg("the table of %s has no convolution \"%s\"", table->isa, name);
    return NULL;
}

/* `count` numbers from -1 to 1. */
static float *numbers(int64_t count, uint32_t state)
{
    float *p = gr_alloc_aligned((size_t)count, sizeof *p);
    assert_non_null(p);
    for (int64_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        p[i] = (float)(int32_t)state * 0x1p-31f;
    }
    return p;
}

static void *garbage(size_t bytes)
{
    void *p = gr_alloc_aligned(bytes + 1, 1);
    assert_non_null(p);
    memset(p, 0xff, bytes + 1);
    return p;
}

typedef struct world {
    gr_conv_problem p;
    gr_pool_problem pool;
    int64_t x, weights, map, y; /* how many numbers */
    float *x_data, *w_data, *bias, *dy_data;
} world;

static world make_world(const shape *s)
{
    world w = {.p = problem_of(s)};
    w.pool = pool_of(&w.p);
    w.x = s->n * s->h * s->w * s->c, w.weights = s->kernel * s->kernel * s->c * s->oc;
    w.map = s->n * w.p.oh * w.p.ow * s->oc, w.y = s->n * w.pool.oh * w.pool.ow * s->oc;
    w.x_data = numbers(w.x, 1), w.w_data = numbers(w.weights, 2), w.bias = numbers(s->oc, 3), w.dy_data = numbers(w.y, 4);
    return w;
}

static void free_world(world *w)
{
    gr_free(w->x_data);
    gr_free(w->w_data);
    gr_free(w->bias);
    gr_free(w->dy_data);
}

/* Runs `a`; `out` of `count` numbers is garbage before. */
static float *run(const gr_conv_algorithm *a, const world *w, gr_direction d, const gr_conv_fusion *f, const float *dy,
                  int64_t count)
{
    float *out = garbage((size_t)count * sizeof *out);
    void *packed = garbage(a->packed_size(&w->p, d)), *scratch = garbage(a->scratch_size(&w->p, d, gr_threads_get()));
    if (d != GR_BACKWEIGHT)
        a->pack(&w->p, d, w->w_data, packed);
    gr_conv_args args = {.x = w->x_data, .packed = packed, .dy = dy, .out = out, .fusion = f, .scratch = scratch};
    a->run(&w->p, d, &args);
    gr_free(packed);
    gr_free(scratch);
    return out;
}

static void compare(const float *right, const float *got, int64_t count, const char *what)
{
    double worst = 0, largest = 0;
    for (int64_t i = 0; i < count; i++) {
        double difference = fabs((double)right[i] - (double)got[i]);
        largest = fmax(largest, fabs((double)right[i]));
        worst = difference <= worst ? worst : difference; /* NaN replaces it */
        if (isnan(difference))
            break;
    }
    if (!(worst <= LIMIT * largest))
        fail_msg("%s: differs by %g where the largest value is %g", what, worst, largest);
}

/* A tap is right when its output is the largest of the window (up to rounding), closed where y is 0. */
static void compare_taps(const world *w, const float *map, const float *y, const uint8_t *taps, bool relu, const char *what)
{
    const gr_pool_problem *q = &w->pool;
    float largest = 0;
    for (int64_t i = 0; i < w->map; i++)
        largest = fmaxf(largest, fabsf(map[i]));
    for (int64_t i = 0; i < w->y; i++) {
        int64_t channel = i % q->c, column = i / q->c % q->ow, row = i / q->c / q->ow % q->oh, n = i / q->c / q->ow / q->oh;
        if (relu && y[i] == 0.0f) {
            assert_int_equal(taps[i], GR_POOL_CLOSED);
            continue;
        }
        assert_true(taps[i] <= 3);
        int64_t at = ((n * q->h + 2 * row + taps[i] / 2) * q->w + 2 * column + taps[i] % 2) * q->c + channel;
        if (!(fabsf(map[at] - y[i]) <= (float)LIMIT * largest))
            fail_msg("%s: tap %d of output %d holds %g, not %g", what, taps[i], (int)i, (double)map[at], (double)y[i]);
    }
}

static void check_forward(const gr_kernels *table, const gr_conv_algorithm *pools, const world *w, bool bias, bool relu,
                          const char *what)
{
    gr_conv_fusion plain = {.bias = bias ? w->bias : NULL}, f = plain;
    f.pool = w->pool, f.act = relu ? GR_ACT_RELU : GR_ACT_NONE;
    float *map = run(named(table, "reference"), w, GR_FORWARD, &plain, NULL, w->map), *right = garbage((size_t)w->y * 4);
    uint8_t *index = garbage((size_t)w->y), *taps = garbage((size_t)w->y);
    table->max_pool(&w->pool, map, right, index, NULL);
    if (relu)
        table->relu(w->y, right, right);
    f.pool_index = taps;
    float *y = run(pools, w, GR_FORWARD, &f, NULL, w->y);
    compare(right, y, w->y, what);
    compare_taps(w, map, y, taps, relu, what);
    gr_free(map);
    gr_free(right);
    gr_free(index);
    gr_free(taps);
    gr_free(y);
}

static void check_backward(const gr_kernels *table, const gr_conv_algorithm *pools, const world *w, bool closed,
                           const char *what)
{
    uint8_t *taps = garbage((size_t)w->y);
    for (int64_t i = 0; i < w->y; i++)
        taps[i] = closed && i % 3 == 0 ? GR_POOL_CLOSED : (uint8_t)(i * 7 % 11 % 4);
    float *map = garbage((size_t)w->map * 4), *bias = garbage((size_t)w->p.oc * 4),
          *right_bias = garbage((size_t)w->p.oc * 4);
    table->max_pool_backward(&w->pool, taps, w->dy_data, map, false, NULL);
    table->sum_rows(w->map / w->p.oc, w->p.oc, map, right_bias, false);
    gr_conv_fusion f = {.pool = w->pool, .pool_index = taps, .bias_gradient = bias, .act = GR_ACT_RELU};
    for (gr_direction d = GR_BACKDATA; d <= GR_BACKWEIGHT; d++) {
        if (pools->refuses(&w->p, d, &f) != NULL)
            continue;
        int64_t count = d == GR_BACKDATA ? w->x : w->weights;
        float *right = run(named(table, "reference"), w, d, &(gr_conv_fusion){0}, map, count);
        float *got = run(pools, w, d, &f, w->dy_data, count);
        compare(right, got, count, what);
        if (d == GR_BACKWEIGHT && pools->sums_bias)
            compare(right_bias, bias, w->p.oc, what);
        gr_free(right);
        gr_free(got);
    }
    gr_free(taps);
    gr_free(map);
    gr_free(bias);
    gr_free(right_bias);
}

/* Every algorithm that takes it; returns how many. */
static int check_all(const gr_kernels *table, const world *w, int shape)
{
    int checked = 0;
    const gr_conv_fusion f = {.pool = w->pool};
    for (int i = 0; table->conv[i] != NULL; i++) {
        const gr_conv_algorithm *a = table->conv[i];
        if (!a->pools || a->refuses(&w->p, GR_FORWARD, &f) != NULL)
            continue;
        char what[80];
        snprintf(what, sizeof what, "%s, %s, shape %d", table->isa, a->name, shape);
        for (int last = 0; last < 2; last++) {
            check_forward(table, a, w, last, last, what);
            check_backward(table, a, w, last, what);
        }
        checked++;
    }
    return checked;
}

static void agrees_with_passes(void **state)
{
    (void)state;
    const gr_kernels *tables[8];
    int count = gr_kernels_available(tables);
    gr_threads_set(2);
    for (int i = 0; i < SHAPES; i++) {
        world w = make_world(&shapes[i]);
        for (int t = 0; t < count; t++)
            assert_int_equal(check_all(tables[t], &w, i), 1);
        free_world(&w);
    }
}

static void same_bits_for_any_threads(void **state)
{
    (void)state;
    const gr_kernels *tables[8];
    int count = gr_kernels_available(tables);
    world w = make_world(&shapes[2]);
    for (int t = 0; t < count; t++) { /* of winograd test_winograd.c shows it */
        const gr_conv_algorithm *first = named(tables[t], "first");
        float *y[3], *dw[3], *bias[3];
        uint8_t *taps[3];
        for (int i = 0; i < 3; i++) {
            gr_threads_set(i + 1);
            taps[i] = garbage((size_t)w.y), bias[i] = garbage((size_t)w.p.oc * 4);
            gr_conv_fusion f = {.pool = w.pool, .pool_index = taps[i], .bias_gradient = bias[i], .act = GR_ACT_RELU};
            y[i] = run(first, &w, GR_FORWARD, &f, NULL, w.y);
            dw[i] = run(first, &w, GR_BACKWEIGHT, &f, w.dy_data, w.weights);
            assert_memory_equal(y[0], y[i], (size_t)w.y * 4);
            assert_memory_equal(taps[0], taps[i], (size_t)w.y);
            assert_memory_equal(dw[0], dw[i], (size_t)w.weights * 4);
            assert_memory_equal(bias[0], bias[i], (size_t)w.p.oc * 4);
        }
        for (int i = 0; i < 3; i++) {
            gr_free(y[i]);
            gr_free(dw[i]);
            gr_free(bias[i]);
            gr_free(taps[i]);
        }
    }
    free_world(&w);
}

static void refusals(void **state)
{
    (void)state;
    const gr_kernels *tables[8];
    int count = gr_kernels_available(tables);
    gr_conv_problem good = problem_of(&shapes[0]), wide = good;
    wide.c = 5;
    gr_conv_fusion f = {.pool = pool_of(&good)}, three = f, scaled = f;
    three.pool.kh = 3, scaled.in_scale = (const float[3]){0};
    for (int t = 0; t < count; t++) {
        const gr_conv_algorithm *first = named(tables[t], "first");
        assert_null(first->refuses(&good, GR_FORWARD, &f));
        assert_non_null(first->refuses(&good, GR_BACKDATA, &f));
        assert_non_null(first->refuses(&good, GR_FORWARD, NULL));
        assert_non_null(first->refuses(&wide, GR_FORWARD, &f));
        assert_non_null(first->refuses(&good, GR_FORWARD, &three));
        assert_non_null(first->refuses(&good, GR_FORWARD, &scaled));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_passes),
        cmocka_unit_test(same_bits_for_any_threads),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
