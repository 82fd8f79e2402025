/* Two runs on the same images: is one better than the other? */
#ifndef GRIMACE_COMPARE_H
#define GRIMACE_COMPARE_H

#include "grimace/comparison.h"

typedef struct gr_run_comparison {
    int64_t n; /* paired predictions */
    int class_count;
    double accuracy[2], f1[2]; /* of all predictions of each run together */
    gr_mcnemar mcnemar;
    gr_delong delong; /* all NaN unless there are two classes */
} gr_run_comparison;

/* Reads predictions.csv of the run folders `first` and `second`, pairs their rows by image and fold, and compares them. The
 * positive class is that of the first run's config (null: the last); `level` is that of DeLong's intervals.
 * Fails: GR_INVALID (a file is absent or not such a table; classes, positive class, images, folds or labels differ),
 * GR_NOMEM. */
gr_status gr_compare_runs(const char *first, const char *second, double level, gr_run_comparison *out,
                          gr_error *err) GR_MUST_CHECK;

#endif
