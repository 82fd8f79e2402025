/* Boosted trees: a matrix of numbers and what is to be learnt of each row in, trees out. Nothing here knows of images or
 * folds.
 *
 * Ordinal classes 0 < 1 < ... < K - 1 are learnt as K - 1 questions "is it above k?" by one model (Li and Lin 2006, "Ordinal
 * regression by extended binary classification"): each row stands once for each question, with k as one more column in which
 * the answer may only fall, so that the K - 1 probabilities are in order by themselves. */
#ifndef GR_LEARNERS_BOOSTER_H
#define GR_LEARNERS_BOOSTER_H

#include "learners/xgboost.h"

typedef enum gr_boost_kind { GR_BOOST_BINARY = 0, GR_BOOST_CLASSES, GR_BOOST_ORDINAL, GR_BOOST_SCORES } gr_boost_kind;

/* How trees are grown: each value goes to XGBoost as it stands. */
typedef struct gr_boost_options {
    gr_boost_kind kind;
    int classes; /* 0 of scores */
    int trees, depth;
    double rate, alpha, lambda, gamma, min_child_weight, subsample, colsample;
    double positive_weight; /* binary: of rows of class 1 */
    double base;            /* scores: from which the trees start; else 0.5, as a probability */
    uint64_t seed;
    int early_stopping; /* 0: off */
    int threads;
} gr_boost_options;

/* Some rows and some columns of a matrix; all BORROWED. */
typedef struct gr_boost_part {
    const float *values; /* [.., width]; NaN: missing */
    size_t width;
    const int64_t *rows; /* [count], may repeat */
    int64_t count;
    const int *columns; /* [column_count] */
    int column_count;
    const float *targets; /* of all rows of the matrix: the class, or the score; NULL: not known */
    const float *weights; /* of all rows of the matrix; NULL: 1 each */
} gr_boost_part;

/* A part in XGBoost's hands. */
typedef struct gr_boost_data {
    void *matrix;
    int64_t rows; /* of the part */
    int copies;   /* rows of the matrix for each */
} gr_boost_data;

/* How many numbers an answer has (classes, or 1), and how many margins explain it. Never fail. */
int gr_boost_width(const gr_boost_options *options);
int gr_boost_margins(const gr_boost_options *options);

/* GIVES *out (gr_boost_data_free). Fails: GR_NOMEM, GR_FAILED. */
gr_status gr_boost_data_make(const gr_xgboost *x, const gr_boost_options *options, const gr_boost_part *part,
                             gr_boost_data *out, gr_error *err) GR_MUST_CHECK;
void gr_boost_data_free(const gr_xgboost *x, gr_boost_data *data);

/* Grows trees on `train`; `val` (NULL: none) is for early stopping, of which *booster keeps the rounds up to the best. GIVES
 * *booster (x->XGBoosterFree). Fails: GR_NOMEM, GR_FAILED. */
gr_status gr_boost_train(const gr_xgboost *x, const gr_boost_options *options, const gr_boost_data *train,
                         const gr_boost_data *val, void **booster, gr_error *err) GR_MUST_CHECK;
/* Writes answers[data->rows, gr_boost_width] of the first `trees` rounds (0: all): probabilities of classes, or the score.
 * Fails: GR_NOMEM, GR_FAILED. */
gr_status gr_boost_answer(const gr_xgboost *x, const gr_boost_options *options, void *booster, const gr_boost_data *data,
                          int trees, float *answers, gr_error *err) GR_MUST_CHECK;
/* Writes TreeSHAP's values[data->rows, margins, columns + 1] of all rounds: the share of each column in the margin
 * (log-odds; of classes one margin each; of ordinal classes the mean over the K - 1 questions), the bias last. They sum to
 * the margin. Of ordinal classes the share of k, the same for all rows but for what hangs together with it, is added to the
 * bias. Fails: GR_NOMEM, GR_FAILED. */
gr_status gr_boost_shap(const gr_xgboost *x, const gr_boost_options *options, void *booster, const gr_boost_data *data,
                        int columns, float *values, gr_error *err) GR_MUST_CHECK;
/* Writes margins[data->rows, gr_boost_margins] likewise. Fails: likewise. */
gr_status gr_boost_margin(const gr_xgboost *x, const gr_boost_options *options, void *booster, const gr_boost_data *data,
                          float *margins, gr_error *err) GR_MUST_CHECK;
/* Writes gains[columns]: the mean gain of the questions that ask each column, 0 where none does. Fails: GR_FAILED. */
gr_status gr_boost_gains(const gr_xgboost *x, void *booster, int columns, double *gains, gr_error *err) GR_MUST_CHECK;

#endif
