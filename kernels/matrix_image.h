/* Convolutions of an image through matrix registers: up to 32 numbers of a row of taps are one step along k, and stand in memory
 * as they are multiplied, a few bytes on from result to result. What is read is rounded once, row by row, with zeros where the
 * padding is; weights behind the taps' last number are zero. Private to kernels/K_matrix_image*.c. */
#ifndef GR_MATRIX_IMAGE_H
#define GR_MATRIX_IMAGE_H

#include "implicit_gemm.h"

#if GR_PAIR_STEP > 1

enum { GR_IMAGE_RUN = 2 * GR_PAIR_STEP /* numbers along k in one step */ };

/* A band of rows of results. */
typedef struct gr_image_band {
    int64_t rows, bands;       /* of results; of an image */
    int64_t results;           /* of a row, up to whole tiles */
    int64_t lines, line_words; /* rows that a band reads; numbers from row to row, and zeros behind the last result's taps */
} gr_image_band;

gr_image_band GR_KERNEL(gr_image_band_make)(const gr_conv_problem *p, int64_t rows);
/* The rows that a band reads as out[lines][line_words]. */
void GR_KERNEL(gr_image_fill)(const gr_conv_problem *p, const gr_image_band *b, const float *x, int64_t image, int64_t band,
                              uint16_t *out);

size_t GR_KERNEL(gr_image_taps_scratch)(const gr_conv_problem *p, int threads);
void GR_KERNEL(gr_image_taps_weight)(const gr_conv_problem *p, const gr_conv_args *args);
void GR_KERNEL(gr_image_taps_describe)(const gr_conv_problem *p, char *text, size_t size);

extern const gr_conv_algorithm GR_KERNEL(gr_matrix_image);

#endif
#endif
