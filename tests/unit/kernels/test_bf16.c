/* bfloat16 against arithmetic in double, for every tail and every one of its numbers. */
#include "support/kernel_check.h"

enum { NUMBERS = 65536 };

static float widened(uint16_t half)
{
    uint32_t bits = (uint32_t)half << 16;
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Every bfloat16 widens to the float it stands for, and narrows to itself. */
static void every_number_on(const gr_kernels *k)
{
    static uint16_t all[NUMBERS], back[NUMBERS];
    float *wide = fresh(NUMBERS);
    for (int i = 0; i < NUMBERS; i++)
        all[i] = (uint16_t)i;
    k->bf16_to_f32(NUMBERS, all, wide);
    k->f32_to_bf16(NUMBERS, wide, back);
    for (int i = 0; i < NUMBERS; i++) {
        float want = widened((uint16_t)i);
        assert_memory_equal(&wide[i], &want, sizeof want);
        if (isnan(want))
            assert_int_equal(back[i], i | 0x40); /* quiet */
        else
            assert_int_equal(back[i], i);
    }
    release(wide, NUMBERS);
}

static void test_every_number(void **state)
{
    (void)state;
    on_each_table(every_number_on);
}

/* Between each finite number and the next: below the middle, on it, above it. */
static void rounding_on(const gr_kernels *k)
{
    enum { FINITE = 0x7f80 };
    float *x = fresh(FINITE * 3);
    static uint16_t y[FINITE * 3];
    for (int i = 0; i < FINITE; i++)
        for (int32_t d = -1; d <= 1; d++) {
            uint32_t bits = ((uint32_t)i << 16) + 0x8000 + (uint32_t)d;
            memcpy(&x[3 * i + d + 1], &bits, sizeof bits);
        }
    for (int sign = 0; sign < 2; sign++) {
        k->f32_to_bf16(FINITE * 3, x, y);
        for (int i = 0; i < FINITE; i++) {
            int minus = sign << 15;
            assert_int_equal(y[3 * i], minus | i);
            assert_int_equal(y[3 * i + 1], minus | (i + (i & 1))); /* ties to even; beyond the largest: infinity */
            assert_int_equal(y[3 * i + 2], minus | (i + 1));
        }
        for (int i = 0; i < FINITE * 3; i++)
            x[i] = -x[i];
    }
    release(x, FINITE * 3);
}

static void test_rounding(void **state)
{
    (void)state;
    on_each_table(rounding_on);
}

static void tails_on(const gr_kernels *k)
{
    for (int64_t n = 1; n <= 70 || n == 16385; n += n == 70 ? 16315 : 1) {
        float *x = fresh_uniform(n, 1), *back = fresh(n);
        uint16_t *y = gr_alloc((size_t)n + 1, sizeof *y);
        assert_non_null(y);
        y[n] = 0xABCD;
        k->f32_to_bf16(n, x, y);
        k->bf16_to_f32(n, y, back);
        for (int64_t i = 0; i < n; i++)
            check_near("bf16", i, (double)back[i], (double)x[i], ldexp(fabs((double)x[i]), -8));
        assert_int_equal(y[n], 0xABCD);
        release(x, n), release(back, n);
        gr_free(y);
    }
    uint32_t signalling = 0x7f800001; /* a NaN only in the half that is cut off */
    float x;
    uint16_t y;
    memcpy(&x, &signalling, sizeof x);
    k->f32_to_bf16(1, &x, &y);
    assert_true(isnan(widened(y)));
}

static void test_tails(void **state)
{
    (void)state;
    on_each_table(tails_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_number),
        cmocka_unit_test(test_rounding),
        cmocka_unit_test(test_tails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
