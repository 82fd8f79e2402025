/* Boosted trees: each kind learns, ordinal probabilities stand in order, shares sum to margins, early stopping keeps the
 * best. */
#include <math.h>
#include <string.h>

#include "support/support.h"
#include "support/trees.h"

enum { TRAIN = 180, REST = TREES_ROWS - TRAIN };

static double score_of(const test_trees *t, gr_boost_metric metric)
{
    static float answers[REST * 8];
    test_trees_answer(t, TRAIN, answers);
    return gr_boost_score(metric, &t->b.options, t->targets, t->rows + TRAIN, REST, answers);
}

static void every_kind_learns(void **state)
{
    (void)state;
    static test_trees t;
    test_trees_make(&t, GR_BOOST_BINARY, 2);
    assert_true(score_of(&t, GR_BOOST_ACCURACY) > 0.8);
    test_trees_make(&t, GR_BOOST_CLASSES, 3);
    assert_true(score_of(&t, GR_BOOST_ACCURACY) > 0.65);
    test_trees_make(&t, GR_BOOST_ORDINAL, 4);
    assert_true(score_of(&t, GR_BOOST_MSE) > -0.7);
    test_trees_make(&t, GR_BOOST_SCORES, 0);
    assert_true(score_of(&t, GR_BOOST_MSE) > -0.2); /* the mean alone: -0.6 */
}

static void ordinal_probabilities_are_some(void **state)
{
    (void)state;
    static test_trees t;
    float p[REST * 4];
    test_trees_make(&t, GR_BOOST_ORDINAL, 4);
    t.b.options.alpha = 0.5;
    test_trees_answer(&t, TRAIN, p);
    for (int i = 0; i < REST; i++) {
        float sum = 0.0F;
        for (int k = 0; k < 4; k++) {
            assert_true(p[i * 4 + k] >= 0.0F);
            sum += p[i * 4 + k];
        }
        assert_true(fabsf(sum - 1.0F) < 1e-6F);
    }
}

static void weights_move_the_answers(void **state)
{
    (void)state;
    static test_trees t;
    float plain[REST * 2], heavy[REST * 2];
    double before = 0.0, after = 0.0;
    test_trees_make(&t, GR_BOOST_BINARY, 2);
    test_trees_answer(&t, TRAIN, plain);
    t.b.options.positive_weight = 5.0;
    test_trees_answer(&t, TRAIN, heavy);
    for (int i = 0; i < REST; i++) {
        before += (double)plain[2 * i + 1];
        after += (double)heavy[2 * i + 1];
    }
    assert_true(after > before + 1.0);
}

static void draws_follow_from_the_seed(void **state)
{
    (void)state;
    static test_trees t;
    float first[REST * 2], again[REST * 2], other[REST * 2];
    test_trees_make(&t, GR_BOOST_BINARY, 2);
    t.b.options.subsample = t.b.options.colsample = 0.5;
    test_trees_answer(&t, TRAIN, first);
    t.b.options.threads = 2;
    test_trees_answer(&t, TRAIN, again);
    t.b.options.seed = 4;
    test_trees_answer(&t, TRAIN, other);
    assert_memory_equal(first, again, sizeof first);
    assert_memory_not_equal(first, other, sizeof first);
    t.b.options.seed = 0x7ffffff0U; /* ten digits: XGBoost reads no exponent */
    test_trees_answer(&t, TRAIN, again);
    assert_memory_not_equal(first, again, sizeof first);
}

/* Trains on TRAIN rows; the shares of all rows must sum to their margins. */
static void check_shares(gr_boost_kind kind, int classes)
{
    static test_trees t;
    static float shares[TREES_ROWS * 4 * (TREES_COLUMNS + 1)], margins[TREES_ROWS * 4];
    gr_error err = {0};
    gr_boost_data data, all;
    void *booster;
    test_trees_make(&t, kind, classes);
    const gr_boosting *b = &t.b;
    const gr_boost_part part = gr_boosting_part(b, t.rows, TRAIN), every = gr_boosting_part(b, t.rows, TREES_ROWS);
    assert_int_equal(gr_boost_data_make(b->x, &b->options, &part, &data, &err), GR_OK);
    assert_int_equal(gr_boost_data_make(b->x, &b->options, &every, &all, &err), GR_OK);
    assert_int_equal(gr_boost_train(b->x, &b->options, &data, NULL, &booster, &err), GR_OK);
    assert_int_equal(gr_boost_shap(b->x, &b->options, booster, &all, TREES_COLUMNS, shares, &err), GR_OK);
    assert_int_equal(gr_boost_margin(b->x, &b->options, booster, &all, margins, &err), GR_OK);
    int count = gr_boost_margins(&b->options);
    for (int i = 0; i < TREES_ROWS * count; i++) {
        double sum = 0.0;
        for (int c = 0; c <= TREES_COLUMNS; c++)
            sum += (double)shares[i * (TREES_COLUMNS + 1) + c];
        assert_true(fabs(sum - (double)margins[i]) < 1e-5);
    }
    b->x->XGBoosterFree(booster);
    gr_boost_data_free(b->x, &data);
    gr_boost_data_free(b->x, &all);
}

static void shares_sum_to_margins(void **state)
{
    (void)state;
    check_shares(GR_BOOST_BINARY, 2);
    check_shares(GR_BOOST_CLASSES, 3);
    check_shares(GR_BOOST_ORDINAL, 3);
    check_shares(GR_BOOST_SCORES, 0);
}

/* Labels of noise: the loss on held rows soon rises, and the rounds behind the best are cut off. */
static void stops_early(void **state)
{
    (void)state;
    static test_trees t;
    gr_error err = {0};
    gr_boost_data data, held;
    void *booster;
    int rounds = 0;
    test_trees_make(&t, GR_BOOST_BINARY, 2);
    for (int r = 0; r < TREES_ROWS; r++)
        t.targets[r] = test_number(99, (uint32_t)r) > 0.0F;
    t.b.options.trees = 200;
    t.b.options.early_stopping = 5;
    const gr_boosting *b = &t.b;
    const gr_boost_part part = gr_boosting_part(b, t.rows, TRAIN), other = gr_boosting_part(b, t.rows + TRAIN, REST);
    assert_int_equal(gr_boost_data_make(b->x, &b->options, &part, &data, &err), GR_OK);
    assert_int_equal(gr_boost_data_make(b->x, &b->options, &other, &held, &err), GR_OK);
    assert_int_equal(gr_boost_train(b->x, &b->options, &data, &held, &booster, &err), GR_OK);
    assert_int_equal(b->x->XGBoosterBoostedRounds(booster, &rounds), 0);
    assert_true(rounds >= 1 && rounds < 100);
    b->x->XGBoosterFree(booster);
    gr_boost_data_free(b->x, &data);
    gr_boost_data_free(b->x, &held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_learns),        cmocka_unit_test(ordinal_probabilities_are_some),
        cmocka_unit_test(weights_move_the_answers), cmocka_unit_test(draws_follow_from_the_seed),
        cmocka_unit_test(shares_sum_to_margins),    cmocka_unit_test(stops_early)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
