/* What a run of classes leaves beside its folds. */
#ifndef GR_RUN_REPORT_CLASSES_H
#define GR_RUN_REPORT_CLASSES_H

#include "grimace/averaging.h"
#include "grimace/config.h"
#include "grimace/statistics.h"
#include "grimace/text.h"
#include "learners/card.h"
#include "learners/cohort.h"
#include "run/one/gather.h"

/* gr_report_classes of what was gathered, whose `kept` is taken. Fails: likewise. */
gr_status gr_report_gathered(const gr_cohort *cohort, gr_gathered *gathered, gr_decision choose, bool ordered, const char *folder,
                             gr_results *results, gr_error *err) GR_MUST_CHECK;
/* Appends image,predicted,p_<class>... of probabilities[count, classes] of a model's card. Memory shortage sticks in `out`. */
void gr_answer_classes(const gr_card *card, const char *const *images, int64_t count, const float *probabilities,
                       gr_decision choose, gr_text *out);
/* Writes predictions.csv, results.json, results.csv and the statistics of `predictions` (BORROWED) into `folder`, which is
 * there. `kept` is TAKEN, also on failure; NULL: not known. GIVES *results. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_report_classes(const gr_config *config, const gr_predictions *predictions, int positive, gr_kept *kept,
                            const char *folder, gr_results *results, gr_error *err) GR_MUST_CHECK;
/* What the config's keys evaluate.* ask for. Never fails. */
gr_statistics_options gr_statistics_options_of(const gr_config *config);

#endif
