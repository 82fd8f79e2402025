/* A score apart from the model that gave it, for those who have it from elsewhere. */
#ifndef GR_EVAL_SCORE_RESULTS_H
#define GR_EVAL_SCORE_RESULTS_H

#include "grimace/scores.h"

/* Everything BORROWED: [count] each; truth NaN where not known. */
typedef struct gr_score_column {
    int64_t count;
    const int32_t *fold;
    const double *truth, *predicted;
} gr_score_column;

/* Score s of the predictions, or for s == outputs the sums over all scores, NaN where one of them is; both are put into
 * room[2, count], which *out BORROWS. Never fails. */
void gr_score_column_make(const gr_score_predictions *predictions, int s, double *room, gr_score_column *out);
/* How many there are: each score, and the total of several. Never fails. */
int gr_score_column_count(int outputs);

/* Fills *out, which hangs at results of fold_count folds. Fails: GR_NOMEM; gr_results_free then frees what was made. */
gr_status gr_score_summarise(const gr_score_column *column, int fold_count, gr_score_summary *out,
                             gr_error *err) GR_MUST_CHECK;

#endif
