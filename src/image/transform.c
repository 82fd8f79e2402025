/* Transform lists: their sizes, which of them are fixed, and those done ahead of time on 8-bit images. */
#include "image/filters.h"
#include "image/resizers.h"

#include <math.h>
#include <string.h>

bool gr_transforms_equal(const gr_transform *a, const gr_transform *b)
{
    return a->kind == b->kind && a->a == b->a && a->b == b->b && a->c == b->c && a->d == b->d && a->values == b->values &&
           a->chance == b->chance && (!a->chance || a->p == b->p) && memcmp(a->more, b->more, sizeof a->more) == 0;
}

gr_status gr_transforms_output(const gr_transform *list, int n, int in_w, int in_h, int *w, int *h, gr_error *err)
{
    *w = in_w;
    *h = in_h;
    const gr_transform *floats = NULL;
    for (int i = 0; i < n; i++) {
        gr_status status = gr_transform_check(&list[i], err);
        if (status != GR_OK)
            return status;
        if (floats != NULL && !gr_transform_keeps_floats(&list[i]))
            return gr_fail(
                err, GR_INVALID,
                "{%s} stands behind {%s}, whose pixels are no bytes any more; crops, hflip, bgr, a resize like tf, "
                "keras_generator and keras_layers may stand there, and it would be right before",
                gr_transform_name(list[i].kind), gr_transform_name(floats->kind));
        floats = gr_transform_makes_floats(&list[i]) ? &list[i] : floats;
        if (list[i].kind == GR_TRANSFORM_TURN)
            *w = *h = *w < *h ? *w : *h;
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

int gr_transforms_fixed(const gr_transform *list, int n)
{
    int count = 0;
    while (count < n && gr_transform_is_fixed(&list[count]))
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

static gr_status make_pixels(const gr_transform *t, const gr_image *in, gr_image *made, gr_error *err)
{
    gr_bilateral *kept = NULL;
    gr_status status = gr_image_make(in->width, in->height, made, err);
    if (status == GR_OK)
        status = gr_transform_pixels(t, t->a, in, &kept, made, err);
    gr_bilateral_free(kept);
    return status;
}

static gr_status prepare_one(const gr_transform *t, gr_image *image, gr_map *map, gr_error *err)
{
    int side = (int)t->a;
    gr_image made = {0};
    gr_map step;
    gr_status status;
    switch (t->kind) {
    case GR_TRANSFORM_RESIZE:
        status = gr_image_resize_by(t, (gr_image_part){image->pixels, (size_t)image->width * 3, image->width, image->height},
                                    &made, err);
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
    default:
        if (!gr_transform_is_fixed(t))
            return gr_fail(err, GR_INVALID, "{%s} is random and cannot be done ahead", gr_transform_name(t->kind));
        status = make_pixels(t, image, &made, err);
        step = gr_map_identity();
        break;
    }
    if (status == GR_OK) {
        gr_image_free(image);
        *image = made;
        if (map != NULL)
            gr_map_then(map, &step);
    } else {
        gr_image_free(&made);
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
