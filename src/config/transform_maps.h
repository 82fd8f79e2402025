/* Transforms that are written as a map of their own: {resize: {size: 224, like: tf}}, {keras_generator: {rotation: 20}}. */
#ifndef GR_CONFIG_TRANSFORM_MAPS_H
#define GR_CONFIG_TRANSFORM_MAPS_H

#include "config/value.h"

/* Reads the value of either into `t`, whose kind is set; false: it is not right. */
bool gr_transform_map_read(const gr_yaml *value, gr_transform *t);
/* The first key of such a map that is no member, NULL where all are or it is no map; *nearest is the member it may mean, or
 * NULL. */
const char *gr_transform_map_unknown(const gr_yaml *value, gr_transform_kind kind, const char **nearest);
/* Appends it as YAML; a resize that is Pillow's bilinear as its size alone. */
void gr_transform_map_put(const gr_transform *t, gr_text *out);

#endif
