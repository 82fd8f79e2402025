/* Deletion of a network whose answer is one pixel. */
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
    test_trial_run(&t, &gr_deletion_trial, NULL, maps, numbers[0]);
    assert_true(fabs(numbers[0][1] - 1) < 1e-6 && fabs(numbers[0][2]) < 1e-6); /* gone at once */
    assert_true(fabs(numbers[0][0] - 0.5 / GR_CURVE_STEPS) < 1e-6);
    assert_true(fabs(numbers[1][GR_CURVE_POINTS - 1] - 2) < 1e-6 &&
                fabs(numbers[1][GR_CURVE_POINTS]) < 1e-6); /* to the last */
    assert_true(fabs(numbers[1][0] - 2 * (1 - 0.5 / GR_CURVE_STEPS)) < 1e-6);
    test_trial_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_pixel_is_all)};
    return cmocka_run_group_tests_name("deletion", tests, NULL, NULL);
}
