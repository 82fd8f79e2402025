/* Trained on one, tested on another: the cells of matrix.csv. */
#include <math.h>
#include <string.h>

#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

static void cells_are_those_of_the_table(void **state)
{
    (void)state;
    gr_figure_made made = test_shown("cross", "matrix");
    static const double f1[] = {0.8, 0.5, 0.4, NAN};
    assert_int_equal(gr_numbers_rows(&made.numbers), 4);
    for (int i = 0; i < 4; i++) {
        double value = test_shown_number(&made, i, "f1");
        assert_true(isnan(f1[i]) ? isnan(value) : value == f1[i]);
    }
    assert_non_null(strstr(made.alternative.data, "same value 0.800, of another 0.450"));
    gr_figure_made_free(&made);
    test_not_shown("classes", "matrix", "no matrix.csv");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cells_are_those_of_the_table)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
