/* 8-bit RGB to JPEG in memory: for pictures in a page, where a PNG would be ten times as large. */
#ifndef GR_IMAGE_JPEG_WRITE_H
#define GR_IMAGE_JPEG_WRITE_H

#include "grimace/image.h"

/* Appends the JPEG (baseline, quality 1 to 100, colour at half the resolution) to `out`. The same pixels give the same
 * bytes. Fails: GR_INVALID (empty or too large), GR_NOMEM. */
gr_status gr_jpeg_encode(const gr_image *image, int quality, gr_text *out, gr_error *err) GR_MUST_CHECK;

#endif
