/* Whether a JPEG is whole, and how large, at a third of the cost of its pixels. */
#ifndef GR_IMAGE_JPEG_LOOK_H
#define GR_IMAGE_JPEG_LOOK_H

#include <stdbool.h>
#include <stddef.h>

/* true: bytes[size] are a JPEG that gr_image_decode reads, of *width x *height pixels after its EXIF orientation; all of its data
 * were read and libjpeg had nothing to say. false: it is no JPEG, or something about it is unusual, and gr_image_decode must
 * say what. Never fails. */
bool gr_jpeg_look(const void *bytes, size_t size, int *width, int *height);

#endif
