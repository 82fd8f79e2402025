/* Every convolution algorithm of every instruction set that this CPU runs, in every direction, over the shapes of
 * tests/shapes, against plain loops in double. Small whole numbers make all sums exact, so that equality is the test;
 * Winograd, whose transforms round, has a limit. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "grimace/tensor.h"
#include "tests/support/conv_expected.h"
#include "tests/support/conv_shapes.h"

/* Relative to the largest output: Winograd's own error. Relative to the sum of absolute terms: plain float sums. */
static const double WINOGRAD_LIMIT = 1e-4, FLOAT_LIMIT = 2e-6, BF16_LIMIT = 0x1p-7, STATS_LIMIT = 1e-5;

/* ---- one problem's data ----------------------------------------------------------------------------------------------- */

typedef struct data {
    conv_shape shape;
    float *x, *w, *dy;
    float *before_x, *before_w;                             /* what an accumulating run finds */
    float *in_scale, *in_shift, *out_a, *out_b, *out_c, *y; /* for the fusions */
    float *bias, *residual, *mask_x, *mask_scale, *mask_shift;
} data;

static void *must(void *block)
{
    if (block == NULL)
        fail_msg("no memory");
    return block;
}

/* Whole multiples of `unit` in [-range, range]; unit 0: any numbers in that range. */
static float *numbers(size_t count, uint64_t seed, int range, float unit)
{
    float *v = must(gr_alloc(count, sizeof *v));
    gr_rng rng = gr_rng_make(seed, GR_FOR_TEST, 0, 0);
    for (size_t i = 0; i < count; i++)
        v[i] = unit > 0.0f ? unit * (float)((int)gr_rng_below(&rng, 2 * (uint64_t)range + 1) - range)
                           : (float)range * (2.0f * gr_rng_float(&rng) - 1.0f);
    return v;
}

static data make_data(const conv_shape *shape, bool whole)
{
    const gr_conv_problem *p = &shape->p;
    size_t x = conv_size_x(p), w = conv_size_w(p), y = conv_size_y(p), c = (size_t)p->c, oc = (size_t)p->oc;
    float one = whole ? 1.0f : 0.0f;
    return (data){.shape = *shape,
                  .x = numbers(x, 1, 3, one),
                  .w = numbers(w, 2, 2, one),
                  .dy = numbers(y, 3, 3, one),
                  .before_x = numbers(x, 4, 9, 1.0f),
                  .before_w = numbers(w, 5, 9, 1.0f),
                  .in_scale = numbers(c, 6, 3, 0.5f),
                  .in_shift = numbers(c, 7, 3, 0.5f),
                  .out_a = numbers(oc, 8, 3, 0.5f),
                  .out_b = numbers(oc, 9, 2, 0.5f),
                  .out_c = numbers(oc, 10, 2, 0.5f),
                  .y = numbers(y, 11, 3, 1.0f),
                  .bias = numbers(oc, 12, 5, 1.0f),
                  .residual = numbers(y, 13, 5, 1.0f),
                  .mask_x = numbers(x, 14, 4, 1.0f),
                  .mask_scale = numbers(c, 15, 3, 0.5f),
                  .mask_shift = numbers(c, 16, 3, 0.5f)};
}

static void free_data(data *t)
{
    float *all[] = {t->x,     t->w,     t->dy, t->before_x, t->before_w, t->in_scale, t->in_shift,   t->out_a,
                    t->out_b, t->out_c, t->y,  t->bias,     t->residual, t->mask_x,   t->mask_scale, t->mask_shift};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        gr_free(all[i]);
}

/* ---- fusions ---------------------------------------------------------------------------------------------------------- */

enum {
    IN_SCALE = 1,
    IN_ACT = 2,
    OUT = 4,
    BIAS = 8,
    RESIDUAL = 16,
    ACT = 32,
    STATS = 64,
    MASK = 128,
    MASK_SCALE = 256,
    ACCUMULATE = 512
};

static const struct variant {
    gr_direction d;
    unsigned parts;
    gr_act act; /* of IN_ACT, ACT and MASK */
} variants[] = {
    {GR_FORWARD, 0, GR_ACT_RELU},
    {GR_FORWARD, IN_SCALE | IN_ACT, GR_ACT_RELU},
    {GR_FORWARD, IN_ACT, GR_ACT_RELU},
    {GR_FORWARD, IN_SCALE, GR_ACT_RELU},
    {GR_FORWARD, BIAS | ACT, GR_ACT_RELU},
    {GR_FORWARD, BIAS | RESIDUAL | ACT, GR_ACT_RELU},
    {GR_FORWARD, STATS, GR_ACT_RELU}, {GR_FORWARD, BIAS | STATS, GR_ACT_RELU},
    {GR_FORWARD, IN_SCALE | IN_ACT | BIAS | STATS, GR_ACT_RELU},
    {GR_BACKDATA, 0, GR_ACT_RELU},
    {GR_BACKDATA, ACCUMULATE, GR_ACT_RELU},
    {GR_BACKDATA, OUT, GR_ACT_RELU},
    {GR_BACKDATA, MASK, GR_ACT_RELU},
    {GR_BACKDATA, MASK | MASK_SCALE | STATS, GR_ACT_RELU},
    {GR_BACKDATA, OUT | MASK | STATS, GR_ACT_RELU},
    {GR_BACKDATA, OUT | MASK | MASK_SCALE | STATS | ACCUMULATE, GR_ACT_RELU},
    {GR_BACKWEIGHT, 0, GR_ACT_RELU},
    {GR_BACKWEIGHT, ACCUMULATE, GR_ACT_RELU},
    {GR_BACKWEIGHT, IN_SCALE | IN_ACT, GR_ACT_RELU},
    {GR_BACKWEIGHT, OUT, GR_ACT_RELU},
    {GR_BACKWEIGHT, IN_SCALE | IN_ACT | OUT | ACCUMULATE, GR_ACT_RELU},
    {GR_FORWARD, IN_SCALE | IN_ACT | STATS, GR_ACT_RELU6},
    {GR_FORWARD, BIAS | ACT, GR_ACT_RELU6},
    {GR_FORWARD, BIAS | ACT, GR_ACT_SILU},
    {GR_FORWARD, BIAS | ACT, GR_ACT_HARD_SWISH},
    {GR_FORWARD, IN_SCALE | IN_ACT | BIAS | ACT, GR_ACT_SILU},
    {GR_FORWARD, IN_ACT, GR_ACT_HARD_SWISH},
    {GR_FORWARD, BIAS | ACT, GR_ACT_HARD_SIGMOID},
    {GR_BACKDATA, MASK | MASK_SCALE | STATS, GR_ACT_RELU6},
    {GR_BACKDATA, OUT | MASK | MASK_SCALE | STATS, GR_ACT_SILU},
    {GR_BACKDATA, MASK | STATS | ACCUMULATE, GR_ACT_HARD_SWISH},
    {GR_BACKDATA, MASK | STATS, GR_ACT_HARD_SIGMOID},
    {GR_BACKWEIGHT, IN_SCALE | IN_ACT | OUT, GR_ACT_SILU},
    {GR_BACKWEIGHT, IN_SCALE | IN_ACT, GR_ACT_RELU6},
};
enum { VARIANTS = sizeof variants / sizeof variants[0] };

static gr_conv_fusion make_fusion(const data *t, gr_direction d, unsigned parts, gr_act act)
{
    gr_conv_fusion f = {.in_act = parts & IN_ACT ? act : GR_ACT_NONE, .act = parts & ACT ? act : GR_ACT_NONE};
    if (parts & IN_SCALE)
        f.in_scale = t->in_scale, f.in_shift = t->in_shift;
    if (parts & OUT)
        f.y = t->y, f.out_a = t->out_a, f.out_b = t->out_b, f.out_c = t->out_c;
    if (parts & BIAS)
        f.bias = t->bias;
    if (parts & RESIDUAL)
        f.residual = t->residual;
    if (parts & MASK)
        f.mask_x = t->mask_x, f.mask_act = act;
    if (parts & MASK_SCALE)
        f.mask_scale = t->mask_scale, f.mask_shift = t->mask_shift;
    if (parts & STATS) { /* asked for; the run brings the memory */
        static float asked;
        *(d == GR_FORWARD ? &f.stats : &f.mask_stats) = &asked;
    }
    return f;
}

/* ---- one run ---------------------------------------------------------------------------------------------------------- */

typedef struct result {
    float *out, *stats;
    size_t count, blocks, channels;
} result;

/* The tensor as the problem wants it stored, in memory of its own; NULL for NULL. */
static float *stored(const float *v, size_t count, bool narrow)
{
    if (v == NULL)
        return NULL;
    float *copy = must(gr_alloc(count, sizeof *copy));
    memcpy(copy, v, count * sizeof *copy);
    for (size_t i = 0; narrow && i < count; i++)
        ((uint16_t *)copy)[i] = gr_bf16_from_f32(v[i]);
    return copy;
}

static bool is_narrow(const gr_conv_problem *p)
{
    return p->narrow.x || p->narrow.dx || p->narrow.y || p->narrow.dy;
}

static bool out_is_narrow(const gr_conv_problem *p, gr_direction d)
{
    return (d == GR_FORWARD && p->narrow.y) || (d == GR_BACKDATA && p->narrow.dx);
}

static result run(const gr_conv_algorithm *a, const data *t, gr_direction d, const gr_conv_fusion *asked, bool accumulate)
{
    const gr_conv_problem *p = &t->shape.p;
    gr_conv_fusion f = *asked;
    result r = {.count = conv_size_out(p, d), .channels = (size_t)(d == GR_BACKDATA ? p->c : p->oc)};
    const float *before = d == GR_BACKDATA ? t->before_x : t->before_w;
    r.out = must(gr_alloc_aligned(r.count, sizeof *r.out));
    for (size_t i = 0; i < r.count; i++)
        r.out[i] = accumulate ? before[i] : NAN;
    float *out = stored(r.out, r.count, out_is_narrow(p, d));
    float *x = stored(t->x, conv_size_x(p), p->narrow.x), *dy = stored(t->dy, conv_size_y(p), p->narrow.dy);
    float *y = stored(f.y, conv_size_y(p), p->narrow.y), *mask_x = stored(f.mask_x, conv_size_x(p), p->narrow.x);
    f.y = y, f.mask_x = mask_x;
    if (f.stats != NULL || f.mask_stats != NULL) {
        r.blocks = (size_t)a->stat_blocks(p, d);
        r.stats = must(gr_alloc(r.blocks * 2 * r.channels, sizeof *r.stats));
        for (size_t i = 0; i < r.blocks * 2 * r.channels; i++)
            r.stats[i] = NAN;
        *(d == GR_FORWARD ? &f.stats : &f.mask_stats) = r.stats;
    }
    void *packed = must(gr_alloc_aligned(a->packed_size(p, d), 1));
    void *scratch = must(gr_alloc_aligned(a->scratch_size(p, d, gr_threads_get()), 1));
    if (d != GR_BACKWEIGHT)
        a->pack(p, d, t->w, packed);
    gr_conv_args args = {.x = d == GR_BACKDATA ? NULL : x,
                         .packed = d == GR_BACKWEIGHT ? NULL : packed,
                         .dy = d == GR_FORWARD ? NULL : dy,
                         .out = out,
                         .accumulate = accumulate,
                         .fusion = &f,
                         .scratch = scratch};
    a->run(p, d, &args);
    for (size_t i = 0; i < r.count; i++)
        r.out[i] = out_is_narrow(p, d) ? gr_f32_from_bf16(((uint16_t *)out)[i]) : out[i];
    gr_free(packed), gr_free(scratch), gr_free(out), gr_free(x), gr_free(dy), gr_free(y), gr_free(mask_x);
    return r;
}

static void free_result(result *r)
{
    gr_free(r->out), gr_free(r->stats);
}

static void refuse(const gr_kernels *k, const gr_conv_algorithm *a, const data *t, int variant, const char *what, size_t at,
                   double got, double wanted)
{
    char line[256];
    conv_shape_line(&t->shape, line, sizeof line);
    fail_msg("%s %s, variant %d, %s[%zu]: %.9g instead of %.9g; shape: %s", k->isa, a->name, variant, what, at, got, wanted,
             line);
}

/* ---- the judgement ---------------------------------------------------------------------------------------------------- */

static double largest(const conv_expected *e)
{
    double most = 1.0;
    for (size_t i = 0; i < e->count; i++)
        most = fmax(most, fabs(e->out[i]));
    return most;
}

static void judge(const gr_kernels *k, const gr_conv_algorithm *a, const data *t, int variant, const conv_expected *e,
                  const result *r, bool whole)
{
    bool narrow = out_is_narrow(&t->shape.p, variants[variant].d);
    bool winograd = strncmp(a->name, "winograd", 8) == 0 && strcmp(a->name, "winograd_small") != 0;
    double rounding = t->shape.p.bf16 ? BF16_LIMIT : FLOAT_LIMIT; /* each factor of a product: 2^-9 */
    double top = largest(e);
    for (size_t i = 0; i < e->count; i++) {
        double limit = winograd ? WINOGRAD_LIMIT * top : whole ? 0.0 : rounding * (e->magnitude[i] + 1.0), wanted = e->out[i];
        if (winograd && !whole && is_narrow(&t->shape.p))
            limit += BF16_LIMIT * (e->magnitude[i] + 1.0); /* what it reads was rounded */
        if (narrow && limit == 0.0)
            wanted = (double)gr_f32_from_bf16(gr_bf16_from_f32((float)wanted));
        else if (narrow)
            limit += ldexp(fabs(wanted), -8);
        if (!(fabs((double)r->out[i] - wanted) <= limit)) /* NaN is never within a limit */
            refuse(k, a, t, variant, "out", i, (double)r->out[i], wanted);
    }
    for (size_t c = 0; r->stats != NULL && c < 2 * r->channels; c++) {
        double sum = 0.0;
        for (size_t block = 0; block < r->blocks; block++)
            sum += (double)r->stats[block * 2 * r->channels + c];
        double scale = (double)(e->count / e->channels) * top * (c < r->channels ? 1.0 : top);
        if (!(fabs(sum - e->sums[c]) <= (winograd ? WINOGRAD_LIMIT : STATS_LIMIT) * scale))
            refuse(k, a, t, variant, "stats", c, sum, e->sums[c]);
    }
}

static void try_variant(const data *t, int variant, bool whole)
{
    const struct variant *v = &variants[variant];
    whole = whole && v->act <= GR_ACT_RELU6; /* the others make fractions */
    const gr_conv_fusion f = make_fusion(t, v->d, v->parts, v->act);
    bool accumulate = (v->parts & ACCUMULATE) != 0;
    conv_expected e;
    conv_expect(&e, &t->shape.p, v->d, &f, t->x, t->w, t->dy,
                !accumulate           ? NULL
                : v->d == GR_BACKDATA ? t->before_x
                                      : t->before_w);
    const gr_kernels *tables[8];
    int count = gr_kernels_available(tables);
    for (int i = 0; i < count; i++)
        for (const gr_conv_algorithm *const *a = tables[i]->conv; *a != NULL; a++) {
            const char *reason = (*a)->refuses(&t->shape.p, v->d, &f);
            if (reason != NULL) {
                assert_true(reason[0] != '\0');
                assert_true(a[1] != NULL || is_narrow(&t->shape.p)); /* the last takes everything that is float32 */
                continue;
            }
            result r = run(*a, t, v->d, &f, accumulate);
            judge(tables[i], *a, t, variant, &e, &r, whole);
            free_result(&r);
        }
    conv_expected_free(&e);
}

/* Any number of threads gives the bits of one. */
static void try_threads(const data *t, gr_direction d, unsigned parts)
{
    const gr_conv_fusion f = make_fusion(t, d, parts, GR_ACT_RELU);
    const gr_kernels *tables[8];
    int count = gr_kernels_available(tables);
    for (int i = 0; i < count; i++)
        for (const gr_conv_algorithm *const *a = tables[i]->conv; *a != NULL; a++) {
            if ((*a)->refuses(&t->shape.p, d, &f) != NULL)
                continue;
            result r[3];
            for (int threads = 1; threads <= 3; threads++) {
                gr_threads_set(threads);
                r[threads - 1] = run(*a, t, d, &f, false);
            }
            for (int other = 1; other < 3; other++) {
                assert_memory_equal(r[0].out, r[other].out, r[0].count * sizeof(float));
                if (r[0].stats != NULL)
                    assert_memory_equal(r[0].stats, r[other].stats, r[0].blocks * 2 * r[0].channels * sizeof(float));
            }
            for (int other = 0; other < 3; other++)
                free_result(&r[other]);
        }
    gr_threads_set(1);
}

/* ---- the tests -------------------------------------------------------------------------------------------------------- */

static void each_shape(const char *path, void (*check)(const conv_shape *shape))
{
    gr_error err = {0};
    conv_shape *shapes;
    size_t count;
    if (conv_shapes_read(path, 0, &shapes, &count, &err) != GR_OK)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < count; i++)
        check(&shapes[i]);
    gr_free(shapes);
}

static void check_whole(const conv_shape *shape)
{
    data t = make_data(shape, true);
    for (int variant = 0; variant < VARIANTS; variant++)
        try_variant(&t, variant, true);
    free_data(&t);
}

static void check_random(const conv_shape *shape)
{
    data t = make_data(shape, false);
    for (int variant = 0; variant < VARIANTS; variant++)
        if (variants[variant].parts == 0)
            try_variant(&t, variant, false);
    free_data(&t);
}

/* Whole numbers this small are themselves in bfloat16. */
static void check_whole_bf16(const conv_shape *shape)
{
    conv_shape bf16 = *shape;
    bf16.p.bf16 = true;
    check_whole(&bf16);
}

static void check_random_bf16(const conv_shape *shape)
{
    conv_shape bf16 = *shape;
    bf16.p.bf16 = true;
    check_random(&bf16);
}

static const gr_conv_narrow all_narrow = {true, true, true, true};

static void check_narrow(const conv_shape *shape)
{
    conv_shape narrow = *shape;
    narrow.p.bf16 = true, narrow.p.narrow = all_narrow;
    check_whole(&narrow);
    check_random(&narrow);
}

/* Each mixture of tensors that are narrow and tensors that are not. */
static void check_mixtures(const conv_shape *shape)
{
    static const char *const names[] = {"plain_3x3", "stride2_3x3_odd", "tail_c33_oc65", "stride2_7x7_rgb"};
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++)
        for (int bits = 1; strcmp(shape->name, names[n]) == 0 && bits < 15; bits++) {
            conv_shape mixed = *shape;
            mixed.p.bf16 = true;
            mixed.p.narrow = (gr_conv_narrow){bits & 1, bits & 2, bits & 4, bits & 8};
            check_whole(&mixed);
        }
}

static void narrow_tensors_are_rounded_once(void **state)
{
    (void)state;
    each_shape("tests/shapes/conv_basic.txt", check_narrow);
    each_shape("tests/shapes/conv_regression.txt", check_narrow);
    each_shape("tests/shapes/conv_basic.txt", check_mixtures);
}

static void bf16_rounds_factors_alone(void **state)
{
    (void)state;
    each_shape("tests/shapes/conv_basic.txt", check_whole_bf16);
    each_shape("tests/shapes/conv_basic.txt", check_random_bf16);
}

static void check_threads(const conv_shape *shape)
{
    if (conv_flops(&shape->p) < 4e5)
        return; /* one block, hence one thread */
    data t = make_data(shape, false);
    try_threads(&t, GR_FORWARD, IN_SCALE | IN_ACT | BIAS | STATS);
    try_threads(&t, GR_BACKDATA, OUT | MASK | STATS);
    try_threads(&t, GR_BACKWEIGHT, OUT), try_threads(&t, GR_BACKWEIGHT, IN_SCALE | OUT);
    t.shape.p.bf16 = true, t.shape.p.narrow = all_narrow;
    try_threads(&t, GR_FORWARD, IN_SCALE | IN_ACT | STATS);
    try_threads(&t, GR_BACKDATA, OUT | MASK | STATS);
    try_threads(&t, GR_BACKWEIGHT, IN_SCALE | OUT);
    free_data(&t);
}

static void whole_numbers_are_exact(void **state)
{
    (void)state;
    each_shape("tests/shapes/conv_basic.txt", check_whole);
    each_shape("tests/shapes/conv_regression.txt", check_whole);
}

static void random_numbers_are_near(void **state)
{
    (void)state;
    each_shape("tests/shapes/conv_basic.txt", check_random);
    each_shape("tests/shapes/conv_regression.txt", check_random);
}

static void threads_do_not_change_bits(void **state)
{
    (void)state;
    each_shape("tests/shapes/conv_basic.txt", check_threads);
}

/* A batch whose output is so large that it goes past the caches, against its images one by one: the same bits. */
static void check_large_output(const conv_shape *shape, gr_direction d, unsigned parts)
{
    data t = make_data(shape, false);
    const gr_conv_fusion f = make_fusion(&t, d, parts, GR_ACT_RELU);
    const gr_kernels *tables[8];
    int count = gr_kernels_available(tables);
    for (int i = 0; i < count; i++) {
        const gr_conv_algorithm *const *a = tables[i]->conv;
        while (strcmp((*a)->name, "implicit_gemm") != 0)
            a++;
        result whole = run(*a, &t, d, &f, false);
        assert_true(whole.count * sizeof(float) >= 16 << 20);
        for (int64_t n = 0; n < shape->p.n; n++) {
            data one = t;
            one.shape.p.n = 1;
            size_t x = conv_size_x(&one.shape.p) * (size_t)n, y = conv_size_y(&one.shape.p) * (size_t)n;
            one.x += x, one.mask_x += x, one.dy += y, one.y += y, one.residual += y;
            const gr_conv_fusion of_one = make_fusion(&one, d, parts, GR_ACT_RELU);
            result r = run(*a, &one, d, &of_one, false);
            assert_memory_equal(whole.out + r.count * (size_t)n, r.out, r.count * sizeof(float));
            free_result(&r);
        }
        free_result(&whole);
    }
    free_data(&t);
}

static void large_outputs_have_the_same_bits(void **state)
{
    (void)state;
    const conv_shape wide = {.name = "large_output", .p = {.n = 4, .h = 64, .w = 64, .c = 3, .oc = 256, .kh = 1, .kw = 1, .oh = 64,
                             .ow = 64, .stride_h = 1, .stride_w = 1, .dil_h = 1, .dil_w = 1, .groups = 1}};
    conv_shape narrow = wide;
    narrow.p.c = 256, narrow.p.oc = 3;
    check_large_output(&wide, GR_FORWARD, BIAS | RESIDUAL | ACT | STATS);
    check_large_output(&narrow, GR_BACKDATA, OUT | MASK | MASK_SCALE | STATS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_are_exact),
        cmocka_unit_test(random_numbers_are_near),
        cmocka_unit_test(bf16_rounds_factors_alone),
        cmocka_unit_test(narrow_tensors_are_rounded_once),
        cmocka_unit_test(threads_do_not_change_bits),
        cmocka_unit_test(large_outputs_have_the_same_bits),
    };
    gr_threads_set(1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
