/* Integrated gradients of a network whose path is known. */
#include "support/tiny_net.h"

/* Blocks with the means 1, -1, 0.5 and -0.25. */
static const float picture[TINY_PIXELS] = {1,    1,    -1,     -1,     1,    1,    -1,     -1,
                                           0.5f, 0.5f, -0.25f, -0.25f, 0.5f, 0.5f, -0.25f, -0.25f};

/* From black, -1, to a block's mean m the gradient of a is a quarter from where the block passes 0: m of m + 1 of the way.
 */
static void add_up_to_the_difference(void **state)
{
    (void)state;
    test_tiny t;
    float map[TINY_PIXELS], want[TINY_PIXELS];
    test_tiny_open(&t, "a");
    for (int i = 0; i < TINY_PIXELS; i++)
        want[i] = picture[i] > 0 ? 0.25f * picture[i] : 0.0f;
    double sum = test_tiny_explain(&t, "integrated_gradients", (gr_explain_options){.steps = 512}, picture, map);
    assert_true(test_close(map, want, TINY_PIXELS, 5e-3)); /* the bend */
    assert_true(sum > 1.49 && sum < 1.51);                 /* a is 1.5, and 0 where all is black */
    test_tiny_close(&t);
}

static void are_exact_where_nothing_bends(void **state)
{
    (void)state;
    test_tiny t;
    float map[TINY_PIXELS], want[TINY_PIXELS];
    test_tiny_open(&t, "a");
    for (int i = 0; i < TINY_PIXELS; i++)
        want[i] = picture[i] > 0 ? 0.25f * picture[i] : 0.0f;
    double sum =
        test_tiny_explain(&t, "integrated_gradients", (gr_explain_options){.steps = 3, .baseline = "mean"}, picture, map);
    assert_true(test_close(map, want, TINY_PIXELS, 1e-6));
    assert_true(sum > 1.499999 && sum < 1.500001);
    test_tiny_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(add_up_to_the_difference),
        cmocka_unit_test(are_exact_where_nothing_bends),
    };
    return cmocka_run_group_tests_name("integrated gradients", tests, NULL, NULL);
}
