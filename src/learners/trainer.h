/* One fold: trained from its first epoch or from where its checkpoint stands, tested, and written down. */
#ifndef GR_TRAIN_TRAINER_H
#define GR_TRAIN_TRAINER_H

#include "run/cohort/cohort.h"
#include "learners/features.h"
#include "learners/network.h"

typedef struct gr_classic gr_classic;

/* What the folds of a run have in common; everything borrowed. */
typedef struct gr_fold_job {
    const gr_cohort *experiment;
    const gr_run_options *options;
    const char *folder;   /* RUN */
    gr_params *initial; /* the parameters with which every fold starts */
    const gr_classic *classic; /* not NULL: folds of model.classic; there are no parameters then */
    const gr_features *features; /* what the heads read of a frozen backbone; NULL: folds train the whole network */
} gr_fold_job;

/* The path of `name` in the folder of a fold, or that folder for NULL. GIVES; NULL when memory is short. */
char *gr_fold_path(const gr_fold_job *job, int fold, const char *name) GR_MUST_CHECK;

/* Trains and tests fold `fold`, or goes on with it, until its checkpoint says that it is finished. Its folder is there.
 * Fails: as gr_run. */
gr_status gr_fold_run(const gr_fold_job *job, int fold, gr_error *err) GR_MUST_CHECK;

/* Is the fold finished? Then its test part's predictions [rows of the part, gr_cohort_row] are copied, and which epoch was
 * tested (NULL: not wanted).
 * Fails: GR_INVALID (a damaged checkpoint, or one of another run), GR_NOMEM. */
gr_status gr_fold_result(const gr_fold_job *job, int fold, bool *finished, float *probabilities, gr_kept *kept,
                         gr_error *err) GR_MUST_CHECK;

#endif
