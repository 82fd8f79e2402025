/* Grad-CAM of a network whose maps are known. */
#include "support/tiny_net.h"

/* Blocks with the means 1, -1, 0.5 and -0.25. */
static const float picture[TINY_PIXELS] = {1,    1,    -1,     -1,     1,    1,    -1,     -1,
                                           0.5f, 0.5f, -0.25f, -0.25f, 0.5f, 0.5f, -0.25f, -0.25f};

static void is_what_speaks_for_the_class(void **state)
{
    (void)state;
    test_tiny t;
    float cells[TINY_CELLS];
    test_tiny_open(&t, "a");
    test_tiny_explain(&t, "gradcam", (gr_explain_options){0}, picture, cells);
    assert_true(test_close(cells, (float[]){1, 0, 0.5f, 0}, TINY_CELLS, 1e-6));
    test_tiny_close(&t);
    test_tiny_open(&t, "b");
    test_tiny_explain(&t, "gradcam", (gr_explain_options){0}, picture, cells);
    assert_true(test_close(cells, (float[]){0, 1, 0, 0.25f}, TINY_CELLS, 1e-6));
    test_tiny_close(&t);
}

/* Before its ReLU, channel a holds -1 and -0.25 too; the map's ReLU takes them away. */
static void is_never_below_0(void **state)
{
    (void)state;
    test_tiny t;
    float cells[TINY_CELLS];
    test_tiny_open(&t, "a");
    test_tiny_explain(&t, "gradcam", (gr_explain_options){.layer = "body.conv"}, picture, cells);
    assert_true(test_close(cells, (float[]){0.5f, 0, 0.25f, 0}, TINY_CELLS, 1e-6)); /* half of the cells have a gradient */
    test_tiny_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_what_speaks_for_the_class),
        cmocka_unit_test(is_never_below_0),
    };
    return cmocka_run_group_tests_name("Grad-CAM", tests, NULL, NULL);
}
