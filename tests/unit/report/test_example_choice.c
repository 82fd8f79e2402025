/* Which predictions are examples. */
#include "report/example_choice.h"

#include <math.h>

#include "support/folder.h"
#include "support/support.h"

static gr_prediction_table table_of(const char *text)
{
    gr_prediction_table table;
    gr_error err = {0};
    test_folder_text("t.csv", text);
    if (gr_predictions_read(test_in_folder("t.csv"), &table, &err) != GR_OK)
        fail_msg("%s", err.text);
    return table;
}

static void sure_and_unsure(void **state)
{
    (void)state;
    gr_prediction_table t = table_of("image,animal,fold,label,predicted,p_0,p_1\n"
                                     "a,r,1,0,0,0.9,0.1\nb,r,1,1,1,0.3,0.7\nc,r,1,1,0,0.8,0.2\nd,r,1,0,1,0.45,0.55\n"
                                     "a,r,2,0,0,0.95,0.05\ne,r,1,0,0,0.51,0.49\nf,r,1,0,0,0.6,0.4\ng,r,1,1,1,0.1,0.9\n");
    gr_example_choice c;
    gr_examples_choose(&t, &c);
    assert_string_equal(c.title[1], "Most sure and wrong");
    assert_int_equal(c.count[0], 4);
    assert_int_equal(c.row[0][0], 4); /* a, by its surer prediction, and only once */
    assert_int_equal(c.row[0][1], 7);
    assert_int_equal(c.row[0][2], 1);
    assert_int_equal(c.row[0][3], 6);
    assert_int_equal(c.count[1], 2);
    assert_int_equal(c.row[1][0], 2);
    assert_int_equal(c.row[1][1], 3);
    assert_int_equal(c.count[2], 1); /* all others are taken */
    assert_int_equal(c.row[2][0], 5);
    assert_true(fabs(gr_example_certainty(&t, 4) - 0.95) < 1e-6);
    gr_prediction_table_free(&t);
}

static void scores_by_their_errors(void **state)
{
    (void)state;
    gr_prediction_table t = table_of("image,animal,fold,label,predicted\na,r,1,1,3\nb,r,1,5,1\nc,r,1,2,2.1\nd,r,1,,9\n");
    gr_example_choice c;
    gr_examples_choose(&t, &c);
    assert_int_equal(c.count[0], 2);
    assert_int_equal(c.row[0][0], 0);
    assert_int_equal(c.row[0][1], 2);
    assert_int_equal(c.count[1], 1);
    assert_int_equal(c.row[1][0], 1);
    assert_int_equal(c.count[2], 0); /* d has no true score */
    gr_prediction_table_free(&t);
}

static void columns_by_what_is_wrong(void **state)
{
    (void)state;
    gr_prediction_table t = table_of("image,animal,fold,label_e,predicted_e,p_e_0,p_e_1,label_o,predicted_o,p_o_0,p_o_1\n"
                                     "a,r,1,0,0,1,0,1,1,0,1\nb,r,1,0,1,0,1,1,0,1,0\nc,r,1,0,1,0,1,,0,1,0\n");
    gr_example_choice c;
    gr_examples_choose(&t, &c);
    assert_int_equal(c.count[0], 3);
    assert_int_equal(c.row[0][0], 0);
    assert_int_equal(c.row[0][1], 2);
    assert_int_equal(c.row[0][2], 1);
    gr_prediction_table_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sure_and_unsure), cmocka_unit_test(scores_by_their_errors),
                                       cmocka_unit_test(columns_by_what_is_wrong)};
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
