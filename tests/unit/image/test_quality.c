/* Sharpness, brightness and difference of small pictures, counted by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "grimace/image.h"

/* OpenCV 4.6: cvtColor(RGB2GRAY) of these four is 76, 150, 29, 255. */
static void test_grey(void **state)
{
    (void)state;
    uint8_t pixels[] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255}, *grey;
    const gr_image image = {2, 2, pixels};
    assert_int_equal(gr_image_grey(&image, &grey, NULL), GR_OK);
    const uint8_t wanted[] = {76, 150, 29, 255};
    assert_memory_equal(grey, wanted, 4);
    assert_true(gr_grey_mean(grey, 4) == 127.5);
    gr_image_bytes_free(grey);
}

/* One white pixel in the middle of 3 x 3: the Laplacian is -4 there, 2 beside it, as edges are mirrored, and 0 in the
 * corners; times 255. */
static void test_sharpness(void **state)
{
    (void)state;
    const uint8_t spot[9] = {0, 0, 0, 0, 255, 0, 0, 0, 0}, flat[9] = {7, 7, 7, 7, 7, 7, 7, 7, 7};
    double mean = (-4.0 + 4 * 2) / 9, squares = (16.0 + 4 * 4) / 9;
    double got = gr_grey_sharpness(spot, 3, 3), wanted = (squares - mean * mean) * 255 * 255;
    assert_true(got > wanted * (1 - 1e-12) && got < wanted * (1 + 1e-12));
    assert_true(gr_grey_sharpness(flat, 3, 3) == 0);
    assert_true(gr_grey_sharpness(flat, 9, 1) == 0);
    assert_true(gr_grey_sharpness(spot, 1, 1) == 0);
}

static void test_difference(void **state)
{
    (void)state;
    const uint8_t a[4] = {0, 100, 200, 255}, b[4] = {8, 109, 191, 247};
    assert_true(gr_grey_difference(a, a, 4) == 0);
    assert_true(gr_grey_difference(a, b, 4) == 0.5); /* 9 is more than noise, 8 is not */
    assert_true(gr_grey_difference(b, a, 4) == 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_grey), cmocka_unit_test(test_sharpness),
                                       cmocka_unit_test(test_difference)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
