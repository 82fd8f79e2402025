/* What a run leaves for people and programs: its predictions, results and statistics as files, and the tables in a terminal. */
#ifndef GRIMACE_RESULTS_H
#define GRIMACE_RESULTS_H

#include "grimace/averaging.h"
#include "grimace/box_results.h"
#include "grimace/landmarks.h"
#include "grimace/multilabel.h"
#include "grimace/ordinal.h"
#include "grimace/reported.h"
#include "grimace/scores.h"
#include "grimace/statistics.h"
#include "grimace/text.h"

/* ---- predictions ------------------------------------------------------------------------------------------------------ */

/* Writes `image,<group>,fold,label,predicted,p_<class>...` (group where there are groups, fold where fold_count > 0, label
 * where there are labels), p with nine digits: the float exactly. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_predictions_write_csv(const gr_predictions *predictions, const char *path, gr_error *err) GR_MUST_CHECK;

/* Adds the same text to `out`; memory shortage sticks there. Never fails. */
void gr_predictions_csv(const gr_predictions *predictions, gr_text *out);

/* Adds `image,<group>,fold,nrmse,lm1_x,lm1_y,...` to `out` (group, fold and nrmse where there are such), coordinates with
 * nine digits: the float exactly; nrmse of the image, empty where it has none. Memory shortage sticks in `out`. Never fails.
 */
void gr_landmark_predictions_csv(const gr_landmark_predictions *predictions, gr_text *out);
/* Writes that file. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_landmark_predictions_write_csv(const gr_landmark_predictions *predictions, const char *path,
                                            gr_error *err) GR_MUST_CHECK;

/* Adds `image,<group>,fold,box_x,box_y,box_w,box_h,box_score,label,predicted` to `out` (group and fold where there are such,
 * label where the true boxes are known): the best box of the first kind whose score reaches predictions->score, empty where
 * there is none; then all true boxes, "face 10 20 30 40; eye 12 24 6 5", and all found ones, with their score behind. Memory
 * shortage sticks in `out`. Never fails. */
void gr_box_predictions_csv(const gr_box_predictions *predictions, gr_text *out);
/* Writes that file. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_box_predictions_write_csv(const gr_box_predictions *predictions, const char *path, gr_error *err) GR_MUST_CHECK;

/* Adds `image,<group>,fold,label,predicted` to `out` (group and fold where there are such, label where there are labels), with
 * several outputs `label_NAME,predicted_NAME` for each and for the "total". A prediction has nine digits: the float exactly;
 * a label and the totals have 15; what is not known is empty. Memory shortage sticks in `out`. Never fails. */
void gr_score_predictions_csv(const gr_score_predictions *predictions, gr_text *out);
/* Writes that file. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_score_predictions_write_csv(const gr_score_predictions *predictions, const char *path,
                                         gr_error *err) GR_MUST_CHECK;

/* Adds `image,<group>,fold` (group and fold where there are such) and for each column of labels
 * `label_NAME,predicted_NAME,p_NAME_<class>...` (label where there are labels), then `label_total,predicted_total` where the
 * classes are named after numbers. What is not known is empty. Memory shortage sticks in `out`. Never fails. */
void gr_label_predictions_csv(const gr_label_predictions *predictions, gr_text *out);
/* Writes that file. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_label_predictions_write_csv(const gr_label_predictions *predictions, const char *path,
                                         gr_error *err) GR_MUST_CHECK;

/* Writes `image,<group>,fold,label,predicted,p_<class>...,<column>,images`: a table of predictions whose `image` is the
 * unit's name, then its value (unless the column is the group's) and how many images it has. Fails: GR_INVALID, GR_IO,
 * GR_NOMEM. */
gr_status gr_averaged_write_csv(const gr_averaged *averaged, const char *path, gr_error *err) GR_MUST_CHECK;

/* Likewise of scores, whose columns are those of gr_score_predictions_csv. Fails: likewise. */
gr_status gr_averaged_scores_write_csv(const gr_averaged_scores *averaged, const char *path, gr_error *err) GR_MUST_CHECK;

/* ---- results ---------------------------------------------------------------------------------------------------------- */

/* Writes FOLDER/results.json (numbers not rounded) and FOLDER/results.csv (a row per fold, then pooled, mean and std; six
 * digits), and with results->averaged FOLDER/results_averaged.csv. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_results_write(const gr_results *results, const char *folder, gr_error *err) GR_MUST_CHECK;

/* Writes FOLDER/summary.csv: `fold,group,n` and the task's first numbers with six digits, a row for each fold and one for
 * all predictions together (`pooled`). `group` names the groups that the fold tested: groups[count] (NULL: none) of the
 * predictions, whose folds are fold[count]; all BORROWED. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_summary_write(const gr_results *results, int64_t count, const char *const *groups, const int32_t *fold,
                           const char *folder, gr_error *err) GR_MUST_CHECK;

/* Adds the table of the run to `out`, at most `columns` characters wide where it fits (0: 100): F1 and accuracy as in
 * PainSeeker's Table 3 (`0.8516/75.57`, accuracy in percent) for each fold and pooled, then n, sensitivity and specificity, the
 * exact intervals of the pooled ones, mean and deviation; of other tasks their own numbers. Memory shortage sticks in `out`.
 * Never fails. */
void gr_results_table(const gr_results *results, int columns, gr_text *out);

/* Adds a table of results->reported, a row for each number: whose it is, the metric, the paper's number, the run's of the same
 * kind (pooled; mean and standard deviation over folds; of a fold; of a class), with an interval where the paper has one.
 * Folds are the same when their names' letters and digits are, whatever the case; they are left out where the run has none
 * of them. Adds nothing without `reported`. Memory shortage sticks in `out`. Never fails. */
void gr_reported_table(const gr_results *results, gr_text *out);

/* ---- statistics ------------------------------------------------------------------------------------------------------- */

/* Writes FOLDER/statistics.json (what results.json holds and the rest, numbers not rounded), FOLDER/roc.csv
 * (class,threshold,false_positive_rate,true_positive_rate) and FOLDER/pr.csv (class,threshold,recall,precision), of all
 * predictions together, each class against the rest; with several columns of classes `label` stands before `class`. Scores have no
 * curves. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_statistics_write(const gr_statistics *statistics, const char *folder, gr_error *err) GR_MUST_CHECK;

/* Adds tables for a reader to `out`: pooled, classes, folds, columns. Memory shortage sticks there. Never fails. */
void gr_statistics_table(const gr_statistics *statistics, gr_text *out);

#endif
