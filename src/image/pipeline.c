/* Transforms in order, then floats.
 *
 * A crop, a mirroring, a change of brightness or of channel order moves no pixel: it changes the view through which the
 * image is read. Only what needs new pixels (resize, rotate, grey) makes them, in scratch memory; at the end one pass
 * reads the view through a table of 256 floats a channel. */
#include "image/filters.h"
#include "image/floats.h"
#include "image/resizers.h"
#include "kernels/kernels.h"
#include "kernels/pictures.h"

#include <string.h>

struct gr_pipeline {
    gr_transform *list;
    int count, size, channels;
    float table[3][256]; /* normalised value of a byte, by output channel */
    gr_image scratch[2]; /* pixels made on the way; a step reads one and writes the other */
    size_t capacity[2];
    float mean[3], std[3];
    gr_bilateral *bilateral; /* the last one's tables */
    gr_floats floats; /* of the last image, where a transform made floats */
    gr_map map;       /* of the last image's points */
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
    if (v->step == 3 && v->mapped && !v->bgr && !grey) { /* each byte for itself */
        for (int y = 0; y < v->height; y++)
            gr_kernels_get()->pictures->look_up(3 * (int64_t)v->width, v->map, v->pixels + y * v->stride,
                                                out + 3 * (int64_t)y * v->width);
        *v = view_of(to);
        return GR_OK;
    }
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

static gr_status resize(gr_pipeline *p, const gr_transform *t, view *v, gr_error *err)
{
    int side = (int)t->a;
    gr_status status = is_plain(v) ? GR_OK : flatten(p, v, false, err);
    if (status != GR_OK)
        return status;
    gr_image made;
    status = gr_image_resize_by(t, (gr_image_part){v->pixels, (size_t)v->stride, v->width, v->height}, &made, err);
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

/* The view as a whole image of its own, plain and without gaps. */
static gr_status make_whole(gr_pipeline *p, view *v, gr_image *out, gr_error *err)
{
    bool whole = is_plain(v) && v->stride == (ptrdiff_t)v->width * 3;
    gr_status status = whole ? GR_OK : flatten(p, v, false, err);
    *out = (gr_image){v->width, v->height, (uint8_t *)(uintptr_t)v->pixels}; /* which is only read */
    return status;
}

static gr_status rotate(gr_pipeline *p, view *v, double degrees, gr_error *err)
{
    gr_image in;
    gr_status status = make_whole(p, v, &in, err);
    gr_image *to = status == GR_OK ? make_scratch(p, v, v->width, v->height, err) : NULL;
    if (to == NULL)
        return GR_NOMEM;
    gr_image_rotate(v->pixels, v->width, v->height, degrees, to->pixels);
    move_points(p, gr_map_rotation(v->width, v->height, degrees));
    *v = view_of(to);
    return GR_OK;
}

static gr_status shear(gr_pipeline *p, view *v, double share, gr_error *err)
{
    gr_image in;
    double at[6];
    gr_status status = make_whole(p, v, &in, err);
    gr_image *to = status == GR_OK ? make_scratch(p, v, v->width, v->height, err) : NULL;
    if (to == NULL)
        return GR_NOMEM;
    gr_shear_affine(v->height, share, at);
    gr_image_affine(v->pixels, v->width, v->height, at, to->pixels);
    move_points(p, gr_map_shear(v->height, share));
    *v = view_of(to);
    return GR_OK;
}

static gr_status filter(gr_pipeline *p, view *v, const gr_transform *t, double value, gr_error *err)
{
    gr_image in;
    gr_status status = make_whole(p, v, &in, err);
    gr_image *to = status == GR_OK ? make_scratch(p, v, v->width, v->height, err) : NULL;
    if (to == NULL)
        return GR_NOMEM;
    status = gr_transform_pixels(t, value, &in, &p->bilateral, to, err);
    *v = view_of(to);
    return status;
}

/* Rows become columns: the view alone changes. */
static void turn(gr_pipeline *p, view *v, int quarters)
{
    move_points(p, gr_map_turn(v->width, v->height, quarters));
    view from = *v;
    if (quarters == 1 || quarters == 3) {
        v->width = from.height;
        v->height = from.width;
        v->step = quarters == 1 ? from.stride : -from.stride;
        v->stride = quarters == 1 ? -from.step : from.step;
    } else if (quarters == 2) {
        v->step = -from.step;
        v->stride = -from.stride;
    }
    v->pixels += quarters == 1 || quarters == 2 ? (from.width - 1) * from.step : 0;
    v->pixels += quarters == 2 || quarters == 3 ? (from.height - 1) * from.stride : 0;
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

/* ---- one transform --------------------------------------------------------------------------------------------------- */

static double uniform(double low, double high, double share)
{
    return low + (high - low) * share;
}

static double angle_of(const gr_transform *t, double share)
{
    if (t->values == 0)
        return t->a * (2 * share - 1);
    double first = t->b - t->a, both = first + (t->values == 4 ? t->d - t->c : 0), at = share * both;
    return t->values == 2 || at < first ? t->a + at : t->c + (at - first);
}

static int quarters_of(const gr_transform *t, double share)
{
    const double angles[4] = {t->a, t->b, t->c, t->d};
    int which = (int)(share * t->values), quarters = (int)(angles[which < t->values ? which : t->values - 1] / 90);
    return (quarters + 4) % 4;
}

static gr_status crop_or_resize(gr_pipeline *p, const gr_transform *t, view *v, gr_rng *rng, gr_error *err)
{
    int side = (int)t->a;
    if (t->kind == GR_TRANSFORM_RESIZE)
        return v->width == side && v->height == side ? GR_OK : resize(p, t, v, err);
    if (side > v->width || side > v->height)
        return gr_fail(err, GR_INVALID, "{%s: %d} needs at least %d x %d pixels, the image has %d x %d there",
                       gr_transform_name(t->kind), side, side, side, v->width, v->height);
    if (t->kind == GR_TRANSFORM_CENTER_CROP) {
        crop(p, v, gr_center_crop_start(v->width, side), gr_center_crop_start(v->height, side), side);
        return GR_OK;
    }
    int top = (int)gr_rng_below(rng, (uint64_t)(v->height - side) + 1);
    int left = (int)gr_rng_below(rng, (uint64_t)(v->width - side) + 1);
    crop(p, v, left, top, side);
    return GR_OK;
}

/* Each kind draws a fixed number of random numbers, so that the draws of a list do not depend on their outcomes. */
static gr_status apply_one(gr_pipeline *p, const gr_transform *t, view *v, gr_rng *rng, gr_error *err)
{
    if (t->kind == GR_TRANSFORM_RESIZE || t->kind == GR_TRANSFORM_RANDOM_CROP || t->kind == GR_TRANSFORM_CENTER_CROP)
        return crop_or_resize(p, t, v, rng, err);
    bool left_out = t->chance && gr_rng_double(rng) >= t->p;
    gr_transform as_fixed = *t;
    as_fixed.chance = false;
    double share = gr_transform_is_fixed(&as_fixed) ? 0 : gr_rng_double(rng);
    if (left_out)
        return GR_OK;
    switch (t->kind) {
    case GR_TRANSFORM_HFLIP:
        if (share < t->a)
            mirror(p, v);
        return GR_OK;
    case GR_TRANSFORM_ROTATE: return rotate(p, v, angle_of(t, share), err);
    case GR_TRANSFORM_BRIGHTNESS: brighten(v, (float)uniform(t->a, t->b, share)); return GR_OK;
    case GR_TRANSFORM_GRAYSCALE: return flatten(p, v, true, err);
    case GR_TRANSFORM_BGR: v->bgr = !v->bgr; return GR_OK;
    case GR_TRANSFORM_SHEAR: return shear(p, v, uniform(t->a, t->b, share), err);
    case GR_TRANSFORM_TURN: turn(p, v, quarters_of(t, share)); return GR_OK;
    default: return filter(p, v, t, uniform(t->a, t->b, share), err);
    }
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

/* What list[first] and all behind it make of the view, into p->floats. */
static gr_status go_on_in_floats(gr_pipeline *p, int first, view *v, gr_rng *rng, gr_error *err)
{
    gr_image in;
    gr_status status = make_whole(p, v, &in, err);
    return status == GR_OK ? gr_floats_make(p->list + first, p->count - first, &in, rng, &p->map, &p->floats, err) : status;
}

static void write_unrounded(const gr_pipeline *p, float *out)
{
    size_t count = (size_t)p->size * (size_t)p->size;
    const float *from = p->floats.pixels;
    for (size_t i = 0; i < count; i++, from += 3)
        if (p->channels == 1)
            *out++ = ((from[0] * 0.299f + from[1] * 0.587f + from[2] * 0.114f) / 255.0f - p->mean[0]) / p->std[0];
        else
            for (int c = 0; c < 3; c++)
                *out++ = (from[c] / 255.0f - p->mean[c]) / p->std[c];
}

static gr_status transform(gr_pipeline *p, int first, const gr_image *in, gr_augment_key key, view *v, gr_error *err)
{
    gr_status status = GR_OK;
    gr_rng rng = gr_rng_make(key.seed, GR_FOR_AUGMENT, key.epoch, key.sample);
    *v = view_of(in);
    p->map = gr_map_identity();
    gr_floats_free(&p->floats);
    for (int i = first; i < p->count && status == GR_OK; i++) {
        if (gr_transform_makes_floats(&p->list[i]))
            return go_on_in_floats(p, i, v, &rng, err);
        status = apply_one(p, &p->list[i], v, &rng, err);
    }
    return status;
}

gr_status gr_pipeline_apply(gr_pipeline *p, int first, const gr_image *in, gr_augment_key key, float *out, gr_error *err)
{
    gr_status status = gr_transforms_check(p->list + first, p->count - first, in->width, in->height, p->size, err);
    if (status != GR_OK)
        return status;
    view v;
    status = transform(p, first, in, key, &v, err);
    if (status == GR_OK && p->floats.pixels == NULL &&
        (v.width != p->size || v.height != p->size)) /* behind a turn of what is not square */
        status = gr_fail(err, GR_INVALID,
                         "the transforms end in %d x %d pixels, data.image.size is %d; a last {resize: %d}, or one before "
                         "{turn}, would be right",
                         v.width, v.height, p->size, p->size);
    if (status == GR_OK && p->floats.pixels != NULL)
        write_unrounded(p, out);
    else if (status == GR_OK)
        status = write_floats(p, &v, out, err);
    return status;
}

gr_status gr_pipeline_image(gr_pipeline *p, const gr_image *in, gr_augment_key key, gr_image *out, gr_error *err)
{
    view v;
    gr_image whole;
    int w, h;
    *out = (gr_image){0};
    gr_status status = gr_transforms_output(p->list, p->count, in->width, in->height, &w, &h, err);
    if (status == GR_OK)
        status = transform(p, 0, in, key, &v, err);
    if (status == GR_OK && p->floats.pixels != NULL)
        return gr_floats_round(&p->floats, out, err);
    if (status == GR_OK)
        status = make_whole(p, &v, &whole, err);
    int which = status == GR_OK ? unread_scratch(p, &v) ^ 1 : 0;
    if (status == GR_OK && p->scratch[which].pixels == whole.pixels) { /* what was made for it is given away */
        *out = whole;
        p->scratch[which] = (gr_image){0};
        p->capacity[which] = 0;
        return GR_OK;
    }
    if (status == GR_OK)
        status = gr_image_make(v.width, v.height, out, err);
    if (status == GR_OK)
        memcpy(out->pixels, whole.pixels, (size_t)v.width * (size_t)v.height * 3);
    return status;
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

static gr_status make(const gr_transform *list, int n, gr_pipeline **out, gr_error *err)
{
    gr_pipeline *p = gr_alloc(1, sizeof(*p));
    if (p == NULL || (p->list = gr_alloc((size_t)n, sizeof(*list))) == NULL) {
        gr_free(p);
        return gr_fail(err, GR_NOMEM, "no memory for the transforms");
    }
    if (n > 0)
        memcpy(p->list, list, (size_t)n * sizeof(*list));
    p->count = n;
    *out = p;
    return GR_OK;
}

gr_status gr_pipeline_create(const gr_transform *list, int n, int size, int channels, const float mean[3],
                             const float std[3], gr_pipeline **out, gr_error *err)
{
    *out = NULL;
    gr_status status = check_numbers(size, channels, mean, std, err);
    if (status == GR_OK)
        status = gr_transforms_check(list, n, 0, 0, size, err);
    if (status == GR_OK)
        status = make(list, n, out, err);
    if (status != GR_OK)
        return status;
    gr_pipeline *p = *out;
    p->size = size;
    p->channels = channels;
    for (int c = 0; c < channels; c++) {
        p->mean[c] = mean[c];
        p->std[c] = std[c];
        for (int i = 0; i < 256; i++)
            p->table[c][i] = ((float)i / 255.0f - mean[c]) / std[c];
    }
    return GR_OK;
}

gr_status gr_pipeline_for_images(const gr_transform *list, int n, gr_pipeline **out, gr_error *err)
{
    int w, h;
    *out = NULL;
    gr_status status = gr_transforms_output(list, n, 0, 0, &w, &h, err);
    return status == GR_OK ? make(list, n, out, err) : status;
}

void gr_pipeline_destroy(gr_pipeline *p)
{
    if (p == NULL)
        return;
    gr_image_free(&p->scratch[0]);
    gr_image_free(&p->scratch[1]);
    gr_floats_free(&p->floats);
    gr_bilateral_free(p->bilateral);
    gr_free(p->list);
    gr_free(p);
}
