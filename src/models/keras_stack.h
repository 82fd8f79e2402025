/* Plain networks' numbers from files of Keras. */
#ifndef GR_MODELS_KERAS_STACK_H
#define GR_MODELS_KERAS_STACK_H

#include "models/models.h"

/* GIVES the tensors of a Keras file in the names and layouts of a plain network (backbone `layers`). A file without the last dense
 * layer, or with one of another number of classes, may be. `report`, when not NULL, hears where a file does not say what lies
 * between its numbers. Fails: GR_INVALID (other layers), GR_NOMEM. */
gr_status gr_stack_from_keras(const gr_model_options *options, const gr_model *model, gr_weights *keras, gr_weights **out,
                              void (*report)(void *ctx, const char *sentence), void *ctx, gr_error *err) GR_MUST_CHECK;

#endif
