/* Bland and Altman's plot: bias and limits. */
#include <math.h>
#include <string.h>

#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

static void limits_are_those_of_the_differences(void **state)
{
    (void)state;
    gr_run_files run = test_shown_run("scores");
    const gr_score_predictions *s = &run.table.scores;
    double sum = 0.0, squares = 0.0;
    for (int64_t i = 0; i < s->count; i++)
        sum += s->predicted[i] - s->truth[i];
    for (int64_t i = 0; i < s->count; i++)
        squares += pow(s->predicted[i] - s->truth[i] - sum / 90.0, 2.0);
    double sd = sqrt(squares / 89.0);
    gr_figure_made made = test_shown("scores", "bland_altman");
    assert_true(fabs(test_shown_number(&made, 0, "bias") - sum / 90.0) < 1e-5);
    assert_true(fabs(test_shown_number(&made, 0, "sd") - sd) < 1e-5);
    assert_true(fabs(test_shown_number(&made, 0, "upper") - (sum / 90.0 + 1.959964 * sd)) < 1e-4);
    assert_true(test_shown_number(&made, 0, "lower_low") < test_shown_number(&made, 0, "lower"));
    gr_figure_made_free(&made);
    gr_run_files_close(&run);
    test_not_shown("classes", "bland_altman", "of classes");
}

/* Perfect scores: limits that lie on each other are drawn all the same. */
static void no_difference_at_all(void **state)
{
    (void)state;
    test_folder_text("same.csv", "image,fold,label,predicted\na,1,1,1\nb,1,2,2\nc,1,3,3\n");
    gr_figure_made made = test_shown("same.csv", "bland_altman");
    assert_true(test_shown_number(&made, 0, "bias") == 0.0);
    assert_null(strstr(made.file.data, "nan"));
    gr_figure_made_free(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(limits_are_those_of_the_differences),
                                       cmocka_unit_test(no_difference_at_all)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
