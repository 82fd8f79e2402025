/* Shapes whose sizes must not overflow, and conversions to float, each bit pattern of the 16-bit types among them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/tensor.h"

static gr_shape shape_of(int rank, int64_t a, int64_t b, int64_t c)
{
    return gr_shape_make(rank, (const int64_t[]){a, b, c});
}

static void counts_elements(void **state)
{
    (void)state;
    gr_shape scalar = {0}, map = shape_of(3, 2, 3, 4), empty = shape_of(3, 2, 0, 4);
    int64_t count;
    size_t bytes;
    assert_true(gr_shape_count(&scalar, &count) && count == 1);
    assert_true(gr_shape_count(&map, &count) && count == 24);
    assert_true(gr_shape_count(&empty, &count) && count == 0);
    assert_true(gr_shape_bytes(&map, GR_F64, &bytes) && bytes == 192);
    assert_true(gr_shape_bytes(&map, GR_BOOL, &bytes) && bytes == 24);
}

static void refuses_impossible_shapes(void **state)
{
    (void)state;
    const gr_shape bad[] = {
        shape_of(1, -1, 0, 0),
        shape_of(2, INT64_MAX, 2, 0),
        shape_of(3, (int64_t)1 << 40, (int64_t)1 << 40, 0), /* the zero must not hide it */
        {.rank = GR_MAX_RANK + 1},
        {.rank = -1},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t count = 7;
        assert_false(gr_shape_count(&bad[i], &count));
        assert_int_equal(gr_shape_elements(&bad[i]), 0);
    }
    gr_shape huge = shape_of(1, INT64_MAX / 2, 0, 0);
    gr_error err = {0};
    gr_tensor tensor;
    size_t bytes;
    assert_false(gr_shape_bytes(&huge, GR_F64, &bytes));
    assert_int_equal(gr_tensor_create(&tensor, GR_F64, &huge, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "[4611686018427387903]"));
    assert_null(tensor.data);
}

static void writes_shapes(void **state)
{
    (void)state;
    char text[GR_SHAPE_TEXT];
    gr_shape scalar = {0}, filter = gr_shape_make(4, (const int64_t[]){64, 3, 7, 7}), longest = {.rank = GR_MAX_RANK};
    for (int i = 0; i < GR_MAX_RANK; i++)
        longest.dim[i] = INT64_MIN;
    assert_string_equal(gr_shape_text(&scalar, text), "[]");
    assert_string_equal(gr_shape_text(&filter, text), "[64, 3, 7, 7]");
    assert_string_equal(strrchr(gr_shape_text(&longest, text), ' '), " -9223372036854775808]");
    gr_shape same = filter;
    assert_true(gr_shape_equal(&filter, &same));
    same.dim[3] = 6;
    assert_false(gr_shape_equal(&filter, &same));
    assert_false(gr_shape_equal(&filter, &scalar));
}

static void creates_zeroed_aligned_storage(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_shape shape = shape_of(2, 3, 5, 0), empty = shape_of(1, 0, 0, 0);
    gr_tensor tensor;
    assert_int_equal(gr_tensor_create(&tensor, GR_F32, &shape, &err), GR_OK);
    assert_int_equal((uintptr_t)tensor.data % 64, 0);
    for (int i = 0; i < 15; i++)
        assert_true(((float *)tensor.data)[i] == 0);
    gr_tensor_destroy(&tensor);
    assert_null(tensor.data);
    assert_int_equal(gr_tensor_create(&tensor, GR_F32, &empty, &err), GR_OK);
    gr_tensor_destroy(&tensor);
    gr_tensor_destroy(NULL);
}

/* IEEE half by its definition, in double. */
static double half_value(unsigned bits)
{
    int exponent = bits >> 10 & 31;
    double fraction = bits & 1023, sign = bits & 0x8000 ? -1 : 1;
    if (exponent == 31)
        return fraction != 0 ? NAN : sign * INFINITY;
    return sign * (exponent == 0 ? ldexp(fraction, -24) : ldexp(1024 + fraction, exponent - 25));
}

static void converts_every_half(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < 65536; bits++) {
        double expected = half_value(bits), got = gr_f32_from_f16((uint16_t)bits);
        assert_true(isnan(expected) ? isnan(got) : got == expected && !signbit(got) == !signbit(expected));
    }
}

static void converts_every_bfloat16_there_and_back(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < 65536; bits++) {
        float value = gr_f32_from_bf16((uint16_t)bits);
        if (isnan(value))
            assert_true(isnan(gr_f32_from_bf16(gr_bf16_from_f32(value))));
        else
            assert_int_equal(gr_bf16_from_f32(value), bits);
    }
    /* Between 1 and 1 + 2^-7 lie 2^16 floats: the middle goes to the even one, its neighbours to the nearer one. */
    assert_int_equal(gr_bf16_from_f32(1 + 0x1p-8f), 0x3f80);
    assert_int_equal(gr_bf16_from_f32(1 + 0x1p-8f + 0x1p-23f), 0x3f81);
    assert_int_equal(gr_bf16_from_f32(1 + 0x3p-8f), 0x3f82);
    assert_int_equal(gr_bf16_from_f32(3.4028235e38f), 0x7f80); /* rounds to infinity, as the next step up would be */
    uint32_t low_nan = 0x7f800001;
    float nan;
    memcpy(&nan, &low_nan, 4);
    assert_true(isnan(gr_f32_from_bf16(gr_bf16_from_f32(nan))));
}

static void converts_other_types(void **state)
{
    (void)state;
    const double doubles[] = {0.1, 1e300, -2};
    const int64_t longs[] = {-1, 1 << 24, ((int64_t)1 << 40) + 1};
    const int8_t bytes[] = {-128, 127, 0};
    const uint8_t flags[] = {0, 1, 255};
    char unaligned[25];
    float to[3];
    memcpy(unaligned + 1, doubles, sizeof doubles);
    gr_convert_to_f32(GR_F64, unaligned + 1, to, 3);
    assert_true(to[0] == 0.1f && isinf(to[1]) && to[2] == -2);
    gr_convert_to_f32(GR_I64, longs, to, 3);
    assert_true(to[0] == -1 && to[1] == 16777216 && to[2] == 1099511627776.0f);
    gr_convert_to_f32(GR_I8, bytes, to, 3);
    assert_true(to[0] == -128 && to[1] == 127);
    gr_convert_to_f32(GR_U8, flags, to, 3);
    assert_true(to[2] == 255);
    gr_convert_to_f32(GR_BOOL, flags, to, 3);
    assert_true(to[0] == 0 && to[1] == 1 && to[2] == 1);
    gr_tensor from = {GR_I8, shape_of(1, 3, 0, 0), (void *)bytes}, out;
    gr_error err = {0};
    assert_int_equal(gr_tensor_to_f32(&from, &out, &err), GR_OK);
    assert_int_equal(out.type, GR_F32);
    assert_true(((float *)out.data)[0] == -128);
    gr_tensor_destroy(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_elements),      cmocka_unit_test(refuses_impossible_shapes),
        cmocka_unit_test(writes_shapes),        cmocka_unit_test(creates_zeroed_aligned_storage),
        cmocka_unit_test(converts_every_half),  cmocka_unit_test(converts_every_bfloat16_there_and_back),
        cmocka_unit_test(converts_other_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
