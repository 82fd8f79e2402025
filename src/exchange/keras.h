/* Trained models for Keras. */
#ifndef GR_EXCHANGE_KERAS_H
#define GR_EXCHANGE_KERAS_H

#include <jansson.h>

#include "grimace/weights.h"
#include "models/models.h"

/* Writes `model` with `weights` (in the names and layouts of gr_model_export) as `out`, atomically, for Keras 3: the archive
 * that keras.models.load_model takes, whose metadata hold `notes` (BORROWED); or, where `out` ends in .weights.h5, what
 * load_weights takes: of a network of keras.applications into that function's own network, which may have more (biases, a layer
 * `normalization` with the mean and std of the notes). Layers of such a network have its names. *layers: how many there are.
 * Fails: GR_INVALID (an operator that Keras has no layer for; a gamma that it has not; the folder absent or not writable),
 * GR_IO, GR_NOMEM. */
gr_status gr_keras_write(const gr_model *model, const gr_model_options *options, const gr_weights *weights, json_t *notes,
                         const char *out, int *layers, gr_error *err) GR_MUST_CHECK;

#endif
