/* Each animal: shares right with exact intervals, mean differences with their spread, best first. */
#include <math.h>
#include <string.h>

#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

static void shares_are_counted(void **state)
{
    (void)state;
    gr_run_files run = test_shown_run("classes");
    const gr_prediction_table *t = &run.table;
    gr_figure_made made = test_shown("classes", "animals");
    assert_int_equal(gr_numbers_rows(&made.numbers), 6);
    for (int r = 0; r < 6; r++) {
        const char *name = gr_numbers_cell(&made.numbers, r, 0);
        int64_t n = 0, right = 0;
        for (int64_t i = 0; i < t->count; i++)
            if (strcmp(t->groups[i], name) == 0) {
                n++;
                right += t->predictions.labels[i] == t->predictions.predicted[i];
            }
        gr_interval ends = gr_clopper_pearson(right, n, 0.95);
        assert_true(test_shown_number(&made, r, "n") == 15.0 && n == 15);
        assert_true(fabs(test_shown_number(&made, r, "share_right") - (double)right / 15.0) < 1e-5);
        assert_true(fabs(test_shown_number(&made, r, "low") - ends.low) < 1e-5);
        assert_true(fabs(test_shown_number(&made, r, "high") - ends.high) < 1e-5);
        assert_true(r == 0 || test_shown_number(&made, r, "share_right") <= test_shown_number(&made, r - 1, "share_right"));
    }
    gr_figure_made_free(&made);
    gr_run_files_close(&run);
}

static void differences_have_their_spread(void **state)
{
    (void)state;
    test_folder_text("pairs.csv", "image,rat,fold,label,predicted\na,A,1,1,2\nb,A,1,1,4\nc,B,1,5,5\n");
    gr_figure_made made = test_shown("pairs.csv", "animals");
    assert_string_equal(gr_numbers_cell(&made.numbers, 0, 0), "A");
    assert_true(test_shown_number(&made, 0, "mean_difference") == 2.0);
    assert_true(fabs(test_shown_number(&made, 0, "high") - 2.0 - sqrt(2.0)) < 1e-5);
    assert_true(isnan(test_shown_number(&made, 1, "low"))); /* of one image there is none */
    gr_figure_made_free(&made);
    test_folder_text("none.csv", "image,fold,label,predicted\na,1,1,2\n");
    test_not_shown("none.csv", "animals", "no group");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shares_are_counted),
                                       cmocka_unit_test(differences_have_their_spread)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
