/* A score apart from the model that gave it, for those who have it from elsewhere. */
#ifndef GR_EVAL_SCORES_H
#define GR_EVAL_SCORES_H

#include "grimace/scores.h"

/* Everything BORROWED: [count] each; truth NaN where not known. */
typedef struct gr_score_column {
    int64_t count;
    const int32_t *fold;
    const double *truth, *predicted;
} gr_score_column;

/* Fills *out, which hangs at results of fold_count folds. Fails: GR_NOMEM; gr_results_free then frees what was made. */
gr_status gr_score_summarise(const gr_score_column *column, int fold_count, gr_score_summary *out,
                             gr_error *err) GR_MUST_CHECK;

#endif
