/* Grey pictures. */
#ifndef GR_DETECT_GREY_H
#define GR_DETECT_GREY_H

#include <stdint.h>

#include "grimace/image.h"

/* Rows of `width` bytes, without padding; 64 bytes behind the last may be read. */
typedef struct gr_grey {
    int width, height;
    uint8_t *pixels;
} gr_grey;

/* GIVES the grey of a picture as OpenCV's cvtColor makes it: (9798 R + 19235 G + 3735 B + 16384) >> 15. gr_grey_free when
 * done. Fails: GR_NOMEM. */
gr_status gr_grey_of(const gr_image *image, gr_grey *out, gr_error *err) GR_MUST_CHECK;
void gr_grey_free(gr_grey *grey);

#endif
