/* The formulas of the numbers of classes (GR_METRICS of grimace/eval.h), one function each. */
#ifndef GR_EVAL_FORMULAS_H
#define GR_EVAL_FORMULAS_H

#include <stdbool.h>

#include "grimace/eval.h"

/* Areas under curves of one class; NaN: not known. */
typedef struct gr_areas {
    double auroc, auprc, trapezoid;
} gr_areas;

/* What a number follows from: sums over the classes of a confusion matrix, the counts of one class against the rest, areas.
 */
typedef struct gr_evidence {
    int64_t n, right;
    double f1, recall;                            /* sums over the classes that have one */
    int with_f1, with_recall;                     /* how many those are */
    double both, squares_true, squares_predicted; /* sums of products of the margins */
    int64_t tp, fp, fn, tn;
    gr_areas areas;
    double mean_auroc; /* over all classes */
} gr_evidence;

typedef struct gr_metric_rule {
    const char *key;
    bool areas, each; /* AREAS; EACH */
    double (*formula)(const gr_evidence *evidence);
    /* The counts that it is a share of; NULL: it is none. */
    void (*share)(const gr_evidence *evidence, int64_t *part, int64_t *whole);
} gr_metric_rule;

extern const gr_metric_rule gr_metric_rules[GR_METRIC_COUNT];

#endif
