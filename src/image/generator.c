/* Keras's ImageDataGenerator (keras.src.legacy.preprocessing.image of Keras 3, keras.preprocessing.image of 2; the same in
 * all):
 *
 *   M = rotation(theta) shift(tx, ty) shear zoom(zx, zy), in coordinates x first, about ((h - 1) / 2, (w - 1) / 2), takes a
 * place of the result to one of the input: x is the column, so that tx, which is height_shift_range times the height, moves
 * along rows, and ty, width_shift_range times the width, along columns; both of what the names say. SciPy's order 1; beyond
 * the border as `fill` says. Then the channels' shift, clipped to the picture's own range; flips; brightness by Pillow on
 * bytes (values cut to whole numbers). */
#include "image/generator.h"

#include <math.h>
#include <string.h>

typedef struct matrix {
    double xx, xy, x, yx, yy, y;
} matrix;

static matrix times(matrix a, matrix b)
{
    return (matrix){a.xx * b.xx + a.xy * b.yx, a.xx * b.xy + a.xy * b.yy, a.xx * b.x + a.xy * b.y + a.x,
                    a.yx * b.xx + a.yy * b.yx, a.yx * b.xy + a.yy * b.yy, a.yx * b.x + a.yy * b.y + a.y};
}

gr_generated gr_generator_draw(const gr_transform *t, int width, int height, gr_rng *rng)
{
    double u[11];
    const double *m = t->more;
    for (int i = 0; i < 11; i++)
        u[i] = gr_rng_double(rng);
    return (gr_generated){.theta = m[GR_GENERATOR_ROTATION] * (2 * u[0] - 1),
                          .tx = m[GR_GENERATOR_HEIGHT_SHIFT] * (2 * u[1] - 1) * height,
                          .ty = m[GR_GENERATOR_WIDTH_SHIFT] * (2 * u[2] - 1) * width,
                          .shear = m[GR_GENERATOR_SHEAR] * (2 * u[3] - 1),
                          .zx = m[GR_GENERATOR_ZOOM_LOW] + (m[GR_GENERATOR_ZOOM_HIGH] - m[GR_GENERATOR_ZOOM_LOW]) * u[4],
                          .zy = m[GR_GENERATOR_ZOOM_LOW] + (m[GR_GENERATOR_ZOOM_HIGH] - m[GR_GENERATOR_ZOOM_LOW]) * u[5],
                          .hflip = m[GR_GENERATOR_HFLIP] != 0 && u[6] < 0.5,
                          .vflip = m[GR_GENERATOR_VFLIP] != 0 &&
                                   u[7]<0.5, .shifts_channels = m[GR_GENERATOR_CHANNEL_SHIFT] != 0,
                                        .channel_shift = m[GR_GENERATOR_CHANNEL_SHIFT] * (2 * u[8] - 1),
                                        .brightens = m[GR_GENERATOR_BRIGHTNESS_HIGH]> 0,
                          .brightness = m[GR_GENERATOR_BRIGHTNESS_LOW] +
                                        (m[GR_GENERATOR_BRIGHTNESS_HIGH] - m[GR_GENERATOR_BRIGHTNESS_LOW]) * u[9]};
}

/* ---- the matrix
 * -------------------------------------------------------------------------------------------------------------- */

static bool moves(const gr_generated *d)
{
    return d->theta != 0 || d->tx != 0 || d->ty != 0 || d->shear != 0 || d->zx != 1 || d->zy != 1;
}

static matrix matrix_of(const gr_generated *d, int width, int height)
{
    const double turn = 3.14159265358979323846 / 180, theta = d->theta * turn, shear = d->shear * turn;
    double ox = (double)height / 2 - 0.5, oy = (double)width / 2 - 0.5;
    matrix m = {cos(theta), -sin(theta), 0, sin(theta), cos(theta), 0};
    m = times(m, (matrix){1, 0, d->tx, 0, 1, d->ty});
    m = times(m, (matrix){1, -sin(shear), 0, 0, cos(shear), 0});
    m = times(m, (matrix){d->zx, 0, 0, 0, d->zy, 0});
    return times(times((matrix){1, 0, ox, 0, 1, oy}, m), (matrix){1, 0, -ox, 0, 1, -oy});
}

/* ---- SciPy's borders
 * --------------------------------------------------------------------------------------------------------- */

/* Where a coordinate beyond the border is read; false: nowhere (constant). */
static bool within(int fill, double *at, int size)
{
    double in = *at, last = size - 1, twice = 2.0 * size;
    if (in >= 0 && in <= last)
        return true;
    switch (fill) {
    case GR_BORDER_NEAREST: in = in < 0 ? 0 : last; break;
    case GR_BORDER_REFLECT:
        if (in < 0) {
            in = in < -twice ? twice * floor(-in / twice) + in : in;
            in = in < -size ? in + twice : -in - 1;
        } else {
            in -= twice * floor(in / twice);
            in = in >= size ? twice - in - 1 : in;
        }
        break;
    case GR_BORDER_WRAP:
        if (size <= 1)
            in = 0;
        else
            in = in < 0 ? in + last * (floor(-in / last) + 1) : in - last * floor(in / last);
        break;
    default: return false;
    }
    *at = in;
    return true;
}

static int pixel_of(int at, int size)
{
    return at < 0       ? (-at - 1 < size ? -at - 1 : size - 1)
           : at >= size ? (2 * size - at - 1 > 0 ? 2 * size - at - 1 : 0)
                        : at;
}

static void read_at(const gr_floats *in, int fill, double cval, double column, double row, float out[3])
{
    if (!within(fill, &column, in->width) || !within(fill, &row, in->height)) {
        out[0] = out[1] = out[2] = (float)cval;
        return;
    }
    int x = (int)floor(column), y = (int)floor(row);
    double right = column - x, down = row - y;
    for (int c = 0; c < 3; c++) {
        double sum = 0;
        for (int j = 0; j < 2; j++)
            for (int i = 0; i < 2; i++) {
                size_t at = (size_t)pixel_of(y + j, in->height) * (size_t)in->width + (size_t)pixel_of(x + i, in->width);
                sum += (double)in->pixels[3 * at + (size_t)c] * (i == 1 ? right : 1 - right) * (j == 1 ? down : 1 - down);
            }
        out[c] = (float)sum;
    }
}

static gr_status move(const gr_transform *t, const gr_generated *drawn, gr_floats *image, gr_map *map, gr_error *err)
{
    gr_floats out;
    matrix m = matrix_of(drawn, image->width, image->height);
    gr_status status = gr_floats_alloc(image->width, image->height, &out, err);
    if (status != GR_OK)
        return status;
    float *to = out.pixels;
    for (int y = 0; y < out.height; y++)
        for (int x = 0; x < out.width; x++, to += 3)
            read_at(image, (int)t->more[GR_GENERATOR_FILL], t->more[GR_GENERATOR_CVAL], m.xx * x + m.xy * y + m.x,
                    m.yx * x + m.yy * y + m.y, to);
    gr_floats_free(image);
    *image = out;
    /* Points count from the corner, the matrix from the middle of the first pixel; and it leads back. */
    const gr_map back = {m.xx, m.xy, m.x + 0.5 - 0.5 * (m.xx + m.xy), m.yx, m.yy, m.y + 0.5 - 0.5 * (m.yx + m.yy)};
    gr_map step = gr_map_inverse(&back);
    gr_map_then(map, &step);
    return GR_OK;
}

/* ---- the rest
 * ---------------------------------------------------------------------------------------------------------------- */

static void shift_channels(gr_floats *image, double by)
{
    size_t count = (size_t)image->width * (size_t)image->height * 3;
    float low = image->pixels[0], high = low;
    for (size_t i = 0; i < count; i++) {
        low = fminf(low, image->pixels[i]);
        high = fmaxf(high, image->pixels[i]);
    }
    for (size_t i = 0; i < count; i++)
        image->pixels[i] = fminf(fmaxf(image->pixels[i] + (float)by, low), high);
}

static void flip(gr_floats *image, bool rows)
{
    size_t width = (size_t)image->width, height = (size_t)image->height;
    for (size_t y = 0; y < (rows ? height / 2 : height); y++)
        for (size_t x = 0; x < (rows ? width : width / 2); x++) {
            float *a = image->pixels + 3 * (y * width + x), kept[3];
            float *b =
                rows ? image->pixels + 3 * ((height - 1 - y) * width + x) : image->pixels + 3 * (y * width + width - 1 - x);
            memcpy(kept, a, sizeof kept);
            memcpy(a, b, sizeof kept);
            memcpy(b, kept, sizeof kept);
        }
}

static void brighten(gr_floats *image, float factor)
{
    size_t count = (size_t)image->width * (size_t)image->height * 3;
    for (size_t i = 0; i < count; i++) {
        float value = factor * (float)(uint8_t)image->pixels[i];
        image->pixels[i] = value >= 255 ? 255.0f : floorf(value);
    }
}

gr_status gr_generator_apply(const gr_transform *t, const gr_generated *drawn, gr_floats *image, gr_map *map, gr_error *err)
{
    gr_status status = moves(drawn) ? move(t, drawn, image, map, err) : GR_OK;
    if (status != GR_OK)
        return status;
    if (drawn->shifts_channels)
        shift_channels(image, drawn->channel_shift);
    if (drawn->hflip) {
        gr_map step = gr_map_mirror(image->width);
        flip(image, false);
        gr_map_then(map, &step);
    }
    if (drawn->vflip) {
        const gr_map step = {1, 0, 0, 0, -1, image->height};
        flip(image, true);
        gr_map_then(map, &step);
    }
    if (drawn->brightens)
        brighten(image, (float)drawn->brightness);
    return GR_OK;
}
