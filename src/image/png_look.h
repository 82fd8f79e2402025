/* Whether a PNG is whole, and how large, at a fraction of the cost of its pixels. */
#ifndef GR_IMAGE_PNG_LOOK_H
#define GR_IMAGE_PNG_LOOK_H

#include <stdbool.h>
#include <stddef.h>

/* true: bytes[size] are a PNG that gr_image_decode reads, of *width x *height pixels after its EXIF orientation; all of its data
 * were inflated. false: it is no PNG, or something about it is unusual, and gr_image_decode must say what. Never fails. */
bool gr_png_look(const void *bytes, size_t size, int *width, int *height);

#endif
