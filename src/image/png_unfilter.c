/* PNG's filters undone (its specification, 9.2), and rows made RGB. */
#include <stdlib.h>
#include <string.h>

#include "image/image.h"
#include "image/png_rows.h"

enum { SUB = 1, UP, AVERAGE, PAETH };

static inline uint8_t paeth(int left, int above, int corner)
{
    int to_left = abs(above - corner), to_above = abs(left - corner), to_corner = abs(left + above - 2 * corner);
    int nearest = to_above < to_left ? above : left;
    int distance = to_above < to_left ? to_above : to_left;
    return (uint8_t)(to_corner < distance ? corner : nearest);
}

/* Undoes the filter of a row; `channels` is a constant wherever this is called. above: the row before, zeros for the first.
 */
static inline void undo(uint8_t *restrict row, const uint8_t *restrict above, size_t size, size_t channels, int filter)
{
    uint8_t left[4] = {0}, corner[4] = {0};
    for (size_t i = 0; i < size; i += channels)
        for (size_t c = 0; c < channels; c++) {
            uint8_t up = above[i + c];
            int guess = filter == SUB ? left[c] : filter == AVERAGE ? (left[c] + up) >> 1 : paeth(left[c], up, corner[c]);
            left[c] = row[i + c] = (uint8_t)(row[i + c] + guess);
            corner[c] = up;
        }
}

static void add_above(uint8_t *restrict row, const uint8_t *restrict above, size_t size)
{
    for (size_t i = 0; i < size; i++)
        row[i] = (uint8_t)(row[i] + above[i]);
}

#define UNDO(channels)                                                                                                      \
    case channels:                                                                                                          \
        switch (filter) {                                                                                                   \
        case SUB: undo(row, above, size, channels, SUB); break;                                                             \
        case AVERAGE: undo(row, above, size, channels, AVERAGE); break;                                                     \
        case PAETH: undo(row, above, size, channels, PAETH); break;                                                         \
        default: break;                                                                                                     \
        }                                                                                                                   \
        break;

static void unfilter_row(uint8_t *row, const uint8_t *above, size_t size, int channels, int filter)
{
    if (filter == UP) {
        add_above(row, above, size);
        return;
    }
    switch (channels) {
        UNDO(1)
        UNDO(2)
        UNDO(3)
        UNDO(4)
    default: break;
    }
}

/* One row to RGB; rgba[4 * width] is of use where there is alpha. */
static void put_row(const uint8_t *row, int channels, size_t width, uint8_t *rgba, uint8_t *to)
{
    if (channels == 3)
        memcpy(to, row, 3 * width);
    if (channels == 4)
        gr_rgb_of_rgba(row, width, to);
    for (size_t x = 0; channels == 1 && x < width; x++)
        to[3 * x] = to[3 * x + 1] = to[3 * x + 2] = row[x];
    for (size_t x = 0; channels == 2 && x < width; x++) {
        rgba[4 * x] = rgba[4 * x + 1] = rgba[4 * x + 2] = row[2 * x];
        rgba[4 * x + 3] = row[2 * x + 1];
    }
    if (channels == 2)
        gr_rgb_of_rgba(rgba, width, to);
}

gr_status gr_png_unfilter(gr_png_rows *rows, const char *name, gr_image *out, gr_error *err)
{
    size_t size = rows->stride - 1, width = (size_t)rows->width;
    uint8_t *zeros = gr_alloc(size + 4 * width, 1), *rgba = zeros != NULL ? zeros + size : NULL;
    gr_status status = gr_image_make(rows->width, rows->height, out, err);
    if (status == GR_OK && zeros == NULL)
        status = gr_fail(err, GR_NOMEM, "%s: no memory for its %d x %d pixels", name, rows->width, rows->height);
    const uint8_t *above = zeros;
    for (size_t y = 0; status == GR_OK && y < (size_t)rows->height; y++) {
        uint8_t *row = rows->bytes + y * rows->stride + 1;
        unfilter_row(row, above, size, rows->channels, row[-1]);
        put_row(row, rows->channels, width, rgba, out->pixels + 3 * width * y);
        above = row;
    }
    gr_free(zeros);
    if (status != GR_OK)
        gr_image_free(out);
    return status;
}
