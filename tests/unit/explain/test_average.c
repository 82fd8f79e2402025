/* Maps of several models, averaged after each one's own ReLU. */
#include "explain/average.h"

#include "support/tiny_net.h"

/* Blocks with the means 1, -1, 0.5 and -0.25. */
static const float picture[TINY_PIXELS] = {1,    1,    -1,     -1,     1,    1,    -1,     -1,
                                           0.5f, 0.5f, -0.25f, -0.25f, 0.5f, 0.5f, -0.25f, -0.25f};

static void is_taken_after_each_ones_relu(void **state)
{
    (void)state;
    test_tiny t;
    gr_error err = {0};
    gr_crew crew;
    gr_average average;
    float dark[TINY_PIXELS];
    for (int i = 0; i < TINY_PIXELS; i++)
        dark[i] = -picture[i]; /* stands for a model of the other opinion */
    test_tiny_open(&t, "a");
    test_tiny_crew(&t, "gradcam", &(gr_explain_options){0}, &crew);
    assert_int_equal(gr_average_open(&crew, 2, &average, &err), GR_OK);
    gr_average_empty(&average, &crew);
    assert_int_equal(gr_crew_run(&crew, picture, 1, NULL, &err), GR_OK);
    gr_average_add(&average, &crew, 0, 1, true, true);
    assert_int_equal(gr_crew_run(&crew, dark, 1, NULL, &err), GR_OK);
    gr_average_add(&average, &crew, 0, 1, false, true);
    /* Before the ReLUs the two would cancel each other out. */
    assert_true(test_close(average.sums[0], (float[]){0.5f, 0.5f, 0.25f, 0.125f}, TINY_CELLS, 1e-6));
    assert_true(average.found[0].value > 1.374 && average.found[0].value < 1.376); /* of 1.5 and 1.25 */
    gr_average_close(&average);
    gr_crew_close(&crew);
    test_tiny_close(&t);
}

static void says_when_the_mean_decides_otherwise(void **state)
{
    (void)state;
    test_tiny t;
    float decided[2] = {0.6f, 0.4f}, mean[2] = {0.3f, 0.7f};
    test_tiny_open(&t, NULL);
    gr_average average = {.answers = 2, .decided = decided, .mean = mean};
    assert_true(gr_average_guessed_wrong(&average, &t.aim, 0));
    average.mean = decided;
    assert_false(gr_average_guessed_wrong(&average, &t.aim, 0));
    test_tiny_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_taken_after_each_ones_relu),
        cmocka_unit_test(says_when_the_mean_decides_otherwise),
    };
    return cmocka_run_group_tests_name("averages of maps", tests, NULL, NULL);
}
