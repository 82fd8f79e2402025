/* Strided Winograd's weight gradient against plain loops in double precision: every instruction set, tiles of four and of three,
 * tails of channels, pads, what is changed as it is read, several rounds, and the same bits for any number of threads. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "grimace/tensor.h"
#include "tests/support/conv_expected.h"

/* Largest difference over largest value. Direct single precision loses about 1e-6 on these shapes. */
static const double LIMIT = 1e-5;

typedef struct shape {
    int64_t n, h, w, c, oc, pad_top, pad_left, pad_bottom, pad_right;
    bool once; /* so large that one case must do */
} shape;

static const shape shapes[] = {
    {2, 32, 32, 32, 32, 1, 1, 1, 1, false},   /* 4 4 4 4 */
    {8, 14, 14, 40, 33, 1, 1, 1, 1, false},   /* 4 3 */
    {8, 13, 19, 33, 47, 1, 1, 1, 1, false},   /* 4 3 and 4 3 3 */
    {11, 12, 13, 36, 65, 0, 0, 1, 0, false},  /* 3 3 and 3 3: no tile of four */
    {9, 16, 11, 65, 34, 2, 0, 0, 2, false},   /* 4 4 and 3 3 */
    {5, 17, 15, 70, 130, 2, 2, 2, 2, false},  /* 4 3 3 and 3 3 3, several squares of channels */
    {40, 8, 6, 32, 80, 0, 1, 2, 1, false},    /* one tile an image */
    {2, 141, 140, 33, 70, 1, 1, 1, 1, true},  /* two rounds, whose sums wait for the last */
    {5, 32, 31, 33, 1000, 1, 1, 1, 1, true},  /* two rounds, each of which adds to dw */
};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static gr_conv_problem problem_of(const shape *s)
{
    return (gr_conv_problem){.n = s->n,
                             .h = s->h,
                             .w = s->w,
                             .c = s->c,
                             .oc = s->oc,
                             .kh = 3,
                             .kw = 3,
                             .oh = (s->h + s->pad_top + s->pad_bottom - 3) / 2 + 1,
                             .ow = (s->w + s->pad_left + s->pad_right - 3) / 2 + 1,
                             .stride_h = 2,
                             .stride_w = 2,
                             .pad_top = s->pad_top,
                             .pad_left = s->pad_left,
                             .dil_h = 1,
                             .dil_w = 1,
                             .groups = 1};
}

static const gr_conv_algorithm *algorithm_of(const gr_kernels *table)
{
    for (int i = 0; table->conv[i] != NULL; i++)
        if (strcmp(table->conv[i]->name, "winograd_strided_weight") == 0)
            return table->conv[i];
    fail_msg("the table of %s has no strided Winograd weight gradient", table->isa);
    return NULL;
}

/* `count` numbers in shift +- scale. */
static float *numbers(size_t count, uint64_t seed, float scale, float shift)
{
    float *v = gr_alloc(count, sizeof *v);
    assert_non_null(v);
    gr_rng rng = gr_rng_make(seed, GR_FOR_TEST, 0, 0);
    for (size_t i = 0; i < count; i++)
        v[i] = shift + scale * (2.0f * gr_rng_float(&rng) - 1.0f);
    return v;
}

typedef struct world {
    gr_conv_problem p;
    float *x, *dy, *y, *old, *in_scale, *in_shift, *out_a, *out_b, *out_c;
} world;

static world make_world(const shape *s)
{
    world d = {.p = problem_of(s)};
    const size_t c = (size_t)s->c, oc = (size_t)s->oc;
    d.x = numbers(conv_size_x(&d.p), 1, 1, 0.1f);
    d.dy = numbers(conv_size_y(&d.p), 2, 1, 0);
    d.y = numbers(conv_size_y(&d.p), 3, 1, 0.3f);
    d.old = numbers(conv_size_w(&d.p), 4, 3, 0);
    d.in_scale = numbers(c, 5, 0.5f, 1), d.in_shift = numbers(c, 6, 0.5f, 0.2f);
    d.out_a = numbers(oc, 7, 0.5f, 1), d.out_b = numbers(oc, 8, 0.3f, 0), d.out_c = numbers(oc, 9, 0.2f, 0.1f);
    return d;
}

static void free_world(world *d)
{
    float *all[] = {d->x, d->dy, d->y, d->old, d->in_scale, d->in_shift, d->out_a, d->out_b, d->out_c};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        gr_free(all[i]);
}

static float *compute(const gr_conv_algorithm *a, const world *d, const gr_conv_fusion *f, bool accumulate, int threads)
{
    const size_t bytes = conv_size_w(&d->p) * sizeof(float), scratch_bytes = a->scratch_size(&d->p, GR_BACKWEIGHT, threads);
    float *out = gr_alloc_aligned(bytes, 1);
    void *scratch = gr_alloc_aligned(scratch_bytes, 1);
    assert_true(out != NULL && scratch != NULL);
    memset(out, 0xff, bytes); /* NaN: shows when a number is read that nobody wrote, or is not written */
    memset(scratch, 0xff, scratch_bytes);
    if (accumulate)
        memcpy(out, d->old, bytes);
    gr_threads_set(threads);
    const gr_conv_args args = {
        .x = d->x, .dy = d->dy, .out = out, .accumulate = accumulate, .fusion = f, .scratch = scratch};
    a->run(&d->p, GR_BACKWEIGHT, &args);
    gr_threads_set(1);
    gr_free(scratch);
    return out;
}

/* Shapes of so few channels that a plan takes another way are computed all the same: their tails are what matters. */
static void check_case(const world *d, const gr_conv_fusion *f, bool accumulate)
{
    const gr_kernels *tables[8];
    const int count = gr_kernels_available(tables);
    conv_expected e;
    conv_expect(&e, &d->p, GR_BACKWEIGHT, f, d->x, NULL, d->dy, accumulate ? d->old : NULL);
    double largest = 0;
    for (size_t i = 0; i < e.count; i++)
        largest = fmax(largest, fabs(e.out[i]));
    for (int k = 0; k < count; k++) {
        const gr_conv_algorithm *a = algorithm_of(tables[k]);
        float *one = compute(a, d, f, accumulate, 1);
        for (size_t i = 0; i < e.count; i++)
            if (!(fabs((double)one[i] - e.out[i]) <= LIMIT * largest)) /* NaN is never within a limit */
                fail_msg("%s, %d x %d x %d to %d: number %d is %g, not %g", tables[k]->isa, (int)d->p.h, (int)d->p.w, (int)d->p.c,
                         (int)d->p.oc, (int)i, (double)one[i], e.out[i]);
        for (int threads = 2; threads <= 3; threads++) {
            float *more = compute(a, d, f, accumulate, threads);
            assert_memory_equal(one, more, e.count * sizeof *one);
            gr_free(more);
        }
        gr_free(one);
    }
    conv_expected_free(&e);
}

static void gradients(void **state)
{
    (void)state;
    for (int i = 0; i < SHAPES; i++) {
        world d = make_world(&shapes[i]);
        const gr_conv_fusion norm = {.in_scale = d.in_scale, .in_shift = d.in_shift};
        const gr_conv_fusion clipped = {.in_act = GR_ACT_RELU};
        gr_conv_fusion all = {.in_scale = d.in_scale, .in_shift = d.in_shift, .in_act = GR_ACT_RELU};
        all.y = d.y, all.out_a = d.out_a, all.out_b = d.out_b, all.out_c = d.out_c;
        check_case(&d, &all, shapes[i].once);
        if (!shapes[i].once) {
            check_case(&d, &(gr_conv_fusion){0}, false);
            check_case(&d, &norm, true);
            check_case(&d, &clipped, false);
        }
        free_world(&d);
    }
}

static void refusals(void **state)
{
    (void)state;
    enum { BAD = 11 };
    const gr_kernels *tables[8];
    const int count = gr_kernels_available(tables);
    const gr_conv_fusion silu = {.in_act = GR_ACT_SILU};
    gr_conv_problem good = problem_of(&(shape){8, 14, 14, 64, 128, 1, 1, 1, 1, false}), bad[BAD];
    for (int k = 0; k < BAD; k++)
        bad[k] = good;
    bad[0].kh = 1, bad[1].stride_w = 1, bad[2].dil_h = 2, bad[3].groups = 2, bad[4].pad_top = 3, bad[5].c = 48, bad[6].oc = 64;
    bad[7].exact = true;
    bad[8].n = 1;            /* few tiles */
    bad[9].oh = bad[9].ow = 5; /* tiles of three whose last result is none */
    bad[10].stride_h = 3;
    for (int i = 0; i < count; i++) {
        const gr_conv_algorithm *a = algorithm_of(tables[i]);
        assert_null(a->refuses(&good, GR_BACKWEIGHT, NULL));
        assert_non_null(a->refuses(&good, GR_FORWARD, NULL));
        assert_non_null(a->refuses(&good, GR_BACKDATA, NULL));
        assert_non_null(a->refuses(&good, GR_BACKWEIGHT, &silu));
        for (int k = 0; k < BAD; k++)
            assert_non_null(a->refuses(&bad[k], GR_BACKWEIGHT, NULL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
