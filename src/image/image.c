/* Images as objects: making, freeing, cutting, turning upright. */
#include "image/image.h"

#include <math.h>
#include <string.h>

gr_status gr_image_check_size(const char *name, uint64_t width, uint64_t height, gr_error *err)
{
    if (width < 1 || height < 1)
        return gr_fail(err, GR_INVALID, "%s: is %llu x %llu pixels, at least 1 x 1 would be right", name,
                       (unsigned long long)width, (unsigned long long)height);
    if (width > GR_IMAGE_SIDE_MAX || height > GR_IMAGE_SIDE_MAX || width * height > GR_PIXELS_LIMIT)
        return gr_fail(err, GR_INVALID, "%s: is %llu x %llu pixels, at most %d a side and %d million in all are allowed",
                       name, (unsigned long long)width, (unsigned long long)height, GR_IMAGE_SIDE_MAX,
                       GR_IMAGE_PIXELS_MAX / 1000000);
    return GR_OK;
}

gr_status gr_image_make(int width, int height, gr_image *out, gr_error *err)
{
    *out = (gr_image){0};
    gr_status status = gr_image_check_size("image", width < 0 ? 0 : (uint64_t)width, height < 0 ? 0 : (uint64_t)height, err);
    if (status != GR_OK)
        return status;
    out->pixels = gr_alloc_aligned((size_t)width * (size_t)height, 3);
    if (out->pixels == NULL)
        return gr_fail(err, GR_NOMEM, "image: no memory for %d x %d pixels", width, height);
    out->width = width;
    out->height = height;
    return GR_OK;
}

void gr_image_free(gr_image *image)
{
    gr_free(image->pixels);
    *image = (gr_image){0};
}

void gr_image_bytes_free(uint8_t *bytes)
{
    gr_free(bytes);
}

/* ---- cutting and turning ---- */

gr_status gr_image_crop(const gr_image *in, const double box[4], gr_image *out, gr_error *err)
{
    *out = (gr_image){0};
    double left = rint(box[0]), top = rint(box[1]), right = rint(box[0] + box[2]), bottom = rint(box[1] + box[3]);
    /* Written so that NaN fails it. */
    bool inside = left >= 0 && top >= 0 && right <= in->width && bottom <= in->height;
    if (!inside || !(right > left && bottom > top))
        return gr_fail(
            err, GR_INVALID,
            "the box x %g, y %g, width %g, height %g %s, a box of at least one pixel within %d x %d would be right", box[0],
            box[1], box[2], box[3], inside ? "is empty" : "lies beyond the image", in->width, in->height);
    gr_status status = gr_image_make((int)(right - left), (int)(bottom - top), out, err);
    if (status != GR_OK)
        return status;
    size_t row = (size_t)out->width * 3;
    for (int y = 0; y < out->height; y++)
        memcpy(out->pixels + (size_t)y * row,
               in->pixels + (((size_t)top + (size_t)y) * (size_t)in->width + (size_t)left) * 3, row);
    return GR_OK;
}

gr_status gr_image_orient(gr_image *image, int orientation, gr_error *err)
{
    if (orientation < 2 || orientation > 8)
        return GR_OK;
    bool swapped = orientation >= 5; /* rows become columns */
    bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    ptrdiff_t w = image->width, h = image->height;
    gr_image turned;
    gr_status status = gr_image_make(swapped ? (int)h : (int)w, swapped ? (int)w : (int)h, &turned, err);
    if (status != GR_OK)
        return status;
    /* The source pixel of the upright image's corner, and the steps to its right and lower neighbours' sources. */
    ptrdiff_t step_x = from_right ? -3 : 3, step_y = from_bottom ? -3 * w : 3 * w;
    const uint8_t *corner = image->pixels + ((from_bottom ? h - 1 : 0) * w + (from_right ? w - 1 : 0)) * 3;
    ptrdiff_t across = swapped ? step_y : step_x, down = swapped ? step_x : step_y;
    uint8_t *to = turned.pixels;
    for (ptrdiff_t y = 0; y < turned.height; y++)
        for (ptrdiff_t x = 0; x < turned.width; x++, to += 3)
            memcpy(to, corner + y * down + x * across, 3);
    gr_image_free(image);
    *image = turned;
    return GR_OK;
}
