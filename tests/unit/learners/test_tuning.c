/* Tuning: the score of each setting is that of training it alone, whatever it shares; the first of equals wins; threads and
 * repeats change nothing. */
#include <math.h>
#include <string.h>

#include "support/support.h"
#include "support/trees.h"

static gr_recipe_tune make_tune(const char *search, const int *trees, int tree_count, const int *depths, int depth_count)
{
    gr_recipe_tune tune = {.search = search, .folds = 4, .draws = 3, .shuffle = true};
    tune.axes.trees = (gr_ints){trees, tree_count};
    tune.axes.depth = (gr_ints){depths, depth_count};
    tune.axes.alpha[0] = tune.axes.colsample[0] = tune.axes.rate[0] = tune.axes.subsample[0] = NAN;
    return tune;
}

/* The mean over the inner folds of a setting that is trained alone. */
static double alone(test_trees *t, int trees, int depth, const int *fold_of, int folds)
{
    double sum = 0.0;
    gr_error err = {0};
    gr_boost_options o = t->b.options;
    o.trees = trees;
    o.depth = depth;
    for (int f = 0; f < folds; f++) {
        int64_t train_rows[TREES_ROWS], test_rows[TREES_ROWS];
        int64_t n = gr_inner_rows(&t->b, fold_of, f, false, train_rows),
                held = gr_inner_rows(&t->b, fold_of, f, true, test_rows);
        const gr_boost_part train = gr_boosting_part(&t->b, train_rows, n), test = gr_boosting_part(&t->b, test_rows, held);
        gr_boost_data a, b;
        void *booster;
        float answers[TREES_ROWS * 2];
        assert_int_equal(gr_boost_data_make(t->b.x, &o, &train, &a, &err), GR_OK);
        assert_int_equal(gr_boost_data_make(t->b.x, &o, &test, &b, &err), GR_OK);
        assert_int_equal(gr_boost_train(t->b.x, &o, &a, NULL, &booster, &err), GR_OK);
        assert_int_equal(gr_boost_answer(t->b.x, &o, booster, &b, 0, answers, &err), GR_OK);
        sum += gr_boost_score(GR_BOOST_LOG_LOSS, &o, t->targets, test_rows, held, answers);
        t->b.x->XGBoosterFree(booster);
        gr_boost_data_free(t->b.x, &a);
        gr_boost_data_free(t->b.x, &b);
    }
    return sum / folds;
}

static void the_best_is_that_of_separate_trainings(test_trees *t, int depth_count)
{
    static const int trees[] = {5, 20, 60}, depths[] = {1, 3, 2, 4, 6};
    gr_error err = {0};
    gr_recipe_tune tune = make_tune("grid", trees, 3, depths, depth_count);
    int fold_of[TREES_ROWS], best_trees = 0, best_depth = 0;
    double best = -INFINITY;
    tune.metric = "log_loss";
    assert_int_equal(gr_inner_folds(&t->b, 4, true, 0, fold_of, &err), GR_OK);
    for (int d = 0; d < depth_count; d++)
        for (int n = 0; n < 3; n++) {
            double score = alone(t, trees[n], depths[d], fold_of, 4);
            if (score > best) {
                best = score;
                best_trees = trees[n];
                best_depth = depths[d];
            }
        }
    assert_int_equal(gr_boost_tune(&t->b, &tune, &err), GR_OK);
    assert_int_equal(t->b.options.trees, best_trees);
    assert_int_equal(t->b.options.depth, best_depth);
    assert_true(fabs(t->b.score - best) < 1e-12);
}

static void the_best_setting_is_that_of_separate_trainings(void **state)
{
    (void)state;
    static test_trees t;
    test_trees_make(&t, GR_BOOST_BINARY, 2);
    t.b.options.subsample = 0.7; /* prefixes must draw the same rows */
    the_best_is_that_of_separate_trainings(&t, 2);
}

/* Trees of grower.h: there are enough families. */
static void so_are_trees_of_our_own(void **state)
{
    (void)state;
    static test_trees t;
    test_trees_make(&t, GR_BOOST_BINARY, 2);
    for (int i = 0; i < TREES_ROWS * TREES_COLUMNS; i += 11)
        t.values[i] = (float)(i % 7);
    the_best_is_that_of_separate_trainings(&t, 5);
}

static void so_are_those_of_drawn_rows_and_columns_with_gaps(void **state)
{
    (void)state;
    static test_trees t;
    test_trees_make(&t, GR_BOOST_BINARY, 2);
    for (int i = 0; i < TREES_ROWS * TREES_COLUMNS; i += 11)
        t.values[i] = NAN;
    t.b.options.subsample = 0.7;
    t.b.options.colsample = 0.5;
    the_best_is_that_of_separate_trainings(&t, 5);
}

static void threads_change_nothing(void **state)
{
    (void)state;
    static test_trees t;
    static const int trees[] = {5, 20}, depths[] = {1, 2, 3};
    gr_error err = {0};
    gr_recipe_tune tune = make_tune("random", trees, 2, depths, 3);
    double scores[2];
    int before = gr_threads_get();
    for (int i = 0; i < 2; i++) {
        gr_threads_set(i == 0 ? 1 : 3);
        test_trees_make(&t, GR_BOOST_SCORES, 0);
        assert_int_equal(gr_boost_tune(&t.b, &tune, &err), GR_OK);
        scores[i] = t.b.score;
    }
    gr_threads_set(before);
    assert_true(scores[0] == scores[1]);
}

/* One column that tells nothing, and leaves that may not grow: every setting answers alike. */
static void the_first_of_equals_wins(void **state)
{
    (void)state;
    static test_trees t;
    static const int trees[] = {30, 10, 20};
    gr_error err = {0};
    gr_recipe_tune tune = make_tune("grid", trees, 3, NULL, 0);
    test_trees_make(&t, GR_BOOST_BINARY, 2);
    t.b.options.gamma = 1e6;
    t.b.options.depth = 2;
    t.b.options.lambda = 1e9;
    assert_int_equal(gr_boost_tune(&t.b, &tune, &err), GR_OK);
    assert_int_equal(t.b.options.trees, 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_setting_is_that_of_separate_trainings),
        cmocka_unit_test(so_are_trees_of_our_own),
        cmocka_unit_test(so_are_those_of_drawn_rows_and_columns_with_gaps),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(the_first_of_equals_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
