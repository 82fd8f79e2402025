/* Errors by action unit, from results.json. */
#include <math.h>
#include <string.h>

#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

static void errors_of_each(void **state)
{
    (void)state;
    gr_figure_made made = test_shown("points", "landmark_units");
    assert_int_equal(gr_numbers_rows(&made.numbers), 2);
    assert_true(test_shown_number(&made, 0, "nrmse") == 0.3);
    assert_true(fabs(test_shown_number(&made, 0, "std") - 0.1 * sqrt(2.0)) < 1e-6); /* 0.2 and 0.4 */
    assert_true(test_shown_number(&made, 1, "landmarks") == 1);
    assert_non_null(strstr(made.alternative.data, "The largest: eyes, 0.3; the smallest: nose, 0.1"));
    gr_figure_made_free(&made);
    test_not_shown("classes", "landmark_units", "no action units");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(errors_of_each)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
