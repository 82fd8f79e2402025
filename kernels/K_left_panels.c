/* The left matrix of the weight gradients as register tiles of few rows read it. A tile of 6 rows takes 24 bytes of each pixel:
 * read where the pixels stand, a step takes a line of cache, and where pixels are 1 KB or more apart these lines share few places
 * in L1. Side by side, both factors of the product stream. */
#include "panel.h"

/* Panels whose GR_MR numbers are taken by a whole vector: what it reads behind them belongs to the same row, and what it writes
 * behind them is the place of the next pixel, or, at the end, the room between panels. */
static inline int64_t by_vectors(int64_t columns)
{
    return GR_VL < GR_MR || columns < GR_VL - GR_MR ? 0 : (columns - (GR_VL - GR_MR)) / GR_MR;
}

GR_INLINE void copy_pixels(int64_t pixels, int64_t columns, const float *from, int64_t step, float *out, int64_t panel,
                           const int64_t vectors)
{
    for (int64_t i = 0; i < pixels; i++, from += step, out += GR_MR) {
#pragma GCC unroll 8
        for (int64_t j = 0; j < vectors; j++)
            gr_vstore(out + j * panel, gr_vload(from + j * GR_MR));
        for (int64_t j = vectors; j * GR_MR < columns; j++) {
            const int64_t left = columns - j * GR_MR;
            if (left >= GR_MR)
                memcpy(out + j * panel, from + j * GR_MR, sizeof *out * GR_MR);
            else
                memcpy(out + j * panel, from + j * GR_MR, sizeof *out * (size_t)left);
        }
    }
}

void GR_KERNEL(gr_left_panels)(int64_t pixels, int64_t columns, const float *from, int64_t step, float *out, int64_t panel)
{
    enum { WHOLE = GR_VL < GR_MR ? 0 : (GR_LEFT_COLUMNS - (GR_VL - GR_MR)) / GR_MR };
    for (int64_t at = 0; at < columns; at += GR_LEFT_COLUMNS) {
        const int64_t count = columns - at;
        float *to = out + at / GR_MR * panel;
        if (count >= GR_LEFT_COLUMNS)
            copy_pixels(pixels, GR_LEFT_COLUMNS, from + at, step, to, panel, WHOLE);
        else
            copy_pixels(pixels, count, from + at, step, to, panel, by_vectors(count));
    }
}
