/* The data side of a run: from a config to samples in folds, all of them checked. */
#ifndef GR_RUN_COHORT_H
#define GR_RUN_COHORT_H

#include "grimace/config.h"
#include "learners/cohort.h"
#include "run/cohort/recall.h"

/* Folds that were made of a whole table, for the cohorts of some of its rows. */
typedef struct gr_common_folds {
    gr_manifest manifest;
    gr_split split;
} gr_common_folds;

/* Reads the manifest of `config` (borrowed) and makes its folds, or takes them from `common` (borrowed; NULL: makes them);
 * `first_fold`: only the first, as "0". `cache` (borrowed) keeps decoded images; NULL: one of its own. `recall` is as in
 * gr_guide_open. GIVES *out (gr_cohort_close). Fails: GR_INVALID (named by the config's or the manifest's line), GR_NOMEM,
 * GR_INTERNAL. */
gr_status gr_cohort_open(const gr_config *config, bool first_fold, gr_image_cache *cache, const gr_common_folds *common,
                         gr_recall *recall, gr_cohort *out, gr_error *err) GR_MUST_CHECK;

#endif
