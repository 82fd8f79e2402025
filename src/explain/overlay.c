/* A map in colours: viridis from 0 to its largest number; numbers of both signs from blue (against) over white to red (for).
 */
#include "explain/overlay.h"

#include <string.h>

#include "base/base.h"
#include "image/image.h"

enum { ANCHORS = 17, COLOURS = 256, PANELS = 3 };

/* Every sixteenth colour of matplotlib's viridis (CC0) and of its RdBu, the other way round (ColorBrewer). */
static const uint8_t viridis[ANCHORS][3] = {{68, 1, 84},    {72, 24, 106},  {71, 45, 123},  {66, 64, 134},  {59, 82, 139},
                                            {51, 99, 141},  {44, 114, 142}, {38, 130, 142}, {33, 145, 140}, {31, 159, 136},
                                            {39, 173, 129}, {61, 188, 116}, {92, 200, 99},  {129, 211, 77}, {170, 220, 50},
                                            {213, 226, 26}, {253, 231, 37}};
static const uint8_t red_blue[ANCHORS][3] = {
    {5, 48, 97},     {23, 82, 144},   {42, 113, 178},  {63, 142, 192},  {107, 172, 209}, {155, 201, 224},
    {194, 221, 236}, {224, 236, 243}, {247, 246, 246}, {251, 229, 216}, {251, 204, 180}, {245, 170, 137},
    {228, 128, 102}, {208, 85, 72},   {186, 40, 50},   {147, 14, 38},   {103, 0, 31}};

static void fill(const uint8_t anchors[ANCHORS][3], uint8_t colours[COLOURS][3])
{
    for (int i = 0; i < COLOURS; i++) {
        float at = (float)i * (ANCHORS - 1) / (COLOURS - 1);
        int k = at < ANCHORS - 1 ? (int)at : ANCHORS - 2;
        for (int c = 0; c < 3; c++)
            colours[i][c] =
                (uint8_t)((float)anchors[k][c] + (at - (float)k) * ((float)anchors[k + 1][c] - (float)anchors[k][c]) + 0.5f);
    }
}

static float largest(const float *map, int64_t count)
{
    float most = 0;
    for (int64_t i = 0; i < count; i++) {
        float size = map[i] < 0 ? -map[i] : map[i];
        most = size > most ? size : most;
    }
    return most;
}

void gr_overlay_paint(const gr_overlay *o, gr_image *out)
{
    uint8_t colours[COLOURS][3];
    int size = o->size;
    float most = largest(o->map, (int64_t)size * size), scale = most > 0 ? 1 / most : 0;
    fill(o->is_signed ? red_blue : viridis, colours);
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++) {
            float v = o->map[y * size + x] * scale;
            v = (o->is_signed ? (v + 1) / 2 : v < 0 ? 0 : v) * (COLOURS - 1) + 0.5f;
            const uint8_t *colour = colours[v >= COLOURS ? COLOURS - 1 : v > 0 ? (int)v : 0]; /* a NaN is the lowest */
            const uint8_t *picture = o->picture->pixels + 3 * ((size_t)y * (size_t)size + (size_t)x);
            uint8_t *to = out->pixels + 3 * ((size_t)y * (size_t)out->width + (size_t)x);
            for (int c = 0; c < 3; c++) {
                to[c] = picture[c];
                to[3 * size + c] = (uint8_t)((picture[c] + colour[c] + 1) / 2);
                to[6 * size + c] = colour[c];
            }
        }
}

gr_status gr_overlay_write(const char *path, const gr_overlay *overlay, gr_error *err)
{
    gr_image out = {0};
    uint8_t *bytes = NULL;
    size_t size;
    gr_status status = gr_image_make(PANELS * overlay->size, overlay->size, &out, err);
    if (status == GR_OK) {
        gr_overlay_paint(overlay, &out);
        status = gr_png_encode_quick(&out, &bytes, &size, err);
    }
    if (status == GR_OK)
        status = gr_file_write_quick(path, bytes, size, err);
    gr_image_bytes_free(bytes);
    gr_image_free(&out);
    return status;
}
