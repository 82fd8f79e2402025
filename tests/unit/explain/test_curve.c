/* The order of pixels, blurring, and what a curve's points are of a network that adds pixels up. */
#include "explain/curve.h"

#include <math.h>

#include "support/support.h"
#include "support/trial.h"

static void the_largest_comes_first(void **state)
{
    (void)state;
    const float map[] = {0, 3, NAN, 3, -1};
    int64_t order[5];
    gr_error err = {0};
    assert_int_equal(gr_curve_order(map, 5, order, &err), GR_OK);
    assert_memory_equal(order, ((int64_t[]){1, 3, 0, 4, 2}), sizeof order);
}

static void blurring_keeps_what_is_even_and_the_sum(void **state)
{
    (void)state;
    enum { SIZE = 32 };
    static float in[SIZE * SIZE * 2], out[SIZE * SIZE * 2];
    gr_error err = {0};
    for (int i = 0; i < SIZE * SIZE; i++)
        in[2 * i] = 3;
    in[2 * (SIZE * SIZE / 2 + SIZE / 2) + 1] = 1; /* one point in the other channel */
    assert_int_equal(gr_curve_blur(in, SIZE, 2, 2.0, out, &err), GR_OK);
    double sum = 0.0, most = 0.0;
    for (int i = 0; i < SIZE * SIZE; i++) {
        assert_true(fabs((double)out[2 * i] - 3) < 1e-5);
        sum += (double)out[2 * i + 1];
        most = fmax(most, (double)out[2 * i + 1]);
    }
    assert_true(fabs(sum - 1) < 1e-5);
    assert_true(fabs(most - 1 / (2 * 3.14159265 * 4)) < 1e-3); /* a Gaussian's top */
}

/* With equal weights the score falls on a straight line, whatever the order. */
static void equal_pixels_make_a_straight_line(void **state)
{
    (void)state;
    static float weights[TEST_TRIAL_PIXELS], maps[TEST_TRIAL_IMAGES * TEST_TRIAL_PIXELS];
    double numbers[TEST_TRIAL_IMAGES][1 + GR_CURVE_POINTS];
    gr_error err = {0};
    test_trial t;
    for (int i = 0; i < TEST_TRIAL_PIXELS; i++)
        weights[i] = 1.0f / TEST_TRIAL_PIXELS;
    test_fill(maps, TEST_TRIAL_IMAGES * TEST_TRIAL_PIXELS, 3, 1.0f);
    test_trial_open(weights, &t);
    assert_int_equal(gr_curve_draw(&t.images, &(gr_trial_maps){.maps = maps}, t.pixels, NULL, numbers[0], &err), GR_OK);
    for (int i = 0; i < TEST_TRIAL_IMAGES; i++)
        for (int k = 0; k < GR_CURVE_POINTS; k++)
            if (fabs(numbers[i][1 + k] - (i + 1) * (1.0 - (double)k / GR_CURVE_STEPS)) > 1e-5)
                fail_msg("image %d, point %d: %g", i, k, numbers[i][1 + k]);
    assert_true(fabs(numbers[1][0] - 1.0) < 1e-5);
    test_trial_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_largest_comes_first),
                                       cmocka_unit_test(blurring_keeps_what_is_even_and_the_sum),
                                       cmocka_unit_test(equal_pixels_make_a_straight_line)};
    return cmocka_run_group_tests_name("curves", tests, NULL, NULL);
}
