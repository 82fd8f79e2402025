/* Winograd of ResNet's 7x7 over an image against plain loops in double precision: every instruction set, tiles that hang over
 * edges, rows of several stretches, tails of channels, pads, and the same bits for any number of threads. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "grimace/tensor.h"
#include "tests/support/conv_expected.h"

/* Largest difference over largest value. Direct single precision loses up to 1e-6 on these shapes. */
static const double LIMIT = 1e-5;
static const double ROUNDING = 1.0 / 256; /* of a number that is stored as bfloat16, at most */

typedef struct shape {
    int64_t n, h, w, c, oc, pad_top, pad_left, pad_bottom, pad_right;
} shape;

static const shape shapes[] = {
    {2, 32, 32, 3, 64, 3, 3, 3, 3},
    {1, 64, 274, 3, 32, 3, 3, 3, 3},  /* rows of 35 tiles: two stretches */
    {3, 29, 37, 3, 33, 3, 3, 3, 3},   /* maps of 15 x 19 */
    {2, 40, 27, 1, 47, 3, 3, 3, 3},   /* grey */
    {1, 39, 45, 4, 16, 2, 3, 3, 2},   /* four channels; on AVX-512 half a panel */
    {2, 31, 33, 2, 100, 0, 0, 0, 0},  /* no pads, several panels and a tail */
    {1, 23, 21, 3, 24, 6, 5, 6, 6},   /* windows that lie in the pads but for a line */
    {2, 7, 13, 3, 70, 3, 3, 3, 3},    /* one row of tiles */
};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static gr_conv_problem problem_of(const shape *s)
{
    return (gr_conv_problem){.n = s->n,
                             .h = s->h,
                             .w = s->w,
                             .c = s->c,
                             .oc = s->oc,
                             .kh = 7,
                             .kw = 7,
                             .oh = (s->h + s->pad_top + s->pad_bottom - 7) / 2 + 1,
                             .ow = (s->w + s->pad_left + s->pad_right - 7) / 2 + 1,
                             .stride_h = 2,
                             .stride_w = 2,
                             .pad_top = s->pad_top,
                             .pad_left = s->pad_left,
                             .dil_h = 1,
                             .dil_w = 1,
                             .groups = 1};
}

static const gr_conv_algorithm *algorithm_of(const gr_kernels *table, gr_direction d)
{
    const char *name = d == GR_FORWARD ? "winograd_image" : "winograd_image_weight";
    for (int i = 0; table->conv[i] != NULL; i++)
        if (strcmp(table->conv[i]->name, name) == 0)
            return table->conv[i];
    fail_msg("the table of %s has no %s", table->isa, name);
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

static void *filled(size_t bytes)
{
    void *room = gr_alloc_aligned(bytes, 1);
    assert_non_null(room);
    return memset(room, 0xff, bytes); /* NaN: shows when a number is read that nobody wrote, or is not written */
}

typedef struct world {
    gr_conv_problem p;
    float *x, *w, *dy, *y, *old, *bias, *out_a, *out_b, *out_c;
} world;

static world make_world(const shape *s)
{
    world d = {.p = problem_of(s)};
    const size_t oc = (size_t)s->oc;
    d.x = numbers(conv_size_x(&d.p), 1, 1, 0.1f);
    d.w = numbers(conv_size_w(&d.p), 2, 1, 0);
    d.dy = numbers(conv_size_y(&d.p), 3, 1, 0);
    d.y = numbers(conv_size_y(&d.p), 4, 1, 0.3f);
    d.old = numbers(conv_size_w(&d.p), 5, 3, 0);
    d.bias = numbers(oc, 6, 1, 0.5f);
    d.out_a = numbers(oc, 7, 0.5f, 1), d.out_b = numbers(oc, 8, 0.3f, 0), d.out_c = numbers(oc, 9, 0.2f, 0.1f);
    return d;
}

static void free_world(world *d)
{
    float *all[] = {d->x, d->w, d->dy, d->y, d->old, d->bias, d->out_a, d->out_b, d->out_c};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        gr_free(all[i]);
}

/* The result, and behind it the blocks' sums. `offset`: floats from a line of cache on. */
typedef struct result {
    size_t count, stats;
    float *room, *out, *sums;
} result;

static result compute(const gr_conv_algorithm *a, const world *d, gr_direction dir, gr_conv_fusion f, bool accumulate, int threads)
{
    result r = {.count = conv_size_out(&d->p, dir), .stats = (size_t)(a->stat_blocks(&d->p, dir) * 2 * d->p.oc)};
    r.room = filled((r.count + r.stats) * sizeof(float));
    r.out = r.room, r.sums = r.room + r.count;
    if (f.stats != NULL)
        f.stats = r.sums;
    if (accumulate)
        memcpy(r.out, d->old, r.count * sizeof(float));
    void *packed = filled(a->packed_size(&d->p, dir) + 64), *scratch = filled(a->scratch_size(&d->p, dir, threads));
    gr_threads_set(threads);
    a->pack(&d->p, dir, d->w, packed);
    const gr_conv_args args = {.x = d->x, .packed = packed, .dy = d->dy, .out = r.out, .accumulate = accumulate, .fusion = &f,
                               .scratch = scratch};
    a->run(&d->p, dir, &args);
    gr_threads_set(1);
    gr_free(packed), gr_free(scratch);
    return r;
}

static void check_sums(const gr_kernels *table, const world *d, const conv_expected *e, const result *r)
{
    const size_t oc = (size_t)d->p.oc, pixels = e->count / oc;
    for (size_t i = 0; i < 2 * oc; i++) {
        double sum = 0;
        for (size_t block = 0; block < r->stats / (2 * oc); block++)
            sum += (double)r->sums[block * 2 * oc + i];
        if (!(fabs(sum - e->sums[i]) <= 1e-4 * (fabs(e->sums[i]) + (double)pixels)))
            fail_msg("%s: sum %d is %g, not %g", table->isa, (int)i, sum, e->sums[i]);
    }
}

static void check_case(const world *d, gr_direction dir, const gr_conv_fusion *f, bool accumulate)
{
    const gr_kernels *tables[8];
    const int count = gr_kernels_available(tables);
    conv_expected e;
    conv_expect(&e, &d->p, dir, f, d->x, d->w, d->dy, accumulate ? d->old : NULL);
    double largest = 0;
    for (size_t i = 0; i < e.count; i++)
        largest = fmax(largest, fabs(e.out[i]));
    for (int k = 0; k < count; k++) {
        const gr_conv_algorithm *a = algorithm_of(tables[k], dir);
        result one = compute(a, d, dir, *f, accumulate, 1);
        for (size_t i = 0; i < e.count; i++)
            if (!(fabs((double)one.out[i] - e.out[i]) <= LIMIT * largest)) /* NaN is never within a limit */
                fail_msg("%s, direction %d, %d x %d x %d to %d: number %d is %g, not %g", tables[k]->isa, (int)dir, (int)d->p.h,
                         (int)d->p.w, (int)d->p.c, (int)d->p.oc, (int)i, (double)one.out[i], e.out[i]);
        if (f->stats != NULL)
            check_sums(tables[k], d, &e, &one);
        for (int threads = 2; threads <= 3; threads++) {
            result more = compute(a, d, dir, *f, accumulate, threads);
            assert_memory_equal(one.room, more.room, (one.count + one.stats) * sizeof(float));
            gr_free(more.room);
        }
        gr_free(one.room);
    }
    conv_expected_free(&e);
}

static void forward(void **state)
{
    (void)state;
    for (int i = 0; i < SHAPES; i++) {
        world d = make_world(&shapes[i]);
        float stats[1]; /* what stands for the sums that are asked for */
        check_case(&d, GR_FORWARD, &(gr_conv_fusion){.stats = stats}, false);
        check_case(&d, GR_FORWARD, &(gr_conv_fusion){.stats = stats, .bias = d.bias}, false);
        check_case(&d, GR_FORWARD, &(gr_conv_fusion){0}, false); /* as where the map is made again */
        free_world(&d);
    }
}

static void refusals(void **state)
{
    (void)state;
    enum { BAD = 11 };
    const gr_kernels *tables[8];
    const int count = gr_kernels_available(tables);
    float stats[1];
    const gr_conv_fusion good_fusion = {.stats = stats};
    const gr_conv_fusion relu = {.stats = stats, .in_act = GR_ACT_RELU}, residual = {.stats = stats, .residual = stats};
    gr_conv_problem good = problem_of(&(shape){8, 64, 64, 3, 64, 3, 3, 3, 3}), bad[BAD];
    for (int k = 0; k < BAD; k++)
        bad[k] = good;
    bad[0].kh = 5, bad[1].stride_w = 1, bad[2].dil_h = 2, bad[3].groups = 3, bad[4].c = 5, bad[5].oc = 15, bad[6].exact = true;
    bad[7].oh = bad[7].ow = 5; /* four tiles of which one is whole */
    bad[8].stride_h = 3, bad[9].bf16 = bad[9].narrow.x = true, bad[10].kw = 3;
    for (int i = 0; i < count; i++)
        for (int d = GR_FORWARD; d <= GR_BACKWEIGHT; d += GR_BACKWEIGHT - GR_FORWARD) {
            const gr_conv_algorithm *a = algorithm_of(tables[i], d);
            assert_null(a->refuses(&good, d, &good_fusion));
            gr_conv_problem stored = good;
            stored.bf16 = stored.narrow.y = stored.narrow.dy = true;
            assert_int_equal(a->refuses(&stored, d, &good_fusion) == NULL, strcmp(tables[i]->isa, "amx_bf16") != 0);
            assert_non_null(a->refuses(&good, GR_FORWARD + GR_BACKWEIGHT - d, &good_fusion));
            assert_non_null(a->refuses(&good, GR_BACKDATA, &good_fusion));
            assert_non_null(a->refuses(&good, d, &relu));
            if (d == GR_FORWARD) {
                assert_non_null(a->refuses(&good, d, NULL));
                assert_non_null(a->refuses(&good, d, &residual));
            }
            for (int k = 0; k < BAD; k++)
                assert_non_null(a->refuses(&bad[k], d, &good_fusion));
        }
}

static void weight(void **state)
{
    (void)state;
    for (int i = 0; i < SHAPES; i++) {
        world d = make_world(&shapes[i]);
        const gr_conv_fusion norm = {.y = d.y, .out_a = d.out_a, .out_b = d.out_b, .out_c = d.out_c};
        check_case(&d, GR_BACKWEIGHT, &(gr_conv_fusion){0}, false);
        check_case(&d, GR_BACKWEIGHT, &norm, true);
        free_world(&d);
    }
}

/* ---- tensors that are stored as bfloat16 --------------------------------------------------------------------------------- */

/* Rounds v[count] to bfloat16; the words are the caller's. */
static uint16_t *narrowed(float *v, size_t count)
{
    uint16_t *words = gr_alloc(count, sizeof *words);
    assert_non_null(words);
    gr_kernels_get()->f32_to_bf16((int64_t)count, v, words);
    for (size_t i = 0; i < count; i++)
        v[i] = gr_f32_from_bf16(words[i]);
    return words;
}

/* Results that are stored rounded: sums are those of what was rounded. */
static void check_narrow_results(const gr_kernels *table, const world *d, const gr_conv_fusion *f)
{
    const gr_conv_algorithm *a = algorithm_of(table, GR_FORWARD);
    conv_expected e;
    conv_expect(&e, &d->p, GR_FORWARD, f, d->x, d->w, NULL, NULL);
    double largest = 0;
    for (size_t i = 0; i < e.count; i++)
        largest = fmax(largest, fabs(e.out[i]));
    result one = compute(a, d, GR_FORWARD, *f, false, 1), more = compute(a, d, GR_FORWARD, *f, false, 3);
    const uint16_t *y = (const uint16_t *)one.out;
    for (size_t i = 0; i < e.count; i++) {
        const double got = (double)gr_f32_from_bf16(y[i]);
        if (!(fabs(got - e.out[i]) <= LIMIT * largest + ROUNDING * fabs(e.out[i])))
            fail_msg("%s, %d x %d to %d: number %d is %g, not %g", table->isa, (int)d->p.h, (int)d->p.w, (int)d->p.oc, (int)i, got,
                     e.out[i]);
    }
    if (f->stats != NULL)
        check_sums(table, d, &e, &one);
    assert_memory_equal(one.room, more.room, (one.count + one.stats) * sizeof(float));
    gr_free(one.room), gr_free(more.room);
    conv_expected_free(&e);
}

static void check_narrow_gradient(const gr_kernels *table, const world *d, const world *wide, const gr_conv_fusion *f,
                                  const gr_conv_fusion *wide_f)
{
    const gr_conv_algorithm *a = algorithm_of(table, GR_BACKWEIGHT);
    result one = compute(a, d, GR_BACKWEIGHT, *f, true, 1), more = compute(a, d, GR_BACKWEIGHT, *f, true, 3);
    result same = compute(a, wide, GR_BACKWEIGHT, *wide_f, true, 1);
    assert_memory_equal(one.out, same.out, one.count * sizeof(float)); /* numbers are read, then all is as with float32 */
    assert_memory_equal(one.out, more.out, one.count * sizeof(float));
    gr_free(one.room), gr_free(more.room), gr_free(same.room);
}

static void narrow(void **state)
{
    (void)state;
    const gr_kernels *tables[8];
    const int count = gr_kernels_available(tables);
    float stats[1];
    for (int i = 0; i < SHAPES * count; i++) {
        const gr_kernels *table = tables[i % count];
        if (strcmp(table->isa, "amx_bf16") == 0)
            continue; /* refuses bfloat16 */
        world wide = make_world(&shapes[i / count]), d = wide;
        uint16_t *dy = narrowed(wide.dy, conv_size_y(&d.p)), *y = narrowed(wide.y, conv_size_y(&d.p));
        d.p.bf16 = d.p.narrow.y = d.p.narrow.dy = true;
        d.dy = (float *)(void *)dy, d.y = (float *)(void *)y;
        check_narrow_results(table, &d, &(gr_conv_fusion){.stats = stats, .bias = d.bias});
        check_narrow_results(table, &d, &(gr_conv_fusion){0});
        gr_conv_fusion norm = {.y = d.y, .out_a = d.out_a, .out_b = d.out_b, .out_c = d.out_c}, wide_norm = norm;
        wide_norm.y = wide.y;
        check_narrow_gradient(table, &d, &wide, &norm, &wide_norm);
        d.p.narrow.y = false; /* as where the gradient alone is narrow */
        norm.y = wide.y;
        check_narrow_gradient(table, &d, &wide, &norm, &wide_norm);
        gr_free(dy), gr_free(y);
        free_world(&wide);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward),
        cmocka_unit_test(weight),
        cmocka_unit_test(narrow),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
