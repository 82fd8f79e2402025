/* The pixels of a quick PNG are those that went in, for small, wide, high, smooth and noisy pictures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "grimace/image.h"

static void expect_round(int width, int height, int kind)
{
    gr_image in, out;
    gr_error err = {0};
    uint8_t *bytes;
    size_t size, count = (size_t)width * (size_t)height * 3;
    assert_int_equal(gr_image_make(width, height, &in, &err), GR_OK);
    uint32_t noise = 1;
    for (size_t i = 0; i < count; i++) {
        noise = noise * 1664525u + 1013904223u;
        in.pixels[i] = kind == 0   ? (uint8_t)(noise >> 24)
                       : kind == 1 ? (uint8_t)(i / 3 % (size_t)width)
                                   : (uint8_t)(i / 3 / (size_t)width);
    }
    assert_int_equal(gr_png_encode_quick(&in, &bytes, &size, &err), GR_OK);
    assert_int_equal(gr_image_decode(bytes, size, "x", &out, &err), GR_OK);
    assert_int_equal(out.width, width);
    assert_int_equal(out.height, height);
    assert_memory_equal(out.pixels, in.pixels, count);
    if (kind > 0 && count > 10000)
        assert_true(size < count / 20); /* filters help where rows or columns run on */
    gr_image_bytes_free(bytes);
    gr_image_free(&in);
    gr_image_free(&out);
}

static void test_rounds(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        expect_round(1, 1, kind);
        expect_round(1, 9, kind);
        expect_round(9, 1, kind);
        expect_round(131, 77, kind);
    }
}

static void test_refused(void **state)
{
    (void)state;
    uint8_t pixel[3] = {0}, *bytes;
    size_t size;
    assert_int_equal(gr_png_encode_quick(&(gr_image){0, 1, pixel}, &bytes, &size, NULL), GR_INVALID);
    assert_int_equal(gr_png_encode_quick(&(gr_image){-1, 1, pixel}, &bytes, &size, NULL), GR_INVALID);
    assert_null(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rounds), cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
