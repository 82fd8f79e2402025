/* What a fold's boosted trees learn from, and what is chosen inside it: features first, then a setting. None of this sees a
 * row that the fold does not train on. */
#ifndef GR_LEARNERS_BOOSTING_H
#define GR_LEARNERS_BOOSTING_H

#include <signal.h>

#include "grimace/recipe.h"
#include "learners/booster.h"

typedef struct gr_boosting {
    const gr_xgboost *x;
    gr_boost_options options; /* tuning changes them */
    const float *values;      /* [.., width], BORROWED, as all that follows */
    int width;
    const float *targets, *weights; /* of all rows; weights may be NULL */
    const int32_t *groups;          /* of all rows; NULL: none */
    const int64_t *rows;            /* [count] to train on; a row may stand there several times */
    int64_t count;
    int *columns; /* [column_count] that are read; selection leaves some out */
    int column_count;
    const volatile sig_atomic_t *stop; /* NULL: never */
    double score;                      /* of the setting that was chosen, over the inner folds; NaN: nothing was tuned */
} gr_boosting;

/* The part of rows[count], with the columns that are read. Never fails. */
gr_boost_part gr_boosting_part(const gr_boosting *b, const int64_t *rows, int64_t count);

/* How well answers fit, the higher the better (losses with their sign turned). */
typedef enum gr_boost_metric { GR_BOOST_ACCURACY = 0, GR_BOOST_LOG_LOSS, GR_BOOST_MSE } gr_boost_metric;
/* That of the name; NULL: accuracy of classes, else mse. false: the kind has none of that name. Never fails. */
bool gr_boost_metric_of(const char *name, gr_boost_kind kind, gr_boost_metric *out);
const char *gr_boost_metric_name(gr_boost_metric metric);
/* Of answers[count, gr_boost_width] of rows[count]. Never fails. */
double gr_boost_score(gr_boost_metric metric, const gr_boost_options *options, const float *targets, const int64_t *rows,
                      int64_t count, const float *answers);

/* The mean of scores[folds], folds at most 128, added up in NumPy's order (from eight on, in eight sums): where settings are
 * as good as each other but for rounding, scikit-learn's choice follows from it. Never fails. */
double gr_boost_mean(const double *scores, int folds);

/* Inner folds: fold_of[count] of the training rows. The same row is in one fold, and so is a group; without groups classes
 * are spread evenly. shuffle: drawn by (seed, purpose number `draw`), else dealt in the rows' order. Fails: GR_NOMEM. */
gr_status gr_inner_folds(const gr_boosting *b, int folds, bool shuffle, uint32_t draw, int *fold_of,
                         gr_error *err) GR_MUST_CHECK;
/* Writes the rows of the inner fold, or of all others, to `to`. Returns how many. Never fails. */
int64_t gr_inner_rows(const gr_boosting *b, const int *fold_of, int fold, bool inside, int64_t *to);

/* The kinds of selection (selection.h): each chooses b->columns. Fail: GR_NOMEM, GR_FAILED, GR_INTERRUPTED. */
gr_status gr_boost_rfe(gr_boosting *b, const gr_recipe_select *select, gr_error *err) GR_MUST_CHECK;
/* The first with inner folds that are there: fold_of[count], 0 to folds - 1. Fails: likewise. */
gr_status gr_boost_rfe_on(gr_boosting *b, double step, int folds, const int *fold_of, gr_error *err) GR_MUST_CHECK;
gr_status gr_boost_boruta(gr_boosting *b, const gr_recipe_select *select, gr_error *err) GR_MUST_CHECK;
/* Chooses b->options as `tune` says, if it says so. Fails: likewise. */
gr_status gr_boost_tune(gr_boosting *b, const gr_recipe_tune *tune, gr_error *err) GR_MUST_CHECK;

#endif
