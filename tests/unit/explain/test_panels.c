/* Files of a folder read back: the picture as it was, the map in other colours. */
#include "explain/panels.h"

#include "explain/npy.h"
#include "support/folder.h"
#include "support/support.h"

enum { SIDE = 20 };

static void a_picture_is_painted_again(void **state)
{
    (void)state;
    static uint8_t pixels[SIDE * SIDE * 3];
    static float map[SIDE * SIDE];
    gr_image picture = {.width = SIDE, .height = SIDE, .pixels = pixels}, seen = {0};
    gr_error err = {0};
    for (int i = 0; i < SIDE * SIDE; i++) {
        map[i] = (float)i / (SIDE * SIDE - 1);
        pixels[3 * i + 1] = (uint8_t)(i & 255);
    }
    const gr_panels panels = {.dir = test_folder(), .name = "a", .method = "m", .size = SIDE};
    gr_overlay overlay = {.picture = &picture, .map = map, .size = SIDE};
    assert_int_equal(gr_overlay_write(test_in_folder("a.m.png"), &overlay, &err), GR_OK);
    assert_int_equal(gr_panels_repaint(&panels, &(gr_overlay){.scale = 2}, &err), GR_INVALID); /* no numbers */
    assert_int_equal(gr_npy_write(test_in_folder("a.m.npy"), map, SIDE, SIDE, &err), GR_OK);
    assert_int_equal(gr_panels_repaint(&panels, &(gr_overlay){.scale = 2}, &err), GR_OK);
    assert_int_equal(gr_panels_read(&panels, 0, &seen, &err), GR_OK);
    assert_memory_equal(seen.pixels, pixels, sizeof pixels);
    gr_image_free(&seen);
    assert_int_equal(gr_panels_read(&panels, 2, &seen, &err), GR_OK);
    const uint8_t *last = seen.pixels + sizeof pixels - 3;
    assert_int_equal(last[0] << 16 | last[1] << 8 | last[2], gr_colour_map_table(GR_VIRIDIS)[128]); /* half of the scale */
    gr_image_free(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_picture_is_painted_again)};
    return cmocka_run_group_tests_name("pictures read back", tests, test_folder_make, test_folder_remove);
}
