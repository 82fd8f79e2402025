/* A decoder for each format that is read. */
#ifndef GR_IMAGE_DECODERS_H
#define GR_IMAGE_DECODERS_H

#include "image/image.h"

/* The decoders: bytes [size] that begin with the format's signature. Fails: as gr_image_decode. */
gr_status gr_png_decode(const uint8_t *bytes, size_t size, const char *name, gr_image *out, gr_error *err) GR_MUST_CHECK;
/* The same by libpng alone, whatever the PNG is, and not turned upright. */
gr_status gr_png_decode_any(const uint8_t *bytes, size_t size, const char *name, gr_image *out, gr_error *err) GR_MUST_CHECK;
gr_status gr_jpeg_decode(const uint8_t *bytes, size_t size, const char *name, bool fast_dct, gr_image *out,
                         gr_error *err) GR_MUST_CHECK;
gr_status gr_webp_decode(const uint8_t *bytes, size_t size, const char *name, gr_image *out, gr_error *err) GR_MUST_CHECK;
gr_status gr_tiff_decode(const uint8_t *bytes, size_t size, const char *name, gr_image *out, gr_error *err) GR_MUST_CHECK;

#endif
