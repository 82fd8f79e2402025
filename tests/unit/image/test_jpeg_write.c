/* A JPEG is near what went in, nearer with more quality, and the same bytes each time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "grimace/image.h"

enum { WIDTH = 300, HEIGHT = 200, COUNT = WIDTH * HEIGHT * 3 };

/* The mean distance of a pixel's number from what it was; the size of the file. */
static double distance(const gr_image *in, int quality, size_t *size)
{
    gr_image out;
    gr_error err = {0};
    uint8_t *bytes, *again;
    size_t second;
    int64_t sum = 0;
    assert_int_equal(gr_jpeg_encode(in, quality, &bytes, size, &err), GR_OK);
    assert_int_equal(gr_jpeg_encode(in, quality, &again, &second, &err), GR_OK);
    assert_int_equal(*size, second);
    assert_memory_equal(bytes, again, second);
    assert_int_equal(gr_image_decode(bytes, *size, "x", &out, &err), GR_OK);
    for (int i = 0; i < COUNT; i++)
        sum += abs(out.pixels[i] - in->pixels[i]);
    gr_image_free(&out);
    gr_image_bytes_free(bytes);
    gr_image_bytes_free(again);
    return (double)sum / COUNT;
}

static void test_qualities(void **state)
{
    (void)state;
    gr_image in;
    size_t small, large;
    assert_int_equal(gr_image_make(WIDTH, HEIGHT, &in, NULL), GR_OK);
    for (int i = 0; i < COUNT; i++)
        in.pixels[i] = (uint8_t)(i % 3 == 0 ? i / 3 % WIDTH * 255 / WIDTH : i % 3 == 1 ? i / 3 / WIDTH : (i / 24 * 13) % 97);
    double far = distance(&in, 20, &small), near = distance(&in, 95, &large);
    assert_true(near < 3 && near < far);
    assert_true(large > small);
    uint8_t *bytes;
    size_t size;
    assert_int_equal(gr_jpeg_encode(&in, 0, &bytes, &size, NULL), GR_INVALID);
    assert_int_equal(gr_jpeg_encode(&in, 101, &bytes, &size, NULL), GR_INVALID);
    gr_image_free(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_qualities)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
