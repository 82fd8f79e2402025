/* Inner folds keep groups whole and spread classes; numbers that settings are judged by. */
#include <math.h>
#include <stdlib.h>

#include "support/support.h"
#include "support/trees.h"

static void groups_stay_whole(void **state)
{
    (void)state;
    static test_trees t;
    gr_error err = {0};
    int fold_of[TREES_ROWS], of_group[TREES_GROUPS], members[4] = {0};
    test_trees_make(&t, GR_BOOST_BINARY, 2);
    t.b.groups = t.groups;
    assert_int_equal(gr_inner_folds(&t.b, 4, true, 0, fold_of, &err), GR_OK);
    for (int r = 0; r < TREES_ROWS; r++) {
        if (r < TREES_GROUPS)
            of_group[r] = fold_of[r];
        assert_int_equal(fold_of[r], of_group[t.groups[r]]);
        members[fold_of[r]]++;
    }
    for (int f = 0; f < 4; f++)
        assert_int_equal(members[f], TREES_ROWS / 4);
    assert_int_equal(gr_inner_folds(&t.b, TREES_GROUPS + 1, true, 0, fold_of, &err), GR_INVALID);
}

static void classes_are_spread_and_copies_kept_together(void **state)
{
    (void)state;
    static test_trees t;
    gr_error err = {0};
    int fold_of[TREES_ROWS], of_class[3][5] = {{0}};
    test_trees_make(&t, GR_BOOST_CLASSES, 3);
    t.rows[7] = t.rows[3]; /* a row that stands there twice */
    assert_int_equal(gr_inner_folds(&t.b, 5, true, 0, fold_of, &err), GR_OK);
    assert_int_equal(fold_of[7], fold_of[3]);
    for (int i = 0; i < TREES_ROWS; i++)
        of_class[(int)t.targets[t.rows[i]]][fold_of[i]]++;
    for (int c = 0; c < 3; c++)
        for (int f = 1; f < 5; f++)
            assert_true(abs(of_class[c][f] - of_class[c][0]) <= 2);
    int64_t rows[TREES_ROWS], inside = gr_inner_rows(&t.b, fold_of, 2, true, rows);
    assert_int_equal(inside + gr_inner_rows(&t.b, fold_of, 2, false, rows), TREES_ROWS);
}

static void numbers_by_hand(void **state)
{
    (void)state;
    const float targets[] = {0, 1, 1};
    const int64_t rows[] = {0, 1, 2};
    const float answers[] = {0.75F, 0.25F, 0.25F, 0.75F, 0.75F, 0.25F};
    gr_boost_options two = {.kind = GR_BOOST_BINARY, .classes = 2}, scores = {.kind = GR_BOOST_SCORES};
    assert_true(fabs(gr_boost_score(GR_BOOST_ACCURACY, &two, targets, rows, 3, answers) - 2.0 / 3.0) < 1e-12);
    double loss = (2.0 * log(0.75) + log(0.25)) / 3.0;
    assert_true(fabs(gr_boost_score(GR_BOOST_LOG_LOSS, &two, targets, rows, 3, answers) - loss) < 1e-12);
    assert_true(fabs(gr_boost_score(GR_BOOST_MSE, &scores, targets, rows, 3, (const float[]){0.5F, 1, 0}) + 1.25 / 3.0) <
                1e-12);
    gr_boost_metric metric;
    assert_true(gr_boost_metric_of(NULL, GR_BOOST_ORDINAL, &metric) && metric == GR_BOOST_MSE);
    assert_false(gr_boost_metric_of("mse", GR_BOOST_BINARY, &metric));
    assert_false(gr_boost_metric_of("accuracy", GR_BOOST_SCORES, &metric));
}

/* Both sum to 76 / 11; np.average(axis=1) of both, and of seven alike numbers, added one after the other. */
static void means_are_rounded_as_numpys(void **state)
{
    (void)state;
    const double first[11] = {.8, .9, .5, .6, .9, .7, .5, .7, .8, .6, .6};
    const double second[11] = {.8, .9, .5, .7, .6, .5, .7, .6, .9, .6, .8};
    const double few[7] = {.1, .2, .3, .4, .5, .6, .7};
    assert_true(gr_boost_mean(first, 11) == 0.69090909090909081);
    assert_true(gr_boost_mean(second, 11) == 0.69090909090909092);
    assert_true(gr_boost_mean(few, 7) == (((((.1 + .2) + .3) + .4) + .5) + .6 + .7) / 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(groups_stay_whole),
                                       cmocka_unit_test(classes_are_spread_and_copies_kept_together),
                                       cmocka_unit_test(numbers_by_hand),
                                       cmocka_unit_test(means_are_rounded_as_numpys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
