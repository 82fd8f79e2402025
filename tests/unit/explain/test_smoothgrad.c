/* SmoothGrad: its noise follows from the seed alone. */
#include "support/tiny_net.h"

/* Blocks with the means 1, -1, 0.5 and -0.25. */
static const float picture[TINY_PIXELS] = {1,    1,    -1,     -1,     1,    1,    -1,     -1,
                                           0.5f, 0.5f, -0.25f, -0.25f, 0.5f, 0.5f, -0.25f, -0.25f};

static void is_the_same_for_the_same_seed(void **state)
{
    (void)state;
    test_tiny t;
    float one[TINY_PIXELS], same[TINY_PIXELS], other[TINY_PIXELS];
    gr_explain_options options = {.samples = 7, .noise = 0.5, .seed = 3};
    test_tiny_open(&t, "a");
    test_tiny_explain(&t, "smoothgrad", options, picture, one);
    test_tiny_explain(&t, "smoothgrad", options, picture, same);
    options.seed = 4;
    test_tiny_explain(&t, "smoothgrad", options, picture, other);
    assert_memory_equal(one, same, sizeof one);
    assert_memory_not_equal(one, other, sizeof one);
    for (int i = 0; i < TINY_PIXELS; i++)
        assert_true(one[i] >= 0 && one[i] <= 0.2500001f);
    test_tiny_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_same_for_the_same_seed),
    };
    return cmocka_run_group_tests_name("SmoothGrad", tests, NULL, NULL);
}
