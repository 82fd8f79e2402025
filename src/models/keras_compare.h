/* A Keras file's layers against those of a plain network. */
#ifndef GR_MODELS_KERAS_COMPARE_H
#define GR_MODELS_KERAS_COMPARE_H

#include "models/models.h"

/* Do a file's layers compute what those of options->layers do? *known: false where the file does not say how it is made.
 * Fails: GR_INVALID (a layer that computes something else, or none of ours), GR_NOMEM. */
gr_status gr_keras_compare(const gr_model_options *options, const gr_model *model, const gr_weights *keras, bool *known,
                           gr_error *err) GR_MUST_CHECK;

#endif
