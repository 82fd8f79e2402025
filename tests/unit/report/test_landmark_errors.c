/* Errors of landmarks, from results.json. */
#include <math.h>
#include <string.h>

#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

static void errors_of_each(void **state)
{
    (void)state;
    gr_figure_made made = test_shown("points", "landmarks");
    assert_int_equal(gr_numbers_rows(&made.numbers), 3);
    assert_true(test_shown_number(&made, 1, "nrmse") == 0.3);
    assert_non_null(strstr(made.alternative.data, "0.3 of landmark 2, the smallest 0.05 of landmark 3"));
    gr_figure_made_free(&made);
    test_not_shown("classes", "landmarks", "no landmarks");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(errors_of_each)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
