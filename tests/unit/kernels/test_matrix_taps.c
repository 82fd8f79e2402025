/* Convolutions of several taps, and of an image, through matrix registers against implicit GEMM on the same processor, which rounds
 * the same factors and adds them up in another order: bands, several images a block, strides, dilation, pads, slices of pixels,
 * everything that is changed on the way, narrow tensors, and the same bits for any number of threads. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "grimace/tensor.h"
#include "kernels/kernels.h"

/* Differences over the largest value: of sums in another order, and of those rounded to bfloat16. */
static const double LIMIT = 1e-5, NARROW_LIMIT = 1.0 / 128.0;

typedef struct shape {
    const char *way;
    int64_t n, h, w, c, oc, kh, kw, stride, dil, pad_top, pad_left, pad_bottom, pad_right;
} shape;

static const shape shapes[] = {
    {"matrix_taps", 1, 61, 43, 160, 32, 3, 3, 1, 1, 1, 1, 1, 1},   /* bands, the last one shorter */
    {"matrix_taps", 9, 7, 7, 32, 288, 3, 3, 1, 1, 1, 1, 1, 1},     /* images share a block; 288 channels are 3 x 96 */
    {"matrix_taps", 3, 8, 9, 192, 64, 3, 3, 2, 1, 1, 1, 1, 1},     /* four planes */
    {"matrix_taps", 2, 23, 18, 64, 32, 3, 3, 2, 1, 0, 0, 1, 1},    /* uneven pads, as Keras has them */
    {"matrix_taps", 3, 12, 11, 32, 64, 5, 3, 1, 2, 4, 2, 4, 2},    /* dilated */
    {"matrix_taps", 2, 17, 17, 128, 32, 1, 7, 1, 1, 0, 3, 0, 3},   /* a line, as Inception has them */
    {"matrix_taps", 2, 9, 10, 32, 32, 2, 2, 1, 1, 0, 0, 0, 0},     /* no padding */
    {"matrix_taps", 2, 32, 29, 64, 32, 3, 2, 3, 1, 2, 1, 0, 0},    /* a stride larger than the taps are wide */
    {"matrix_taps", 2, 64, 1, 32, 32, 2, 1, 2, 1, 0, 0, 0, 0},     /* remainders of columns that no pixel has */
    {"matrix_image", 2, 37, 61, 3, 64, 7, 7, 2, 1, 3, 3, 3, 3},    /* bands, the last one shorter */
    {"matrix_image", 3, 20, 50, 1, 32, 5, 5, 2, 1, 0, 1, 2, 0},    /* grey */
    {"matrix_image", 2, 19, 33, 4, 32, 3, 3, 1, 1, 1, 1, 1, 1},    /* a row of results of two tiles */
};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static const gr_kernels *matrix_kernels(void)
{
    const gr_kernels *tables[8];
    int count = gr_kernels_available(tables);
    for (int i = 0; i < count; i++)
        if (strcmp(tables[i]->isa, "amx_bf16") == 0)
            return tables[i];
    return NULL;
}

static const gr_conv_algorithm *way_of(const gr_kernels *table, const char *name)
{
    for (const gr_conv_algorithm *const *a = table->conv; *a != NULL; a++)
        if (strcmp((*a)->name, name) == 0)
            return *a;
    fail_msg("no %s", name);
    return NULL;
}

static gr_conv_problem problem_of(const shape *s, bool narrow)
{
    gr_conv_problem p = {.n = s->n, .h = s->h, .w = s->w, .c = s->c, .oc = s->oc, .kh = s->kh, .kw = s->kw, .stride_h = s->stride,
                         .stride_w = s->stride, .pad_top = s->pad_top, .pad_left = s->pad_left, .dil_h = s->dil, .dil_w = s->dil,
                         .groups = 1, .bf16 = true};
    p.oh = (s->h + s->pad_top + s->pad_bottom - (s->kh - 1) * s->dil - 1) / s->stride + 1;
    p.ow = (s->w + s->pad_left + s->pad_right - (s->kw - 1) * s->dil - 1) / s->stride + 1;
    if (narrow)
        p.narrow = (gr_conv_narrow){.x = s->c >= 32, .y = true, .dx = true, .dy = true};
    return p;
}

static float *numbers(size_t count, uint64_t seed, float scale, float shift)
{
    float *v = gr_alloc(count, sizeof *v);
    assert_non_null(v);
    gr_rng rng = gr_rng_make(seed, GR_FOR_TEST, 0, 0);
    for (size_t i = 0; i < count; i++)
        v[i] = shift + scale * (2.0f * gr_rng_float(&rng) - 1.0f);
    return v;
}

/* As float32, or rounded to bfloat16 in the first half of the block. */
static void *tensor(const gr_kernels *k, size_t count, uint64_t seed, bool narrow)
{
    float *v = numbers(count, seed, 1.0f, 0.2f);
    if (!narrow)
        return v;
    uint16_t *words = gr_alloc(count, sizeof(float));
    assert_non_null(words);
    k->f32_to_bf16((int64_t)count, v, words);
    gr_free(v);
    return words;
}

typedef struct world {
    const gr_kernels *k;
    gr_conv_problem p;
    size_t x, y, w;
    void *data_x, *data_y, *data_dy;
    float *weights, *in_scale, *in_shift, *out_a, *out_b, *out_c, *bias;
} world;

static world make_world(const gr_kernels *k, const shape *s, bool narrow)
{
    world d = {.k = k, .p = problem_of(s, narrow)};
    const gr_conv_problem *p = &d.p;
    d.x = (size_t)(p->n * p->h * p->w * p->c), d.y = (size_t)(p->n * p->oh * p->ow * p->oc);
    d.w = (size_t)(p->kh * p->kw * p->c * p->oc);
    d.data_x = tensor(k, d.x, 1, p->narrow.x), d.data_y = tensor(k, d.y, 2, p->narrow.y);
    d.data_dy = tensor(k, d.y, 3, p->narrow.dy);
    d.weights = numbers(d.w, 4, 1, 0);
    d.in_scale = numbers((size_t)p->c, 5, 0.5f, 1), d.in_shift = numbers((size_t)p->c, 6, 0.5f, 0.2f);
    d.out_a = numbers((size_t)p->oc, 7, 0.5f, 1), d.out_b = numbers((size_t)p->oc, 8, 0.3f, 0);
    d.out_c = numbers((size_t)p->oc, 9, 0.2f, 0.1f), d.bias = numbers((size_t)p->oc, 10, 1, 0);
    return d;
}

static void free_world(world *d)
{
    void *all[] = {d->data_x, d->data_y, d->data_dy, d->weights, d->in_scale, d->in_shift, d->out_a, d->out_b, d->out_c, d->bias};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        gr_free(all[i]);
}

/* What a way makes, as float32, and its sums for a batch norm, added up. */
typedef struct result {
    size_t count, channels;
    float *out, *stats;
} result;

static size_t outputs(const world *d, gr_direction dir)
{
    return dir == GR_FORWARD ? d->y : dir == GR_BACKDATA ? d->x : d->w;
}

static float *add_up(const float *blocks, int64_t count, size_t numbers_each)
{
    float *sums = gr_alloc(numbers_each, sizeof *sums);
    assert_non_null(sums);
    memset(sums, 0, numbers_each * sizeof *sums);
    for (int64_t b = 0; b < count; b++)
        for (size_t i = 0; i < numbers_each; i++)
            sums[i] += blocks[(size_t)b * numbers_each + i];
    return sums;
}

static result compute(const gr_conv_algorithm *a, const world *d, gr_direction dir, gr_conv_fusion f, bool accumulate)
{
    const gr_conv_problem *p = &d->p;
    const bool narrow = dir == GR_FORWARD ? p->narrow.y : dir == GR_BACKDATA && p->narrow.dx;
    result r = {.count = outputs(d, dir), .channels = (size_t)(dir == GR_FORWARD ? p->oc : p->c)};
    int64_t blocks = dir == GR_BACKWEIGHT ? 0 : a->stat_blocks(p, dir);
    size_t scratch_bytes = a->scratch_size(p, dir, gr_threads_get()), packed_bytes = a->packed_size(p, dir);
    void *packed = gr_alloc_aligned(packed_bytes + 64, 1), *scratch = gr_alloc_aligned(scratch_bytes + 64, 1);
    float *stats = gr_alloc_aligned((size_t)(2 * blocks + 1) * r.channels * sizeof(float), 1);
    void *out = gr_alloc_aligned(r.count * sizeof(float), 1);
    r.out = gr_alloc(r.count, sizeof *r.out);
    assert_true(packed != NULL && scratch != NULL && stats != NULL && out != NULL && r.out != NULL);
    memset(scratch, 0xff, scratch_bytes); /* NaN: shows what is read and was not written */
    memset(stats, 0xff, (size_t)(2 * blocks) * r.channels * sizeof(float));
    memset(out, accumulate ? 0x3f : 0xff, r.count * sizeof(float));
    if (dir == GR_FORWARD)
        f.stats = stats;
    else if (dir == GR_BACKDATA)
        f.mask_stats = f.mask_x != NULL ? stats : NULL;
    if (dir != GR_BACKWEIGHT)
        a->pack(p, dir, d->weights, packed);
    a->run(p, dir, &(gr_conv_args){.x = d->data_x, .packed = packed, .dy = d->data_dy, .out = out, .accumulate = accumulate,
                                   .fusion = &f, .scratch = scratch});
    if (narrow)
        d->k->bf16_to_f32((int64_t)r.count, out, r.out);
    else
        memcpy(r.out, out, r.count * sizeof(float));
    r.stats = add_up(stats, f.stats != NULL || f.mask_stats != NULL ? blocks : 0, 2 * r.channels);
    gr_free(packed), gr_free(scratch), gr_free(stats), gr_free(out);
    return r;
}

static void free_result(result *r)
{
    gr_free(r->out), gr_free(r->stats);
}

static void compare(const shape *s, const char *what, size_t count, const float *got, const float *wanted, double limit)
{
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs((double)wanted[i]));
    for (size_t i = 0; i < count; i++)
        if (!(fabs((double)got[i] - (double)wanted[i]) <= limit * most))
            fail_msg("%s %lldx%lld, %lld to %lld channels, %s: number %zu of %zu is %g instead of %g", s->way, (long long)s->h,
                     (long long)s->w, (long long)s->c, (long long)s->oc, what, i, count, (double)got[i], (double)wanted[i]);
}

/* Everything that may happen on the way, or nothing. */
static gr_conv_fusion fusion_of(const world *d, gr_direction dir, bool everything)
{
    gr_conv_fusion f = {0};
    if (!everything)
        return f;
    if (dir != GR_BACKDATA && d->p.c >= 32)
        f.in_scale = d->in_scale, f.in_shift = d->in_shift, f.in_act = GR_ACT_RELU;
    if (dir != GR_FORWARD)
        f.y = d->data_y, f.out_a = d->out_a, f.out_b = d->out_b, f.out_c = d->out_c;
    if (dir == GR_FORWARD)
        f.bias = d->bias;
    if (dir == GR_BACKDATA)
        f.mask_x = d->data_x, f.mask_scale = d->in_scale, f.mask_shift = d->in_shift, f.mask_act = GR_ACT_RELU;
    return f;
}

static void check(const gr_kernels *k, const shape *s, gr_direction dir, bool narrow, bool everything)
{
    static const char *const names[] = {"forward", "data", "weight"};
    world d = make_world(k, s, narrow);
    const gr_conv_algorithm *a = way_of(k, s->way), *b = way_of(k, "implicit_gemm");
    const gr_conv_fusion f = fusion_of(&d, dir, everything);
    const bool accumulate = everything && dir != GR_FORWARD;
    if (dir == GR_BACKDATA && s->c < 32)
        assert_non_null(a->refuses(&d.p, dir, &f));
    if (a->refuses(&d.p, dir, &f) == NULL) {
        const bool rounded = narrow && dir != GR_BACKWEIGHT;
        gr_threads_set(1);
        result one = compute(a, &d, dir, f, accumulate), other = compute(b, &d, dir, f, accumulate);
        compare(s, names[dir], one.count, one.out, other.out, rounded ? NARROW_LIMIT : LIMIT);
        compare(s, "sums", 2 * one.channels, one.stats, other.stats, LIMIT * 10);
        for (int threads = 2; threads <= 3; threads++) {
            gr_threads_set(threads);
            result many = compute(a, &d, dir, f, accumulate);
            assert_memory_equal(one.out, many.out, one.count * sizeof(float));
            assert_memory_equal(one.stats, many.stats, 2 * one.channels * sizeof(float));
            free_result(&many);
        }
        free_result(&one), free_result(&other);
    } else if (!(dir == GR_BACKDATA && s->c < 32) && !(dir == GR_BACKWEIGHT && s->stride * s->c % 2 != 0)) {
        fail_msg("%s refuses %s: %s", s->way, names[dir], a->refuses(&d.p, dir, &f));
    }
    free_world(&d);
}

static void ways_through_matrix_registers_agree(void **state)
{
    (void)state;
    const gr_kernels *k = matrix_kernels();
    if (k == NULL)
        skip(); /* no processor with matrix registers */
    for (int i = 0; i < SHAPES; i++)
        for (int dir = GR_FORWARD; dir <= GR_BACKWEIGHT; dir++)
            for (int bits = 0; bits < 4; bits++)
                check(k, &shapes[i], (gr_direction)dir, bits & 1, bits & 2);
}

static void what_does_not_fill_registers_is_refused(void **state)
{
    (void)state;
    const gr_kernels *k = matrix_kernels();
    if (k == NULL)
        skip(); /* no processor with matrix registers */
    static const shape bad[] = {{"matrix_taps", 1, 9, 9, 33, 32, 3, 3, 1, 1, 1, 1, 1, 1},
                                {"matrix_taps", 1, 9, 9, 32, 48, 3, 3, 1, 1, 1, 1, 1, 1},
                                {"matrix_taps", 1, 9, 9, 32, 32, 1, 1, 1, 1, 0, 0, 0, 0},
                                {"matrix_taps", 1, 2, 2, 32, 32, 3, 3, 1, 1, 1, 1, 1, 1},
                                {"matrix_image", 1, 9, 9, 8, 32, 3, 3, 1, 1, 1, 1, 1, 1},
                                {"matrix_image", 1, 9, 9, 3, 40, 3, 3, 1, 1, 1, 1, 1, 1}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        gr_conv_problem p = problem_of(&bad[i], false);
        assert_non_null(way_of(k, bad[i].way)->refuses(&p, GR_FORWARD, NULL));
        p = problem_of(&shapes[0], false);
        p.bf16 = false;
        assert_non_null(way_of(k, bad[i].way)->refuses(&p, GR_FORWARD, NULL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ways_through_matrix_registers_agree),
                                       cmocka_unit_test(what_does_not_fill_registers_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
