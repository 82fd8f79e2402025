/* What a subject answers, and what of it is explained. */
#include "explain/subject.h"

#include <math.h>

#include "support/tiny_net.h"

/* Blocks with the means 1, -1, 0.5 and -0.25. */
static const float picture[TINY_PIXELS] = {1,    1,    -1,     -1,     1,    1,    -1,     -1,
                                           0.5f, 0.5f, -0.25f, -0.25f, 0.5f, 0.5f, -0.25f, -0.25f};

static void says_what_is_explained(void **state)
{
    (void)state;
    test_tiny t;
    gr_error err = {0};
    double values[2];
    float answers[2], kept[2], seeds[2];
    gr_found found;
    gr_subject_batch batch = {.n = 1, .pixels = picture, .answers = kept, .found = &found};
    test_tiny_open(&t, NULL);
    assert_int_equal(gr_subject_values(&t.subject, GR_AS_PREDICTED, picture, 1, values, answers, &err), GR_OK);
    assert_true(fabs(values[0] - 1.5) < 1e-6 && fabs(values[1] - 1.25) < 1e-6);
    const float single[] = {(float)values[0], (float)values[1]};
    gr_subject_choose(&t.subject, &batch, single, answers, seeds);
    assert_int_equal(found.name, 0);
    assert_true(seeds[0] == 1 && seeds[1] == 0 && found.probability > 0.5);
    batch.decided = (float[]){0.2f, 0.8f}; /* by others */
    gr_subject_choose(&t.subject, &batch, single, answers, seeds);
    assert_int_equal(found.name, 1);
    assert_true(seeds[0] == 0 && seeds[1] == 1 && found.value == (double)single[1] && found.probability < 0.5);
    test_tiny_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_is_explained),
    };
    return cmocka_run_group_tests_name("what is explained", tests, NULL, NULL);
}
