/* The permutation test of two runs: under the hypothesis that neither is better, each group's predictions may as well be the
 * other run's, so both are swapped in whole groups. */
#ifndef GR_EVAL_GROUP_SWAPS_H
#define GR_EVAL_GROUP_SWAPS_H

#include <stdbool.h>

#include "grimace/eval.h"

typedef struct gr_group_swaps {
    int64_t groups;
    const double *sums; /* [groups]: of the rows' differences, first less second */
    /* Of classes, else NULL: [groups][class_count, class_count] of both runs. */
    const int64_t *confusion[2];
    int class_count, positive;
    int count; /* swaps, drawn unless all 2^(groups - 1) are no more than they */
    uint64_t seed;
} gr_group_swaps;

/* The two-sided p of the mean difference, and of classes p[GR_METRIC_COUNT] of those metrics that follow from counts (NaN of
 * the others, and where a metric is undefined): the share of swaps whose difference is at least as large, the observed one
 * counted among those drawn. *exact: all swaps were tried. Fails: GR_NOMEM. */
gr_status gr_group_swaps_test(const gr_group_swaps *swaps, double *mean_p, double *p, bool *exact,
                              gr_error *err) GR_MUST_CHECK;

#endif
