/* Seconds of each fold. */
#include <math.h>
#include <string.h>

#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

static void seconds_add_up(void **state)
{
    (void)state;
    gr_figure_made made = test_shown("timed", "work");
    assert_int_equal(gr_numbers_rows(&made.numbers), 1);
    assert_true(test_shown_number(&made, 0, "seconds") == 5.0 && test_shown_number(&made, 0, "images_per_second") == 50.0);
    gr_figure_made_free(&made);
    test_not_shown("classes", "work", "seconds");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(seconds_add_up)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
