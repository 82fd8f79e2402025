/* Transform lists: names, checks, which of them are fixed, and those done ahead of time on 8-bit images. */
#include "image/image.h"

#include <math.h>

const char *gr_transform_name(gr_transform_kind kind)
{
    static const char *const NAMES[GR_TRANSFORM_KINDS] = {
        [GR_TRANSFORM_RESIZE] = "resize",           [GR_TRANSFORM_RANDOM_CROP] = "random_crop",
        [GR_TRANSFORM_CENTER_CROP] = "center_crop", [GR_TRANSFORM_HFLIP] = "hflip",
        [GR_TRANSFORM_ROTATE] = "rotate",           [GR_TRANSFORM_BRIGHTNESS] = "brightness",
        [GR_TRANSFORM_GRAYSCALE] = "grayscale",     [GR_TRANSFORM_BGR] = "bgr",
    };
    return (unsigned)kind < GR_TRANSFORM_KINDS ? NAMES[kind] : "unknown";
}

/* Every comparison is written so that NaN fails it. */
static gr_status check_parameters(const gr_transform *t, gr_error *err)
{
    switch (t->kind) {
    case GR_TRANSFORM_RESIZE:
    case GR_TRANSFORM_RANDOM_CROP:
    case GR_TRANSFORM_CENTER_CROP:
        if (!(t->a >= 1 && t->a <= GR_IMAGE_SIDE_MAX && t->a == floor(t->a)))
            return gr_fail(err, GR_INVALID, "{%s: %g}: the size must be a whole number from 1 to %d",
                           gr_transform_name(t->kind), t->a, GR_IMAGE_SIDE_MAX);
        if (!(t->a * t->a <= GR_IMAGE_PIXELS_MAX))
            return gr_fail(err, GR_INVALID, "{%s: %g}: the size must be at most %g", gr_transform_name(t->kind), t->a,
                           floor(sqrt(GR_IMAGE_PIXELS_MAX)));
        return GR_OK;
    case GR_TRANSFORM_HFLIP:
        if (!(t->a >= 0 && t->a <= 1))
            return gr_fail(err, GR_INVALID, "{hflip: %g}: the probability must be from 0 to 1", t->a);
        return GR_OK;
    case GR_TRANSFORM_ROTATE:
        if (!(t->a >= 0 && t->a <= 360))
            return gr_fail(err, GR_INVALID, "{rotate: %g}: the degrees must be from 0 to 360", t->a);
        return GR_OK;
    case GR_TRANSFORM_BRIGHTNESS:
        if (!(t->a >= 0 && t->b >= t->a && t->b <= 255))
            return gr_fail(err, GR_INVALID, "{brightness: [%g, %g]}: must be [lo, hi] with 0 <= lo <= hi <= 255", t->a,
                           t->b);
        return GR_OK;
    case GR_TRANSFORM_GRAYSCALE:
    case GR_TRANSFORM_BGR: return GR_OK;
    case GR_TRANSFORM_KINDS: break;
    }
    return gr_fail(err, GR_INTERNAL, "transform number %d is unknown", (int)t->kind);
}

gr_status gr_transforms_output(const gr_transform *list, int n, int in_w, int in_h, int *w, int *h, gr_error *err)
{
    *w = in_w;
    *h = in_h;
    for (int i = 0; i < n; i++) {
        gr_status status = check_parameters(&list[i], err);
        if (status != GR_OK)
            return status;
        bool crop = list[i].kind == GR_TRANSFORM_RANDOM_CROP || list[i].kind == GR_TRANSFORM_CENTER_CROP;
        if (!crop && list[i].kind != GR_TRANSFORM_RESIZE)
            continue;
        int side = (int)list[i].a;
        if (crop && *w > 0 && (*w < side || *h < side))
            return gr_fail(err, GR_INVALID,
                           "{%s: %d} needs at least %d x %d pixels, the image has %d x %d there; a smaller crop, or a "
                           "{resize: %d} before it, would be right",
                           gr_transform_name(list[i].kind), side, side, side, *w, *h, side);
        *w = *h = side;
    }
    return GR_OK;
}

gr_status gr_transforms_check(const gr_transform *list, int n, int in_w, int in_h, int size, gr_error *err)
{
    int w, h;
    gr_status status = gr_transforms_output(list, n, in_w, in_h, &w, &h, err);
    if (status == GR_OK && w > 0 && (w != size || h != size))
        status = gr_fail(err, GR_INVALID,
                         "the transforms end in %d x %d pixels, data.image.size is %d; a last {resize: %d} or "
                         "{center_crop: %d}, or another data.image.size, would be right",
                         w, h, size, size, size);
    return status;
}

static bool is_fixed(gr_transform_kind kind)
{
    return kind == GR_TRANSFORM_RESIZE || kind == GR_TRANSFORM_CENTER_CROP || kind == GR_TRANSFORM_GRAYSCALE ||
           kind == GR_TRANSFORM_BGR;
}

int gr_transforms_fixed(const gr_transform *list, int n)
{
    int count = 0;
    while (count < n && is_fixed(list[count].kind))
        count++;
    return count;
}

int gr_center_crop_start(int length, int crop)
{
    int spare = length - crop, half = spare / 2;
    return half + (spare % 2 != 0 && half % 2 != 0); /* Python's round(spare / 2): halves go to the even number */
}

static void recolour(gr_transform_kind kind, gr_image *image)
{
    size_t count = (size_t)image->width * (size_t)image->height;
    for (uint8_t *p = image->pixels; count > 0; count--, p += 3) {
        if (kind == GR_TRANSFORM_GRAYSCALE) {
            p[0] = p[1] = p[2] = gr_luma(p);
        } else {
            uint8_t red = p[0];
            p[0] = p[2];
            p[2] = red;
        }
    }
}

static gr_status prepare_one(const gr_transform *t, gr_image *image, gr_map *map, gr_error *err)
{
    int side = (int)t->a;
    gr_image made = {0};
    gr_map step;
    gr_status status;
    switch (t->kind) {
    case GR_TRANSFORM_RESIZE:
        status = gr_image_resize(image, side, side, &made, err);
        step = gr_map_scale((double)side / image->width, (double)side / image->height);
        break;
    case GR_TRANSFORM_CENTER_CROP: {
        int left = gr_center_crop_start(image->width, side), top = gr_center_crop_start(image->height, side);
        status = gr_image_crop(image, (const double[4]){left, top, side, side}, &made, err);
        step = gr_map_shift(-left, -top);
        break;
    }
    case GR_TRANSFORM_GRAYSCALE:
    case GR_TRANSFORM_BGR: recolour(t->kind, image); return GR_OK;
    default: return gr_fail(err, GR_INVALID, "{%s} is random and cannot be done ahead", gr_transform_name(t->kind));
    }
    if (status == GR_OK) {
        gr_image_free(image);
        *image = made;
        if (map != NULL)
            gr_map_then(map, &step);
    }
    return status;
}

gr_status gr_transforms_prepare(const gr_transform *list, int n, gr_image *image, gr_map *map, gr_error *err)
{
    int w, h;
    gr_status status = gr_transforms_output(list, n, image->width, image->height, &w, &h, err);
    for (int i = 0; i < n && status == GR_OK; i++)
        status = prepare_one(&list[i], image, map, err);
    return status;
}

void gr_image_rotate(const uint8_t *in, int width, int height, double degrees, uint8_t *out)
{
    /* Pillow walks the output and steps through the input in 16.16 fixed point, from the middle of the first pixel. */
    const double turn = -degrees * (3.14159265358979323846 / 180), one = 65536;
    double c = rint(cos(turn) * 1e15) / 1e15, s = rint(sin(turn) * 1e15) / 1e15, mx = width / 2.0, my = height / 2.0;
    double x0 = -c * mx - s * my + mx, y0 = s * mx - c * my + my;
    int64_t xx = (int64_t)floor(c * one + 0.5), xy = (int64_t)floor(s * one + 0.5);
    int64_t yx = (int64_t)floor(-s * one + 0.5), yy = (int64_t)floor(c * one + 0.5);
    int64_t row_x = (int64_t)floor((x0 + c * 0.5 + s * 0.5) * one + 0.5);
    int64_t row_y = (int64_t)floor((y0 - s * 0.5 + c * 0.5) * one + 0.5);
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
