/* How a picture is cut, in numbers: how strong its edges are, and how fine, here and there in the frame. A face that fills its
 * frame has other edges in the middle than at the border, and the same in all crops; in a whole photograph most of the frame is
 * background. */
#ifndef GR_LEARNERS_FRAMING_H
#define GR_LEARNERS_FRAMING_H

#include <stdint.h>

/* Its name in the folder of a fold: a file as GR_LIKENESS_FILE, of these numbers. */
#define GR_FRAMING_FILE "framing.safetensors"

/* Cells of a scale, each with the mean difference of neighbours across and down. */
enum {
    GR_FRAMING_CELLS = 4,
    GR_FRAMING_SCALES = 3,
    GR_FRAMING_WIDTH = 2 * GR_FRAMING_SCALES * GR_FRAMING_CELLS * GR_FRAMING_CELLS
};

/* Writes to[GR_FRAMING_WIDTH] of an image pixels[size, size, channels], as a network sees it: of its grey copy (the mean of the
 * channels), made smaller by whole steps until a side has fewer than 128 pixels, then halved twice, the logarithms of those
 * means. A scale whose side has fewer pixels than cells and one more is all zeros. grey[size * size] is scratch. Never fails. */
void gr_framing_make(const float *pixels, int64_t size, int64_t channels, float *grey, float *to);

#endif
