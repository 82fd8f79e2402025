/* Scores against labels, and their differences: the numbers of the eval room, for each column. */
#include <math.h>
#include <string.h>

#include "grimace/correlation.h"
#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

static void the_line_is_the_regression(void **state)
{
    (void)state;
    gr_run_files run = test_shown_run("scores");
    const gr_score_predictions *s = &run.table.scores;
    gr_regression line = gr_linear_regression(s->truth, s->predicted, s->count, 0.95);
    gr_figure_made made = test_shown("scores", "scores");
    assert_true(fabs(test_shown_number(&made, 0, "slope") - line.slope) < 1e-5);
    assert_true(fabs(test_shown_number(&made, 0, "intercept") - line.intercept) < 1e-5);
    assert_true(fabs(test_shown_number(&made, 0, "slope") - 0.8) < 0.1); /* as the run was made */
    assert_non_null(strstr(made.alternative.data, "Predicted pain against labels of 90 images"));
    gr_figure_made_free(&made);
    gr_run_files_close(&run);
}

/* Two columns, of which one has fewer labels. */
static void each_column_has_a_panel(void **state)
{
    (void)state;
    test_folder_text("two.csv", "image,fold,label_eyes,predicted_eyes,label_ears,predicted_ears\n"
                                "a,1,1,1.5,2,2\nb,1,2,2.5,,3\nc,1,3,3.5,4,4\nd,1,5,5.5,6,6.5\n");
    gr_figure_made made = test_shown("two.csv", "scores");
    assert_int_equal(gr_numbers_rows(&made.numbers), 2);
    assert_string_equal(gr_numbers_cell(&made.numbers, 1, 0), "ears");
    assert_true(test_shown_number(&made, 0, "n") == 4.0 && test_shown_number(&made, 1, "n") == 3.0);
    assert_true(fabs(test_shown_number(&made, 0, "intercept") - 0.5) < 1e-9);
    gr_figure_made_free(&made);
    test_folder_text("few.csv", "image,fold,label,predicted\na,1,1,1.5\nb,1,,2\nc,1,2,2\n");
    test_not_shown("few.csv", "scores", "has 2 labels; three at least");
    test_not_shown("classes", "scores", "of classes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_line_is_the_regression),
                                       cmocka_unit_test(each_column_has_a_panel)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
