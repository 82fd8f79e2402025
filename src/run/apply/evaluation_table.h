/* predictions.csv of an evaluation: every row of the table, judged or not. */
#ifndef GR_RUN_EVALUATION_TABLE_H
#define GR_RUN_EVALUATION_TABLE_H

#include "run/apply/answers.h"
#include "run/apply/ask.h"
#include "run/apply/truth.h"

typedef struct gr_evaluation_rows {
    const gr_ask *ask;
    const gr_truth *truth;
    const gr_answered *answered;
    const char *const *problems; /* [count]: why a row has no answer or no label that counts; NULL: nothing is wrong */
    const int64_t *judged;       /* [count]: the row's place among those that were judged; -1: it was not */
} gr_evaluation_rows;

/* Replaces `path`, the table of the judged rows as the task wrote it, by that of all rows. Fails: GR_INVALID, GR_IO,
 * GR_NOMEM, GR_INTERNAL. */
gr_status gr_evaluation_table(const gr_predictor *predictor, const gr_evaluation_rows *rows, const char *path,
                              gr_error *err) GR_MUST_CHECK;

#endif
