/* Values in a layer's configuration, as Keras writes them, its words for activations, and layers that prepare the image. */
#ifndef GR_MODELS_KERAS_VALUES_H
#define GR_MODELS_KERAS_VALUES_H

#include "models/keras_made.h"

/* A text; "" where there is none. Never fails. */
const char *gr_keras_text(const json_t *config, const char *key);
/* A number, or NumPy's as Keras 2 wrote some; `fallback` where there is none. Never fails. */
double gr_keras_number(const json_t *config, const char *key, double fallback);
/* A whole number from 0 to the limit; 0 where it is none. Never fails. */
enum { GR_KERAS_COUNT_LIMIT = 1 << 16 };
int64_t gr_keras_count(const json_t *config, const char *key, int64_t fallback);
bool gr_keras_truth(const json_t *config, const char *key, bool fallback);
/* [rows, columns], or one number for both; false where it is neither or not from 1 on. */
bool gr_keras_sides(const json_t *config, const char *key, int64_t fallback, int64_t out[2]);

/* What "activation" of the layer at hand says, if anything, as the layer's act and slope. Fails: GR_INVALID (none of ours). */
gr_status gr_keras_act(gr_keras_reader *reader, gr_stack_layer *layer) GR_MUST_CHECK;
/* The same for an activation that is a layer of its own; false: none of ours. */
bool gr_keras_act_class(const char *class_name, const json_t *config, gr_stack_layer *layer);

/* Refuses the layer at hand: "has a layer NAME (CLASS) WHAT, which model.layers has no counterpart of". */
gr_status gr_keras_refuse(gr_keras_reader *reader, const char *what);
/* What a Rescaling, a Normalization or a Resizing does to the image's pixels (keras_prepare.c). A Rescaling behind a layer makes a
 * hard_sigmoid steeper. Fails: GR_INVALID (it does something else), GR_NOMEM. */
gr_status gr_keras_rescaling(gr_keras_reader *reader);
gr_status gr_keras_normalization(gr_keras_reader *reader);
gr_status gr_keras_resizing(gr_keras_reader *reader);

#endif
