/* Tables for boosted trees, the same in every test. Where XGBoost's library is not installed, the tests are skipped. */
#ifndef GR_TEST_TREES_H
#define GR_TEST_TREES_H

#include "learners/boosting.h"

enum { TREES_ROWS = 240, TREES_COLUMNS = 6, TREES_GROUPS = 12 };

/* A table [TREES_ROWS, TREES_COLUMNS]: its first column, and the second where the third is high, tell the target; the others
 * tell nothing. Every eleventh number is missing. */
typedef struct test_trees {
    gr_xgboost x;
    gr_boosting b;
    float values[TREES_ROWS * TREES_COLUMNS], targets[TREES_ROWS];
    int32_t groups[TREES_ROWS];
    int64_t rows[TREES_ROWS];
    int columns[TREES_COLUMNS];
} test_trees;

/* Fills `t` for the kind, with as many classes. Skips the test without the library. */
void test_trees_make(test_trees *t, gr_boost_kind kind, int classes);
/* Trains on rows[0, train) and writes the answers for all others. */
void test_trees_answer(const test_trees *t, int64_t train, float *answers);

#endif
