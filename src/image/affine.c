/* Nearest-pixel turns and shears, as Pillow does them. */
#include "image/image.h"

#include <math.h>

void gr_image_affine(const uint8_t *in, int width, int height, const double at[6], uint8_t *out)
{
    /* Pillow walks the output and steps through the input in 16.16 fixed point, from the middle of the first pixel. */
    const double one = 65536;
    int64_t xx = (int64_t)floor(at[0] * one + 0.5), xy = (int64_t)floor(at[1] * one + 0.5);
    int64_t yx = (int64_t)floor(at[3] * one + 0.5), yy = (int64_t)floor(at[4] * one + 0.5);
    int64_t row_x = (int64_t)floor((at[2] + at[0] * 0.5 + at[1] * 0.5) * one + 0.5);
    int64_t row_y = (int64_t)floor((at[5] + at[3] * 0.5 + at[4] * 0.5) * one + 0.5);
    for (int y = 0; y < height; y++, row_x += xy, row_y += yy) {
        int64_t at_x = row_x, at_y = row_y;
        for (int x = 0; x < width; x++, at_x += xx, at_y += yx, out += 3) {
            int64_t from_x = at_x >> 16, from_y = at_y >> 16;
            bool inside = from_x >= 0 && from_x < width && from_y >= 0 && from_y < height;
            const uint8_t *p = inside ? in + ((size_t)from_y * (size_t)width + (size_t)from_x) * 3 : NULL;
            out[0] = inside ? p[0] : 0;
            out[1] = inside ? p[1] : 0;
            out[2] = inside ? p[2] : 0;
        }
    }
}

void gr_image_rotate(const uint8_t *in, int width, int height, double degrees, uint8_t *out)
{
    const double turn = -degrees * (3.14159265358979323846 / 180);
    double c = rint(cos(turn) * 1e15) / 1e15, s = rint(sin(turn) * 1e15) / 1e15, mx = width / 2.0, my = height / 2.0;
    gr_image_affine(in, width, height, (const double[6]){c, s, -c * mx - s * my + mx, -s, c, s * mx - c * my + my}, out);
}

void gr_shear_affine(int height, double share, double at[6])
{
    at[0] = at[4] = 1;
    at[3] = at[5] = 0;
    at[1] = share;
    at[2] = -share * height / 2.0;
}
