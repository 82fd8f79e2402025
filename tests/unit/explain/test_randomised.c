/* Randomised layers: a map that is the weights changes with them, one that is the picture does not; and the network is what
 * it was. */
#include <math.h>
#include <string.h>

#include "support/support.h"
#include "support/trial.h"

enum { STAGES = 8 };

/* A method that shows the picture, whatever the network is. */
static gr_status open_picture(gr_subject *subject, const gr_explain_options *options, int64_t batch, gr_method_at *at,
                              void **state, gr_error *err)
{
    (void)subject, (void)options, (void)batch, (void)at, (void)err;
    *state = NULL;
    return GR_OK;
}

static void close_picture(void *state)
{
    (void)state;
}

static gr_status show_picture(void *state, gr_method_batch *batch, gr_error *err)
{
    (void)state, (void)err;
    memcpy(batch->maps, batch->images.pixels, (size_t)batch->images.n * TEST_TRIAL_PIXELS * sizeof *batch->maps);
    return GR_OK;
}

static const gr_method picture = {
    .name = "picture", .needs = GR_NEEDS_ANSWERS, .open = open_picture, .close = close_picture, .run = show_picture};

static void open_trial(test_trial *t, float *weights)
{
    test_fill(weights, TEST_TRIAL_PIXELS, 8, 1.0f);
    test_trial_open(weights, t);
    test_fill(t->pixels, TEST_TRIAL_IMAGES * TEST_TRIAL_PIXELS, 9, 1.0f);
}

static void a_map_of_the_weights_changes(void **state)
{
    (void)state;
    static float weights[TEST_TRIAL_PIXELS], maps[TEST_TRIAL_IMAGES * TEST_TRIAL_PIXELS];
    double numbers[TEST_TRIAL_IMAGES * STAGES];
    test_trial t;
    open_trial(&t, weights);
    for (int i = 0; i < TEST_TRIAL_IMAGES; i++)
        memcpy(maps + i * TEST_TRIAL_PIXELS, weights, sizeof weights); /* the gradient of what is linear */
    test_trial_run(&t, &gr_randomised_trial, gr_method_find("saliency"), maps, numbers);
    for (int k = 0; k < TEST_TRIAL_IMAGES * STAGES; k++)
        if (!(fabs(numbers[k]) < 0.3))
            fail_msg("number %d: %g", k, numbers[k]);
    assert_memory_equal(t.weights, weights, sizeof weights);
    test_trial_close(&t);
}

static void a_map_of_the_picture_stays(void **state)
{
    (void)state;
    static float weights[TEST_TRIAL_PIXELS];
    double numbers[TEST_TRIAL_IMAGES * STAGES];
    test_trial t;
    open_trial(&t, weights);
    test_trial_run(&t, &gr_randomised_trial, &picture, t.pixels, numbers);
    for (int k = 0; k < TEST_TRIAL_IMAGES * STAGES; k++)
        assert_true(fabs(numbers[k] - 1) < 1e-12);
    test_trial_close(&t);
}

static void what_is_no_network_has_no_layers(void **state)
{
    (void)state;
    static float weights[TEST_TRIAL_PIXELS];
    double numbers[TEST_TRIAL_IMAGES * STAGES];
    test_trial t;
    open_trial(&t, weights);
    t.subject.network.model = NULL;
    test_trial_run(&t, &gr_randomised_trial, &picture, t.pixels, numbers);
    assert_true(isnan(numbers[0]));
    test_trial_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_map_of_the_weights_changes),
                                       cmocka_unit_test(a_map_of_the_picture_stays),
                                       cmocka_unit_test(what_is_no_network_has_no_layers)};
    return cmocka_run_group_tests_name("randomised layers", tests, NULL, NULL);
}
