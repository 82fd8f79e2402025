/* What swept keys do: each setting that differs in no other key, once a panel. */
#include <math.h>
#include <string.h>

#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

static void two_keys_are_a_table(void **state)
{
    (void)state;
    gr_figure_made made = test_shown("grid", "sensitivity");
    assert_int_equal(gr_numbers_rows(&made.numbers), 6);
    assert_string_equal(gr_numbers_cell(&made.numbers, 0, 0), "optimizer.lr");
    assert_string_equal(gr_numbers_cell(&made.numbers, 0, 2), "optimizer.name");
    gr_figure_made_free(&made);
}

static void one_key_at_a_time_is_a_line_each(void **state)
{
    (void)state;
    gr_figure_made made = test_shown("single", "sensitivity");
    assert_int_equal(gr_numbers_rows(&made.numbers), 4); /* 2 rates with seed 7, seeds 7 and 1 with the rate 0.001 */
    int rates = 0;
    for (int64_t r = 0; r < 4; r++)
        rates += strcmp(gr_numbers_cell(&made.numbers, r, 0), "optimizer.lr") == 0;
    assert_int_equal(rates, 2);
    gr_figure_made_free(&made);
    test_not_shown("classes", "sensitivity", "no sweep.csv");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(two_keys_are_a_table),
                                       cmocka_unit_test(one_key_at_a_time_is_a_line_each)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
