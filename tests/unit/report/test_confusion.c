/* The confusion matrix: each cell counted, each row's shares. */
#include <math.h>
#include <string.h>

#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

static void cells_are_counted(void **state)
{
    (void)state;
    gr_run_files run = test_shown_run("many");
    const gr_predictions *p = &run.table.predictions;
    gr_figure_made made = test_shown("many", "confusion");
    assert_int_equal(gr_numbers_rows(&made.numbers), 16);
    for (int r = 0; r < 4; r++)
        for (int c = 0; c < 4; c++) {
            int64_t count = 0, all = 0;
            for (int64_t i = 0; i < p->count; i++) {
                count += p->labels[i] == r && p->predicted[i] == c;
                all += p->labels[i] == r;
            }
            assert_string_equal(gr_numbers_cell(&made.numbers, 4 * r + c, 0), p->classes[r]);
            assert_true(test_shown_number(&made, 4 * r + c, "count") == (double)count);
            assert_true(fabs(test_shown_number(&made, 4 * r + c, "share_of_row") - (double)count / (double)all) < 1e-5);
        }
    gr_figure_made_free(&made);
    gr_run_files_close(&run);
}

static void too_many_classes(void **state)
{
    (void)state;
    gr_text text = {0};
    gr_text_printf(&text, "image,fold,label,predicted");
    for (int k = 0; k < 41; k++)
        gr_text_printf(&text, ",p_c%d", k);
    gr_text_printf(&text, "\nx,1,c0,c0,1");
    for (int k = 1; k < 41; k++)
        gr_text_printf(&text, ",0");
    gr_text_printf(&text, "\n");
    test_folder_text("wide.csv", text.data);
    gr_text_free(&text);
    test_not_shown("wide.csv", "confusion", "41 classes are too many");
    test_not_shown("scores", "confusion", "of scores");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cells_are_counted), cmocka_unit_test(too_many_classes)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
