/* What a TIFF says about its samples, and what becomes of them. */
#ifndef GR_IMAGE_TIFF_PIXELS_H
#define GR_IMAGE_TIFF_PIXELS_H

#include "image/image.h"

/* Samples beyond these are refused: colours, alpha and a few that mean nothing here. */
enum { GR_TIFF_SAMPLES_MAX = 6 };

typedef enum gr_tiff_colour {
    GR_TIFF_GREY,
    GR_TIFF_GREY_INVERTED,
    GR_TIFF_RGB,
    GR_TIFF_PALETTE,
    GR_TIFF_CMYK
} gr_tiff_colour;

typedef struct gr_tiff_layout {
    gr_tiff_colour colour;
    int samples; /* of a pixel, as stored */
    int bits;    /* of a sample, 1..16 */
    int alpha;   /* the sample that is to be multiplied with the colours; 0: none */
    uint8_t palette[256][3];
} gr_tiff_layout;

/* `count` samples from a row of libtiff (packed from the highest bit, 16 bits in this machine's order), every `step`th byte
 * of `to` from its first on: scaled to 8 bits; as they are for a palette. Never fails. */
void gr_tiff_unpack(const gr_tiff_layout *layout, const uint8_t *row, size_t count, size_t step, uint8_t *to);

/* count pixels of samples side by side to R G B. Never fails. */
void gr_tiff_rgb(const gr_tiff_layout *layout, const uint8_t *samples, size_t count, uint8_t *rgb);

#endif
