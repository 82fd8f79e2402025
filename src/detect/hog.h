/* Histograms of oriented gradients (Dalal and Triggs 2005), as OpenCV's HOGDescriptor works them out of a grey picture:
 * cells of 8 x 8 pixels, blocks of 2 x 2 cells at every cell, 9 directions without sign, square roots of pixels, L2-Hys. */
#ifndef GR_DETECT_HOG_H
#define GR_DETECT_HOG_H

#include "detect/grey.h"

enum { GR_HOG_CELL = 8, GR_HOG_BINS = 9, GR_HOG_BLOCK = 4 * GR_HOG_BINS };

/* Numbers that describe a window; its sides are multiples of GR_HOG_CELL, two at least. Never fails. */
int64_t gr_hog_numbers(int width, int height);

/* The blocks of a picture at every cell from its upper left corner on. */
typedef struct gr_hog_blocks {
    int columns, rows;
    float *numbers; /* [columns, rows, GR_HOG_BLOCK]: column by column, as OpenCV has it */
} gr_hog_blocks;

/* GIVES (gr_hog_free) the blocks of a picture; none where it is smaller than one. Fails: GR_NOMEM. */
gr_status gr_hog_make(const gr_grey *grey, gr_hog_blocks *out, gr_error *err) GR_MUST_CHECK;
void gr_hog_free(gr_hog_blocks *blocks);
/* Writes to[gr_hog_numbers] the window of width x height whose first block is that of (column, row). Never fails. */
void gr_hog_window(const gr_hog_blocks *blocks, int column, int row, int width, int height, float *to);

#endif
