/* gr_image_size is of one mind with gr_image_read: a PNG by its head, a JPEG turned by its EXIF, and what is neither. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jpeglib.h>

#include "base/base.h"
#include "grimace/image.h"
#include "support/temp_file.h"

static const char *path;

static int make_file(void **state)
{
    (void)state;
    path = test_file_make("picture");
    return path == NULL;
}

/* A JPEG of width x height; with an EXIF orientation where that is not 0, behind an XMP segment. */
static void write_jpeg(int width, int height, int orientation, bool progressive)
{
    static const char xmp[] = "http://ns.adobe.com/xap/1.0/";
    unsigned char exif[] = "Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\0\0\0\0\0\0\0\0", row[3 * 200] = {0}, *line = row;
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_stdio_dest(&jpeg, file);
    jpeg.image_width = (JDIMENSION)width;
    jpeg.image_height = (JDIMENSION)height;
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg);
    if (progressive)
        jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    exif[6 + 18] = (unsigned char)orientation;
    if (orientation != 0) {
        jpeg_write_marker(&jpeg, JPEG_APP0 + 1, (const JOCTET *)xmp, sizeof xmp);
        jpeg_write_marker(&jpeg, JPEG_APP0 + 1, exif, sizeof exif - 1);
    }
    for (int y = 0; y < height; y++)
        jpeg_write_scanlines(&jpeg, &line, 1);
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    assert_int_equal(fclose(file), 0);
}

static void expect(int width, int height)
{
    int w, h;
    gr_image image;
    gr_error err = {0};
    if (gr_image_size(path, &w, &h, &err) != GR_OK || gr_image_read(path, &image, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(w, width);
    assert_int_equal(h, height);
    assert_int_equal(image.width, width);
    assert_int_equal(image.height, height);
    gr_image_free(&image);
}

static void follows_the_orientation_of_a_jpeg(void **state)
{
    (void)state;
    for (int orientation = 0; orientation <= 9; orientation++) {
        write_jpeg(30, 20, orientation, orientation % 2 == 1);
        bool turned = orientation >= 5 && orientation <= 8;
        expect(turned ? 20 : 30, turned ? 30 : 20);
    }
}

static void reads_the_head_of_a_png(void **state)
{
    (void)state;
    gr_image image;
    gr_error err = {0};
    assert_int_equal(gr_image_make(37, 11, &image, &err), GR_OK);
    memset(image.pixels, 9, 3 * 37 * 11);
    assert_int_equal(gr_png_write(path, &image, &err), GR_OK);
    gr_image_free(&image);
    expect(37, 11);
}

static void refuses_as_the_reader(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } files[] = {{"", 0}, {"text", 4}, {"\xff\xd8\xff\xe1\0\x02", 6}, {"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1", 24}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        int w, h;
        gr_image image;
        gr_error size = {0}, whole = {0};
        test_file_write(files[i].bytes, files[i].size);
        assert_int_equal(gr_image_size(path, &w, &h, &size), GR_INVALID);
        assert_int_equal(gr_image_read(path, &image, &whole), GR_INVALID);
        assert_string_equal(size.text, whole.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(follows_the_orientation_of_a_jpeg),
                                       cmocka_unit_test(reads_the_head_of_a_png),
                                       cmocka_unit_test(refuses_as_the_reader)};
    return cmocka_run_group_tests(tests, make_file, test_file_remove);
}
