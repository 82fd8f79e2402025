/* What a run of scores, or of several columns of classes, leaves beside its folds. */
#ifndef GR_RUN_REPORT_SCORES_H
#define GR_RUN_REPORT_SCORES_H

#include "grimace/config.h"
#include "grimace/results.h"

/* Writes predictions.csv, results.json, results.csv and the statistics of `predictions` (BORROWED) into `folder`, which is there.
 * `kept` is TAKEN, also on failure; NULL: not known. GIVES *results. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_report_scores(const gr_config *config, const gr_score_predictions *predictions, gr_kept *kept, const char *folder,
                           gr_results *results, gr_error *err) GR_MUST_CHECK;
gr_status gr_report_labels(const gr_config *config, const gr_label_predictions *predictions, int positive, gr_kept *kept,
                           const char *folder, gr_results *results, gr_error *err) GR_MUST_CHECK;

#endif
