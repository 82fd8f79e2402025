/* An image seen through any affine map. */
#ifndef GR_IMAGE_WARP_H
#define GR_IMAGE_WARP_H

#include "grimace/image.h"

/* GIVES the width x height pixels to which `map` takes those of `in`: bilinear between the middles of pixels, black beyond
 * the edges. Where the map makes things smaller, `in` is first resized (gr_image_resize), so that nothing is skipped. Fails:
 * GR_INVALID (a map that keeps no area, a size outside the limits), GR_NOMEM. */
gr_status gr_image_warp(const gr_image *in, const gr_map *map, int width, int height, gr_image *out,
                        gr_error *err) GR_MUST_CHECK;

#endif
