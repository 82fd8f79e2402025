/* Answers over time: a row for each treatment, value and time point. */
#include <math.h>
#include <string.h>

#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

static void medians_of_each_time_point(void **state)
{
    (void)state;
    gr_figure_made made = test_shown("timed", "time");
    assert_int_equal(gr_numbers_rows(&made.numbers), 16); /* 2 treatments, rating and answer, 4 times */
    int64_t ratings = 0, answers = 0;
    for (int64_t r = 0; r < 16; r++) {
        bool rating = strcmp(gr_numbers_cell(&made.numbers, r, 2), "mgs") == 0;
        ratings += rating ? (int64_t)test_shown_number(&made, r, "n") : 0;
        answers += rating ? 0 : (int64_t)test_shown_number(&made, r, "n");
        const double at[] = {test_shown_number(&made, r, "low"), test_shown_number(&made, r, "first_quartile"),
                             test_shown_number(&made, r, "median"), test_shown_number(&made, r, "third_quartile"),
                             test_shown_number(&made, r, "high")};
        for (int i = 1; i < 5; i++)
            assert_true(at[i - 1] <= at[i]);
    }
    assert_int_equal(answers, 96);
    assert_int_equal(ratings, 96 - 14); /* every seventh is not rated */
    assert_true(test_shown_number(&made, 4, "median") < test_shown_number(&made, 5, "median")); /* baseline, 30min */
    gr_figure_made_free(&made);
    test_not_shown("classes", "time", "manifest");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(medians_of_each_time_point)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
