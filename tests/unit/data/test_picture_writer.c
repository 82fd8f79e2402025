/* Pictures written side by side are all there and whole; the first that cannot be written is told, and the writer ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "data/picture_writer.h"
#include "support/folder.h"

enum { COUNT = 50 };

static gr_image flat(int value)
{
    gr_image image;
    assert_int_equal(gr_image_make(8 + value % 3, 5, &image, NULL), GR_OK);
    memset(image.pixels, value, (size_t)image.width * 5 * 3);
    return image;
}

static void write_all(int threads, int quality)
{
    gr_picture_writer *writer;
    gr_error err = {0};
    char name[32];
    assert_int_equal(gr_picture_writer_create(threads, quality, &writer, &err), GR_OK);
    for (int i = 0; i < COUNT; i++) {
        gr_image image = flat(i);
        snprintf(name, sizeof name, "%d", i);
        assert_int_equal(gr_picture_writer_add(writer, test_in_folder(name), &image, &err), GR_OK);
        assert_null(image.pixels);
    }
    assert_int_equal(gr_picture_writer_finish(writer, &err), GR_OK);
    gr_picture_writer_destroy(writer);
    for (int i = 0; i < COUNT; i++) {
        gr_image image;
        snprintf(name, sizeof name, "%d", i);
        assert_int_equal(gr_image_read(test_in_folder(name), &image, &err), GR_OK);
        assert_int_equal(image.width, 8 + i % 3);
        assert_true(image.pixels[0] + 2 >= i && image.pixels[0] <= i + 2); /* a JPEG may be a step off */
        gr_image_free(&image);
    }
}

static void test_all(void **state)
{
    (void)state;
    write_all(1, 0);
    write_all(4, 0);
    write_all(100, 90);
}

static void test_failure(void **state)
{
    (void)state;
    gr_picture_writer *writer;
    gr_error err = {0};
    gr_image image = flat(1);
    assert_int_equal(gr_picture_writer_create(2, 0, &writer, &err), GR_OK);
    assert_int_equal(gr_picture_writer_add(writer, test_in_folder("no/such/folder.png"), &image, &err), GR_OK);
    assert_int_equal(gr_picture_writer_finish(writer, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "folder.png"));
    image = flat(2);
    assert_int_equal(gr_picture_writer_add(writer, test_in_folder("later"), &image, &err), GR_INVALID);
    assert_null(image.pixels);
    gr_picture_writer_destroy(writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all), cmocka_unit_test(test_failure)};
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
