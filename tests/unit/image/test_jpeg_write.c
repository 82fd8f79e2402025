/* JPEG in memory: what is read back is what was written, and the same bytes twice. */
#include "image/jpeg_write.h"

#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static void there_and_back(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1}, {7, 3}, {64, 48}, {500, 400}};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        gr_image image = {0}, back = {0};
        gr_text a = {0}, b = {0};
        gr_error err = {0};
        assert_int_equal(gr_image_make(sizes[s][0], sizes[s][1], &image, &err), GR_OK);
        for (int y = 0; y < image.height; y++)
            for (int x = 0; x < image.width; x++)
                for (int c = 0; c < 3; c++)
                    image.pixels[3 * (y * image.width + x) + c] =
                        (uint8_t)(60 + (x + y) * 100 / (image.width + image.height) + 20 * c);
        assert_int_equal(gr_jpeg_encode(&image, 90, &a, &err), GR_OK);
        assert_int_equal(gr_jpeg_encode(&image, 90, &b, &err), GR_OK);
        assert_true(a.size == b.size && memcmp(a.data, b.data, a.size) == 0);
        assert_int_equal(gr_image_decode(a.data, a.size, "it", &back, &err), GR_OK);
        assert_true(back.width == image.width && back.height == image.height);
        for (int i = 0; i < 3 * image.width * image.height; i++)
            assert_true(abs(image.pixels[i] - back.pixels[i]) <= 8);
        gr_image_free(&image);
        gr_image_free(&back);
        gr_text_free(&a);
        gr_text_free(&b);
    }
}

static void empty_ones_are_refused(void **state)
{
    (void)state;
    gr_text out = {0};
    gr_error err = {0};
    assert_int_equal(gr_jpeg_encode(&(gr_image){0}, 90, &out, &err), GR_INVALID);
    assert_int_equal(out.size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(there_and_back), cmocka_unit_test(empty_ones_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
