/* The ROC curve of five images, by hand. */
#include <math.h>
#include <string.h>

#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

static void five_images(void **state)
{
    (void)state;
    /* from the highest: yes, no, yes, no, no; of 6 pairs 5 are in order */
    test_folder_text("five.csv", "image,fold,label,predicted,p_no,p_yes\na,1,yes,yes,0.1,0.9\nb,1,no,yes,0.2,0.8\n"
                                 "c,1,yes,yes,0.3,0.7\nd,1,no,no,0.6,0.4\ne,1,no,no,0.9,0.1\n");
    gr_figure_made made = test_shown("five.csv", "roc");
    assert_non_null(strstr(made.alternative.data, "yes: AUROC 0.833 ("));
    static const double heights[] = {0.5, 0.5, 0.5, 0.5, 1, 1, 1, 1, 1, 1, 1}; /* it rises at a third of the negatives */
    for (int i = 0; i < 11; i++)
        assert_true(fabs(test_shown_number(&made, i, "sensitivity") - heights[i]) < 1e-9);
    gr_figure_made_free(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(five_images)};
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
