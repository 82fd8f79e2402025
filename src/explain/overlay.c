/* A map in colours: from 0 to its largest number; numbers of both signs from blue (against) over white, which is 0, to red
 * (for). */
#include "explain/overlay.h"

#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "image/digits.h"
#include "image/image.h"

enum { PANELS = 3, GAP = 4, BAR = 10, LEAST_FOR_MIDDLE = 32, LEAST_FOR_BOTTOM = 17 };

double gr_overlay_largest(const float *map, int64_t count)
{
    float most = 0;
    for (int64_t i = 0; i < count; i++) {
        float size = map[i] < 0 ? -map[i] : map[i];
        most = size > most ? size : most;
    }
    return (double)most;
}

static double scale_of(const gr_overlay *o)
{
    return o->scale > 0 ? o->scale : gr_overlay_largest(o->map, (int64_t)o->size * o->size);
}

/* [GR_COLOURS] as bytes. */
static void take_colours(const gr_overlay *o, uint8_t colours[GR_COLOURS][3])
{
    const uint32_t *table = gr_colour_map_table(o->is_signed ? GR_DIVERGING : o->colours);
    for (int i = 0; i < GR_COLOURS; i++)
        for (int c = 0; c < 3; c++)
            colours[i][c] = (uint8_t)(table[i] >> (16 - 8 * c));
}

void gr_overlay_paint(const gr_overlay *o, gr_image *out)
{
    uint8_t colours[GR_COLOURS][3];
    int size = o->size, over = (int)((o->opacity > 0 ? o->opacity : 0.5) * 256 + 0.5);
    double most = scale_of(o);
    float scale = most > 0 ? (float)(1 / most) : 0;
    take_colours(o, colours);
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++) {
            float v = o->map[y * size + x] * scale;
            v = (o->is_signed ? (v + 1) / 2 : v < 0 ? 0 : v) * (GR_COLOURS - 1) + 0.5f;
            const uint8_t *colour = colours[v >= GR_COLOURS ? GR_COLOURS - 1 : v > 0 ? (int)v : 0]; /* a NaN is the lowest */
            const uint8_t *picture = o->picture->pixels + 3 * ((size_t)y * (size_t)size + (size_t)x);
            uint8_t *to = out->pixels + 3 * ((size_t)y * (size_t)out->width + (size_t)x);
            for (int c = 0; c < 3; c++) {
                to[c] = picture[c];
                to[3 * size + c] = (uint8_t)((picture[c] * (256 - over) + colour[c] * over + 128) >> 8);
                to[6 * size + c] = colour[c];
            }
        }
}

static void put_number(double value, int left, int top, gr_image *out)
{
    char text[32];
    snprintf(text, sizeof text, "%.3g", value);
    gr_digits_put(text, left, top, (const uint8_t[3]){0x1a, 0x1a, 0x1a}, out);
}

/* The colours from the last, at the top, to the first, and their numbers. */
static void paint_bar(const gr_overlay *o, gr_image *out)
{
    uint8_t colours[GR_COLOURS][3];
    int size = o->size, left = PANELS * size + GAP, text = left + BAR + GAP - 1;
    double most = scale_of(o), least = o->is_signed ? -most : 0.0;
    take_colours(o, colours);
    for (int y = 0; y < size; y++) {
        uint8_t *row = out->pixels + 3 * (size_t)out->width * (size_t)y;
        memset(row + 3 * PANELS * size, 0xff, 3 * (size_t)GR_OVERLAY_BAR);
        int at = size > 1 ? (size - 1 - y) * (GR_COLOURS - 1) / (size - 1) : GR_COLOURS - 1;
        for (int x = left; x < left + BAR; x++)
            memcpy(row + 3 * (size_t)x, colours[at], 3);
    }
    put_number(most, text, 0, out);
    if (size >= LEAST_FOR_BOTTOM)
        put_number(least, text, size - GR_DIGITS_HEIGHT, out);
    if (size >= LEAST_FOR_MIDDLE)
        put_number((least + most) / 2, text, (size - GR_DIGITS_HEIGHT) / 2, out);
}

gr_status gr_overlay_write(const char *path, const gr_overlay *overlay, gr_error *err)
{
    gr_image out = {0};
    uint8_t *bytes = NULL;
    size_t size;
    gr_status status = gr_image_make(PANELS * overlay->size + GR_OVERLAY_BAR, overlay->size, &out, err);
    if (status == GR_OK) {
        gr_overlay_paint(overlay, &out);
        paint_bar(overlay, &out);
        status = gr_png_encode_quick(&out, &bytes, &size, err);
    }
    if (status == GR_OK)
        status = gr_file_put(path, bytes, size, err);
    gr_image_bytes_free(bytes);
    gr_image_free(&out);
    return status;
}
