#include "learners/framing.h"

#include <math.h>
#include <stdbool.h>

static const double least = 0.005; /* added, in standard deviations of pixels, so that an even cell has a logarithm */

enum { SIDE = 64, CELLS = GR_FRAMING_CELLS };

/* The mean of each pixel's channels. Three of them are told to the compiler, which then takes several pixels at a time. */
static void make_grey(const float *restrict pixels, int64_t count, int64_t channels, float *restrict grey)
{
    for (int64_t i = 0; channels == 3 && i < count; i++)
        grey[i] = (float)((0.0 + (double)pixels[3 * i] + (double)pixels[3 * i + 1] + (double)pixels[3 * i + 2]) / 3.0);
    for (int64_t i = 0; channels != 3 && i < count; i++) {
        double sum = 0.0;
        for (int64_t c = 0; c < channels; c++)
            sum += (double)pixels[i * channels + c];
        grey[i] = (float)(sum / (double)channels);
    }
}

/* The means over blocks of step x step pixels; what is left over at the right and the lower edge is not looked at. */
static int64_t shrink(const float *in, int64_t size, int64_t step, float *out)
{
    int64_t side = size / step;
    for (int64_t y = 0; y < side; y++)
        for (int64_t x = 0; x < side; x++) {
            double sum = 0.0;
            for (int64_t i = 0; i < step; i++)
                for (int64_t j = 0; j < step; j++)
                    sum += (double)in[(y * step + i) * size + x * step + j];
            out[y * side + x] = (float)(sum / (double)(step * step)); /* may be `in`: it lies no further on */
        }
    return side;
}

/* The mean distance of each pixel from the one `by` further on, over rows [top, bottom) and columns [left, right). */
static double mean_step(const float *grey, int64_t side, int64_t by, const int64_t at[4])
{
    double sum = 0.0;
    for (int64_t y = at[0]; y < at[1]; y++)
        for (int64_t x = at[2]; x < at[3]; x++)
            sum += fabs((double)grey[y * side + x + by] - (double)grey[y * side + x]);
    return sum / (double)((at[1] - at[0]) * (at[3] - at[2]));
}

/* One direction of one scale: to[CELLS * CELLS]. */
static void put_cells(const float *grey, int64_t side, bool down, float *to)
{
    int64_t rows = down ? side - 1 : side, columns = down ? side : side - 1;
    for (int64_t i = 0; i < CELLS; i++)
        for (int64_t j = 0; j < CELLS; j++) {
            const int64_t at[4] = {rows * i / CELLS, rows * (i + 1) / CELLS, columns * j / CELLS, columns * (j + 1) / CELLS};
            *to++ = side > CELLS ? (float)log(mean_step(grey, side, down ? side : 1, at) + least) : 0.0f;
        }
}

void gr_framing_make(const float *pixels, int64_t size, int64_t channels, float *grey, float *to)
{
    make_grey(pixels, size * size, channels, grey);
    int64_t side = size >= 2 * SIDE ? shrink(grey, size, size / SIDE, grey) : size;
    for (int s = 0; s < GR_FRAMING_SCALES; s++, to += 2 * CELLS * CELLS) {
        put_cells(grey, side, false, to);
        put_cells(grey, side, true, to + CELLS * CELLS);
        side = shrink(grey, side, 2, grey);
    }
}
