/* The ways that compute both directions of a convolution's backward at once, on every instruction set that this CPU runs, against
 * plain loops in double: small whole numbers, so that equality is the test where no activation makes fractions. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/conv_expected.h"
#include "tests/support/conv_shapes.h"

static const double LIMIT = 2e-6, STATS_LIMIT = 1e-5;

typedef struct data {
    conv_shape shape;
    float *x, *w, *dy, *y, *before, *scale, *shift, *a, *b, *c;
} data;

static float *numbers(size_t count, uint64_t seed, int range, float unit)
{
    float *v = gr_alloc(count, sizeof *v);
    if (v == NULL)
        fail_msg("no memory");
    gr_rng rng = gr_rng_make(seed, GR_FOR_TEST, 0, 0);
    for (size_t i = 0; i < count; i++)
        v[i] = unit * (float)((int)gr_rng_below(&rng, 2 * (uint64_t)range + 1) - range);
    return v;
}

static data make_data(const conv_shape *shape)
{
    const gr_conv_problem *p = &shape->p;
    size_t c = (size_t)p->c, oc = (size_t)p->oc;
    return (data){.shape = *shape,
                  .x = numbers(conv_size_x(p), 1, 3, 1.0f),
                  .w = numbers(conv_size_w(p), 2, 2, 1.0f),
                  .dy = numbers(conv_size_y(p), 3, 3, 1.0f),
                  .y = numbers(conv_size_y(p), 4, 3, 1.0f),
                  .before = numbers(conv_size_x(p), 5, 9, 1.0f),
                  .scale = numbers(c, 6, 3, 0.5f),
                  .shift = numbers(c, 7, 3, 0.5f),
                  .a = numbers(oc, 8, 3, 0.5f),
                  .b = numbers(oc, 9, 2, 0.5f),
                  .c = numbers(oc, 10, 2, 0.5f)};
}

static void free_data(data *t)
{
    float *all[] = {t->x, t->w, t->dy, t->y, t->before, t->scale, t->shift, t->a, t->b, t->c};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        gr_free(all[i]);
}

static const struct variant {
    bool lazy, norm, accumulate; /* x stands for act(x scale + shift); dy is to be completed; dx is added to */
    gr_act act;
} variants[] = {
    {false, false, false, GR_ACT_NONE},     {false, false, true, GR_ACT_NONE},       {false, true, false, GR_ACT_NONE},
    {false, true, true, GR_ACT_NONE},       {true, true, false, GR_ACT_NONE},        {true, true, false, GR_ACT_RELU},
    {true, false, true, GR_ACT_RELU},       {true, true, false, GR_ACT_RELU6},       {true, true, false, GR_ACT_HARD_SIGMOID},
    {true, true, true, GR_ACT_HARD_SWISH},  {true, true, false, GR_ACT_SILU},
};
enum { VARIANTS = sizeof variants / sizeof variants[0] };

static gr_conv_fusion make_fusion(const data *t, const struct variant *v)
{
    gr_conv_fusion f = {0};
    static float asked;
    if (v->lazy)
        f.in_scale = f.mask_scale = t->scale, f.in_shift = f.mask_shift = t->shift, f.in_act = f.mask_act = v->act, f.mask_x = t->x,
        f.mask_stats = &asked; /* the run brings the memory */
    if (v->norm)
        f.y = t->y, f.out_a = t->a, f.out_b = t->b, f.out_c = t->c;
    return f;
}

typedef struct result {
    float *dx, *dw, *stats;
    size_t blocks;
} result;

static void *filled(size_t bytes)
{
    void *block = gr_alloc_aligned(bytes > 0 ? bytes : 1, 1);
    if (block == NULL)
        fail_msg("no memory");
    memset(block, 0xff, bytes); /* NaN in every float */
    return block;
}

static result run(const gr_conv_algorithm *a, const data *t, const struct variant *v)
{
    const gr_conv_problem *p = &t->shape.p;
    gr_conv_fusion f = make_fusion(t, v);
    result r = {.dx = filled(conv_size_x(p) * sizeof(float)), .dw = filled(conv_size_w(p) * sizeof(float))};
    if (v->accumulate)
        memcpy(r.dx, t->before, conv_size_x(p) * sizeof(float));
    if (v->lazy) {
        r.blocks = (size_t)a->stat_blocks(p, GR_BACKDATA);
        r.stats = f.mask_stats = filled(r.blocks * 2 * (size_t)p->c * sizeof(float));
    }
    void *packed = filled(a->packed_size(p, GR_BACKDATA)), *scratch = filled(a->scratch_size(p, GR_BACKDATA, gr_threads_get()));
    a->pack(p, GR_BACKDATA, t->w, packed);
    gr_conv_args args = {.x = t->x,
                         .packed = packed,
                         .dy = t->dy,
                         .out = r.dx,
                         .accumulate = v->accumulate,
                         .dw = r.dw,
                         .fusion = &f,
                         .scratch = scratch};
    a->run(p, GR_BACKDATA, &args);
    gr_free(packed), gr_free(scratch);
    return r;
}

static void free_result(result *r)
{
    gr_free(r->dx), gr_free(r->dw), gr_free(r->stats);
}

static void compare(const char *isa, const char *name, const conv_shape *shape, int variant, const char *what,
                    const conv_expected *e, const float *got, bool whole)
{
    char line[256];
    for (size_t i = 0; i < e->count; i++)
        if (!(fabs((double)got[i] - e->out[i]) <= (whole ? 0.0 : LIMIT * (e->magnitude[i] + 1.0)))) {
            conv_shape_line(shape, line, sizeof line);
            fail_msg("%s %s, variant %d, %s[%zu]: %.9g instead of %.9g; shape: %s", isa, name, variant, what, i, (double)got[i],
                     e->out[i], line);
        }
}

static void compare_stats(const char *isa, const conv_shape *shape, int variant, const conv_expected *e, const result *r)
{
    const size_t channels = (size_t)shape->p.c;
    double top = 1.0;
    for (size_t i = 0; i < e->count; i++)
        top = fmax(top, fabs(e->out[i]));
    for (size_t c = 0; r->stats != NULL && c < 2 * channels; c++) {
        double sum = 0.0;
        for (size_t block = 0; block < r->blocks; block++)
            sum += (double)r->stats[block * 2 * channels + c];
        if (!(fabs(sum - e->sums[c]) <= STATS_LIMIT * (double)(e->count / channels) * top * (c < channels ? 1.0 : 3.0)))
            fail_msg("%s, variant %d, %s: sum %zu is %.9g instead of %.9g", isa, variant, shape->name, c, sum, e->sums[c]);
    }
}

/* Returns how many ways took the shape. */
static int try_variant(const data *t, int variant)
{
    const struct variant *v = &variants[variant];
    const gr_conv_problem *p = &t->shape.p;
    const gr_conv_fusion f = make_fusion(t, v);
    const gr_kernels *tables[8];
    int count = gr_kernels_available(tables), taken = 0;
    conv_expected dx, dw;
    conv_expect(&dx, p, GR_BACKDATA, &f, t->x, t->w, t->dy, v->accumulate ? t->before : NULL);
    conv_expect(&dw, p, GR_BACKWEIGHT, &f, t->x, t->w, t->dy, NULL);
    for (int i = 0; i < count; i++)
        for (const gr_conv_algorithm *const *a = tables[i]->conv_back; *a != NULL; a++) {
            const char *reason = (*a)->refuses(p, GR_BACKDATA, &f);
            if (reason != NULL) {
                assert_true(reason[0] != '\0');
                continue;
            }
            result r = run(*a, t, v), again;
            compare(tables[i]->isa, (*a)->name, &t->shape, variant, "dx", &dx, r.dx, v->act <= GR_ACT_RELU6);
            compare(tables[i]->isa, (*a)->name, &t->shape, variant, "dw", &dw, r.dw, v->act <= GR_ACT_RELU6);
            compare_stats(tables[i]->isa, &t->shape, variant, &dx, &r);
            for (int threads = 2; threads <= 3; threads++) { /* the same bits */
                gr_threads_set(threads);
                again = run(*a, t, v);
                gr_threads_set(1);
                assert_memory_equal(r.dx, again.dx, conv_size_x(p) * sizeof(float));
                assert_memory_equal(r.dw, again.dw, conv_size_w(p) * sizeof(float));
                if (r.stats != NULL)
                    assert_memory_equal(r.stats, again.stats, r.blocks * 2 * (size_t)p->c * sizeof(float));
                free_result(&again);
            }
            free_result(&r);
            taken++;
        }
    conv_expected_free(&dx);
    conv_expected_free(&dw);
    return taken / count;
}

static void read_shapes(const char *path, conv_shape **shapes, size_t *count)
{
    gr_error err = {0};
    if (conv_shapes_read(path, 0, shapes, count, &err) != GR_OK)
        fail_msg("%s", err.text);
}

static void both_directions_are_exact(void **state)
{
    (void)state;
    conv_shape *shapes;
    size_t count;
    read_shapes("tests/shapes/conv_back.txt", &shapes, &count);
    for (size_t i = 0; i < count; i++) {
        data t = make_data(&shapes[i]);
        for (int variant = 0; variant < VARIANTS; variant++)
            if (try_variant(&t, variant) != 1)
                fail_msg("%s: not every instruction set has one way that takes it", shapes[i].name);
        free_data(&t);
    }
    gr_free(shapes);
}

/* Who refuses says so; who takes what other tests' shapes ask computes it. */
static void other_shapes_are_exact_or_refused(void **state)
{
    (void)state;
    conv_shape *shapes;
    size_t count;
    read_shapes("tests/shapes/conv_basic.txt", &shapes, &count);
    for (size_t i = 0; i < count; i++) {
        data t = make_data(&shapes[i]);
        try_variant(&t, 4);
        free_data(&t);
    }
    gr_free(shapes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_directions_are_exact),
        cmocka_unit_test(other_shapes_are_exact_or_refused),
    };
    gr_threads_set(1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
