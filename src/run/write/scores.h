/* Pieces of the files of scores, for those that have a score beside other numbers. */
#ifndef GR_RUN_WRITE_SCORES_H
#define GR_RUN_WRITE_SCORES_H

#include "grimace/scores.h"
#include "run/write/pieces.h"

/* The numbers of `value` by name, the limits as one pair, behind "n" where n >= 0. 0 when all went well, as jansson's own
 * functions. */
int gr_eval_add_score(json_t *to, int64_t n, const double *value);

/* ",n,mae,..." for a header of results.csv, each behind a comma; with `of` "n_of_NAME". And the numbers of a row: n empty for
 * n < 0. */
void gr_eval_score_names(gr_text *out, const char *of);
void gr_eval_score_row(gr_text *out, int64_t n, const double *value);

/* `label`, or empty where it is not known; each behind a comma. The label has 15 digits, so that 0.1 stays 0.1. */
void gr_eval_put_true(gr_text *out, double label);

/* Lines of a table: the names of the numbers over them, one line, and the limits of agreement of all predictions. */
void gr_eval_score_title(gr_text *out, const char *first);
void gr_eval_score_line(gr_text *out, const char *name, const gr_score_numbers *numbers);
void gr_eval_score_limits(gr_text *out, const char *what, const gr_score_numbers *numbers);

#endif
