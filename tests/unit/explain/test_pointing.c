/* The pointing game on a face with one known part. */
#include <math.h>

#include "support/support.h"
#include "support/trial.h"

static void a_map_on_the_part_is_inside(void **state)
{
    (void)state;
    static const float weights[TEST_TRIAL_PIXELS];
    static float maps[TEST_TRIAL_IMAGES * TEST_TRIAL_PIXELS];
    const double points[TEST_TRIAL_IMAGES][2][2] = {{{8.5, 4.5}, {NAN, NAN}}, {{17, 9}, {NAN, 3}}};
    double numbers[TEST_TRIAL_IMAGES][3];
    test_trial t;
    test_trial_open(weights, &t);
    t.images.points = points[0][0];
    t.images.point_count = 2;
    t.origins[1].map = (gr_map){.xx = 0.5, .yy = 0.5}; /* its picture was twice as large */
    maps[4 * TEST_TRIAL_SIDE + 8] = 3;
    maps[12 * TEST_TRIAL_SIDE + 1] = 1;
    maps[13 * TEST_TRIAL_SIDE + 1] = -9; /* against: no part of it */
    maps[TEST_TRIAL_PIXELS + 4 * TEST_TRIAL_SIDE + 8] = 1;
    maps[TEST_TRIAL_PIXELS + 12] = 3;
    test_trial_run(&t, &gr_pointing_trial, NULL, maps, numbers[0]);
    assert_true(numbers[0][0] == 1 && fabs(numbers[0][1] - 0.75) < 1e-9);
    assert_true(fabs(numbers[0][2] - 5.0 / TEST_TRIAL_PIXELS) <
                1e-12); /* 1.07 pixels about the middle of one: a cross of 5 */
    assert_true(numbers[1][0] == 0 && fabs(numbers[1][1] - 0.25) < 1e-9);
    test_trial_close(&t);
}

static void without_parts_or_map_nothing_is_said(void **state)
{
    (void)state;
    static const float weights[TEST_TRIAL_PIXELS];
    static const float maps[TEST_TRIAL_IMAGES * TEST_TRIAL_PIXELS];
    const double points[TEST_TRIAL_IMAGES][1][2] = {{{8, 8}}, {{NAN, NAN}}};
    double numbers[TEST_TRIAL_IMAGES][3];
    test_trial t;
    test_trial_open(weights, &t);
    t.images.points = points[0][0];
    t.images.point_count = 1;
    test_trial_run(&t, &gr_pointing_trial, NULL, maps, numbers[0]);
    assert_true(isnan(numbers[0][0]) && isnan(numbers[0][1]) && numbers[0][2] > 0); /* a map of zeros */
    assert_true(isnan(numbers[1][0]) && isnan(numbers[1][1]) && isnan(numbers[1][2]));
    test_trial_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_map_on_the_part_is_inside),
                                       cmocka_unit_test(without_parts_or_map_nothing_is_said)};
    return cmocka_run_group_tests_name("the pointing game", tests, NULL, NULL);
}
