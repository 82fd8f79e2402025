/* Crops hold the pixels that their boxes and margins say, moved inside, padded, resized; landmarks and boxes go along. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/crops.h"
#include "grimace/image.h"
#include "support/folder.h"

enum { WIDTH = 40, HEIGHT = 30 };

static char table[512], out[512];

/* Pixel (x, y) is (6 x, 8 y, 0). */
static int make_picture(void **state)
{
    gr_image image;
    if (test_folder_make(state) != 0 || gr_image_make(WIDTH, HEIGHT, &image, NULL) != GR_OK)
        return 1;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            memcpy(image.pixels + (y * WIDTH + x) * 3, (const uint8_t[3]){(uint8_t)(6 * x), (uint8_t)(8 * y), 0}, 3);
    gr_status status = gr_png_write(test_in_folder("a.png"), &image, NULL);
    gr_image_free(&image);
    strcpy(table, test_in_folder("table.csv"));
    strcpy(out, test_in_folder("out"));
    return status != GR_OK;
}

static gr_status crop(const char *text, gr_crops_options o, gr_crops_report *report, gr_error *err)
{
    test_folder_text("table.csv", text);
    o.manifest = table;
    o.out = out;
    o.force = true;
    return gr_crops_make(&o, report, err);
}

static void expect_manifest(const char *text)
{
    char *data, path[600];
    size_t size;
    snprintf(path, sizeof path, "%s/manifest.csv", out);
    assert_int_equal(gr_file_read(path, 1 << 20, &data, &size, NULL), GR_OK);
    assert_string_equal(data, text);
    gr_free(data);
}

/* The crop's upper left pixel is the picture's (left, top); beyond `inside` pixels a row it is black. */
static void expect_crop(const char *name, int width, int height, int left, int top)
{
    gr_image image;
    char path[600];
    snprintf(path, sizeof path, "%s/images/%s", out, name);
    assert_int_equal(gr_image_read(path, &image, NULL), GR_OK);
    assert_int_equal(image.width, width);
    assert_int_equal(image.height, height);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int px = left + x, py = top + y;
            bool there = px >= 0 && py >= 0 && px < WIDTH && py < HEIGHT;
            const uint8_t wanted[3] = {(uint8_t)(there ? 6 * px : 0), (uint8_t)(there ? 8 * py : 0), 0};
            assert_memory_equal(image.pixels + (y * width + x) * 3, wanted, 3);
        }
    gr_image_free(&image);
}

#define HEADER "image,animal,box_x,box_y,box_w,box_h,lm1_x,lm1_y\n"
#define WRITTEN "image,source,animal,box_x,box_y,box_w,box_h,lm1_x,lm1_y,keep\n"

static void test_margin(void **state)
{
    (void)state;
    gr_crops_report r;
    gr_error err = {0};
    gr_status status = crop(HEADER "a.png,m1,10,8,10,6,12.5,9\na.png,m2,,,,,,\na.png,m3,0,0,8,8,20,20\n",
                            (gr_crops_options){.margin = 0.5}, &r, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(status, GR_OK);
    assert_int_equal(r.written, 2);
    assert_int_equal(r.without_box, 1);
    assert_int_equal(r.lost_points, 1);
    expect_crop("a_000000.png", 20, 12, 5, 5);
    expect_crop("a_000002.png", 16, 16, 0, 0); /* moved inside */
    expect_manifest(WRITTEN
                    "images/a_000000.png,../a.png,m1,5,3,10,6,7.5,4,1\nimages/a_000002.png,../a.png,m3,0,0,8,8,,,1\n");
    gr_crops_report_free(&r);
}

static void test_square_and_size(void **state)
{
    (void)state;
    gr_crops_report r;
    gr_error err = {0};
    assert_int_equal(crop(HEADER "a.png,m1,10,8,10,6,12,9\n", (gr_crops_options){.square = true}, &r, &err), GR_OK);
    expect_crop("a_000000.png", 10, 10, 10, 6);
    gr_crops_report_free(&r);
    assert_int_equal(crop(HEADER "a.png,m1,10,8,10,6,12,9\n", (gr_crops_options){.size = 5, .whole = true}, &r, &err),
                     GR_OK);
    expect_manifest("image,source,animal,lm1_x,lm1_y,keep\nimages/a_000000.png,../a.png,m1,1,0.5,1\n");
    gr_crops_report_free(&r);
    /* higher than the picture: black above and below; `keep` is there already */
    assert_int_equal(crop("image,box_x,box_y,box_w,box_h,keep\na.png,2,2,36,26,1\na.png,0,0,9,9,0\n",
                          (gr_crops_options){.square = true, .only = "keep=1"}, &r, &err),
                     GR_OK);
    assert_int_equal(r.left_out, 1);
    assert_int_equal(r.padded, 1);
    expect_crop("a_000000.png", 36, 36, 2, -3);
    expect_manifest("image,source,box_x,box_y,box_w,box_h,keep\nimages/a_000000.png,../a.png,0,5,36,26,1\n");
    gr_crops_report_free(&r);
}

static void test_sheets(void **state)
{
    (void)state;
    gr_crops_report r;
    gr_error err = {0};
    gr_image image;
    char sheet[512], *page;
    size_t size;
    const char *text = "image,box_x,box_y,box_w,box_h\na.png,2,2,30,20\na.png,0,0,9,9\n";
    strcpy(sheet, test_in_folder("sheet.png"));
    assert_int_equal(crop(text, (gr_crops_options){.sheet = sheet}, &r, &err), GR_OK);
    gr_crops_report_free(&r);
    assert_int_equal(gr_image_read(sheet, &image, &err), GR_OK);
    /* paper, then the crop's first pixel (12, 16, 0), near to what resizing makes of it */
    assert_int_equal(image.pixels[0], 255);
    const uint8_t *first = image.pixels + (4 * image.width + 4) * 3;
    assert_true(first[0] >= 9 && first[0] <= 18);
    assert_int_equal(first[2], 0);
    gr_image_free(&image);
    strcpy(sheet, test_in_folder("sheet.html"));
    assert_int_equal(crop(text, (gr_crops_options){.sheet = sheet}, &r, &err), GR_OK);
    gr_crops_report_free(&r);
    assert_int_equal(gr_file_read(sheet, 1 << 20, &page, &size, &err), GR_OK);
    assert_non_null(strstr(page, "data-line=\"3\"><img loading=\"lazy\" src=\"out/images/a_000001.png\""));
    gr_free(page);
}

static void refused(const char *text, gr_crops_options o, const char *words)
{
    gr_crops_report r;
    gr_error err = {0};
    char path[600];
    assert_int_equal(crop(text, o, &r, &err), GR_INVALID);
    if (strstr(err.text, words) == NULL)
        print_error("\"%s\" lacks \"%s\"\n", err.text, words);
    assert_non_null(strstr(err.text, words));
    gr_crops_report_free(&r);
    snprintf(path, sizeof path, "%s/images/a_000000.png", out);
    assert_int_not_equal(access(path, F_OK), 0); /* nothing is left */
}

static void test_refused(void **state)
{
    (void)state;
    const gr_crops_options plain = {0};
    char path[600];
    snprintf(path, sizeof path, "%s/images/a_000000.png", out);
    (void)unlink(path);
    refused("image,box_x\na.png,1\n", plain, "has no column box_y");
    refused("file,box_x,box_y,box_w,box_h\na.png,1,1,2,2\n", plain, "has no column image");
    refused("image,box_x,box_y,box_w,box_h\na.png,1,1,2,\n", plain, ":2: box_x: the box is half there");
    refused("image,box_x,box_y,box_w,box_h\na.png,1,1,0,2\n", plain, ":2: box_w: the box is empty");
    refused("image,box_x,box_y,box_w,box_h\na.png,,,,\n", plain, "no row has a box");
    refused("image,box_x,box_y,box_w,box_h\na.png,1,1,5,5\na.png,40,1,2,2\n", plain,
            ":3: box_x: the box is beyond the picture");
    refused("image,box_x,box_y,box_w,box_h\na.png,1,1,5,5\nb.png,1,1,2,2\n", plain, ":3: image: ");
    refused("image,box_x,box_y,box_w,box_h\na.png,1,1,5,5\n", (gr_crops_options){.only = "keep=1"}, "has no column keep");
    refused("image,box_x,box_y,box_w,box_h\na.png,1,1,5,5\n", (gr_crops_options){.margin = -1}, "--margin");
    refused("image,box_x,box_y,box_w,box_h\na.png,1,1,5,5\n", (gr_crops_options){.sheet = "x.jpg"}, "--sheet");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_margin), cmocka_unit_test(test_square_and_size),
                                       cmocka_unit_test(test_sheets), cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, make_picture, test_folder_remove);
}
