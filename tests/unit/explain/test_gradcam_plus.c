/* Grad-CAM++ of a network whose maps and gradients are known. */
#include "support/tiny_net.h"

/* Blocks with the means 1, -1, 0.5 and -0.25. */
static const float picture[TINY_PIXELS] = {1,    1,    -1,     -1,     1,    1,    -1,     -1,
                                           0.5f, 0.5f, -0.25f, -0.25f, 0.5f, 0.5f, -0.25f, -0.25f};

/* All gradients of a by its channel are 1 and the channel's sum is 1.5: alpha = 1 / (2 + 1.5), four of which make the
 * weight. */
static void weighs_by_alpha(void **state)
{
    (void)state;
    test_tiny t;
    float cells[TINY_CELLS], w = 4 / 3.5f;
    test_tiny_open(&t, "a");
    test_tiny_explain(&t, "gradcam++", (gr_explain_options){0}, picture, cells);
    assert_true(test_close(cells, (float[]){w, 0, 0.5f * w, 0}, TINY_CELLS, 1e-5));
    test_tiny_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weighs_by_alpha),
    };
    return cmocka_run_group_tests_name("Grad-CAM++", tests, NULL, NULL);
}
