/* The table of trials: what is shown of each, and what is scored. */
#include <string.h>

#include "grimace/explain.h"
#include "support/support.h"
#include "support/trial.h"

static void each_has_columns_of_its_own(void **state)
{
    (void)state;
    int columns = 0, numbers = 0;
    const gr_trial *trial;
    for (int t = 0; (trial = gr_trial_at(t)) != NULL; t++) {
        assert_true(strlen(trial->summary) > 20);
        for (int c = 0; c < trial->column_count; c++)
            assert_string_equal(gr_explain_check_name(columns + c), trial->columns[c]);
        columns += trial->column_count;
        numbers += trial->column_count + trial->points;
    }
    assert_int_equal(gr_explain_check_count(), columns);
    assert_int_equal(gr_trial_numbers(), numbers);
    assert_null(gr_explain_check_name(columns));
    for (int a = 0; a < columns; a++)
        for (int b = 0; b < a; b++)
            assert_string_not_equal(gr_explain_check_name(a), gr_explain_check_name(b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_has_columns_of_its_own)};
    return cmocka_run_group_tests_name("trials of maps", tests, NULL, NULL);
}
