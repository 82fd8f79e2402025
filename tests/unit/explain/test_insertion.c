/* Insertion into blurred pictures of a network whose answer is one pixel. */
#include <math.h>

#include "explain/curve.h"
#include "support/support.h"
#include "support/trial.h"

enum { PIXEL = 37, NUMBERS = 1 + GR_CURVE_POINTS };

/* Of a network that reads one pixel alone, a map that names it first, and one that names it last. */
static void one_pixel_is_all(void **state)
{
    (void)state;
    static float weights[TEST_TRIAL_PIXELS], maps[TEST_TRIAL_IMAGES * TEST_TRIAL_PIXELS];
    double numbers[TEST_TRIAL_IMAGES][NUMBERS];
    test_trial t;
    weights[PIXEL] = 1;
    for (int i = 0; i < TEST_TRIAL_PIXELS; i++) {
        maps[i] = i == PIXEL;
        maps[TEST_TRIAL_PIXELS + i] = i != PIXEL;
    }
    test_trial_open(weights, &t);
    t.pixels[PIXEL] = 11; /* a point on even ground, which blurring spreads */
    t.pixels[TEST_TRIAL_PIXELS + PIXEL] = 12;
    t.found[0].value = 11;
    t.found[1].value = 12;
    test_trial_run(&t, &gr_insertion_trial, NULL, maps, numbers[0]);
    double blurred = numbers[0][1];
    assert_true(blurred > 1.5 && blurred < 4);
    assert_true(fabs(numbers[0][2] - 11) < 1e-5 && fabs(numbers[0][GR_CURVE_POINTS] - 11) < 1e-5);
    assert_true(fabs(numbers[0][0] - (11 - (11 - blurred) / 2 / GR_CURVE_STEPS)) < 1e-4);
    assert_true(numbers[1][GR_CURVE_POINTS - 1] < 5 && fabs(numbers[1][GR_CURVE_POINTS] - 12) < 1e-5);
    test_trial_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_pixel_is_all)};
    return cmocka_run_group_tests_name("insertion", tests, NULL, NULL);
}
