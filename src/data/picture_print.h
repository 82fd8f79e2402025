/* Prints of pictures, by which nearly equal ones are found: a hash of the coarse shape, and a small grey copy. */
#ifndef GR_DATA_PICTURE_PRINT_H
#define GR_DATA_PICTURE_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "grimace/image.h"

enum { GR_PRINT_SIDE = 32 };

typedef struct gr_print {
    bool known;              /* false: not decoded, or of one colour */
    uint64_t hash, mirrored; /* perceptual hash, and that of the picture seen in a mirror */
    uint8_t grey[GR_PRINT_SIDE * GR_PRINT_SIDE];
} gr_print;

/* Of the image, or of its box [x, y, width, height] (NULL: all of it). The hash has a bit for each of 8 x 8 low frequencies
 * of the discrete cosine transform of the small grey copy, set where it is above their median (Zauner 2010, "Implementation
 * and benchmarking of perceptual image hash functions"). Never fails. */
void gr_print_make(const gr_image *image, const double box[4], gr_print *out);

/* How many bits differ, in the mirror or not, whichever is fewer. Never fails. */
int gr_print_distance(const gr_print *a, const gr_print *b);
/* The correlation of the grey copies, likewise the larger; in [-1, 1]. Never fails. */
double gr_print_correlation(const gr_print *a, const gr_print *b);

/* A print's grey copy, its mean taken off and of length one, on the lowest 80 waves of the discrete cosine transform, which are
 * at right angles to each other: those that a mirror leaves as they are, those whose sign it turns (zeros behind each), and the
 * length of all that other waves hold. */
enum { GR_SHAPE_STRAIGHT = 48, GR_SHAPE_TURNED = 40 };
typedef struct gr_shape {
    float straight[GR_SHAPE_STRAIGHT], turned[GR_SHAPE_TURNED], rest;
} gr_shape;

/* Never fails. */
void gr_print_shape(const gr_print *print, gr_shape *out);
/* At least gr_print_correlation of their prints, in a tenth of its time: what two vectors share on some waves, and at most the
 * product of their lengths on the others (Cauchy and Schwarz). Never fails. */
float gr_shape_bound(const gr_shape *a, const gr_shape *b);

#endif
