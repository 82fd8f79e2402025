/* The numbers that a frozen backbone reads out of images (data.features.backbone), for learners that are no networks:
 * feature_0, feature_1, ... in the place of a table's columns. They are computed once and kept as those of a network's frozen
 * backbone are (features.h); the backbone itself lies in RUN/backbone.safetensors, one for all folds. */
#ifndef GR_LEARNERS_FROZEN_H
#define GR_LEARNERS_FROZEN_H

#include <signal.h>

#include "grimace/loader.h"
#include "learners/model_files.h"
#include "learners/row_numbers.h"

typedef struct gr_frozen gr_frozen;

/* Makes the backbone and finds what is known of the cohort's images; numbers->width and ->names are filled, ->values are not
 * yet. All BORROWED; GIVES *out and numbers (gr_row_numbers_free). Fails: GR_INVALID (named by its place), GR_NOMEM. */
gr_status gr_frozen_open(const gr_cohort *cohort, const gr_hooks *hooks, gr_frozen **out, gr_row_numbers *numbers,
                         gr_error *err) GR_MUST_CHECK;
void gr_frozen_close(gr_frozen *frozen);
/* A hash of what the numbers follow from but the images; rows whose features are there; is there anything to compute that the
 * cache could keep? Never fail. */
uint64_t gr_frozen_stamp(const gr_frozen *frozen);
const bool *gr_frozen_known(const gr_frozen *frozen);
bool gr_frozen_missing(const gr_frozen *frozen);
/* Computes what is missing, writes the backbone into `folder` (RUN) and fills numbers->values: NaN in rows of no fold. Fails:
 * as gr_features_complete. */
gr_status gr_frozen_complete(gr_frozen *frozen, const gr_hooks *hooks, const char *folder, gr_row_numbers *numbers,
                             gr_error *err) GR_MUST_CHECK;
/* What a card says of the images and of the backbone, which gr_frozen_complete has written. Never fails. */
void gr_frozen_describe(const gr_frozen *frozen, gr_card *card);

/* Writes features[count, card.number_count] of samples order[count] of `loader`, which gives images as the card asks. Fails:
 * GR_INVALID (an image; the backbone is absent, or another one), GR_NOMEM, GR_IO, GR_INTERRUPTED. */
gr_status gr_frozen_see(const gr_card *card, gr_loader *loader, const int64_t *order, int64_t count, float *features,
                        const volatile sig_atomic_t *stop, gr_error *err) GR_MUST_CHECK;

#endif
