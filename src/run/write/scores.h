/* Pieces of the files of scores, for those that have a score beside other numbers. */
#ifndef GR_RUN_WRITE_SCORES_H
#define GR_RUN_WRITE_SCORES_H

#include "grimace/scores.h"
#include "run/write/pieces.h"

/* The numbers of `value` by name, the limits as one pair, behind "n" where n >= 0. 0 when all went well, as jansson's own
 * functions. */
int gr_eval_add_score(json_t *to, int64_t n, const double *value);

/* Adds "bootstrap": the percentiles of one score, or null where none were drawn. Likewise. */
int gr_eval_add_score_bootstrap(json_t *to, const gr_bootstrap_options *options, const gr_score_summary *score);
/* The whole of results.json of scores, and of several columns of classes; and of results whose folds are the values of a column the
 * object {"values", "mean", "std"}. Each GIVES a reference, NULL when memory is short. */
json_t *gr_eval_score_results(const gr_results *results);
json_t *gr_eval_label_results(const gr_results *results);
json_t *gr_eval_score_values(const gr_results *results);
json_t *gr_eval_label_values(const gr_results *results);

/* ",n,mae,..." for a header of results.csv, each behind a comma; with `of` "n_of_NAME". And the numbers of a row: n empty for
 * n < 0. */
void gr_eval_score_names(gr_text *out, const char *of);
void gr_eval_score_row(gr_text *out, int64_t n, const double *value);

/* `label`, or empty where it is not known; each behind a comma. The label has 15 digits, so that 0.1 stays 0.1. */
void gr_eval_put_true(gr_text *out, double label);

/* The header and one row of predictions.csv of scores, without the line's end. */
void gr_eval_score_prediction_header(const gr_score_predictions *predictions, gr_text *out);
void gr_eval_score_prediction_row(const gr_score_predictions *predictions, int64_t row, gr_text *out);

/* Lines of a table: the names of the numbers over them, one line, and the limits of agreement of all predictions. */
void gr_eval_score_title(gr_text *out, const char *first);
void gr_eval_score_line(gr_text *out, const char *name, const gr_score_numbers *numbers);
void gr_eval_score_limits(gr_text *out, const char *what, const gr_score_numbers *numbers);
/* The same lines of several columns of classes: images, accuracy of all answers in %, mean of their macro F1. */
void gr_eval_label_title(gr_text *out, const char *first);
void gr_eval_label_line(gr_text *out, const char *name, const gr_metrics *all);

#endif
