/* The reliability diagram: bins that hold all images, and the error that they give. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

static void bins_give_the_error(void **state)
{
    (void)state;
    gr_figure_made made = test_shown("classes", "reliability");
    double n = 0.0, ece = 0.0;
    for (int64_t i = 0; i < gr_numbers_rows(&made.numbers); i++) {
        double count = test_shown_number(&made, i, "n"), mean = test_shown_number(&made, i, "mean_probability");
        n += count;
        ece += count / 90.0 * fabs(test_shown_number(&made, i, "share_right") - mean);
        assert_true(mean > test_shown_number(&made, i, "above") && mean <= test_shown_number(&made, i, "up_to"));
        assert_true(test_shown_number(&made, i, "low") <= test_shown_number(&made, i, "share_right"));
        assert_true(test_shown_number(&made, i, "high") >= test_shown_number(&made, i, "share_right"));
    }
    assert_true(n == 90.0);
    const char *said = strstr(made.alternative.data, "error is ");
    assert_non_null(said);
    assert_true(fabs(strtod(said + 9, NULL) - ece) < 1e-3 && ece > 0.005);
    gr_figure_made_free(&made);
    test_not_shown("scores", "reliability", "of scores");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bins_give_the_error)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
