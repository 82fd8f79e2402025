/* Runs that have something in common: the settings of a sweep. */
#ifndef GR_TRAIN_RUN_H
#define GR_TRAIN_RUN_H

#include "learners/features.h"
#include "grimace/plan.h"
#include "grimace/train.h"

enum { GR_SHARED_CHECKS = 256, GR_SHARED_INITIALS = 4 };

/* What runs of one process need not do again: decoded images, the look at every image, initial weights (of the first few
 * models, for each is as large as the model), the last run's features. */
typedef struct gr_shared {
    int threads; /* each run's; 0: as its config says */
    gr_image_cache *cache;
    uint64_t checked[GR_SHARED_CHECKS]; /* hashes of data whose images have been read */
    int checked_count;
    struct {
        uint64_t hash;
        gr_params *params;
    } initials[GR_SHARED_INITIALS];
    int initial_count;
    gr_features features;
} gr_shared;

/* `config` says how large the cache is. Fails: GR_NOMEM. */
gr_status gr_shared_open(const gr_config *config, gr_shared *out, gr_error *err) GR_MUST_CHECK;
void gr_shared_close(gr_shared *shared);

/* All of gr_run's checks but that of the folder, nothing written. Fails: as gr_run. */
gr_status gr_run_check(const gr_config *config, const gr_run_options *options, gr_shared *shared,
                       gr_error *err) GR_MUST_CHECK;
/* gr_run with what is shared. Fails: as gr_run. */
gr_status gr_run_shared(const gr_config *config, const gr_run_options *options, gr_shared *shared, gr_results *results,
                        gr_error *err) GR_MUST_CHECK;

/* Writes predictions.csv, results.json, results.csv and the statistics of `predictions` (BORROWED) into `folder`, which is
 * there. `kept` is TAKEN, also on failure; NULL: not known. GIVES *results. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_run_report(const gr_config *config, const gr_predictions *predictions, int positive, gr_kept *kept,
                        const char *folder, gr_results *results, gr_error *err) GR_MUST_CHECK;

#endif
