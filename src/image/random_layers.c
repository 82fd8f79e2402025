/* Keras's RandomFlip, RandomRotation, RandomTranslation and RandomZoom (keras.src.layers.preprocessing of 2.15 and
 * ...image_preprocessing of 3.15), whose matrices are the same in both: a place (x, y) of the result is read at (a x + b y + c,
 * d x + e y + f) by tf.raw_ops.ImageProjectiveTransformV3, bilinear, in float32; beyond the border as `fill` says. Each layer
 * reads what the one before it made. */
#include "image/random_layers.h"

#include <math.h>

#include "image/generator.h"

typedef struct matrix {
    float xx, xy, x, yx, yy, y;
} matrix;

static const char *const flip_names[] = {"none", "horizontal", "vertical", "both", "together"};

const char *gr_flip_name(int i)
{
    return i >= 0 && i < GR_FLIPS ? flip_names[i] : NULL;
}

gr_layered gr_layers_draw(const gr_transform *t, int width, int height, gr_rng *rng)
{
    const double *m = t->more;
    double u[6];
    for (int i = 0; i < 6; i++)
        u[i] = gr_rng_double(rng);
    gr_random_flip flip = (gr_random_flip)(int)m[GR_LAYERS_FLIP];
    double second = flip == GR_FLIP_TOGETHER ? u[0] : u[1];
    return (gr_layered){
        .hflip = flip != GR_FLIP_NONE && flip != GR_FLIP_VERTICAL && u[0] <= 0.5,
        .vflip = flip != GR_FLIP_NONE && flip != GR_FLIP_HORIZONTAL && second <= 0.5,
        .angle = 360 * (m[GR_LAYERS_ROTATION_LOW] + (m[GR_LAYERS_ROTATION_HIGH] - m[GR_LAYERS_ROTATION_LOW]) * u[2]),
        .down = m[GR_LAYERS_TRANSLATION_ROWS] * (2 * u[3] - 1) * height,
        .right = m[GR_LAYERS_TRANSLATION_COLUMNS] * (2 * u[4] - 1) * width,
        .zoom = 1 + m[GR_LAYERS_ZOOM_LOW] + (m[GR_LAYERS_ZOOM_HIGH] - m[GR_LAYERS_ZOOM_LOW]) * u[5]};
}

/* ---- TensorFlow's borders (tensorflow/core/kernels/image/image_ops.h) ----------------------------------------------------- */

static float mapped(int fill, float at, int size)
{
    float last = (float)(size - 1), whole = (float)size;
    bool before = at < 0, outside = before || at > last;
    if (fill == GR_BORDER_CONSTANT)
        return at;
    if (fill == GR_BORDER_REFLECT && outside && size > 1) {
        if (before) {
            at = at < 2 * whole ? 2 * whole * (float)(int)(-at / (2 * whole)) + at : at;
            at = at < -whole ? at + 2 * whole : -at - 1;
        } else {
            at -= 2 * whole * (float)(int)(at / (2 * whole));
            at = at >= whole ? 2 * whole - at - 1 : at;
        }
    } else if (fill == GR_BORDER_WRAP && outside && size > 1) {
        at += before ? whole * (float)((int)(-at / last) + 1) : -whole * (float)(int)(at / last);
    }
    return fminf(fmaxf(at, 0), last);
}

static float value_at(const gr_floats *in, int x, int y, int channel, float cval)
{
    if (x < 0 || y < 0 || x >= in->width || y >= in->height)
        return cval;
    return in->pixels[3 * ((size_t)y * (size_t)in->width + (size_t)x) + (size_t)channel];
}

static void read_at(const gr_floats *in, float x, float y, float cval, float out[3])
{
    float left = floorf(x), top = floorf(y);
    int ix = (int)left, iy = (int)top;
    for (int c = 0; c < 3; c++) {
        float above = (left + 1 - x) * value_at(in, ix, iy, c, cval) + (x - left) * value_at(in, ix + 1, iy, c, cval);
        float below = (left + 1 - x) * value_at(in, ix, iy + 1, c, cval) + (x - left) * value_at(in, ix + 1, iy + 1, c, cval);
        out[c] = (top + 1 - y) * above + (y - top) * below;
    }
}

static gr_status move(const gr_transform *t, matrix m, gr_floats *image, gr_map *map, gr_error *err)
{
    gr_floats out;
    gr_status status = gr_floats_alloc(image->width, image->height, &out, err);
    if (status != GR_OK)
        return status;
    int fill = (int)t->more[GR_LAYERS_FILL];
    float *to = out.pixels;
    for (int row = 0; row < out.height; row++)
        for (int column = 0; column < out.width; column++, to += 3) {
            float x = m.xx * (float)column + m.xy * (float)row + m.x, y = m.yx * (float)column + m.yy * (float)row + m.y;
            read_at(image, mapped(fill, x, image->width), mapped(fill, y, image->height), (float)t->more[GR_LAYERS_CVAL], to);
        }
    gr_floats_free(image);
    *image = out;
    /* Points count from the corner, the matrix from the middle of the first pixel; and it leads back. */
    double xx = (double)m.xx, xy = (double)m.xy, yx = (double)m.yx, yy = (double)m.yy;
    const gr_map back = {xx, xy, (double)m.x + 0.5 - 0.5 * (xx + xy), yx, yy, (double)m.y + 0.5 - 0.5 * (yx + yy)};
    gr_map step = gr_map_inverse(&back);
    gr_map_then(map, &step);
    return GR_OK;
}

/* ---- the layers ------------------------------------------------------------------------------------------------------------ */

static matrix rotation(double degrees, int width, int height)
{
    float turn = (float)degrees * (float)(3.14159265358979323846 / 180), c = cosf(turn), s = sinf(turn);
    float cx = 0.5f * (float)(width - 1), cy = 0.5f * (float)(height - 1);
    return (matrix){c, -s, cx - cx * c - cy * -s, s, c, cy - cx * s - cy * c};
}

static matrix zoomed(double by, int width, int height)
{
    float z = (float)by;
    return (matrix){z, 0, (float)(width - 1) / 2 * (1 - z), 0, z, (float)(height - 1) / 2 * (1 - z)};
}

gr_status gr_layers_apply(const gr_transform *t, const gr_layered *drawn, gr_floats *image, gr_map *map, gr_error *err)
{
    const gr_generated mirror = {.zx = 1, .zy = 1, .hflip = drawn->hflip, .vflip = drawn->vflip};
    int width = image->width, height = image->height;
    gr_status status = gr_generator_apply(t, &mirror, image, map, err);
    if (status == GR_OK && drawn->angle != 0)
        status = move(t, rotation(drawn->angle, width, height), image, map, err);
    if (status == GR_OK && (drawn->right != 0 || drawn->down != 0))
        status = move(t, (matrix){1, 0, -(float)drawn->right, 0, 1, -(float)drawn->down}, image, map, err);
    return status == GR_OK && drawn->zoom != 1 ? move(t, zoomed(drawn->zoom, width, height), image, map, err) : status;
}
