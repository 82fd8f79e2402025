/* What a run of classes leaves beside its folds. */
#ifndef GR_RUN_WRITE_CLASSES_H
#define GR_RUN_WRITE_CLASSES_H

#include "grimace/config.h"
#include "grimace/statistics.h"

/* Writes predictions.csv, results.json, results.csv and the statistics of `predictions` (BORROWED) into `folder`, which is
 * there. `kept` is TAKEN, also on failure; NULL: not known. GIVES *results. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_report_classes(const gr_config *config, const gr_predictions *predictions, int positive, gr_kept *kept,
                            const char *folder, gr_results *results, gr_error *err) GR_MUST_CHECK;
/* What the config's keys evaluate.* ask for. Never fails. */
gr_statistics_options gr_statistics_options_of(const gr_config *config);

#endif
