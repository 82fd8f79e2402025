/* Is one picture a part of another? */
#ifndef GR_DATA_NEAR_CROPS_H
#define GR_DATA_NEAR_CROPS_H

#include "data/picture_print.h"

/* The highest correlation of the grey copy of `part`, made smaller in whole cells down to GR_NEAR_LEAST of GR_PRINT_SIDE, with a
 * place in that of `whole`, in the mirror too. Sides shrink alike. -1: one of them has no shape. Never fails. */
double gr_print_within(const gr_print *whole, const gr_print *part);

/* A crop that keeps less than 20 / 32 of the side is not looked for. Of pictures that correlate by more, one is part of the
 * other: measured on rendered faces, of 224 pixels, crops that keep 0.65 to 0.95 of the side reach 0.949 to 0.998 with
 * their own picture, other pictures of the same animal at most 0.917. */
enum { GR_NEAR_LEAST = 20 };
#define GR_NEAR_WITHIN 0.94

#endif
