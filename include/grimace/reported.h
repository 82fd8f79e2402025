/* What a paper reports of the experiment that a config repeats (the config's block `reported`), to stand beside the run. */
#ifndef GRIMACE_REPORTED_H
#define GRIMACE_REPORTED_H

#include <stdbool.h>

/* One number, in the unit of results.json: a share from 0 to 1 (mcc and kappa from -1 to 1), never percent; or a cost in its own
 * (grimace/cost.h). */
typedef struct gr_reported_number {
    const char *metric; /* its key in results.json, such as "f1", or gr_cost_name */
    bool mean;          /* `value` is the mean over folds; else it is of all test predictions together */
    double value;
    double sd;        /* over folds, where `mean`; NaN: not given */
    double low, high; /* the ends of its interval, where not `mean`; NaN: not given */
} gr_reported_number;

/* Numbers of the whole, of one fold or of one class. */
typedef struct gr_reported_part {
    const char *name; /* of the fold or class; of the whole "" */
    gr_reported_number *numbers;
    int count;
} gr_reported_part;

typedef struct gr_reported {
    const char *source; /* table and row; NULL: not given */
    gr_reported_part whole;
    gr_reported_part averaged; /* of images taken together (evaluate.average_over); count 0: nothing */
    gr_reported_part *folds;
    int fold_count;
    gr_reported_part *classes; /* each against the rest */
    int class_count;
} gr_reported;

#endif
