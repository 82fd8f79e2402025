/* Three panels and a colour bar: the picture, the map over it, the map, whose largest number has the last colour. */
#include "support/drawing.h"
#include "support/folder.h"
#include "support/support.h"
#include "explain/overlay.h"

#include <math.h>
#include <string.h>

enum { WIDE = 6 + GR_OVERLAY_BAR };

static const uint8_t pixels[12] = {10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120};

static void write_and_read(const gr_overlay *overlay, gr_image *seen)
{
    gr_error err = {0};
    assert_int_equal(gr_overlay_write(test_in_folder("a.png"), overlay, &err), GR_OK);
    assert_int_equal(gr_image_read(test_in_folder("a.png"), seen, &err), GR_OK);
    assert_int_equal(seen->width, 3 * overlay->size + GR_OVERLAY_BAR);
    assert_int_equal(seen->height, overlay->size);
}

static void panels_stand_side_by_side(void **state)
{
    (void)state;
    uint8_t copy[12];
    memcpy(copy, pixels, sizeof copy);
    const gr_image picture = {.width = 2, .height = 2, .pixels = copy};
    const float map[] = {0, 0.5f, 1, 2}, signs[] = {-2, 0, 1, 2};
    gr_image seen = {0};
    gr_overlay overlay = {.picture = &picture, .map = map, .size = 2};
    write_and_read(&overlay, &seen);
    assert_memory_equal(seen.pixels, pixels, 6);
    assert_memory_equal(seen.pixels + 3 * WIDE, pixels + 6, 6);
    const uint8_t *lowest = seen.pixels + 12, *highest = seen.pixels + 3 * WIDE + 15;
    assert_memory_equal(lowest, ((uint8_t[]){68, 1, 84}), 3);
    assert_memory_equal(highest, ((uint8_t[]){253, 231, 36}), 3);
    assert_int_equal(seen.pixels[6], (10 + 68) / 2);
    gr_image_free(&seen);
    overlay.map = signs;
    overlay.is_signed = true;
    write_and_read(&overlay, &seen);
    assert_memory_equal(seen.pixels + 12, ((uint8_t[]){5, 48, 97}), 3);             /* against: blue */
    assert_memory_equal(seen.pixels + 3 * WIDE + 15, ((uint8_t[]){103, 0, 31}), 3); /* for: red */
    gr_image_free(&seen);
}

static void colours_opacity_and_scale_are_as_asked(void **state)
{
    (void)state;
    uint8_t copy[12];
    memcpy(copy, pixels, sizeof copy);
    const gr_image picture = {.width = 2, .height = 2, .pixels = copy};
    const float map[] = {0, 0.5f, 1, 2};
    gr_image seen = {0};
    gr_overlay overlay = {.picture = &picture, .map = map, .size = 2, .colours = GR_CIVIDIS, .opacity = 0.25, .scale = 4};
    write_and_read(&overlay, &seen);
    const uint32_t middle = gr_colour_map_table(GR_CIVIDIS)[128]; /* 2 of 4 */
    const uint8_t *last = seen.pixels + 3 * WIDE + 15, *over = seen.pixels + 3 * WIDE + 9;
    assert_int_equal(last[0] << 16 | last[1] << 8 | last[2], middle);
    for (int c = 0; c < 3; c++)
        assert_int_equal(over[c], (pixels[9 + c] * 3 + last[c] + 2) / 4);
    gr_image_free(&seen);
}

/* Dark pixels in columns [left, right) of rows [top, bottom). */
static int dark(const gr_image *image, int left, int right, int top, int bottom)
{
    int count = 0;
    for (int y = top; y < bottom; y++)
        for (int x = left; x < right; x++)
            count += image->pixels[3 * (y * image->width + x)] == 0x1a;
    return count;
}

static void the_bar_has_its_numbers(void **state)
{
    (void)state;
    enum { SIDE = 40, LEFT = 3 * SIDE };
    static uint8_t black[SIDE * SIDE * 3];
    static float map[SIDE * SIDE];
    const gr_image picture = {.width = SIDE, .height = SIDE, .pixels = black};
    gr_image seen = {0};
    map[7] = 1;
    gr_overlay overlay = {.picture = &picture, .map = map, .size = SIDE};
    write_and_read(&overlay, &seen);
    const uint8_t *top = seen.pixels + 3 * (LEFT + 5), *bottom = top + 3 * seen.width * (SIDE - 1);
    assert_memory_equal(top, ((uint8_t[]){253, 231, 36}), 3);
    assert_memory_equal(bottom, ((uint8_t[]){68, 1, 84}), 3);
    assert_memory_equal(seen.pixels + 3 * (seen.width - 1), ((uint8_t[]){255, 255, 255}), 3);
    assert_int_equal(dark(&seen, LEFT + 14, seen.width, 0, 7), 10);           /* the pixels of 1 */
    assert_int_equal(dark(&seen, LEFT + 14, seen.width, SIDE - 7, SIDE), 19); /* of 0 */
    assert_true(dark(&seen, LEFT + 14, seen.width, 16, 24) > 20);             /* 0.5 */
    gr_image_free(&seen);
}

/* A picture that grows lighter to the right, and a hill with a valley beside it. */
static void as_it_was_looked_at(void **state)
{
    (void)state;
    enum { SIDE = 64 };
    static uint8_t grey[SIDE * SIDE * 3];
    static float map[SIDE * SIDE];
    const gr_image picture = {.width = SIDE, .height = SIDE, .pixels = grey};
    gr_image before = {0};
    static const char *const names[] = {"overlay", "overlay_signed", "overlay_cividis"};
    for (int i = 0; i < SIDE * SIDE; i++) {
        double x = i % SIDE, y = i / SIDE;
        memset(grey + 3 * i, 60 + 2 * (i % SIDE), 3);
        map[i] = (float)(exp(-((x - 20) * (x - 20) + (y - 20) * (y - 20)) / 200) -
                         0.6 * exp(-((x - 44) * (x - 44) + (y - 44) * (y - 44)) / 100));
    }
    for (int k = 0; k < 3; k++) {
        gr_overlay overlay = {.picture = &picture, .map = map, .size = SIDE, .is_signed = k == 1};
        overlay.colours = k == 2 ? GR_CIVIDIS : GR_VIRIDIS;
        gr_image seen = {0};
        gr_error err = {0};
        char *png;
        size_t size;
        assert_int_equal(gr_overlay_write(test_in_folder("golden.png"), &overlay, &err), GR_OK);
        assert_int_equal(gr_file_read(test_in_folder("golden.png"), 1 << 20, &png, &size, &err), GR_OK);
        test_golden(names[k], png, size, &seen);
        assert_true(test_pictures_differ(&seen, &before) > test_golden_tolerance()); /* other colours are far away */
        gr_image_free(&before);
        before = seen;
        gr_free(png);
    }
    gr_image_free(&before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(panels_stand_side_by_side),
                                       cmocka_unit_test(colours_opacity_and_scale_are_as_asked),
                                       cmocka_unit_test(the_bar_has_its_numbers), cmocka_unit_test(as_it_was_looked_at)};
    return cmocka_run_group_tests_name("maps as pictures", tests, test_folder_make, test_folder_remove);
}
