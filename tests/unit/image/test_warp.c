/* Images through affine maps: shifts and quarter turns by hand, points that go with the pixels, nothing skipped. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "image/image.h"
#include "image/warp.h"

static gr_image noise_image(int width, int height)
{
    gr_image image;
    gr_rng rng = gr_rng_make(5, GR_FOR_TEST, 0, 1);
    assert_int_equal(gr_image_make(width, height, &image, NULL), GR_OK);
    for (int i = 0; i < width * height * 3; i++)
        image.pixels[i] = (uint8_t)gr_rng_u32(&rng);
    return image;
}

static void whole_steps_move_whole_pixels(void **state)
{
    (void)state;
    gr_image in = noise_image(13, 9), out, same;
    gr_map map = gr_map_identity();
    assert_int_equal(gr_image_warp(&in, &map, 13, 9, &same, NULL), GR_OK);
    assert_memory_equal(same.pixels, in.pixels, 13 * 9 * 3);
    map = gr_map_shift(2, -3);
    assert_int_equal(gr_image_warp(&in, &map, 13, 9, &out, NULL), GR_OK);
    for (int y = 0; y < 9; y++)
        for (int x = 0; x < 13; x++) {
            bool inside = x >= 2 && y + 3 < 9;
            for (int c = 0; c < 3; c++)
                assert_int_equal(out.pixels[(y * 13 + x) * 3 + c], inside ? in.pixels[((y + 3) * 13 + x - 2) * 3 + c] : 0);
        }
    gr_image_free(&out);
    map = gr_map_turn(13, 9, 1);
    assert_int_equal(gr_image_warp(&in, &map, 9, 13, &out, NULL), GR_OK);
    for (int y = 0; y < 13; y++)
        for (int x = 0; x < 9; x++)
            assert_memory_equal(out.pixels + (y * 9 + x) * 3, in.pixels + (x * 13 + 12 - y) * 3, 3);
    gr_image_free(&out);
    gr_image_free(&same);
    gr_image_free(&in);
}

static void making_smaller_is_resizing(void **state)
{
    (void)state;
    gr_image in = noise_image(40, 24), out, small;
    const gr_map half = {.xx = 0.25, .yy = 0.25};
    assert_int_equal(gr_image_warp(&in, &half, 10, 6, &out, NULL), GR_OK);
    assert_int_equal(gr_image_resize(&in, 10, 6, &small, NULL), GR_OK);
    assert_memory_equal(out.pixels, small.pixels, 10 * 6 * 3);
    gr_image_free(&out);
    gr_image_free(&small);
    gr_image_free(&in);
}

static void between_pixels_lie_their_means(void **state)
{
    (void)state;
    gr_image in, out;
    const gr_map half = gr_map_shift(0.5, 0);
    assert_int_equal(gr_image_make(4, 1, &in, NULL), GR_OK);
    for (int i = 0; i < 12; i++)
        in.pixels[i] = (uint8_t)(i / 3 * 10);
    assert_int_equal(gr_image_warp(&in, &half, 4, 1, &out, NULL), GR_OK);
    assert_int_equal(out.pixels[3], 5);
    assert_int_equal(out.pixels[9], 25);
    gr_image_free(&out);
    gr_error err = {0};
    const gr_map none = {0};
    assert_int_equal(gr_image_warp(&in, &none, 4, 1, &out, &err), GR_INVALID);
    gr_image_free(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_steps_move_whole_pixels),
        cmocka_unit_test(making_smaller_is_resizing),
        cmocka_unit_test(between_pixels_lie_their_means),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
