/* Three panels: the picture, the map over it, the map, whose largest number has the last colour. */
#include "support/support.h"
#include "support/folder.h"
#include "explain/overlay.h"

static void panels_stand_side_by_side(void **state)
{
    (void)state;
    uint8_t pixels[12] = {10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120};
    const gr_image picture = {.width = 2, .height = 2, .pixels = pixels};
    const float map[] = {0, 0.5f, 1, 2}, signs[] = {-2, 0, 1, 2};
    gr_image seen = {0};
    gr_error err = {0};
    gr_overlay overlay = {.picture = &picture, .map = map, .size = 2};
    assert_int_equal(gr_overlay_write(test_in_folder("a.png"), &overlay, &err), GR_OK);
    assert_int_equal(gr_image_read(test_in_folder("a.png"), &seen, &err), GR_OK);
    assert_int_equal(seen.width, 6);
    assert_int_equal(seen.height, 2);
    assert_memory_equal(seen.pixels, pixels, 6);
    assert_memory_equal(seen.pixels + 18, pixels + 6, 6);
    const uint8_t *lowest = seen.pixels + 12, *highest = seen.pixels + 18 + 15;
    assert_memory_equal(lowest, ((uint8_t[]){68, 1, 84}), 3);
    assert_memory_equal(highest, ((uint8_t[]){253, 231, 37}), 3);
    assert_int_equal(seen.pixels[6], (10 + 68 + 1) / 2);
    gr_image_free(&seen);
    overlay.map = signs;
    overlay.is_signed = true;
    assert_int_equal(gr_overlay_write(test_in_folder("a.png"), &overlay, &err), GR_OK);
    assert_int_equal(gr_image_read(test_in_folder("a.png"), &seen, &err), GR_OK);
    assert_true(seen.pixels[12] < 20 && seen.pixels[14] > 90);               /* against: blue */
    assert_true(seen.pixels[18 + 15] > 90 && seen.pixels[18 + 15 + 1] == 0); /* for: red */
    gr_image_free(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(panels_stand_side_by_side)};
    return cmocka_run_group_tests_name("maps as pictures", tests, test_folder_make, test_folder_remove);
}
