/* How far models differ, by each task's own measure. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "run/tasks/spread.h"
#include "run/tasks/task.h"

static void is_the_standard_deviation_of_what_is_answered(void **state)
{
    (void)state;
    const float a[4] = {0.25f, 0.75f, 1.0f, 3.0f}, b[4] = {0.5f, 0.5f, 2.0f, 5.0f}, c[4] = {0.75f, 0.25f, 3.0f, 4.0f};
    const float *const answers[3] = {a, b, c};
    const gr_card classes = {.model = {.classes = 2}}, scores = {.label_count = 1}, sums = {.label_count = 2};
    const gr_card columns = {.model = {.classes = 2}, .label_count = 2}, points = {.model = {.landmarks = 2}};
    assert_true(fabs(gr_classes_task.spread(&classes, 1, answers, 3) - 0.25) < 1e-12);
    assert_true(fabs(gr_ordinal_task.spread(&classes, 0, answers, 2) - sqrt(0.03125)) < 1e-12);
    assert_true(fabs(gr_scores_task.spread(&scores, -1, answers, 3) - 0.25) < 1e-12);
    assert_true(fabs(gr_scores_task.spread(&sums, -1, answers, 3)) < 1e-12); /* each sums to 1 */
    assert_true(fabs(gr_label_classes_task.spread(&columns, 1, answers, 3) - 0.5 * (0.25 + 1.0)) < 1e-12);
    assert_true(fabs(gr_landmarks_task.spread(&points, -1, answers, 3) - sqrt((0.0625 + 0.0625 + 1 + 1) / 2)) < 1e-12);
    assert_true(isnan(gr_spread_variance(answers, 1, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(is_the_standard_deviation_of_what_is_answered)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
