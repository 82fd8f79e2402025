/* Arithmetic of maps: cells drawn to pixels, sums. */
#include "explain/maps.h"

#include <math.h>

/* The two cells between which pixel `i` of `size` lies, and how near the second one is. */
static float between(int i, int size, int cells, int *low, int *high)
{
    float at = ((float)i + 0.5f) * (float)cells / (float)size - 0.5f;
    at = at < 0 ? 0 : at;
    *low = (int)at < cells - 1 ? (int)at : cells - 1;
    *high = *low + 1 < cells ? *low + 1 : *low;
    return at - (float)*low;
}

void gr_map_draw(const float *cells, int rows, int columns, int size, float *map)
{
    for (int y = 0; y < size; y++) {
        int top, bottom, left, right;
        float dy = between(y, size, rows, &top, &bottom);
        for (int x = 0; x < size; x++) {
            float dx = between(x, size, columns, &left, &right);
            const float *a = cells + top * columns, *b = cells + bottom * columns;
            float upper = a[left] * (1 - dx) + a[right] * dx, lower = b[left] * (1 - dx) + b[right] * dx;
            map[y * size + x] = upper * (1 - dy) + lower * dy;
        }
    }
}

double gr_map_of_channels(const float *maps, int64_t pixels, int64_t channels, float *map)
{
    double all = 0.0;
    for (int64_t p = 0; p < pixels; p++) {
        double sum = 0.0;
        for (int64_t c = 0; c < channels; c++)
            sum += (double)maps[p * channels + c];
        map[p] = (float)sum;
        all += sum;
    }
    return all;
}

double gr_map_sum(const float *map, int64_t count)
{
    double sum = 0.0;
    for (int64_t i = 0; i < count; i++)
        sum += (double)map[i];
    return sum;
}
