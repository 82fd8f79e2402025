/* Boruta accepts columns that tell something, and decides no earlier than its tests can. */
#include "learners/boruta.h"
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

/* 2 or fewer hits of 5 are as likely as not, exactly: not below a level of 0.5. And of many throws none overflows. */
static void a_level_that_is_met_decides_nothing(void **state)
{
    (void)state;
    static const struct {
        int trial, hits;
        double level;
        gr_boruta_state state;
    } cases[] = {{5, 2, 0.5, GR_BORUTA_OPEN},
                 {5, 3, 0.5, GR_BORUTA_OPEN},
                 {5, 4, 0.5, GR_BORUTA_ACCEPTED},
                 {7, 1, 0.0625, GR_BORUTA_OPEN},
                 {7, 6, 0.0625, GR_BORUTA_OPEN},
                 {7, 0, 0.0625, GR_BORUTA_REJECTED},
                 {10000, 5082, 0.05, GR_BORUTA_OPEN},
                 {10000, 5083, 0.05, GR_BORUTA_ACCEPTED},
                 {10000, 4918, 0.05, GR_BORUTA_OPEN},
                 {10000, 4917, 0.05, GR_BORUTA_REJECTED},
                 {10000, 10000, 0.05, GR_BORUTA_ACCEPTED}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gr_boruta_state one = GR_BORUTA_OPEN;
        gr_boruta_judge(&one, &cases[i].hits, 1, cases[i].trial, cases[i].level);
        assert_int_equal(one, cases[i].state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(accepts_what_tells), cmocka_unit_test(six_trials_decide_nothing),
                                       cmocka_unit_test(a_level_that_is_met_decides_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
