/* Boruta's weights and tests against BorutaShap, and elimination with cross-validation against scikit-learn's RFECV:
 * tests/parity/make_boruta.py made the numbers. */
#include <math.h>
#include <string.h>

#include "formats/json.h"
#include "learners/boruta.h"
#include "support/support.h"

enum { ROWS = 150, COLUMNS = 12, FOLDS = 4 };

static struct {
    json_t *json;
    gr_xgboost x;
    float values[ROWS * COLUMNS], targets[ROWS], weights[ROWS];
    int64_t rows[ROWS];
    int columns[COLUMNS];
} all;

static int open_all(void **state)
{
    gr_error err = {0};
    (void)state;
    if (gr_json_read("tests/parity/boosted/boruta.json", &all.json, &err) != GR_OK)
        return 1;
    for (size_t i = 0; i < ROWS * COLUMNS; i++)
        all.values[i] = (float)json_number_value(json_array_get(json_object_get(all.json, "x"), i));
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    json_decref(all.json);
    return 0;
}

static const json_t *boruta(const char *key)
{
    return json_object_get(json_object_get(all.json, "boruta"), key);
}

static int whole(const json_t *list, int i)
{
    return (int)json_integer_value(json_array_get(list, (size_t)i));
}

/* What the Python script sets. */
static gr_boosting make(gr_boost_kind kind, const char *targets)
{
    gr_error err = {0};
    double sum = 0.0;
    if (gr_xgboost_open(&all.x, &err) != GR_OK) {
        print_message("%s\n", err.text);
        skip();
    }
    for (int r = 0; r < ROWS; r++) {
        all.rows[r] = r;
        all.weights[r] = 1;
        all.targets[r] = (float)json_number_value(json_array_get(json_object_get(all.json, targets), (size_t)r));
        sum += (double)all.targets[r];
    }
    for (int c = 0; c < COLUMNS; c++)
        all.columns[c] = c;
    return (gr_boosting){.x = &all.x,
                         .options = {.kind = kind,
                                     .classes = kind == GR_BOOST_BINARY ? 2 : 0,
                                     .trees = 15,
                                     .depth = 3,
                                     .rate = 0.3,
                                     .lambda = 1,
                                     .min_child_weight = 1,
                                     .subsample = 1,
                                     .colsample = 1,
                                     .positive_weight = 1,
                                     .base = sum / ROWS,
                                     .threads = 1},
                         .values = all.values,
                         .width = COLUMNS,
                         .targets = all.targets,
                         .rows = all.rows,
                         .count = ROWS,
                         .columns = all.columns,
                         .column_count = COLUMNS};
}

/* The package standardises all weights of a trial, which moves no column past another. */
static void weights_are_the_packages_z_scores(void **state)
{
    (void)state;
    static float table[ROWS * 2 * COLUMNS];
    double weight[2 * COLUMNS], mean = 0.0, squares = 0.0;
    gr_error err = {0};
    gr_boosting b = make(GR_BOOST_BINARY, "two");
    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < COLUMNS; c++) {
            table[r * 2 * COLUMNS + c] = all.values[r * COLUMNS + c];
            table[r * 2 * COLUMNS + COLUMNS + c] =
                (float)json_number_value(json_array_get(boruta("shadows"), (size_t)(r * COLUMNS + c)));
        }
    assert_int_equal(gr_boruta_weigh(&b, table, 2 * COLUMNS, all.targets, all.weights, weight, &err), GR_OK);
    for (int c = 0; c < 2 * COLUMNS; c++)
        mean += weight[c] / (2 * COLUMNS);
    for (int c = 0; c < 2 * COLUMNS; c++)
        squares += (weight[c] - mean) * (weight[c] - mean);
    for (int c = 0; c < 2 * COLUMNS; c++) {
        double z = (weight[c] - mean) / sqrt(squares / (2 * COLUMNS));
        double right = json_number_value(json_array_get(boruta("z"), (size_t)c));
        if (!(fabs(z - right) <= 1e-5))
            fail_msg("column %d has a z-score of %.8f, the package says %.8f", c, z, right);
    }
}

/* Trial for trial, from the package's own hits. */
static void tests_decide_when_the_package_does(void **state)
{
    (void)state;
    gr_boruta_state states[COLUMNS] = {0};
    int trials = (int)json_array_size(boruta("hits")), decided = 0, open = 0;
    for (int trial = 1; trial <= trials; trial++) {
        int hits[COLUMNS];
        for (int c = 0; c < COLUMNS; c++)
            hits[c] = whole(json_array_get(boruta("hits"), (size_t)trial - 1), c);
        gr_boruta_judge(states, hits, COLUMNS, trial, 0.05);
        for (int c = 0; c < COLUMNS; c++) {
            int accepted = whole(boruta("accepted_at"), c), rejected = whole(boruta("rejected_at"), c);
            gr_boruta_state right = accepted > 0 && accepted <= trial   ? GR_BORUTA_ACCEPTED
                                    : rejected > 0 && rejected <= trial ? GR_BORUTA_REJECTED
                                                                        : GR_BORUTA_OPEN;
            if (states[c] != right)
                fail_msg("trial %d: column %d is in state %d, of the package in %d", trial, c, states[c], right);
        }
    }
    for (int c = 0; c < COLUMNS; c++) {
        decided += states[c] != GR_BORUTA_OPEN;
        open += states[c] == GR_BORUTA_OPEN;
    }
    assert_true(trials >= 50 && decided >= 8 && open >= 1); /* a run in which there was something to decide */
}

/* The copies are shuffled otherwise here: what is accepted is what tells most, there and here. */
static void the_same_is_accepted(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_boosting b = make(GR_BOOST_BINARY, "two");
    const gr_recipe_select select = {.method = "boruta_shap", .trials = 60, .level = 0.05};
    assert_int_equal(gr_boost_boruta(&b, &select, &err), GR_OK);
    assert_int_equal(b.column_count, json_array_size(boruta("accepted")));
    for (int c = 0; c < b.column_count; c++)
        assert_int_equal(b.columns[c], whole(boruta("accepted"), c));
}

static void eliminate(gr_boost_kind kind, const char *targets, double step, const char *key)
{
    gr_error err = {0};
    int fold_of[ROWS];
    gr_boosting b = make(kind, targets);
    const json_t *right = json_object_get(all.json, key);
    for (int r = 0; r < ROWS; r++)
        fold_of[r] = whole(json_object_get(all.json, "folds"), r);
    assert_int_equal(gr_boost_rfe_on(&b, step, FOLDS, fold_of, &err), GR_OK);
    if (b.column_count != (int)json_array_size(right))
        fail_msg("%s: %d columns are kept, by scikit-learn %d", key, b.column_count, (int)json_array_size(right));
    for (int c = 0; c < b.column_count; c++)
        assert_int_equal(b.columns[c], whole(right, c));
}

static void elimination_keeps_what_scikit_learn_keeps(void **state)
{
    (void)state;
    eliminate(GR_BOOST_BINARY, "two", 0.1, "rfe_two_1");
    eliminate(GR_BOOST_BINARY, "two", 0.3, "rfe_two_3");
    eliminate(GR_BOOST_SCORES, "score", 0.1, "rfe_score_1");
    eliminate(GR_BOOST_SCORES, "score", 0.3, "rfe_score_3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_the_packages_z_scores), cmocka_unit_test(tests_decide_when_the_package_does),
        cmocka_unit_test(the_same_is_accepted), cmocka_unit_test(elimination_keeps_what_scikit_learn_keeps)};
    return cmocka_run_group_tests(tests, open_all, close_all);
}
