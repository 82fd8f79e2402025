/* Total scores of images, predicted and true: how well they agree, and from which total on an image is of a class. */
#ifndef GR_TRAIN_TOTALS_H
#define GR_TRAIN_TOTALS_H

#include <jansson.h>

#include "base/base.h"
#include "grimace/correlation.h"

typedef struct gr_totals {
    int64_t n;
    int folds;
    double *truth, *predicted; /* [n], zero at first */
    int32_t *fold;             /* [n] */
    int8_t *label;             /* [n]: 1 positive, 0 negative, -1 neither */
    double *threshold;         /* [folds] */
} gr_totals;

/* Fails: GR_NOMEM. */
gr_status gr_totals_open(int64_t n, int folds, gr_totals *out, gr_error *err) GR_MUST_CHECK;
void gr_totals_free(gr_totals *totals);

/* The total t in totals[count] for which the share of positives with at least t, less that of negatives, is largest (Youden
 * 1950, Cancer 3, 32-35); the smallest of equals. false without positives or negatives. Sorts nothing of the caller's. */
bool gr_totals_threshold(const double *totals, const uint8_t *positive, int64_t count, double *threshold) GR_MUST_CHECK;

/* Predicted against true totals; differences are predicted - true. */
typedef struct gr_agreement_of_totals {
    double mae, rmse, exact; /* exact: the share of equal totals */
    gr_correlation pearson, spearman;
    gr_regression line; /* true = intercept + slope predicted */
    gr_bland_altman limits;
} gr_agreement_of_totals;

/* Fails: GR_NOMEM. */
gr_status gr_totals_agreement(const gr_totals *totals, gr_agreement_of_totals *out, gr_error *err) GR_MUST_CHECK;
/* GIVES the section "total" of results.json; NULL when memory is short. `least` and `most` are the totals that can be. */
json_t *gr_totals_json(const gr_totals *totals, const gr_agreement_of_totals *a, const char *const *folds, double least,
                       double most) GR_MUST_CHECK;
/* Appends the agreement and the thresholds for a reader. */
void gr_totals_table(const gr_totals *totals, const gr_agreement_of_totals *a, gr_text *out);

#endif
