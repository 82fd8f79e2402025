/* Keras's ImageDataGenerator. */
#ifndef GR_IMAGE_GENERATOR_H
#define GR_IMAGE_GENERATOR_H

#include "image/floats.h"

/* What is drawn for one image: angles in degrees, shifts in pixels along the first and second coordinate of Keras's matrix,
 * factors. */
typedef struct gr_generated {
    double theta, tx, ty, shear, zx, zy;
    bool hflip, vflip, shifts_channels, brightens;
    double channel_shift, brightness;
} gr_generated;

/* Draws it from the transform's ranges; always as many random numbers. Never fails. */
gr_generated gr_generator_draw(const gr_transform *t, int width, int height, gr_rng *rng);
/* Does it to `image`, in Keras's order, and tells `map` where points go. Fails: GR_NOMEM. */
gr_status gr_generator_apply(const gr_transform *t, const gr_generated *drawn, gr_floats *image, gr_map *map,
                             gr_error *err) GR_MUST_CHECK;

#endif
