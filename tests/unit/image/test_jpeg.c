/* JPEGs by both DCTs, against tf.io.decode_jpeg's pixels (tests/parity/make_jpeg_dct.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "image/image.h"
#include "support/temp_file.h"

enum { PICTURES = 5 };

static void check(const char *path, bool fast, const uint8_t *want, int width, int height)
{
    gr_error err = {0};
    gr_image image;
    if (gr_image_read_by(path, fast, &image, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(image.width, width);
    assert_int_equal(image.height, height);
    assert_memory_equal(image.pixels, want, (size_t)width * (size_t)height * 3);
    gr_image_free(&image);
}

static void equals_tensorflow(void **state)
{
    (void)state;
    gr_error err = {0};
    char *data;
    size_t size, at = 0;
    int count = 0;
    const char *path = test_file_make("a.jpg");
    assert_non_null(path);
    if (gr_file_read("tests/parity/image/jpeg_dct.bin", 1 << 20, &data, &size, &err) != GR_OK)
        fail_msg("%s", err.text);
    for (; at < size; count++) {
        int32_t head[4];
        memcpy(head, data + at, sizeof head);
        const uint8_t *jpeg = (const uint8_t *)data + at + sizeof head, *fast = jpeg + head[0];
        size_t pixels = (size_t)head[1] * (size_t)head[2] * 3;
        if (gr_file_write(path, jpeg, (size_t)head[0], &err) != GR_OK)
            fail_msg("%s", err.text);
        check(path, true, fast, head[1], head[2]);
        check(path, false, fast + pixels, head[1], head[2]);
        assert_memory_not_equal(fast, fast + pixels, pixels);
        at += sizeof head + (size_t)head[0] + 2 * pixels;
    }
    assert_int_equal(count, PICTURES);
    gr_free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(equals_tensorflow)};
    return cmocka_run_group_tests(tests, NULL, test_file_remove);
}
