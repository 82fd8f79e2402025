/* Risk against coverage: all of it is the error rate. */
#include <math.h>

#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

static void all_images_have_the_error_rate(void **state)
{
    (void)state;
    gr_run_files run = test_shown_run("classes");
    const gr_predictions *p = &run.table.predictions;
    double wrong = 0.0;
    for (int64_t i = 0; i < p->count; i++)
        wrong += p->labels[i] != p->predicted[i];
    gr_figure_made made = test_shown("classes", "coverage");
    assert_int_equal(gr_numbers_rows(&made.numbers), 11);
    assert_true(fabs(test_shown_number(&made, 0, "risk") - wrong / 90.0) < 1e-5);
    for (int i = 0; i < 11; i++) {
        assert_true(fabs(test_shown_number(&made, i, "coverage") - (1.0 - 0.05 * i)) < 1e-9);
        assert_true(fabs(test_shown_number(&made, i, "accuracy") + test_shown_number(&made, i, "risk") - 1.0) < 2e-6);
    }
    assert_true(test_shown_number(&made, 10, "risk") < wrong / 90.0);
    gr_figure_made_free(&made);
    gr_run_files_close(&run);
    test_not_shown("young", "coverage", "no predictions.csv");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_images_have_the_error_rate)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
