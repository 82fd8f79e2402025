#include "learners/framing.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static const double least = 0.005; /* added, in standard deviations of pixels, so that an even cell has a logarithm */

enum { SIDE = 64, CELLS = GR_FRAMING_CELLS };

typedef float four __attribute__((vector_size(16)));
typedef double two __attribute__((vector_size(16)));
typedef float half __attribute__((vector_size(8)));
typedef int32_t places __attribute__((vector_size(16)));

/* The sums of two pixels' channels, which lie in lower or upper halves, over three. */
static inline half third(half a, half b, half c)
{
    two sum = {0.0, 0.0};
    sum += __builtin_convertvector(a, two);
    sum += __builtin_convertvector(b, two);
    sum += __builtin_convertvector(c, two);
    return __builtin_convertvector(sum / 3.0, half);
}

/* Four pixels of three channels, as the loop of one does it. */
static inline void grey_four(const float *pixels, float *grey)
{
    four x[3];
    memcpy(x, pixels, sizeof x);
    four a = __builtin_shuffle(__builtin_shuffle(x[0], x[1], (places){0, 3, 6, 0}), x[2], (places){0, 1, 2, 5});
    four b = __builtin_shuffle(__builtin_shuffle(x[0], x[1], (places){1, 4, 7, 0}), x[2], (places){0, 1, 2, 6});
    four c = __builtin_shuffle(__builtin_shuffle(x[0], x[1], (places){2, 5, 0, 0}), x[2], (places){0, 1, 4, 7});
    const half low = third((half){a[0], a[1]}, (half){b[0], b[1]}, (half){c[0], c[1]});
    const half high = third((half){a[2], a[3]}, (half){b[2], b[3]}, (half){c[2], c[3]});
    memcpy(grey, &low, sizeof low);
    memcpy(grey + 2, &high, sizeof high);
}

/* The mean of each pixel's channels. */
static void make_grey(const float *pixels, int64_t count, int64_t channels, float *grey)
{
    int64_t i = 0;
    for (; channels == 3 && i + 4 <= count; i += 4)
        grey_four(pixels + 3 * i, grey + i);
    for (; i < count; i++) {
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
