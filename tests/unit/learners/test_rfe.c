/* Recursive elimination keeps the columns that tell something. */
#include "learners/selection.h"
#include "support/support.h"
#include "support/trees.h"

static bool keeps(const gr_boosting *b, int column)
{
    for (int c = 0; c < b->column_count; c++)
        if (b->columns[c] == column)
            return true;
    return false;
}

static void columns_that_tell_stay(void **state)
{
    (void)state;
    static test_trees t;
    gr_error err = {0};
    const gr_recipe_select select = {.method = "rfe", .folds = 4, .step = 0.1};
    test_trees_make(&t, GR_BOOST_SCORES, 0);
    assert_int_equal(gr_boost_select(&t.b, &select, &err), GR_OK);
    assert_true(t.b.column_count >= 3 && t.b.column_count <= 5);
    assert_true(keeps(&t.b, 0) && keeps(&t.b, 1) && keeps(&t.b, 2));
}

/* No column is ever asked, so all gains are 0: of equals the later stay, and the fewest columns are best. */
static void of_equals_the_last_stays(void **state)
{
    (void)state;
    static test_trees t;
    gr_error err = {0};
    const gr_recipe_select select = {.method = "rfe", .folds = 3, .step = 0.5};
    test_trees_make(&t, GR_BOOST_BINARY, 2);
    t.b.options.gamma = 1e6;
    assert_int_equal(gr_boost_select(&t.b, &select, &err), GR_OK);
    assert_int_equal(t.b.column_count, 1);
    assert_int_equal(t.b.columns[0], TREES_COLUMNS - 1);
}

static void none_changes_nothing(void **state)
{
    (void)state;
    static test_trees t;
    gr_error err = {0};
    test_trees_make(&t, GR_BOOST_BINARY, 2);
    assert_int_equal(gr_boost_select(&t.b, &(gr_recipe_select){.method = "none"}, &err), GR_OK);
    assert_int_equal(t.b.column_count, TREES_COLUMNS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(columns_that_tell_stay), cmocka_unit_test(of_equals_the_last_stays),
                                       cmocka_unit_test(none_changes_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
