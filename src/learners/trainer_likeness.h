/* What a fold leaves behind to tell whether an image is like those that it trained on, and cut as they are:
 * fold-NAME/likeness.safetensors and framing.safetensors. */
#ifndef GR_LEARNERS_TRAINER_LIKENESS_H
#define GR_LEARNERS_TRAINER_LIKENESS_H

#include "learners/trainer_private.h"

/* Writes the features of the training images that were looked at and the distances of those of the test part, by the network as it
 * is and by framing; where there are too few images, or all have the same features, nothing. Fails: GR_INTERRUPTED, GR_INVALID (an
 * image), GR_NOMEM, GR_IO. */
gr_status gr_trainer_likeness(gr_trainer *t, const gr_looks *looks, gr_error *err) GR_MUST_CHECK;

#endif
