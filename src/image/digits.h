/* Numbers in a picture, without a font. */
#ifndef GR_IMAGE_DIGITS_H
#define GR_IMAGE_DIGITS_H

#include "grimace/image.h"

enum { GR_DIGITS_HEIGHT = 7 };

/* How many pixels wide a number is. Never fails. */
int gr_digits_width(const char *text);
/* Writes a number as printf gives it ("-1.2e+03"; other letters are blank) with its upper left corner at (left, top); what
 * is outside the picture is cut off. Never fails. */
void gr_digits_put(const char *text, int left, int top, const uint8_t colour[3], gr_image *image);

#endif
