/* Classes that stand in order, such as the scores 0 < 1 < 2 of an action unit: how a class is chosen, and the numbers that know of
 * the order, beside those of classes. What is undefined is NaN. */
#ifndef GRIMACE_ORDINAL_H
#define GRIMACE_ORDINAL_H

#include "grimace/eval.h"

/* The median class of probabilities[class_count], BORROWED: the first whose cumulative probability is at least 0.5. Sums are of
 * doubles; what is less than 1e-7 below 0.5 counts as 0.5, for that is how far floats that sum to it are rounded. The last class
 * when none is reached (NaN). Never fails. */
int32_t gr_predict_median(const float *probabilities, int class_count);

/* The one list of these numbers, in the order of all files: name in C, key in files, and 1 where a higher one is better, -1 where a
 * lower one is. */
#define GR_ORDINAL_METRICS(X)                                                                                                \
    X(GR_ORDINAL_MAE, "mae", -1)                        /* mean |index of the predicted class - index of the label| */       \
    X(GR_ORDINAL_KAPPA_QUADRATIC, "kappa_quadratic", 1) /* Cohen's with quadratic weights (gr_cohen_kappa) */

#define GR_ORDINAL_IN_ENUM(metric, name, better) metric,
typedef enum gr_ordinal_metric { GR_ORDINAL_METRICS(GR_ORDINAL_IN_ENUM) GR_ORDINAL_METRIC_COUNT } gr_ordinal_metric;
#undef GR_ORDINAL_IN_ENUM

/* Its key; NULL for no metric. Never fails. */
const char *gr_ordinal_metric_name(gr_ordinal_metric metric);
/* Is a lower one better? Never fails. */
bool gr_ordinal_metric_falls(gr_ordinal_metric metric);
/* The metric called `name`, or -1. Never fails. */
int gr_ordinal_metric_find(const char *name);

typedef struct gr_ordinal_results {
    double (*folds)[GR_ORDINAL_METRIC_COUNT]; /* [fold_count of gr_results]; owned */
    double pooled[GR_ORDINAL_METRIC_COUNT];   /* over all predictions together */
    double mean[GR_ORDINAL_METRIC_COUNT], std[GR_ORDINAL_METRIC_COUNT]; /* over the folds where it is defined; std with n - 1 */
} gr_ordinal_results;

/* Adds results->ordinal (none before) from the `predictions` (BORROWED, with labels and folds) that *results was made of; from
 * then on it is written and printed with them. Fails: GR_NOMEM, GR_INTERNAL. */
gr_status gr_results_add_ordinal(gr_results *results, const gr_predictions *predictions, gr_error *err) GR_MUST_CHECK;

#endif
