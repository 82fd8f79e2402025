/* Winograd convolution against plain loops in double precision: every instruction set, direction and tail, fused and not,
 * and the same bits for any number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "kernels/kernels.h"

/* Largest difference over largest value. Direct single precision loses about 1e-6 on these shapes. */
#define LIMIT 1e-5

typedef struct shape {
    int64_t n, h, w, c, oc, pad_top, pad_left, pad_bottom, pad_right;
    int64_t samples; /* outputs that are checked; 0: all */
} shape;

static const shape shapes[] = {
    {1, 3, 3, 8, 8, 1, 1, 1, 1, 0},
    {3, 5, 7, 9, 8, 1, 1, 1, 1, 0},
    {1, 13, 9, 17, 33, 1, 1, 1, 1, 0},
    {3, 6, 6, 32, 16, 0, 0, 0, 0, 0},
    {1, 4, 4, 20, 40, 2, 2, 2, 2, 0},
    {1, 12, 5, 40, 9, 2, 2, 2, 2, 0},
    {3, 9, 10, 65, 31, 0, 0, 0, 0, 0},
    {2, 7, 7, 15, 49, 1, 1, 1, 1, 0},
    {1, 11, 6, 12, 24, 1, 0, 0, 2, 0},
    {2, 8, 8, 64, 64, 1, 1, 1, 1, 0},
    {5, 3, 13, 16, 48, 2, 1, 1, 1, 0},
    {3, 13, 13, 16, 16, 1, 1, 1, 1, 0},
    {12, 14, 14, 24, 40, 1, 1, 1, 1, 400}, /* enough tiles that short ones stand apart, two in each row and column */
    {1, 14, 18, 130, 136, 1, 1, 1, 1, 300}, /* so few tiles that AVX-512 stages them */
    /* so many channels that the work is staged, so many tiles that it takes several rounds, and many chunks */
    {2, 7, 7, 180, 176, 1, 1, 1, 1, 300},
    {16, 7, 7, 180, 176, 1, 1, 1, 1, 300},
    /* so few tiles that each task transforms its own filters: tall and short, narrow and wide, tails of channels on both sides */
    {16, 3, 3, 188, 171, 1, 1, 1, 1, 300},
    {7, 7, 11, 171, 300, 1, 1, 1, 1, 300},
    {9, 26, 27, 176, 180, 1, 1, 1, 1, 100},
    {9, 26, 27, 200, 200, 1, 1, 1, 1, 100}, /* several rounds of a weight gradient, square by square */
    {6, 50, 50, 8, 24, 1, 1, 1, 1, 300},
    {1, 501, 530, 16, 16, 1, 1, 1, 1, 60}, /* stored past the caches */
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
                             .oh = s->h + s->pad_top + s->pad_bottom - 2,
                             .ow = s->w + s->pad_left + s->pad_right - 2,
                             .stride_h = 1,
                             .stride_w = 1,
                             .pad_top = s->pad_top,
                             .pad_left = s->pad_left,
                             .dil_h = 1,
                             .dil_w = 1,
                             .groups = 1};
}

static const gr_conv_algorithm *find(const gr_kernels *table, const char *name)
{
    for (int i = 0; table->conv[i] != NULL; i++)
        if (strcmp(table->conv[i]->name, name) == 0)
            return table->conv[i];
    fail_msg("the table of %s has no %s", table->isa, name);
    return NULL;
}

/* ---- one case: data, a fusion, and what should come out ---------------------------------------------------------- */

typedef struct world {
    gr_conv_problem p;
    int64_t x_count, y_count, w_count;
    float *x, *dy, *weights, *y, *old; /* old: what stands in the output before */
    float *in_scale, *in_shift, *out_a, *out_b, *out_c, *bias, *residual, *mask_x, *mask_scale, *mask_shift;
} world;

/* `count` numbers in shift +- scale. */
static float *numbers(int64_t count, uint64_t seed, float scale, float shift)
{
    float *p = gr_alloc_aligned((size_t)count, sizeof *p);
    assert_non_null(p);
    uint32_t state = (uint32_t)seed * 2654435761u + 1u; /* Knuth's linear congruence: Philox is slow for tens of millions */
    for (int64_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        p[i] = (float)(int32_t)state * 0x1p-31f * scale + shift;
    }
    return p;
}

static world make_world(const shape *s)
{
    world d = {.p = problem_of(s)};
    const gr_conv_problem *p = &d.p;
    d.x_count = p->n * p->h * p->w * p->c, d.y_count = p->n * p->oh * p->ow * p->oc, d.w_count = 9 * p->c * p->oc;
    d.x = numbers(d.x_count, 1, 1, 0.1f);
    d.dy = numbers(d.y_count, 2, 1, 0);
    d.y = numbers(d.y_count, 3, 1, 0.3f);
    d.weights = numbers(d.w_count, 4, 0.2f, 0);
    d.old = numbers(d.x_count + d.y_count + d.w_count, 5, 3, 0);
    d.in_scale = numbers(p->c, 6, 0.5f, 1);
    d.in_shift = numbers(p->c, 7, 0.5f, 0.2f);
    d.out_a = numbers(p->oc, 8, 0.5f, 1);
    d.out_b = numbers(p->oc, 9, 0.3f, 0);
    d.out_c = numbers(p->oc, 10, 0.2f, 0.1f);
    d.bias = numbers(p->oc, 11, 1, 0);
    d.residual = numbers(d.y_count, 12, 2, 0);
    d.mask_x = numbers(d.x_count, 13, 1, 0);
    d.mask_scale = numbers(p->c, 14, 0.5f, -1);
    d.mask_shift = numbers(p->c, 15, 0.1f, 0);
    for (int64_t i = 0; i < d.x_count; i++) /* far enough from the mask's edge that rounding cannot decide */
        d.mask_x[i] = d.mask_x[i] > 0 ? d.mask_x[i] + 0.5f : d.mask_x[i] - 0.5f;
    return d;
}

static void free_world(world *d)
{
    float *all[] = {d->x,     d->dy,    d->weights, d->y,        d->old,    d->in_scale,   d->in_shift,  d->out_a,
                    d->out_b, d->out_c, d->bias,    d->residual, d->mask_x, d->mask_scale, d->mask_shift};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        gr_free(all[i]);
}

static double read_x(const world *d, const gr_conv_fusion *f, int64_t at)
{
    double v = d->x[at];
    if (f->in_scale != NULL)
        v = v * f->in_scale[at % d->p.c] + f->in_shift[at % d->p.c];
    return f->in_act == GR_ACT_RELU && v < 0 ? 0 : v;
}

static double read_dy(const world *d, const gr_conv_fusion *f, int64_t at)
{
    int64_t oc = at % d->p.oc;
    return f->y == NULL ? d->dy[at] : (double)d->dy[at] * f->out_a[oc] + (double)f->y[at] * f->out_b[oc] + f->out_c[oc];
}

static double expect_forward(const world *d, const gr_conv_fusion *f, int64_t at)
{
    const gr_conv_problem *p = &d->p;
    int64_t oc = at % p->oc, ow = at / p->oc % p->ow, oh = at / p->oc / p->ow % p->oh, n = at / p->oc / p->ow / p->oh;
    double sum = f->bias == NULL ? 0 : f->bias[oc];
    for (int64_t tap = 0; tap < 9; tap++) {
        int64_t ih = oh - p->pad_top + tap / 3, iw = ow - p->pad_left + tap % 3;
        if (ih >= 0 && ih < p->h && iw >= 0 && iw < p->w)
            for (int64_t c = 0; c < p->c; c++)
                sum += read_x(d, f, ((n * p->h + ih) * p->w + iw) * p->c + c) * d->weights[(tap * p->c + c) * p->oc + oc];
    }
    return sum;
}

static double expect_data(const world *d, const gr_conv_fusion *f, int64_t at)
{
    const gr_conv_problem *p = &d->p;
    int64_t c = at % p->c, iw = at / p->c % p->w, ih = at / p->c / p->w % p->h, n = at / p->c / p->w / p->h;
    double sum = 0;
    for (int64_t tap = 0; tap < 9; tap++) {
        int64_t oh = ih + p->pad_top - tap / 3, ow = iw + p->pad_left - tap % 3;
        if (oh >= 0 && oh < p->oh && ow >= 0 && ow < p->ow)
            for (int64_t oc = 0; oc < p->oc; oc++)
                sum +=
                    read_dy(d, f, ((n * p->oh + oh) * p->ow + ow) * p->oc + oc) * d->weights[(tap * p->c + c) * p->oc + oc];
    }
    return sum;
}

static double expect_weight(const world *d, const gr_conv_fusion *f, int64_t at)
{
    const gr_conv_problem *p = &d->p;
    int64_t oc = at % p->oc, c = at / p->oc % p->c, tap = at / p->oc / p->c;
    double sum = 0;
    for (int64_t row = 0; row < p->n * p->oh; row++)
        for (int64_t ow = 0; ow < p->ow; ow++) {
            int64_t ih = row % p->oh - p->pad_top + tap / 3, iw = ow - p->pad_left + tap % 3;
            if (ih >= 0 && ih < p->h && iw >= 0 && iw < p->w)
                sum += read_x(d, f, ((row / p->oh * p->h + ih) * p->w + iw) * p->c + c) *
                       read_dy(d, f, (row * p->ow + ow) * p->oc + oc);
        }
    return sum;
}

static int64_t out_count(const world *d, gr_direction direction)
{
    return direction == GR_FORWARD ? d->y_count : direction == GR_BACKDATA ? d->x_count : d->w_count;
}

/* The convolution and what comes behind it; *counted is what the statistics see. */
static double expect(const world *d, gr_direction direction, const gr_conv_fusion *f, bool accumulate, int64_t at,
                     double *counted)
{
    double v = direction == GR_FORWARD    ? expect_forward(d, f, at)
               : direction == GR_BACKDATA ? expect_data(d, f, at)
                                          : expect_weight(d, f, at);
    if (accumulate)
        v += d->old[at];
    if (direction == GR_BACKDATA && f->mask_x != NULL) {
        int64_t c = at % d->p.c;
        double m = f->mask_scale == NULL ? f->mask_x[at] : f->mask_x[at] * f->mask_scale[c] + f->mask_shift[c];
        v = m > 0 ? v : 0;
    }
    *counted = v;
    if (direction == GR_FORWARD && f->residual != NULL)
        v += f->residual[at];
    return direction == GR_FORWARD && f->act == GR_ACT_RELU && v < 0 ? 0 : v;
}

/* What should come out, computed once for all instruction sets. */
typedef struct expected {
    int64_t count, step; /* outputs 0, step, 2 * step, ... are checked */
    double *values, largest;
    double *sums, *sizes; /* [2][channels]: the statistics, and the same of absolute values; NULL when not all are checked */
} expected;

static expected expect_all(const world *d, gr_direction direction, const gr_conv_fusion *f, bool accumulate, int64_t samples)
{
    int64_t all = out_count(d, direction), channels = direction == GR_FORWARD ? d->p.oc : d->p.c;
    expected e = {.step = samples > 0 && samples < all ? all / samples : 1};
    e.values = gr_alloc((size_t)all, sizeof *e.values);
    e.sums = gr_alloc((size_t)(4 * channels), sizeof *e.sums);
    assert_true(e.values != NULL && e.sums != NULL);
    e.sizes = e.sums + 2 * channels;
    for (int64_t at = 0; at < all; at += e.step) {
        double v, want = expect(d, direction, f, accumulate, at, &v), other = f->mask_stats != NULL ? f->mask_x[at] : v;
        int64_t c = at % channels;
        e.values[e.count++] = want;
        e.largest = fabs(want) > e.largest ? fabs(want) : e.largest;
        e.sums[c] += v, e.sums[channels + c] += v * other;
        e.sizes[c] += fabs(v), e.sizes[channels + c] += fabs(v * other);
    }
    return e;
}

/* ---- running and comparing --------------------------------------------------------------------------------------- */

typedef struct result {
    float *out, *stats;
    size_t out_bytes, stats_bytes;
    int64_t stat_blocks;
} result;

static result compute(const gr_conv_algorithm *a, const world *d, gr_direction direction, const gr_conv_fusion *fusion,
                      bool accumulate, int threads)
{
    gr_conv_fusion f = *fusion;
    result r = {.out_bytes = (size_t)out_count(d, direction) * sizeof(float)};
    size_t scratch_bytes = a->scratch_size(&d->p, direction, threads);
    r.out = gr_alloc_aligned(r.out_bytes, 1);
    void *packed = gr_alloc_aligned(a->packed_size(&d->p, direction), 1), *scratch = gr_alloc_aligned(scratch_bytes, 1);
    assert_true(r.out != NULL && packed != NULL && scratch != NULL);
    if (accumulate)
        memcpy(r.out, d->old, r.out_bytes);
    else
        memset(r.out, 0xff, r.out_bytes); /* NaN: shows when an output is read, or is not written */
    memset(scratch, 0xff, scratch_bytes);
    if (f.stats != NULL || f.mask_stats != NULL) {
        r.stat_blocks = a->stat_blocks(&d->p, direction);
        r.stats_bytes = (size_t)(r.stat_blocks * 2 * (direction == GR_FORWARD ? d->p.oc : d->p.c)) * sizeof(float);
        r.stats = gr_alloc_aligned(r.stats_bytes, 1);
        assert_non_null(r.stats);
        memset(r.stats, 0xff, r.stats_bytes);
        *(f.stats != NULL ? &f.stats : &f.mask_stats) = r.stats;
    }
    gr_threads_set(threads);
    if (direction != GR_BACKWEIGHT)
        a->pack(&d->p, direction, d->weights, packed);
    gr_conv_args args = {
        .x = d->x, .packed = packed, .dy = d->dy, .out = r.out, .accumulate = accumulate, .fusion = &f, .scratch = scratch};
    a->run(&d->p, direction, &args);
    gr_free(packed);
    gr_free(scratch);
    return r;
}

static void free_result(result *r)
{
    gr_free(r->out);
    gr_free(r->stats);
}

static void compare(const expected *e, const result *r, int64_t channels, const char *what)
{
    double worst = 0;
    for (int64_t i = 0; i < e->count; i++) {
        double difference = fabs(e->values[i] - r->out[i * e->step]);
        worst = difference <= worst ? worst : difference; /* NaN replaces it */
        if (isnan(difference))
            break;
    }
    if (!(worst <= LIMIT * e->largest))
        fail_msg("%s: differs by %g where the largest value is %g", what, worst, e->largest);
    for (int64_t i = 0; i < 2 * channels && r->stats != NULL && e->step == 1; i++) {
        double sum = 0;
        for (int64_t block = 0; block < r->stat_blocks; block++)
            sum += r->stats[block * 2 * channels + i];
        if (!(fabs(sum - e->sums[i]) <= LIMIT * (1 + e->sizes[i])))
            fail_msg("%s: statistic %d is %g, not %g", what, (int)i, sum, e->sums[i]);
    }
}

static bool same(const result *a, const result *b)
{
    return memcmp(a->out, b->out, a->out_bytes) == 0 && (a->stats == NULL || memcmp(a->stats, b->stats, a->stats_bytes) == 0);
}

/* Where it takes the case, the way for few tiles gives the same bits. */
static void check_few(const gr_kernels *table, const world *d, gr_direction direction, const gr_conv_fusion *f, bool accumulate,
                      const result *expected, const char *what)
{
    const gr_conv_algorithm *few = find(table, "winograd_few");
    if (few->refuses(&d->p, direction, f) != NULL)
        return;
    for (int threads = 1; threads <= 3; threads++) {
        result r = compute(few, d, direction, f, accumulate, threads);
        assert_int_equal(r.stats_bytes, expected->stats_bytes);
        if (!same(expected, &r))
            fail_msg("%s: winograd_few gives other bits with %d threads", what, threads);
        free_result(&r);
    }
}

/* Runs one case on every instruction set with 1, 2 and 3 threads. */
static void check_case(const shape *s, const world *d, gr_direction direction, const gr_conv_fusion *f, bool accumulate)
{
    static const char *const names[] = {"forward", "data", "weight"};
    const gr_kernels *tables[8];
    int count = gr_kernels_available(tables);
    int64_t channels = direction == GR_FORWARD ? d->p.oc : d->p.c;
    expected e = expect_all(d, direction, f, accumulate, s->samples);
    for (int i = 0; i < count; i++) {
        const gr_conv_algorithm *a = find(tables[i], "winograd");
        char what[160];
        snprintf(what, sizeof what, "%s %s %dx%dx%dx%d to %d, pad %d %d", tables[i]->isa, names[direction], (int)s->n,
                 (int)s->h, (int)s->w, (int)s->c, (int)s->oc, (int)s->pad_top, (int)s->pad_left);
        if (a->refuses(&d->p, direction, f) != NULL)
            fail_msg("%s: refused: %s", what, a->refuses(&d->p, direction, f));
        result one = compute(a, d, direction, f, accumulate, 1);
        compare(&e, &one, channels, what);
        for (int threads = s->samples > 0 ? 3 : 2; threads <= 3; threads++) {
            result more = compute(a, d, direction, f, accumulate, threads);
            if (!same(&one, &more))
                fail_msg("%s: other bits with %d threads", what, threads);
            free_result(&more);
        }
        check_few(tables[i], d, direction, f, accumulate, &one, what);
        free_result(&one);
    }
    gr_free(e.values);
    gr_free(e.sums);
}

/* ---- tests ------------------------------------------------------------------------------------------------------- */

/* Large shapes run the first and the last case only. */
static size_t case_step(const shape *s, size_t cases)
{
    return s->samples > 0 ? cases - 1 : 1;
}

static float somewhere; /* stands for "statistics, please" until compute() knows where */

static void forward(void **state)
{
    (void)state;
    for (int i = 0; i < SHAPES; i++) {
        world d = make_world(&shapes[i]);
        const gr_conv_fusion cases[] = {
            {0},
            {.in_act = GR_ACT_RELU, .stats = &somewhere},
            {.bias = d.bias, .act = GR_ACT_RELU},
            {.in_scale = d.in_scale, .in_shift = d.in_shift, .residual = d.residual},
            {.in_scale = d.in_scale,
             .in_shift = d.in_shift,
             .in_act = GR_ACT_RELU,
             .bias = d.bias,
             .residual = d.residual,
             .act = GR_ACT_RELU,
             .stats = &somewhere},
        };
        for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k += case_step(&shapes[i], sizeof cases / sizeof cases[0]))
            check_case(&shapes[i], &d, GR_FORWARD, &cases[k], false);
        free_world(&d);
    }
}

static void data(void **state)
{
    (void)state;
    for (int i = 0; i < SHAPES; i++) {
        world d = make_world(&shapes[i]);
        const gr_conv_fusion cases[] = {
            {0},
            {.mask_act = GR_ACT_RELU, .mask_x = d.mask_x},
            {.mask_act = GR_ACT_RELU,
             .mask_x = d.mask_x,
             .mask_scale = d.mask_scale,
             .mask_shift = d.mask_shift,
             .mask_stats = &somewhere},
            {.y = d.y,
             .out_a = d.out_a,
             .out_b = d.out_b,
             .out_c = d.out_c,
             .mask_act = GR_ACT_RELU,
             .mask_x = d.mask_x,
             .mask_stats = &somewhere},
        };
        for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k += case_step(&shapes[i], sizeof cases / sizeof cases[0]))
            check_case(&shapes[i], &d, GR_BACKDATA, &cases[k], k % 2 == 1);
        if (shapes[i].samples == 0)
            check_case(&shapes[i], &d, GR_BACKDATA, &cases[0], true);
        free_world(&d);
    }
}

static void weight(void **state)
{
    (void)state;
    for (int i = 0; i < SHAPES; i++) {
        world d = make_world(&shapes[i]);
        const gr_conv_fusion cases[] = {
            {0},
            {.in_scale = d.in_scale, .in_shift = d.in_shift},
            {.in_scale = d.in_scale,
             .in_shift = d.in_shift,
             .in_act = GR_ACT_RELU,
             .y = d.y,
             .out_a = d.out_a,
             .out_b = d.out_b,
             .out_c = d.out_c},
        };
        for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k += case_step(&shapes[i], sizeof cases / sizeof cases[0]))
            check_case(&shapes[i], &d, GR_BACKWEIGHT, &cases[k], k == 1);
        free_world(&d);
    }
}

static void refusals(void **state)
{
    (void)state;
    const gr_kernels *tables[8];
    int count = gr_kernels_available(tables);
    enum { BAD = 10 };
    gr_conv_problem good = problem_of(&shapes[1]), bad[BAD];
    for (int k = 0; k < BAD; k++)
        bad[k] = good;
    bad[0].kh = 1, bad[1].stride_w = 2, bad[2].dil_h = 2, bad[3].groups = 2, bad[4].pad_top = 3, bad[5].c = 7, bad[6].oc = 3;
    bad[7] = problem_of(&(shape){1, 1, 1, 64, 64, 1, 1, 1, 1, 0});   /* one pixel */
    bad[8] = problem_of(&(shape){1, 7, 7, 512, 512, 1, 1, 1, 1, 0}); /* large weights for 4 tiles */
    bad[9].exact = true;
    for (int i = 0; i < count; i++)
        for (gr_direction d = GR_FORWARD; d <= GR_BACKWEIGHT; d++) {
            assert_null(find(tables[i], "winograd")->refuses(&good, d, NULL));
            for (int k = 0; k < BAD; k++)
                assert_non_null(find(tables[i], "winograd")->refuses(&bad[k], d, NULL));
        }
}

/* Fewer tiles than 64 and large filters, at one place forward and data. */
static void what_the_way_for_few_tiles_takes(void **state)
{
    (void)state;
    const gr_kernels *tables[8];
    int count = gr_kernels_available(tables);
    const gr_conv_problem good = problem_of(&(shape){16, 3, 3, 188, 171, 1, 1, 1, 1, 0});
    gr_conv_problem bad[] = {problem_of(&(shape){65, 3, 3, 188, 171, 1, 1, 1, 1, 0}),
                             problem_of(&(shape){16, 3, 3, 64, 64, 1, 1, 1, 1, 0}), good};
    bad[2].exact = true;
    for (int i = 0; i < count; i++) {
        const gr_conv_algorithm *few = find(tables[i], "winograd_few");
        for (gr_direction d = GR_FORWARD; d <= GR_BACKDATA; d++) {
            assert_null(few->refuses(&good, d, NULL));
            for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++)
                assert_non_null(few->refuses(&bad[k], d, NULL));
        }
        assert_non_null(few->refuses(&good, GR_BACKWEIGHT, NULL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward),
        cmocka_unit_test(data),
        cmocka_unit_test(weight),
        cmocka_unit_test(refusals),
        cmocka_unit_test(what_the_way_for_few_tiles_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
