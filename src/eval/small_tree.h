/* A small decision tree: what a handful of numbers beside the pixels would say of the label. */
#ifndef GR_EVAL_SMALL_TREE_H
#define GR_EVAL_SMALL_TREE_H

#include <stdint.h>

#include "grimace/base.h"

enum { GR_TREE_DEPTH = 3, GR_TREE_LEAF = 3 };

/* Rows of numbers x[row * width + column] with labels[row] in [0, classes). */
typedef struct gr_tree_data {
    const double *x;
    int width, classes;
    const int32_t *labels;
} gr_tree_data;

/* Grows a tree of at most GR_TREE_DEPTH questions on the rows train[train_count], every class weighing the same in all, by
 * Gini's impurity, no leaf with fewer than GR_TREE_LEAF rows, over the columns [first, last); answers[test_count] are the
 * classes of the rows test[test_count]. Fails: GR_NOMEM. */
gr_status gr_small_tree(const gr_tree_data *data, int first, int last, const int64_t *train, int64_t train_count,
                        const int64_t *test, int64_t test_count, int32_t *answers, gr_error *err) GR_MUST_CHECK;

#endif
