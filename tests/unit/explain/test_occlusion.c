/* Occlusion of a network whose answer is a quarter of the sum of pixels above 0. */
#include "support/tiny_net.h"

static void counts_each_square_that_covers_a_pixel(void **state)
{
    (void)state;
    test_tiny t;
    float map[TINY_PIXELS], ones[TINY_PIXELS], corner[TINY_PIXELS] = {4};
    test_tiny_open(&t, "a");
    for (int i = 0; i < TINY_PIXELS; i++)
        ones[i] = 1;
    test_tiny_explain(&t, "occlusion", (gr_explain_options){0}, ones,
                      map); /* squares of 2 x 2, one apart: 4 quarters each */
    assert_true(test_close(map, ones, TINY_PIXELS, 1e-6));
    /* One square covers the corner; of those over the pixels beside it it is one of two, behind it one of four. */
    test_tiny_explain(&t, "occlusion", (gr_explain_options){0}, corner, map);
    assert_true(test_close(map, (float[]){1, 0.5f, 0, 0, 0.5f, 0.25f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, TINY_PIXELS, 1e-6));
    test_tiny_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_each_square_that_covers_a_pixel),
    };
    return cmocka_run_group_tests_name("occlusion", tests, NULL, NULL);
}
