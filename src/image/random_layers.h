/* Keras's random layers. */
#ifndef GR_IMAGE_RANDOM_LAYERS_H
#define GR_IMAGE_RANDOM_LAYERS_H

#include "image/floats.h"

/* What is drawn for one image, as Keras's get_random_transformation: an angle in degrees, pixels to the right and down, a zoom
 * (above 1: smaller). A layer that does nothing has 0, 0 and 0, and 1. */
typedef struct gr_layered {
    bool hflip, vflip;
    double angle, right, down, zoom;
} gr_layered;

/* Draws it from the transform's ranges; always as many random numbers. Never fails. */
gr_layered gr_layers_draw(const gr_transform *t, int width, int height, gr_rng *rng);
/* Does it to `image`, layer by layer: flip, rotation, translation, zoom; and tells `map` where points go. Fails: GR_NOMEM. */
gr_status gr_layers_apply(const gr_transform *t, const gr_layered *drawn, gr_floats *image, gr_map *map,
                          gr_error *err) GR_MUST_CHECK;

#endif
