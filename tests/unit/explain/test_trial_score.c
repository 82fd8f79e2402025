/* What trials follow: a probability where there is one, else a sum of values. */
#include "explain/trial_score.h"

#include <math.h>

#include "support/support.h"

static void a_class_scores_by_its_probability(void **state)
{
    (void)state;
    const gr_subject subject = {.values = 2, .answers = 2};
    gr_found found = {.name = 1, .probability = 0.5};
    const float seeds[] = {1, 0}, answers[] = {0.25f, 0.75f};
    const double values[] = {-3, 3};
    const gr_trial_images images = {.subject = (gr_subject *)&subject, .n = 1, .found = &found, .seeds = seeds};
    assert_true(gr_trial_score(&images, 0, values, answers) == 0.75);
    found.probability = (double)NAN; /* a sum of values */
    assert_true(gr_trial_score(&images, 0, values, answers) == -3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_class_scores_by_its_probability)};
    return cmocka_run_group_tests_name("scores of trials", tests, NULL, NULL);
}
