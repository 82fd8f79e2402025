/* Explanations of boosted trees: TreeSHAP's shares of each number in an answer. */
#ifndef GRIMACE_EXPLAIN_TREES_H
#define GRIMACE_EXPLAIN_TREES_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "grimace/base.h"

typedef struct gr_explain_trees_options {
    const char *path; /* a run of boosted trees, or a model.json of one */
    const char *manifest; /* the table of rows that are explained; needs the columns that the trees read, or pictures where a run
                           * finds their landmarks (data.landmarks_from). NULL: the images below */
    const char *const *images; /* [image_count], of trees of such a run */
    int64_t image_count;
    const char *out;  /* the folder that is written */
    bool force;       /* it may hold files already */
    const volatile sig_atomic_t *stop; /* NULL: never */
} gr_explain_trees_options;

typedef struct gr_explain_trees_report {
    int64_t rows, explained;
    char problem[512]; /* the first row that cannot be explained, and how many; empty: there is none */
} gr_explain_trees_report;

/* Writes OUT/shap.csv: image,fold,class,margin,bias,FEATURE... A row whose image the run tested is explained by the fold
 * that tested it, any other by the mean over all folds ("all"); fold after fold. Fails: GR_INVALID (no trees; a column that
 * is not there; a folder that holds files; pictures of trees that read a table), GR_INTERRUPTED, GR_IO, GR_NOMEM, GR_FAILED
 * (XGBoost's library is not there). */
gr_status gr_explain_trees(const gr_explain_trees_options *options, gr_explain_trees_report *report,
                           gr_error *err) GR_MUST_CHECK;

#endif
