#include "support/trees.h"

#include <math.h>
#include <string.h>

#include "support/support.h"

static float target_of(const float *row, gr_boost_kind kind, int classes)
{
    float z = row[0] + (row[2] > 0.0F ? 1.5F * row[1] : 0.0F);
    if (kind == GR_BOOST_SCORES)
        return 5.0F + z;
    return floorf(fminf(fmaxf((z + 1.2F) / 2.4F * (float)classes, 0.0F), (float)classes - 1.0F));
}

void test_trees_make(test_trees *t, gr_boost_kind kind, int classes)
{
    gr_error err = {0};
    memset(t, 0, sizeof *t);
    if (gr_xgboost_open(&t->x, &err) != GR_OK) {
        print_message("%s\n", err.text);
        skip();
    }
    for (int r = 0; r < TREES_ROWS; r++) {
        float *row = t->values + r * TREES_COLUMNS;
        for (int c = 0; c < TREES_COLUMNS; c++)
            row[c] = test_number((uint32_t)c + 1, (uint32_t)r);
        t->targets[r] = target_of(row, kind, classes);
        t->groups[r] = r % TREES_GROUPS;
        t->rows[r] = r;
    }
    for (int i = 0; i < TREES_ROWS * TREES_COLUMNS; i += 11)
        t->values[i] = NAN;
    for (int c = 0; c < TREES_COLUMNS; c++)
        t->columns[c] = c;
    t->b = (gr_boosting){.x = &t->x,
                         .options = {.kind = kind,
                                     .classes = classes,
                                     .trees = 40,
                                     .depth = 3,
                                     .rate = 0.2,
                                     .lambda = 1,
                                     .min_child_weight = 1,
                                     .subsample = 1,
                                     .colsample = 1,
                                     .positive_weight = 1,
                                     .base = 5,
                                     .seed = 3,
                                     .threads = 1},
                         .values = t->values,
                         .width = TREES_COLUMNS,
                         .targets = t->targets,
                         .rows = t->rows,
                         .count = TREES_ROWS,
                         .columns = t->columns,
                         .column_count = TREES_COLUMNS,
                         .score = NAN};
}

void test_trees_answer(const test_trees *t, int64_t train, float *answers)
{
    gr_error err = {0};
    gr_boost_data data, rest;
    void *booster;
    const gr_boosting *b = &t->b;
    const gr_boost_part part = gr_boosting_part(b, t->rows, train),
                        other = gr_boosting_part(b, t->rows + train, TREES_ROWS - train);
    assert_int_equal(gr_boost_data_make(b->x, &b->options, &part, &data, &err), GR_OK);
    assert_int_equal(gr_boost_data_make(b->x, &b->options, &other, &rest, &err), GR_OK);
    assert_int_equal(gr_boost_train(b->x, &b->options, &data, NULL, &booster, &err), GR_OK);
    assert_int_equal(gr_boost_answer(b->x, &b->options, booster, &rest, 0, answers, &err), GR_OK);
    b->x->XGBoosterFree(booster);
    gr_boost_data_free(b->x, &data);
    gr_boost_data_free(b->x, &rest);
}
