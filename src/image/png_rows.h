/* The PNG that everybody writes, read whole at once: eight bits a channel, grey or colours, with alpha or without. */
#ifndef GR_IMAGE_PNG_ROWS_H
#define GR_IMAGE_PNG_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grimace/image.h"

/* Rows as they were packed: each begins with its filter, 0 to 4. */
typedef struct gr_png_rows {
    int width, height, channels;
    size_t stride;  /* 1 + width * channels */
    uint8_t *bytes; /* [height, stride]; owned: gr_free */
} gr_png_rows;

/* true: bytes[size] are such a PNG, GIVEN in *out: its chunks are usual ones, in order and with their checksums, and its data
 * inflate to just these rows, with a checksum of their own. false: it is no PNG, or something about it is unusual or wrong
 * (interlaced, a palette, 16 bits, transparent colours, chunks of other programs, more than 64 MB of rows), and libpng must say
 * what; *out holds nothing. Never fails. */
bool gr_png_read_rows(const uint8_t *bytes, size_t size, gr_png_rows *out);

/* The pixels of rows as RGB to `out` of their width and height, composited over black; the rows are unfiltered in place. Fails:
 * GR_NOMEM. */
gr_status gr_png_unfilter(gr_png_rows *rows, const char *name, gr_image *out, gr_error *err) GR_MUST_CHECK;

#endif
