/* Pictures of floats: behind a transform whose pixels are not rounded (tf.image.resize, Keras's ImageDataGenerator), nothing
 * is until the network reads them. */
#ifndef GR_IMAGE_FLOATS_H
#define GR_IMAGE_FLOATS_H

#include "image/image.h"

typedef struct gr_floats {
    int width, height;
    float *pixels; /* [height, width, 3], 0..255 */
} gr_floats;

/* Gives the floats that list[n], whose first member makes floats, makes of `in`; `rng` draws for them in order, and `map` is
 * told where points go. Fails: GR_INVALID (a crop of more than there is), GR_NOMEM. */
gr_status gr_floats_make(const gr_transform *list, int n, const gr_image *in, gr_rng *rng, gr_map *map, gr_floats *out,
                         gr_error *err) GR_MUST_CHECK;
void gr_floats_free(gr_floats *floats);
/* Gives the picture, rounded. Fails: GR_NOMEM. */
gr_status gr_floats_round(const gr_floats *in, gr_image *out, gr_error *err) GR_MUST_CHECK;

/* Room for a picture. Fails: GR_NOMEM. */
gr_status gr_floats_alloc(int width, int height, gr_floats *out, gr_error *err) GR_MUST_CHECK;

#endif
