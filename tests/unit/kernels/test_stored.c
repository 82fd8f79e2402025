/* The passes over tensors of which some are narrow, against the float32 kernels on the same numbers: equal, or equal after one
 * rounding where what is written is narrow, for every instruction set, every mixture and all tails. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "grimace/tensor.h"
#include "kernels/kernels.h"

enum { TABLES = 8 };

static void *must(void *block)
{
    if (block == NULL)
        fail_msg("no memory");
    return block;
}

/* A tensor twice: as float32 numbers that bfloat16 holds, and as it is stored. */
typedef struct twin {
    float *plain;
    gr_stored stored;
    size_t count;
} twin;

static twin make_twin(size_t count, uint64_t seed, bool narrow)
{
    twin t = {must(gr_alloc(count, sizeof(float))), {must(gr_alloc(count, sizeof(float))), narrow}, count};
    gr_rng rng = gr_rng_make(seed, GR_FOR_TEST, 0, 0);
    for (size_t i = 0; i < count; i++) {
        uint16_t word = gr_bf16_from_f32(4.0f * gr_rng_float(&rng) - 2.0f);
        t.plain[i] = gr_f32_from_bf16(word);
        if (narrow)
            ((uint16_t *)t.stored.data)[i] = word;
        else
            ((float *)t.stored.data)[i] = t.plain[i];
    }
    return t;
}

static void free_twin(twin *t)
{
    gr_free(t->plain);
    gr_free(t->stored.data);
}

/* What was written to both must agree. */
static void check_twin(const char *isa, const char *what, const twin *t)
{
    for (size_t i = 0; i < t->count; i++) {
        float wanted = t->stored.narrow ? gr_f32_from_bf16(gr_bf16_from_f32(t->plain[i])) : t->plain[i];
        float got = t->stored.narrow ? gr_f32_from_bf16(((uint16_t *)t->stored.data)[i]) : ((float *)t->stored.data)[i];
        if (!(got == wanted)) /* a zero may have either sign */
            fail_msg("%s, %s[%zu]: %a instead of %a", isa, what, i, (double)got, (double)wanted);
    }
}

static bool bit(int mixture, int i)
{
    return (mixture >> i & 1) != 0;
}

/* ---- batch norm --------------------------------------------------------------------------------------------------------- */

enum { NO_RESIDUAL, RESIDUAL, SCALED_RESIDUAL, RESIDUALS };

static void try_affine(const gr_kernels *k, int64_t rows, int64_t c, int mixture, int residual, gr_act act)
{
    size_t count = (size_t)(rows * c);
    twin x = make_twin(count, 1, bit(mixture, 0)), more = make_twin(count, 2, bit(mixture, 1)),
         y = make_twin(count, 3, bit(mixture, 2)), scale = make_twin((size_t)c, 4, false), shift = make_twin((size_t)c, 5, false),
         more_scale = make_twin((size_t)c, 6, false), more_shift = make_twin((size_t)c, 7, false);
    gr_residual added = {.data = more.plain};
    gr_norm_stored n = {.rows = rows, .c = c, .x = x.stored, .y = y.stored, .scale = scale.plain, .shift = shift.plain, .act = act};
    if (residual != NO_RESIDUAL)
        n.residual = more.stored;
    if (residual == SCALED_RESIDUAL) {
        n.residual_scale = added.scale = more_scale.plain;
        n.residual_shift = added.shift = more_shift.plain;
    }
    k->affine(rows, c, x.plain, scale.plain, shift.plain, residual != NO_RESIDUAL ? &added : NULL, act, y.plain);
    k->affine_stored(&n);
    check_twin(k->isa, "y", &y);
    free_twin(&x), free_twin(&more), free_twin(&y), free_twin(&scale), free_twin(&shift);
    free_twin(&more_scale), free_twin(&more_shift);
}

static void try_backward(const gr_kernels *k, int64_t rows, int64_t c, int mixture, gr_act act)
{
    size_t count = (size_t)(rows * c);
    twin x = make_twin(count, 1, bit(mixture, 0)), y = make_twin(count, 2, bit(mixture, 1)),
         dy = make_twin(count, 3, bit(mixture, 2)), dx = make_twin(count, 4, bit(mixture, 3)), of_c[5];
    double *sums[4];
    for (int i = 0; i < 4; i++)
        sums[i] = must(gr_alloc((size_t)c, sizeof(double)));
    for (int i = 0; i < 5; i++)
        of_c[i] = make_twin((size_t)c, 5 + (uint64_t)i, false);
    gr_norm_stored n = {.rows = rows, .c = c, .x = x.stored, .y = y.stored, .dy = dy.stored, .g = dy.stored, .dx = dx.stored,
                        .scale = of_c[0].plain, .shift = of_c[1].plain, .act = act, .a = of_c[2].plain, .b = of_c[3].plain,
                        .k = of_c[4].plain, .accumulate = bit(mixture, 0)};
    gr_bn_gradient g = {.dy = dy.plain, .act = act, .out = act != GR_ACT_NONE ? dy.plain : NULL};
    if (act == GR_ACT_RELU)
        g.relu_out = y.plain;
    else if (act != GR_ACT_NONE)
        g.scale = of_c[0].plain, g.shift = of_c[1].plain;
    k->bn_backward_data(rows, c, x.plain, dy.plain, NULL, of_c[2].plain, of_c[3].plain, of_c[4].plain, dx.plain, n.accumulate);
    k->bn_data_stored(&n);
    check_twin(k->isa, "dx", &dx);
    k->bn_backward_sums(rows, c, x.plain, &g, sums[0], sums[1]);
    k->bn_sums_stored(&n, sums[2], sums[3]);
    check_twin(k->isa, "g", &dy);
    assert_memory_equal(sums[0], sums[2], (size_t)c * sizeof(double));
    assert_memory_equal(sums[1], sums[3], (size_t)c * sizeof(double));
    for (int i = 0; i < 4; i++)
        gr_free(sums[i]);
    for (int i = 0; i < 5; i++)
        free_twin(&of_c[i]);
    free_twin(&x), free_twin(&y), free_twin(&dy), free_twin(&dx);
}

static void norms_agree(void **state)
{
    (void)state;
    static const int64_t sizes[][2] = {{1, 1}, {3, 5}, {70, 16}, {65, 33}, {40, 64}, {7, 100}, {130, 300}};
    static const gr_act acts[] = {GR_ACT_NONE, GR_ACT_RELU, GR_ACT_RELU6, GR_ACT_HARD_SWISH};
    const gr_kernels *tables[TABLES];
    int count = gr_kernels_available(tables);
    for (int t = 0; t < count; t++)
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
            for (int mixture = 0; mixture < 16; mixture++)
                for (size_t a = 0; a < sizeof acts / sizeof acts[0]; a++) {
                    if (mixture < 8 && acts[a] != GR_ACT_RELU6)
                        for (int residual = 0; residual < RESIDUALS; residual++)
                            try_affine(tables[t], sizes[s][0], sizes[s][1], mixture, residual, acts[a]);
                    try_backward(tables[t], sizes[s][0], sizes[s][1], mixture, acts[a]);
                }
}

/* ---- pooling and copies ------------------------------------------------------------------------------------------------- */

static void try_pool(const gr_kernels *k, const gr_pool_problem *p, int mixture, bool lazy)
{
    size_t in = (size_t)(p->n * p->h * p->w * p->c), out = (size_t)(p->n * p->oh * p->ow * p->c), c = (size_t)p->c;
    size_t sums = lazy ? (size_t)(p->n * p->h * 2 * p->c) : 1;
    twin x = make_twin(in, 1, bit(mixture, 0)), y = make_twin(out, 2, bit(mixture, 1)), dy = make_twin(out, 3, bit(mixture, 2)),
         dx = make_twin(in, 4, bit(mixture, 3)), scale = make_twin(c, 5, false), shift = make_twin(c, 6, false);
    uint8_t *index[2] = {must(gr_alloc(out, 1)), must(gr_alloc(out, 1))};
    float *stats[2] = {must(gr_alloc(sums, sizeof(float))), must(gr_alloc(sums, sizeof(float)))};
    gr_pool_fusion f = {scale.plain, shift.plain, x.plain, stats[0]};
    gr_pool_stored s = {.x = x.stored, .y = y.stored, .dy = dy.stored, .dx = dx.stored, .index = index[1], .mask_stats = stats[1],
                        .accumulate = !lazy && bit(mixture, 0)};
    if (lazy)
        s.scale = scale.plain, s.shift = shift.plain;
    k->max_pool(p, x.plain, y.plain, index[0], lazy ? &f : NULL);
    k->max_pool_stored(p, &s);
    check_twin(k->isa, "y", &y);
    assert_memory_equal(index[0], index[1], out);
    k->max_pool_backward(p, index[0], dy.plain, dx.plain, s.accumulate, lazy ? &f : NULL);
    k->max_pool_backward_stored(p, &s);
    check_twin(k->isa, "dx", &dx);
    if (lazy)
        assert_memory_equal(stats[0], stats[1], sums * sizeof(float));
    for (int i = 0; i < 2; i++)
        gr_free(index[i]), gr_free(stats[i]);
    free_twin(&x), free_twin(&y), free_twin(&dy), free_twin(&dx), free_twin(&scale), free_twin(&shift);
}

static void pools_agree(void **state)
{
    (void)state;
    static const gr_pool_problem problems[] = {
        {2, 9, 8, 5, 3, 3, 5, 4, 2, 2, 1, 1, true},
        {1, 12, 12, 64, 3, 3, 6, 6, 2, 2, 1, 1, true},
        {1, 7, 10, 33, 2, 2, 3, 5, 2, 2, 0, 0, true},
    };
    const gr_kernels *tables[TABLES];
    int count = gr_kernels_available(tables);
    for (int t = 0; t < count; t++)
        for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++)
            for (int mixture = 0; mixture < 16; mixture++) {
                try_pool(tables[t], &problems[i], mixture, true);
                try_pool(tables[t], &problems[i], mixture, false);
            }
}

static void copies_agree(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 15, 17, 64, 40000};
    const gr_kernels *tables[TABLES];
    int count = gr_kernels_available(tables);
    for (int t = 0; t < count; t++)
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
            for (int mixture = 0; mixture < 8; mixture++) {
                twin from = make_twin(sizes[s], 1, bit(mixture, 0)), to = make_twin(sizes[s], 2, bit(mixture, 1));
                for (size_t i = 0; i < to.count; i++)
                    to.plain[i] = from.plain[i] + (bit(mixture, 2) ? to.plain[i] : 0.0f);
                tables[t]->pass_stored((int64_t)sizes[s], from.stored, to.stored, bit(mixture, 2));
                check_twin(tables[t]->isa, "to", &to);
                free_twin(&from), free_twin(&to);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(norms_agree),
        cmocka_unit_test(pools_agree),
        cmocka_unit_test(copies_agree),
    };
    gr_threads_set(2);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
