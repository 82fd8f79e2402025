/* Saliency of a network whose gradient is known. */
#include "support/tiny_net.h"

/* Blocks with the means 1, -1, 0.5 and -0.25. */
static const float picture[TINY_PIXELS] = {1,    1,    -1,     -1,     1,    1,    -1,     -1,
                                           0.5f, 0.5f, -0.25f, -0.25f, 0.5f, 0.5f, -0.25f, -0.25f};

static void is_the_gradient_with_its_sign(void **state)
{
    (void)state;
    test_tiny t;
    float map[TINY_PIXELS], want[TINY_PIXELS];
    test_tiny_open(&t, "b"); /* a quarter each, downwards, where a block is below 0 */
    for (int i = 0; i < TINY_PIXELS; i++)
        want[i] = picture[i] < 0 ? -0.25f : 0.0f;
    test_tiny_explain(&t, "saliency", (gr_explain_options){0}, picture, map);
    assert_true(test_close(map, want, TINY_PIXELS, 1e-6));
    test_tiny_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_gradient_with_its_sign),
    };
    return cmocka_run_group_tests_name("saliency", tests, NULL, NULL);
}
