/* The statistics of a run's test predictions: metrics of each class, fold and all together with their intervals, curves,
 * tests against chance, and the same for each value of a column; of scores how far and how closely they follow what is true.
 * What is undefined is NaN; so are the exact and DeLong's intervals of predictions that name an image more than once, for
 * they are of independent rows. */
#ifndef GRIMACE_STATISTICS_H
#define GRIMACE_STATISTICS_H

#include "grimace/agreement.h"
#include "grimace/clusters.h"
#include "grimace/correlation.h"
#include "grimace/curves.h"
#include "grimace/multilabel.h"
#include "grimace/scores.h"

typedef struct gr_statistics_options {
    double confidence;                /* level of the exact intervals and DeLong's, such as 0.95 */
    gr_bootstrap_options bootstrap;   /* count 0: none */
    gr_bootstrap_options permutation; /* count 0: none; the level is not used */
} gr_statistics_options;

/* Classes that are numbers on a scale, such as the scores 0, 1, 2 of an action unit: a row's score is the sum of number
 * times probability, its truth the label's number. */
typedef struct gr_scores {
    gr_correlation pearson, spearman;
    gr_regression line;     /* truth = intercept + slope score */
    gr_bland_altman limits; /* score - truth */
    gr_kappa kappa[2];      /* Cohen's of labels and predicted classes, with linear and quadratic weights */
} gr_scores;

/* Predicted and true scores of all predictions together, rows without a label left out. */
typedef struct gr_score_agreement {
    int64_t n;
    gr_correlation pearson, spearman;
    gr_icc icc;                                  /* ICC(A,1): `value` as in results.json, with its F test and interval */
    gr_regression line;                          /* true = intercept + slope predicted */
    gr_bland_altman limits;                      /* predicted - true */
    double permutation_p[GR_SCORE_METRIC_COUNT]; /* NaN without permutations, and of what runs cannot be ranked by */
    gr_score_group_statistics groups;            /* by animals; empty for totals of classes */
} gr_score_agreement;

typedef struct gr_statistics {
    gr_statistics_options options;
    gr_results results; /* with the bootstrap, if there is one */
    int class_count;
    int64_t images; /* different ones: fewer than predictions where several folds tested an image */
    /* Of all predictions together, each class against the rest; [class_count], owned. */
    double *auroc_sd;            /* DeLong's standard error of the area under the ROC curve */
    gr_interval *auroc_interval; /* area +- z sd, cut at 0 and 1 (grimace/comparison.h) */
    gr_curve *roc, *pr;
    double permutation_p[GR_METRIC_COUNT]; /* NaN without permutations */
    gr_group_statistics groups;            /* of classes: by animals */
    bool scored;                           /* three classes or more, named after rising numbers */
    gr_scores scores;                      /* where `scored`, of all predictions together */
    gr_results *by;                        /* [by_count]: named after a column, its folds are the column's values; owned */
    int by_count;
    /* Of predictions of another task; NULL: not of it. Then `results` has their numbers, and what is about classes here is
     * empty. Both owned. */
    gr_score_agreement
        *agreement; /* of scores: as results.scores->each; of several columns of classes: of their total, if any */
    struct gr_statistics *columns; /* of several columns of classes: [column_count], of each */
    int column_count;
} gr_statistics;

/* Evaluates `predictions` (BORROWED, with labels, folds and probabilities); of ordered ones the results have the numbers of
 * grimace/ordinal.h too. *out GIVES (gr_statistics_free).
 * Fails: GR_INVALID (groups are wanted and there are none; a level outside (0, 1)), GR_NOMEM, GR_INTERNAL. */
gr_status gr_statistics_make(const char *name, const gr_predictions *predictions, int positive,
                             const gr_statistics_options *options, gr_statistics *out, gr_error *err) GR_MUST_CHECK;
/* Likewise those of scores, and of several columns of classes, whose rows each column has that have its label. Fails:
 * likewise. */
gr_status gr_score_statistics_make(const char *name, const gr_score_predictions *predictions,
                                   const gr_statistics_options *options, gr_statistics *out, gr_error *err) GR_MUST_CHECK;
gr_status gr_label_statistics_make(const char *name, const gr_label_predictions *predictions, int positive,
                                   const gr_statistics_options *options, gr_statistics *out, gr_error *err) GR_MUST_CHECK;
void gr_statistics_free(gr_statistics *statistics);

enum { GR_MOST_VALUES = 1000 };

/* Adds the metrics of the rows of each value of a column: values[predictions->count], BORROWED; values in the order of their
 * bytes. Fails: GR_INVALID (more than GR_MOST_VALUES values), GR_NOMEM, GR_INTERNAL. */
gr_status gr_statistics_break_down(gr_statistics *statistics, const gr_predictions *predictions, const char *column,
                                   const char *const *values, gr_error *err) GR_MUST_CHECK;
gr_status gr_score_statistics_break_down(gr_statistics *statistics, const gr_score_predictions *predictions,
                                         const char *column, const char *const *values, gr_error *err) GR_MUST_CHECK;
gr_status gr_label_statistics_break_down(gr_statistics *statistics, const gr_label_predictions *predictions,
                                         const char *column, const char *const *values, gr_error *err) GR_MUST_CHECK;

#endif
