/* Labels that are numbers (a pain score from 0 to 10, a mean of half points): how far predictions lie from them and how closely
 * they follow. What is undefined is NaN. S: the outputs of a model, each a column of labels. */
#ifndef GRIMACE_SCORES_H
#define GRIMACE_SCORES_H

#include "grimace/curves.h"

/* The one list of the numbers of scores, in the order of all files: name in C, key in files, and 1 where a higher one is better, -1
 * where a lower one is, 0 where neither is. In the formulas t is true, p predicted, d = p - t. */
#define GR_SCORE_METRICS(X)                                                                                                  \
    X(GR_SCORE_MAE, "mae", -1)                  /* mean |d| */                                                               \
    X(GR_SCORE_RMSE, "rmse", -1)                /* sqrt(mean d^2) */                                                         \
    X(GR_SCORE_R2, "r2", 1)                     /* 1 - sum d^2 / sum (t - mean t)^2; NaN for one row or equal t */           \
    X(GR_SCORE_PEARSON, "pearson", 1)           /* correlation; NaN for equal t or equal p */                                \
    X(GR_SCORE_SPEARMAN, "spearman", 1)         /* that of the ranks, ties sharing their mean rank */                        \
    X(GR_SCORE_ICC, "icc", 1)                   /* absolute agreement, single: ICC(A,1) (gr_icc_absolute) */                 \
    X(GR_SCORE_BIAS, "bias", 0)                 /* mean d */                                                                 \
    X(GR_SCORE_LIMITS_LOWER, "limits_lower", 0) /* Bland and Altman: bias - 1.96 sd of d, with n - 1; NaN for one row */     \
    X(GR_SCORE_LIMITS_UPPER, "limits_upper", 0) /* bias + 1.96 sd */

#define GR_SCORE_IN_ENUM(metric, name, better) metric,
typedef enum gr_score_metric { GR_SCORE_METRICS(GR_SCORE_IN_ENUM) GR_SCORE_METRIC_COUNT } gr_score_metric;
#undef GR_SCORE_IN_ENUM

/* Its key ("mae", ...; results.json has both limits as "limits": [lower, upper]); NULL for no metric. Never fails. */
const char *gr_score_metric_name(gr_score_metric metric);
/* Is a lower one better? Never fails. */
bool gr_score_metric_falls(gr_score_metric metric);
/* Is a higher or a lower one better, so that runs can be ranked by it? Never fails. */
bool gr_score_metric_ranks(gr_score_metric metric);
/* The metric called `name`, or -1. Never fails. */
int gr_score_metric_find(const char *name);

typedef struct gr_score_numbers {
    int64_t n; /* rows with a label */
    double value[GR_SCORE_METRIC_COUNT];
} gr_score_numbers;

/* Of truth[n] and predicted[n], BORROWED; rows whose truth is NaN are left out. All are NaN without rows, and where a number of
 * the other rows is not finite. Fails: GR_NOMEM. */
gr_status gr_score_compute(const double *truth, const double *predicted, int64_t n, gr_score_numbers *out,
                           gr_error *err) GR_MUST_CHECK;

/* The test predictions of a run, or those of `grimace predict`; everything BORROWED. Rows are written in the order given. */
typedef struct gr_score_predictions {
    int64_t count;
    int outputs;               /* S */
    const char *const *names;  /* [S], the columns of labels; none is called "total" where S > 1 */
    int fold_count;            /* 0: none are named */
    const char *const *folds;  /* [fold_count], names */
    const char *group_column;  /* NULL: no groups */
    const char *const *images; /* [count], as the manifest spells them */
    const char *const *groups; /* [count]; NULL: no groups */
    const int32_t *fold;       /* [count], index in folds */
    const double *truth;       /* [count, S], NaN where not known; NULL: unknown */
    const double *predicted;   /* [count, S] */
} gr_score_predictions;

/* One score, fold by fold and together. */
typedef struct gr_score_summary {
    gr_score_numbers *folds; /* [fold_count of gr_results]; owned by the results */
    gr_score_numbers pooled; /* over all predictions together */
    double mean[GR_SCORE_METRIC_COUNT], std[GR_SCORE_METRIC_COUNT]; /* over the folds where it is defined; std with n - 1 */
    gr_interval *bootstrap; /* [GR_SCORE_METRIC_COUNT], of `pooled`; owned; NULL: none was made */
} gr_score_summary;

typedef struct gr_score_results {
    int outputs;
    char **names; /* [S]; owned */
    /* [S]; with S > 1 one more, of the total: the sums over all outputs, true ones of the rows whose labels are all known */
    gr_score_summary *each;
    gr_bootstrap_options bootstrap; /* of each; count 0: none was made */
} gr_score_results;

/* What stands for the whole run: the total, or the only score. Never fails. */
const gr_score_summary *gr_score_whole(const gr_score_results *results);

/* Evaluates `predictions` (with labels and folds) fold by fold and pooled. *out GIVES (gr_results_free) with out->scores, and
 * keeps nothing of what is BORROWED. Fails: GR_NOMEM, GR_INTERNAL. */
gr_status gr_score_results_make(const char *name, const gr_score_predictions *predictions, gr_results *out,
                                gr_error *err) GR_MUST_CHECK;

/* Draws the rows of the predictions (BORROWED) that *results was made of again, for percentile intervals of every number of all of
 * them together, kept in results->scores: for each score and the total among the rows whose label is known. `options` as in
 * gr_bootstrap_metrics. Fails: GR_INVALID (by_group without groups), GR_NOMEM. */
gr_status gr_score_results_bootstrap(gr_results *results, const gr_score_predictions *predictions,
                                     const gr_bootstrap_options *options, gr_error *err) GR_MUST_CHECK;

/* The numbers that the classes[count] are named after, to numbers[count]; false when one is no number. Never fails. */
bool gr_class_numbers(const char *const *classes, int count, double *numbers);

#endif
