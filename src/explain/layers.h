/* Layers of a network by name. */
#ifndef GR_EXPLAIN_LAYERS_H
#define GR_EXPLAIN_LAYERS_H

#include "grimace/models.h"

/* The feature map [1, H, W, C] that `name` means: a layer as `grimace info --model` prints it, with or without "backbone.",
 * or a module, whose last map it is; NULL: the model's last feature map. What is explained (`value`) must follow from it.
 * Fails: GR_INVALID (there is none: the sentence lists those that there are). */
gr_status gr_layer_find(const gr_model *model, const gr_value *value, const char *name, const gr_value **out,
                        gr_error *err) GR_MUST_CHECK;

#endif
