/* A contact sheet: wrong ones first, then by confidence; its size. */
#include "explain/sheet.h"

#include <math.h>

#include "explain/overlay.h"
#include "support/folder.h"
#include "support/support.h"

static const gr_sheet_image images[] = {{"a", "1", "1", 0.7},  {"b", "1", "0", 0.6}, {"c", "0", "0", 0.9},
                                        {"d", "0", "1", 0.95}, {"e", "0", "", 0.8},  {"f", "0", NULL, 0.8}};

static void wrong_ones_come_first(void **state)
{
    (void)state;
    int64_t order[6];
    gr_error err = {0};
    assert_int_equal(gr_sheet_order(images, 6, order, &err), GR_OK);
    assert_memory_equal(order, ((int64_t[]){3, 1, 2, 4, 5, 0}), sizeof order);
    assert_false(gr_sheet_wrong(&(gr_sheet_image){"g", NULL, "1", NAN})); /* of no class */
}

static void a_sheet_has_a_tile_for_each(void **state)
{
    (void)state;
    static uint8_t pixels[8 * 8 * 3];
    static const float map[64] = {1};
    const gr_image picture = {.width = 8, .height = 8, .pixels = pixels};
    static const char *const methods[] = {"m"};
    const gr_sheet sheet = {
        .dir = test_folder(), .images = images, .count = 6, .methods = methods, .method_count = 1, .size = 8};
    gr_error err = {0};
    gr_image seen = {0};
    int red = 0;
    for (int i = 0; i < 6; i++) {
        char name[] = {images[i].name[0], '.', 'm', '.', 'p', 'n', 'g', '\0'};
        const gr_overlay overlay = {.picture = &picture, .map = map, .size = 8};
        assert_int_equal(gr_overlay_write(test_in_folder(name), &overlay, &err), GR_OK);
    }
    assert_int_equal(gr_sheet_write(&sheet, &err), GR_OK);
    assert_int_equal(gr_image_read(test_in_folder("sheet.png"), &seen, &err), GR_OK);
    assert_int_equal(seen.width, 1181); /* 200 mm at 150 dpi: 4 tiles of 49 mm, margins, no gap behind the last */
    assert_true(seen.height > 380 && seen.height < 420); /* 2 rows of 29.5 mm */
    for (int i = 0; i < seen.width * 210; i++)           /* frames stand in the first row alone */
        red += seen.pixels[3 * i] > 160 && seen.pixels[3 * i + 1] < 60 && seen.pixels[3 * i + 2] < 80;
    assert_true(red > 1500);
    for (int i = seen.width * 210; i < seen.width * seen.height; i++)
        assert_false(seen.pixels[3 * i] > 160 && seen.pixels[3 * i + 1] < 60 && seen.pixels[3 * i + 2] < 80);
    gr_image_free(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(wrong_ones_come_first),
                                       cmocka_unit_test(a_sheet_has_a_tile_for_each)};
    return cmocka_run_group_tests_name("contact sheets", tests, test_folder_make, test_folder_remove);
}
