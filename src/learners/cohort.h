/* What all folds of a run share: the images, the folds, the samples and the decoded images. run/cohort makes one from a
 * config; learners train on it. */
#ifndef GR_LEARNERS_COHORT_H
#define GR_LEARNERS_COHORT_H

#include "base/base.h"
#include "grimace/balance.h"
#include "grimace/loader.h"
#include "grimace/manifest.h"
#include "grimace/recipe.h"
#include "grimace/split.h"
#include "learners/box_targets.h"
#include "learners/card.h"
#include "learners/hooks.h"
#include "learners/landmark_targets.h"

struct gr_config;
struct gr_target;

typedef struct gr_cohort {
    const struct gr_config *config; /* borrowed; nothing in this room looks at it */
    gr_recipe recipe;
    const struct gr_target *target; /* what is learnt of an image (learners/target.h) */
    gr_manifest manifest;
    gr_split made;    /* as the scheme makes it */
    gr_fold first;    /* `made`'s first fold under the name "0" */
    gr_split split;   /* the folds that are run; shares the memory of `made` */
    int positive;     /* of classes */
    gr_landmark_targets points; /* of landmarks */
    gr_box_targets boxes;       /* of boxes */
    double *ranges;   /* of scores: [folds, labels, 2], what predictions are clipped to */
    gr_balance balance;
    float *weights; /* [manifest.rows], of images in the loss; NULL: each counts alike */
    gr_sample *samples; /* [copies * manifest.rows]: row r is also r + k * rows, so that an image that is visited again in
                         * one epoch is augmented in another way */
    int64_t copies;
    const gr_cutter *cutter; /* finds the box of samples that have none; borrowed; NULL: they are their whole pictures */
    void *cut;               /* whose it is */
    void (*close_cut)(void *cut);
    const struct gr_upright *upright; /* turns faces upright, which samples' maps say; in `texts`; NULL: they are as they are */
    float *found;       /* [manifest.rows, found_count, 2]: landmarks that data.landmarks_from finds; NULL: it is not set */
    int found_count;
    uint64_t found_key; /* of its models */
    gr_arena *texts;
    gr_image_cache *cache;
    bool shared_cache; /* `cache` is somebody else's */
} gr_cohort;

/* Frees what it owns. Never fails. */
void gr_cohort_close(gr_cohort *cohort);

/* What a model's card says of the cutter. Never fails. */
gr_card_crop gr_cohort_crop(const gr_cohort *cohort);
/* What it says of landmarks that must be known first. Never fails. */
gr_card_guide gr_cohort_guide(const gr_cohort *cohort);

/* A loader over all samples, with the training part's transforms or the evaluation's. Fails: as gr_loader_create, with the
 * place of the transforms. */
gr_status gr_cohort_loader(const gr_cohort *cohort, bool training, gr_loader **out, gr_error *err) GR_MUST_CHECK;

/* Decodes every image that a fold uses and applies the transforms, so that a bad one is found before training; what fits
 * stays in the cache. evaluation and training, [manifest.rows] or NULL: rows whose image is known to come through well.
 * Fails: GR_INVALID (the image is named), GR_INTERRUPTED (hooks->stop), GR_NOMEM, GR_IO. */
gr_status gr_cohort_check_images(const gr_cohort *cohort, const bool *evaluation, const bool *training,
                                 const gr_hooks *hooks, gr_error *err) GR_MUST_CHECK;

#endif
