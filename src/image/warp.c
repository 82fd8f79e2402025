#include "image/warp.h"

#include <math.h>

#include "base/base.h"

/* One output pixel; (x, y) are continuous coordinates of `in`. What lies beyond an edge by less than half a pixel is the
 * edge's. */
static void sample(const gr_image *in, double x, double y, uint8_t *to)
{
    to[0] = to[1] = to[2] = 0;
    if (!(x >= 0 && y >= 0 && x <= in->width && y <= in->height))
        return;
    double u = fmin(fmax(x - 0.5, 0), in->width - 1), v = fmin(fmax(y - 0.5, 0), in->height - 1);
    int left = (int)u, top = (int)v;
    int right = left + 1 < in->width ? left + 1 : left, bottom = top + 1 < in->height ? top + 1 : top;
    double a = u - left, b = v - top;
    const uint8_t *upper = in->pixels + (size_t)top * (size_t)in->width * 3,
                  *lower = in->pixels + (size_t)bottom * (size_t)in->width * 3;
    for (int c = 0; c < 3; c++) {
        double one = upper[3 * left + c] + a * (upper[3 * right + c] - upper[3 * left + c]);
        double two = lower[3 * left + c] + a * (lower[3 * right + c] - lower[3 * left + c]);
        to[c] = (uint8_t)(one + b * (two - one) + 0.5);
    }
}

gr_status gr_image_warp(const gr_image *in, const gr_map *map, int width, int height, gr_image *out, gr_error *err)
{
    double area = fabs(map->xx * map->yy - map->xy * map->yx), scale = sqrt(area);
    gr_image small = {0};
    gr_map whole = *map;
    const gr_image *from = in;
    if (!(area > 1e-12) || !isfinite(map->x) || !isfinite(map->y))
        return gr_fail(err, GR_INVALID, "the map leaves nothing of the image");
    *out = (gr_image){0};
    gr_status status = GR_OK;
    if (scale < 1) {
        int w = (int)fmax(1, rint(in->width * scale)), h = (int)fmax(1, rint(in->height * scale));
        status = gr_image_resize(in, w, h, &small, err);
        whole = (gr_map){.xx = (double)in->width / w, .yy = (double)in->height / h};
        gr_map_then(&whole, map);
        from = &small;
    }
    if (status == GR_OK)
        status = gr_image_make(width, height, out, err);
    gr_map back = gr_map_inverse(&whole);
    for (int y = 0; y < height && status == GR_OK; y++)
        for (int x = 0; x < width; x++) {
            double at[2];
            gr_map_point(&back, x + 0.5, y + 0.5, at);
            sample(from, at[0], at[1], out->pixels + ((size_t)y * (size_t)width + (size_t)x) * 3);
        }
    gr_image_free(&small);
    return status;
}
