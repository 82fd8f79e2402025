/* Products of bfloat16 pairs through matrix registers, against the instruction's own arithmetic in plain C, to the bit: each
 * step of 32 products along k makes two chains, of the even and of the odd ones, whose sum is added. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/kernels.h"

enum { STEP = 32, PIXELS_MOST = 70, CHANNELS_MOST = 40, DEPTH_MOST = 150 };

static const gr_kernels *matrix_kernels(void)
{
    const gr_kernels *tables[8];
    int count = gr_kernels_available(tables);
    for (int i = 0; i < count; i++)
        if (strcmp(tables[i]->isa, "amx_bf16") == 0)
            return tables[i];
    return NULL;
}

static float rounded(const gr_kernels *k, float x)
{
    uint16_t half;
    k->f32_to_bf16(1, &x, &half);
    k->bf16_to_f32(1, &half, &x);
    return x;
}

static float product(const gr_kernels *k, int64_t depth, const float *a, const float *b, int64_t step_b)
{
    float sum = 0.0f;
    for (int64_t begin = 0; begin < depth; begin += STEP) {
        float even = 0.0f, odd = 0.0f;
        for (int64_t i = begin; i < depth && i < begin + STEP; i += 2) {
            even = fmaf(rounded(k, a[i]), rounded(k, b[i * step_b]), even);
            if (i + 1 < depth)
                odd = fmaf(rounded(k, a[i + 1]), rounded(k, b[(i + 1) * step_b]), odd);
        }
        sum += even + odd;
    }
    return sum;
}

static void try_size(const gr_kernels *k, int64_t pixels, int64_t depth, int64_t channels)
{
    static float x[PIXELS_MOST * DEPTH_MOST], w[DEPTH_MOST * CHANNELS_MOST], y[PIXELS_MOST * CHANNELS_MOST];
    gr_conv_problem p = {.n = 1, .h = 1, .w = pixels, .c = depth, .oc = channels, .kh = 1, .kw = 1, .oh = 1, .ow = pixels,
                         .stride_h = 1, .stride_w = 1, .dil_h = 1, .dil_w = 1, .groups = 1, .bf16 = true};
    gr_rng rng = gr_rng_make(7, GR_FOR_TEST, (uint64_t)(pixels * 1000 + depth), (uint64_t)channels);
    for (int64_t i = 0; i < pixels * depth; i++)
        x[i] = 2.0f * gr_rng_float(&rng) - 1.0f;
    for (int64_t i = 0; i < depth * channels; i++)
        w[i] = 2.0f * gr_rng_float(&rng) - 1.0f;
    const gr_conv_algorithm *const *a = k->conv;
    while (strcmp((*a)->name, "implicit_gemm") != 0)
        a++;
    void *packed = gr_alloc_aligned((*a)->packed_size(&p, GR_FORWARD), 1);
    void *scratch = gr_alloc_aligned((*a)->scratch_size(&p, GR_FORWARD, gr_threads_get()), 1);
    assert_non_null(packed);
    assert_non_null(scratch);
    (*a)->pack(&p, GR_FORWARD, w, packed);
    (*a)->run(&p, GR_FORWARD, &(gr_conv_args){.x = x, .packed = packed, .out = y, .scratch = scratch});
    for (int64_t i = 0; i < pixels; i++)
        for (int64_t o = 0; o < channels; o++) {
            float wanted = product(k, depth, x + i * depth, w + o, channels);
            if (memcmp(&wanted, &y[i * channels + o], sizeof wanted) != 0)
                fail_msg("%lld pixels, depth %lld, %lld channels: y[%lld][%lld] is %a instead of %a", (long long)pixels,
                         (long long)depth, (long long)channels, (long long)i, (long long)o, (double)y[i * channels + o],
                         (double)wanted);
        }
    gr_free(packed), gr_free(scratch);
}

static void products_have_the_instruction_s_bits(void **state)
{
    (void)state;
    const gr_kernels *k = matrix_kernels();
    if (k == NULL)
        skip(); /* no processor with matrix registers */
    static const int64_t pixels[] = {1, 15, 16, 17, 31, 32, 33, PIXELS_MOST},
                         depths[] = {16, 31, 32, 33, 64, DEPTH_MOST - 1, DEPTH_MOST}, channels[] = {1, 16, 17, 32, CHANNELS_MOST};
    for (size_t i = 0; i < sizeof pixels / sizeof pixels[0]; i++)
        for (size_t j = 0; j < sizeof depths / sizeof depths[0]; j++)
            for (size_t l = 0; l < sizeof channels / sizeof channels[0]; l++)
                try_size(k, pixels[i], depths[j], channels[l]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(products_have_the_instruction_s_bits)};
    gr_threads_set(1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
