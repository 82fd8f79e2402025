/* Gradients by pixels: a seed each or one for all, and fewer pictures than the plan is for. */
#include "explain/gradient.h"

#include <string.h>

#include "support/tiny_net.h"

/* Blocks with the means 1, -1, 0.5 and -0.25. */
static const float picture[TINY_PIXELS] = {1,    1,    -1,     -1,     1,    1,    -1,     -1,
                                           0.5f, 0.5f, -0.25f, -0.25f, 0.5f, 0.5f, -0.25f, -0.25f};

static void follow_from_their_seeds(void **state)
{
    (void)state;
    enum { BATCH = 3 };
    test_tiny t;
    gr_error err = {0};
    gr_gradient g;
    float a[TINY_PIXELS], b[TINY_PIXELS];
    for (int i = 0; i < TINY_PIXELS; i++) {
        a[i] = picture[i] > 0 ? 0.25f : 0.0f;
        b[i] = picture[i] < 0 ? -0.25f : 0.0f;
    }
    test_tiny_open(&t, NULL);
    assert_int_equal(gr_gradient_open(&t.subject, BATCH, &g, &err), GR_OK);
    for (int i = 0; i < BATCH; i++)
        memcpy(gr_gradient_pixels(&g) + i * TINY_PIXELS, picture, sizeof picture);
    const float *each = gr_gradient_of(&g, 2, (float[]){1, 0, 0, 1}, 2);
    assert_true(test_close(each, a, TINY_PIXELS, 1e-6) && test_close(each + TINY_PIXELS, b, TINY_PIXELS, 1e-6));
    for (int i = 0; i < TINY_PIXELS; i++)
        assert_true(each[2 * TINY_PIXELS + i] == 0); /* no seed, no gradient */
    for (int i = 0; i < BATCH; i++)
        memcpy(gr_gradient_pixels(&g) + i * TINY_PIXELS, picture, sizeof picture);
    const float *all = gr_gradient_of(&g, BATCH, (float[]){1, 0}, 0);
    for (int i = 0; i < BATCH; i++)
        assert_true(test_close(all + i * TINY_PIXELS, a, TINY_PIXELS, 1e-6));
    gr_gradient_close(&g);
    test_tiny_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follow_from_their_seeds),
    };
    return cmocka_run_group_tests_name("gradients by pixels", tests, NULL, NULL);
}
