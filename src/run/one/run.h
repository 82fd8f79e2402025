/* A run of one training for each fold, and what several runs of one process have in common. */
#ifndef GR_RUN_RUN_H
#define GR_RUN_RUN_H

#include "grimace/train.h"
#include "learners/learner.h"
#include "run/cohort/cohort.h"

enum { GR_SHARED_CHECKS = 256 };

/* What runs of one process need not do again: decoded images, the look at every image, what their learner keeps. */
typedef struct gr_shared {
    int threads; /* each run's; 0: as its config says */
    gr_image_cache *cache;
    const gr_common_folds *folds; /* of all runs, borrowed; NULL: each makes its own */
    uint64_t checked[GR_SHARED_CHECKS]; /* hashes of data whose images have been read */
    int checked_count;
    bool said_compact;         /* that splits.csv is */
    int64_t said_unlabelled;   /* rows without a label that were told of last */
    uint64_t said_notices;     /* hash of what was told last of how the manifest was read */
    gr_recall recall;          /* landmarks that runs found of images */
    const gr_learner *learner; /* of the last run; NULL: there was none */
    void *memory;              /* its */
} gr_shared;

/* `config` says how large the cache is. Fails: GR_NOMEM. */
gr_status gr_shared_open(const gr_config *config, gr_shared *out, gr_error *err) GR_MUST_CHECK;
void gr_shared_close(gr_shared *shared);

/* All checks of a run but that of the folder, nothing written. Fails: as gr_run. */
gr_status gr_run_check(const gr_config *config, const gr_run_options *options, gr_shared *shared,
                       gr_error *err) GR_MUST_CHECK;
/* gr_run with what is shared, of a config that asks for one training a fold. Fails: as gr_run. */
gr_status gr_run_shared(const gr_config *config, const gr_run_options *options, gr_shared *shared, gr_results *results,
                        gr_error *err) GR_MUST_CHECK;

#endif
