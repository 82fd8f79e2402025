/* Learning curves: the mean over folds of each epoch. */
#include <math.h>
#include <string.h>

#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

static void means_are_over_folds(void **state)
{
    (void)state;
    gr_figure_made made = test_shown("classes", "learning");
    assert_int_equal(gr_numbers_rows(&made.numbers), 5);
    for (int e = 1; e <= 5; e++) {
        assert_true(test_shown_number(&made, e - 1, "folds") == 3.0);
        assert_true(fabs(test_shown_number(&made, e - 1, "train_loss") - (0.8 / e + 0.02)) < 1e-5);
        assert_true(fabs(test_shown_number(&made, e - 1, "val_loss") - (0.9 / e + 0.12)) < 1e-5);
    }
    assert_non_null(strstr(made.alternative.data, "from 0.82 to 0.18"));
    gr_figure_made_free(&made);
}

static void folds_may_end_early_and_one_epoch_is_a_dot(void **state)
{
    (void)state;
    test_folder_text("classes/fold-3/metrics.jsonl", "{\"epoch\": 1, \"train_loss\": 1.0}\n");
    gr_figure_made made = test_shown("classes", "learning");
    assert_true(test_shown_number(&made, 1, "folds") == 2.0);
    assert_true(fabs(test_shown_number(&made, 1, "train_loss") - 0.41) < 1e-6);
    gr_figure_made_free(&made);
    test_folder_text("young/fold-1/metrics.jsonl", "{\"epoch\": 1, \"train_loss\": 0.5}\n");
    made = test_shown("young", "learning");
    assert_non_null(strstr(made.file.data, "h0"));
    assert_int_equal(made.numbers.columns, 3);
    gr_figure_made_free(&made);
    test_not_shown("scores", "learning", "no fold has a metrics.jsonl");
    test_not_shown("scores/predictions.csv", "learning", "no epochs");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(means_are_over_folds),
                                       cmocka_unit_test(folds_may_end_early_and_one_epoch_is_a_dot)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
