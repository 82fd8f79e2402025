/* What all folds of a run share: the manifest, the folds, the samples and the decoded images. */
#ifndef GR_TRAIN_EXPERIMENT_H
#define GR_TRAIN_EXPERIMENT_H

#include "base/base.h"
#include "grimace/balance.h"
#include "grimace/config.h"
#include "grimace/loader.h"
#include "grimace/manifest.h"
#include "grimace/split.h"
#include "grimace/train.h"
#include "learners/landmark_targets.h"

typedef struct gr_cohort {
    const gr_config *config; /* borrowed */
    gr_manifest manifest;
    gr_split made;      /* as the scheme makes it */
    gr_fold first;      /* `made`'s first fold under the name "0" */
    gr_split split;     /* the folds that are run; shares the memory of `made` */
    int positive;
    gr_points points; /* of a network for landmarks; else its count is 0, and there are labels */
    gr_balance balance;
    gr_sample *samples; /* [copies * manifest.rows]: row r is also r + k * rows, so that an image that is visited again in
                         * one epoch is augmented in another way */
    int64_t copies;
    gr_arena *texts;
    gr_image_cache *cache;
    bool shared_cache; /* `cache` is somebody else's */
} gr_cohort;

/* Reads the manifest of `config` (borrowed) and makes its folds; `first_fold`: only the first, as "0". `cache` (borrowed)
 * keeps decoded images; NULL: one of its own.
 * Fails: GR_INVALID (named by the config's or the manifest's line), GR_NOMEM, GR_INTERNAL. */
gr_status gr_cohort_open(const gr_config *config, bool first_fold, gr_image_cache *cache, gr_cohort *out,
                             gr_error *err) GR_MUST_CHECK;
void gr_cohort_close(gr_cohort *experiment);

/* How many outputs the model has: classes, or landmarks. Never fails. */
int gr_cohort_outputs(const gr_cohort *experiment);
/* How many numbers a prediction of one image is: probabilities, or what gr_points_predict writes. Never fails. */
size_t gr_cohort_row(const gr_cohort *experiment);

/* A loader over all samples, with the training part's transforms or the evaluation's. Fails: as gr_loader_create, with the
 * config's line. */
gr_status gr_cohort_loader(const gr_cohort *experiment, bool training, gr_loader **out, gr_error *err) GR_MUST_CHECK;

/* Decodes every image that a fold uses and applies the transforms, so that a bad one is found before training; what fits
 * stays in the cache. evaluation and training, [manifest.rows] or NULL: rows whose image is known to come through well.
 * Fails: GR_INVALID (the image is named), GR_INTERRUPTED (options->stop), GR_NOMEM, GR_IO. */
gr_status gr_cohort_check_images(const gr_cohort *experiment, const bool *evaluation, const bool *training,
                                     const gr_run_options *options, gr_error *err) GR_MUST_CHECK;

#endif
