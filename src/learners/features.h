/* With a frozen backbone only the head trains, on what it reads of each image: its features. Where the preparation of images
 * leaves nothing to chance they are computed once, by whichever run comes first, and kept on disk for every epoch, fold,
 * setting and run with the same weights, preparation and images. Else the backbone runs anew in every step, to the same
 * bits.
 */
#ifndef GR_LEARNERS_FEATURES_H
#define GR_LEARNERS_FEATURES_H

#include "learners/cohort.h"
#include "learners/feature_file.h"
#include "grimace/plan.h"

/* What stands for the whole network in a run whose backbone is frozen. Zero-initialise it; it may be used for one run after
 * another, and keeps what serves the next one too. */
typedef struct gr_features {
    bool frozen;                /* heads read features; false: the network runs whole, and the rest is empty */
    bool needed;                /* by trees: set by the caller, the table is made whatever the cache */
    bool same;                  /* training and evaluation prepare images alike: the second table serves both */
    size_t width;               /* floats of an image's features */
    gr_feature_table tables[2]; /* of images as data.train_transforms and as data.eval_transforms prepare them; rows is 0
                                 * where there is none */
    char said[512];             /* the last sentence about it */
    const char *why;            /* a reason not to keep those of training images; NULL: none */
} gr_features;

/* Finds out what a run may use, and takes from the cache what is there for the images of its folds; computes and writes
 * nothing. `initial`: the run's initial parameters. All BORROWED. Fails: GR_INVALID (train.feature_cache is no
 * folder), GR_NOMEM. */
gr_status gr_features_find(gr_features *features, const gr_cohort *cohort, const gr_params *initial,
                           gr_error *err) GR_MUST_CHECK;
/* Is there anything to compute that the cache could keep? Never fails. */
bool gr_features_missing(const gr_features *features, const gr_cohort *cohort);
/* Computes what is missing and puts it into the cache; says in one sentence what is used, and why when nothing is. A cache
 * that cannot be written is said, and does no harm. Fails: GR_INVALID (an image), GR_INTERRUPTED (what was computed is in
 * the cache), GR_NOMEM, GR_IO. */
gr_status gr_features_complete(gr_features *features, const gr_cohort *cohort, gr_params *initial,
                               const gr_hooks *hooks, gr_error *err) GR_MUST_CHECK;
/* The table that holds what the head reads in training or evaluation, or NULL where the backbone has to run. Never fails. */
const gr_feature_table *gr_features_table(const gr_features *features, bool training);
void gr_features_free(gr_features *features);

#endif
