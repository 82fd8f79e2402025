/* Boosted trees, their SHAP values, tuning, elimination and principal components against XGBoost, shap and scikit-learn:
 * tests/parity/make_boosted.py made the numbers. */
#include <math.h>
#include <string.h>

#include "formats/json.h"
#include "grimace/pca.h"
#include "support/support.h"
#include "support/trees.h"

enum { ROWS = 160, COLUMNS = 6, TRAIN = 120, REST = ROWS - TRAIN };

static struct {
    json_t *json;
    gr_xgboost x;
    float values[ROWS * COLUMNS], targets[ROWS];
    int64_t rows[ROWS];
    int columns[COLUMNS];
} all;

static int open_all(void **state)
{
    gr_error err = {0};
    (void)state;
    if (gr_json_read("tests/parity/boosted/boosted.json", &all.json, &err) != GR_OK)
        return 1;
    const json_t *x = json_object_get(all.json, "x");
    for (size_t i = 0; i < ROWS * COLUMNS; i++)
        all.values[i] = json_is_null(json_array_get(x, i)) ? NAN : (float)json_number_value(json_array_get(x, i));
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    json_decref(all.json);
    return 0;
}

static double number(const char *list, size_t i)
{
    return json_number_value(json_array_get(json_object_get(all.json, list), i));
}

/* What the Python script sets. */
static gr_boosting make(gr_boost_kind kind, int classes, const char *targets)
{
    gr_error err = {0};
    double sum = 0.0;
    if (gr_xgboost_open(&all.x, &err) != GR_OK) {
        print_message("%s\n", err.text);
        skip();
    }
    for (int r = 0; r < ROWS; r++) {
        all.rows[r] = r;
        all.targets[r] = (float)number(targets, (size_t)r);
        sum += r < TRAIN ? (double)all.targets[r] : 0.0;
    }
    for (int c = 0; c < COLUMNS; c++)
        all.columns[c] = c;
    return (gr_boosting){.x = &all.x,
                         .options = {.kind = kind,
                                     .classes = classes,
                                     .trees = 20,
                                     .depth = 3,
                                     .rate = 0.2,
                                     .alpha = 0.1,
                                     .lambda = 1,
                                     .min_child_weight = 1,
                                     .subsample = 1,
                                     .colsample = 1,
                                     .positive_weight = 1,
                                     .base = sum / TRAIN,
                                     .threads = 1},
                         .values = all.values,
                         .width = COLUMNS,
                         .targets = all.targets,
                         .rows = all.rows,
                         .count = TRAIN,
                         .columns = all.columns,
                         .column_count = COLUMNS};
}

/* Trains, and compares the answers (and shares) for the other rows. */
static void compare(gr_boosting *b, const char *answers, const char *shares)
{
    gr_error err = {0};
    gr_boost_data train, rest;
    void *booster;
    static float said[REST * 4], shap[REST * (COLUMNS + 1)];
    const gr_boost_part part = gr_boosting_part(b, b->rows, TRAIN), other = gr_boosting_part(b, b->rows + TRAIN, REST);
    assert_int_equal(gr_boost_data_make(b->x, &b->options, &part, &train, &err), GR_OK);
    assert_int_equal(gr_boost_data_make(b->x, &b->options, &other, &rest, &err), GR_OK);
    assert_int_equal(gr_boost_train(b->x, &b->options, &train, NULL, &booster, &err), GR_OK);
    assert_int_equal(gr_boost_answer(b->x, &b->options, booster, &rest, 0, said, &err), GR_OK);
    for (int i = 0; i < REST * gr_boost_width(&b->options); i++)
        assert_true(fabs((double)said[i] - number(answers, (size_t)i)) < 1e-5);
    if (shares != NULL) {
        assert_int_equal(gr_boost_shap(b->x, &b->options, booster, &rest, COLUMNS, shap, &err), GR_OK);
        for (int i = 0; i < REST; i++)
            for (int c = 0; c < COLUMNS; c++)
                assert_true(fabs((double)shap[i * (COLUMNS + 1) + c] - number(shares, (size_t)(i * COLUMNS + c))) < 1e-5);
    }
    b->x->XGBoosterFree(booster);
    gr_boost_data_free(b->x, &train);
    gr_boost_data_free(b->x, &rest);
}

static void two_classes_and_shares(void **state)
{
    (void)state;
    gr_boosting b = make(GR_BOOST_BINARY, 2, "two");
    b.options.positive_weight = 1.5;
    compare(&b, "binary", "shap");
}

static void other_kinds(void **state)
{
    (void)state;
    gr_boosting b = make(GR_BOOST_CLASSES, 3, "three");
    compare(&b, "several", NULL);
    b = make(GR_BOOST_ORDINAL, 3, "three");
    compare(&b, "ordinal", NULL);
    b = make(GR_BOOST_SCORES, 0, "score");
    compare(&b, "scores", NULL);
}

static void grid_search(void **state)
{
    (void)state;
    static const int trees[] = {5, 10, 20}, depths[] = {1, 2, 3};
    gr_error err = {0};
    gr_boosting b = make(GR_BOOST_BINARY, 2, "two");
    gr_recipe_tune tune = {.search = "grid", .folds = 5, .shuffle = false};
    tune.axes.trees = (gr_ints){trees, 3};
    tune.axes.depth = (gr_ints){depths, 3};
    tune.axes.rate[0] = 0.1;
    tune.axes.rate[1] = 0.3;
    tune.axes.rate[2] = tune.axes.alpha[0] = tune.axes.colsample[0] = tune.axes.subsample[0] = NAN;
    assert_int_equal(gr_boost_tune(&b, &tune, &err), GR_OK);
    const json_t *best = json_object_get(all.json, "grid");
    assert_true(fabs(b.score - json_number_value(json_object_get(best, "score"))) < 1e-9);
    assert_int_equal(b.options.trees, json_integer_value(json_object_get(best, "n_estimators")));
    assert_int_equal(b.options.depth, json_integer_value(json_object_get(best, "max_depth")));
    assert_true(b.options.rate == json_number_value(json_object_get(best, "learning_rate")));
}

static void elimination(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_boosting b = make(GR_BOOST_SCORES, 0, "score");
    const gr_recipe_select select = {.method = "rfe", .folds = 4, .step = 0.1};
    assert_int_equal(gr_boost_rfe(&b, &select, &err), GR_OK);
    const json_t *right = json_array_get(json_object_get(all.json, "rfe"), (size_t)b.column_count - 1);
    for (int c = 0; c < b.column_count; c++)
        assert_int_equal(b.columns[c], json_integer_value(json_array_get(right, (size_t)c)));
}

static void components(void **state)
{
    (void)state;
    static double x[ROWS * COLUMNS];
    gr_pca p;
    gr_error err = {0};
    const json_t *right = json_object_get(all.json, "pca");
    for (int i = 0; i < ROWS * COLUMNS; i++)
        x[i] = (double)all.values[i];
    assert_int_equal(gr_pca_make(x, ROWS, COLUMNS, 3, false, &p, &err), GR_OK);
    for (size_t i = 0; i < 3 * COLUMNS; i++)
        assert_true(fabs(p.loadings[i] - json_number_value(json_array_get(json_object_get(right, "loadings"), i))) < 1e-9);
    for (size_t i = 0; i < 3; i++)
        assert_true(fabs(p.variance[i] - json_number_value(json_array_get(json_object_get(right, "variance"), i))) < 1e-9);
    for (size_t i = 0; i < 3 * ROWS; i++)
        assert_true(fabs(p.scores[i] - json_number_value(json_array_get(json_object_get(right, "scores"), i))) < 1e-9);
    gr_pca_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(two_classes_and_shares), cmocka_unit_test(other_kinds),
                                       cmocka_unit_test(grid_search), cmocka_unit_test(elimination),
                                       cmocka_unit_test(components)};
    return cmocka_run_group_tests(tests, open_all, close_all);
}
