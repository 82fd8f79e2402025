/* evaluate.average_over: test images of one animal at one time point decided together. */
#ifndef GR_RUN_AVERAGING_H
#define GR_RUN_AVERAGING_H

#include "grimace/averaging.h"
#include "grimace/config.h"

/* Where the config asks for it: averages test predictions (BORROWED) of images of its manifest, writes
 * FOLDER/predictions_averaged.csv and adds results->averaged. Fails: GR_INVALID (an image that the manifest has not), and as
 * gr_average_predictions. */
gr_status gr_averaging_run(const gr_config *config, const gr_predictions *predictions, const gr_bootstrap_options *options,
                           const char *folder, gr_results *results, gr_error *err) GR_MUST_CHECK;
/* Likewise of scores. */
gr_status gr_averaging_run_scores(const gr_config *config, const gr_score_predictions *predictions,
                                  const gr_bootstrap_options *options, const char *folder, gr_results *results,
                                  gr_error *err) GR_MUST_CHECK;

#endif
