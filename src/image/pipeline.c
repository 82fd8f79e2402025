/* Transforms in order, then floats.
 *
 * A crop, a mirroring, a change of brightness or of channel order moves no pixel: it changes the view through which the
 * image is read. Only what needs new pixels (resize, rotate, grey) makes them, in scratch memory; at the end one pass
 * reads the view through a table of 256 floats a channel. */
#include "image/image.h"

#include <string.h>

struct gr_pipeline {
    gr_transform *list;
    int count, size, channels;
    float table[3][256]; /* normalised value of a byte, by output channel */
    gr_image scratch[2]; /* pixels made on the way; a step reads one and writes the other */
    size_t capacity[2];
    gr_map map; /* of the last image's points */
};

/* Pixel (x, y) is the three bytes at pixels + y * stride + x * step, each through `map`; bgr: read backwards. */
typedef struct view {
    const uint8_t *pixels;
    ptrdiff_t stride, step;
    int width, height;
    bool bgr, mapped;
    uint8_t map[256];
} view;

/* Notes that the points took a step. */
static void move_points(gr_pipeline *p, gr_map step)
{
    gr_map_then(&p->map, &step);
}

static view view_of(const gr_image *image)
{
    return (view){.pixels = image->pixels,
                  .stride = (ptrdiff_t)image->width * 3,
                  .step = 3,
                  .width = image->width,
                  .height = image->height};
}

/* The number of a scratch image that `v` does not read. */
static int unread_scratch(const gr_pipeline *p, const view *v)
{
    const uint8_t *first = p->scratch[0].pixels;
    return first != NULL && v->pixels >= first && v->pixels < first + p->capacity[0];
}

/* That scratch image, at least width x height pixels large; NULL when memory is short. */
static gr_image *make_scratch(gr_pipeline *p, const view *v, int width, int height, gr_error *err)
{
    int which = unread_scratch(p, v);
    size_t bytes = (size_t)width * (size_t)height * 3;
    if (p->capacity[which] < bytes) {
        gr_image_free(&p->scratch[which]);
        p->capacity[which] = 0;
        if (gr_image_make(width, height, &p->scratch[which], err) != GR_OK)
            return NULL;
        p->capacity[which] = bytes;
    }
    p->scratch[which].width = width;
    p->scratch[which].height = height;
    return &p->scratch[which];
}

/* Writes the view's pixels out in plain order; with `grey`, L three times over. */
static gr_status flatten(gr_pipeline *p, view *v, bool grey, gr_error *err)
{
    gr_image *to = make_scratch(p, v, v->width, v->height, err);
    if (to == NULL)
        return GR_NOMEM;
    uint8_t *out = to->pixels;
    int first = v->bgr ? 2 : 0;
    for (int y = 0; y < v->height; y++) {
        const uint8_t *from = v->pixels + y * v->stride;
        for (int x = 0; x < v->width; x++, from += v->step, out += 3) {
            uint8_t rgb[3] = {from[first], from[1], from[2 - first]};
            for (int c = 0; c < 3 && v->mapped; c++)
                rgb[c] = v->map[rgb[c]];
            uint8_t l = gr_luma(rgb);
            out[0] = grey ? l : rgb[0];
            out[1] = grey ? l : rgb[1];
            out[2] = grey ? l : rgb[2];
        }
    }
    *v = view_of(to);
    return GR_OK;
}

static bool is_plain(const view *v)
{
    return v->step == 3 && !v->bgr && !v->mapped;
}

static gr_status resize(gr_pipeline *p, view *v, int side, gr_error *err)
{
    gr_status status = is_plain(v) ? GR_OK : flatten(p, v, false, err);
    if (status != GR_OK)
        return status;
    gr_image made;
    status =
        gr_image_resize_part((gr_image_part){v->pixels, (size_t)v->stride, v->width, v->height}, side, side, &made, err);
    if (status != GR_OK)
        return status;
    move_points(p, gr_map_scale((double)side / v->width, (double)side / v->height));
    int which = unread_scratch(p, v);
    gr_image_free(&p->scratch[which]);
    p->scratch[which] = made;
    p->capacity[which] = (size_t)side * (size_t)side * 3;
    *v = view_of(&made);
    return GR_OK;
}

static gr_status rotate(gr_pipeline *p, view *v, double degrees, gr_error *err)
{
    bool whole = is_plain(v) && v->stride == (ptrdiff_t)v->width * 3;
    gr_status status = whole ? GR_OK : flatten(p, v, false, err);
    if (status != GR_OK)
        return status;
    gr_image *to = make_scratch(p, v, v->width, v->height, err);
    if (to == NULL)
        return GR_NOMEM;
    gr_image_rotate(v->pixels, v->width, v->height, degrees, to->pixels);
    move_points(p, gr_map_rotation(v->width, v->height, degrees));
    *v = view_of(to);
    return GR_OK;
}

static void crop(gr_pipeline *p, view *v, int left, int top, int side)
{
    move_points(p, gr_map_shift(-left, -top));
    v->pixels += top * v->stride + left * v->step;
    v->width = v->height = side;
}

static void mirror(gr_pipeline *p, view *v)
{
    move_points(p, gr_map_mirror(v->width));
    v->pixels += (v->width - 1) * v->step;
    v->step = -v->step;
}

/* Pillow's ImageEnhance.Brightness: float32, cut to a whole number. On top of what the map does already. */
static void brighten(view *v, float factor)
{
    for (int i = 0; i < 256; i++) {
        float value = factor * (float)(v->mapped ? v->map[i] : i);
        v->map[i] = value >= 255 ? 255 : (uint8_t)value;
    }
    v->mapped = true;
}

/* Each kind draws a fixed number of random numbers, so that the draws of a list do not depend on their outcomes. */
static gr_status apply_one(gr_pipeline *p, const gr_transform *t, view *v, gr_rng *rng, gr_error *err)
{
    int side = (int)t->a;
    switch (t->kind) {
    case GR_TRANSFORM_RESIZE: return v->width == side && v->height == side ? GR_OK : resize(p, v, side, err);
    case GR_TRANSFORM_RANDOM_CROP: {
        int top = (int)gr_rng_below(rng, (uint64_t)(v->height - side) + 1);
        int left = (int)gr_rng_below(rng, (uint64_t)(v->width - side) + 1);
        crop(p, v, left, top, side);
        return GR_OK;
    }
    case GR_TRANSFORM_CENTER_CROP:
        crop(p, v, gr_center_crop_start(v->width, side), gr_center_crop_start(v->height, side), side);
        return GR_OK;
    case GR_TRANSFORM_HFLIP:
        if (gr_rng_double(rng) < t->a)
            mirror(p, v);
        return GR_OK;
    case GR_TRANSFORM_ROTATE: return rotate(p, v, t->a * (2 * gr_rng_double(rng) - 1), err);
    case GR_TRANSFORM_BRIGHTNESS: brighten(v, (float)(t->a + (t->b - t->a) * gr_rng_double(rng))); return GR_OK;
    case GR_TRANSFORM_GRAYSCALE: return flatten(p, v, true, err);
    case GR_TRANSFORM_BGR: v->bgr = !v->bgr; return GR_OK;
    case GR_TRANSFORM_KINDS: break;
    }
    return gr_fail(err, GR_INTERNAL, "transform number %d is unknown", (int)t->kind);
}

static void write_rgb(const view *v, float table[3][256], float *restrict out)
{
    int first = v->bgr ? 2 : 0;
    for (int y = 0; y < v->height; y++) {
        const uint8_t *from = v->pixels + y * v->stride;
        for (int x = 0; x < v->width; x++, from += v->step, out += 3) {
            out[0] = table[0][from[first]];
            out[1] = table[1][from[1]];
            out[2] = table[2][from[2 - first]];
        }
    }
}

static void write_grey(const view *v, const float *table, float *restrict out)
{
    for (int y = 0; y < v->height; y++) {
        const uint8_t *from = v->pixels + y * v->stride;
        for (int x = 0; x < v->width; x++, from += v->step)
            *out++ = table[gr_luma(from)];
    }
}

/* Reads the view through the tables into floats. */
static gr_status write_floats(gr_pipeline *p, view *v, float *out, gr_error *err)
{
    if (p->channels == 1) { /* L is of the mapped, ordered channels */
        gr_status status = v->bgr || v->mapped ? flatten(p, v, false, err) : GR_OK;
        if (status == GR_OK)
            write_grey(v, p->table[0], out);
        return status;
    }
    if (!v->mapped) {
        write_rgb(v, p->table, out);
        return GR_OK;
    }
    float table[3][256];
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < 256; i++)
            table[c][i] = p->table[c][v->map[i]];
    write_rgb(v, table, out);
    return GR_OK;
}

gr_status gr_pipeline_apply(gr_pipeline *p, int first, const gr_image *in, gr_augment_key key, float *out, gr_error *err)
{
    gr_status status = gr_transforms_check(p->list + first, p->count - first, in->width, in->height, p->size, err);
    if (status != GR_OK)
        return status;
    gr_rng rng = gr_rng_make(key.seed, GR_FOR_AUGMENT, key.epoch, key.sample);
    view v = view_of(in);
    p->map = gr_map_identity();
    for (int i = first; i < p->count && status == GR_OK; i++)
        status = apply_one(p, &p->list[i], &v, &rng, err);
    return status == GR_OK ? write_floats(p, &v, out, err) : status;
}

gr_map gr_pipeline_map(const gr_pipeline *p)
{
    return p->map;
}

static gr_status check_numbers(int size, int channels, const float mean[3], const float std[3], gr_error *err)
{
    if (size < 1 || size > GR_IMAGE_SIDE_MAX || (int64_t)size * size > GR_IMAGE_PIXELS_MAX)
        return gr_fail(err, GR_INVALID, "data.image.size: is %d, a size from 1 to 10000 would be right", size);
    if (channels != 1 && channels != 3)
        return gr_fail(err, GR_INVALID, "data.image.channels: is %d, 1 or 3 would be right", channels);
    for (int c = 0; c < channels; c++) {
        if (!(mean[c] > -1e6f && mean[c] < 1e6f))
            return gr_fail(err, GR_INVALID, "data.image.mean: is %g, a number around 0.5 would be right", (double)mean[c]);
        if (!(std[c] > 1e-6f && std[c] < 1e6f))
            return gr_fail(err, GR_INVALID, "data.image.std: is %g, a number above 0 would be right", (double)std[c]);
    }
    return GR_OK;
}

gr_status gr_pipeline_create(const gr_transform *list, int n, int size, int channels, const float mean[3],
                             const float std[3], gr_pipeline **out, gr_error *err)
{
    *out = NULL;
    gr_status status = check_numbers(size, channels, mean, std, err);
    if (status == GR_OK)
        status = gr_transforms_check(list, n, 0, 0, size, err);
    if (status != GR_OK)
        return status;
    gr_pipeline *p = gr_alloc(1, sizeof(*p));
    if (p == NULL || (p->list = gr_alloc((size_t)n, sizeof(*list))) == NULL) {
        gr_free(p);
        return gr_fail(err, GR_NOMEM, "no memory for the transforms");
    }
    if (n > 0)
        memcpy(p->list, list, (size_t)n * sizeof(*list));
    p->count = n;
    p->size = size;
    p->channels = channels;
    for (int c = 0; c < channels; c++)
        for (int i = 0; i < 256; i++)
            p->table[c][i] = ((float)i / 255.0f - mean[c]) / std[c];
    *out = p;
    return GR_OK;
}

void gr_pipeline_destroy(gr_pipeline *p)
{
    if (p == NULL)
        return;
    gr_image_free(&p->scratch[0]);
    gr_image_free(&p->scratch[1]);
    gr_free(p->list);
    gr_free(p);
}
