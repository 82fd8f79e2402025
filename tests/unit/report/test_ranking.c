/* The settings of a sweep: as many as there are, in the table's order. */
#include <math.h>
#include <string.h>

#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

static void settings_in_their_order(void **state)
{
    (void)state;
    gr_figure_made made = test_shown("grid", "ranking");
    assert_int_equal(gr_numbers_rows(&made.numbers), 6);
    assert_true(test_shown_number(&made, 0, "pooled") == 0.8 && test_shown_number(&made, 0, "std") == 0.05);
    assert_true(isnan(test_shown_number(&made, 5, "pooled")));
    gr_figure_made_free(&made);
    test_not_shown("classes", "ranking", "no sweep.csv");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(settings_in_their_order)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
