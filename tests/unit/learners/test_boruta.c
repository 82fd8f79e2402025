/* Boruta accepts columns that tell something, and decides no earlier than its tests can. */
#include "learners/selection.h"
#include "support/support.h"
#include "support/trees.h"

static void accepts_what_tells(void **state)
{
    (void)state;
    static test_trees t;
    gr_error err = {0};
    const gr_recipe_select select = {.method = "boruta_shap", .trials = 30, .level = 0.05};
    test_trees_make(&t, GR_BOOST_SCORES, 0);
    assert_int_equal(gr_boost_select(&t.b, &select, &err), GR_OK);
    assert_true(t.b.column_count >= 2 && t.b.column_count <= 4);
    assert_int_equal(t.b.columns[0], 0);
    assert_int_equal(t.b.columns[1], 1);
}

/* 6 * 2^-6 = 0.094 is above the level, 6 * 2^-7 = 0.047 below it: after six trials nothing can be decided, and all stay. */
static void six_trials_decide_nothing(void **state)
{
    (void)state;
    static test_trees t;
    gr_error err = {0};
    gr_recipe_select select = {.method = "boruta_shap", .trials = 6, .level = 0.05};
    test_trees_make(&t, GR_BOOST_SCORES, 0);
    assert_int_equal(gr_boost_select(&t.b, &select, &err), GR_OK);
    assert_int_equal(t.b.column_count, TREES_COLUMNS);
    test_trees_make(&t, GR_BOOST_SCORES, 0);
    select.trials = 7;
    assert_int_equal(gr_boost_select(&t.b, &select, &err), GR_OK);
    assert_true(t.b.column_count < TREES_COLUMNS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(accepts_what_tells), cmocka_unit_test(six_trials_decide_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
