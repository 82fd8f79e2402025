/* Edge filters as OpenCV has them: three rows at a time, their ends mirrored. */
#include <string.h>

#include "image/filters.h"
#include "kernels/kernels.h"
#include "kernels/pictures.h"

int gr_reflect_101(int at, int length)
{
    while (length > 1 && (at < 0 || at >= length))
        at = at < 0 ? -at : 2 * (length - 1) - at;
    return length > 1 ? at : 0;
}

/* Row y of `in` with a pixel more at either end. */
static void pad_row(const gr_image *in, int y, uint8_t *to)
{
    size_t bytes = (size_t)in->width * 3;
    const uint8_t *row = in->pixels + (size_t)gr_reflect_101(y, in->height) * bytes;
    memcpy(to + 3, row, bytes);
    memcpy(to, row + 3 * gr_reflect_101(-1, in->width), 3);
    memcpy(to + 3 + bytes, row + 3 * gr_reflect_101(in->width, in->width), 3);
}

/* weight 0: the Laplacian; else that of the middle in [1 weight 1]. */
static gr_status filter(const gr_image *in, int weight, bool cut, gr_image *out, gr_error *err)
{
    const gr_picture_kernels *k = gr_kernels_get()->pictures;
    size_t bytes = (size_t)in->width * 3, stride = bytes + 6;
    uint8_t *ring = gr_alloc(3 * stride, 1);
    if (ring == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for three rows of pixels");
    pad_row(in, -1, ring);
    pad_row(in, 0, ring + stride);
    for (int y = 0; y < in->height; y++) {
        pad_row(in, y + 1, ring + (size_t)((y + 2) % 3) * stride);
        const gr_three_rows rows = {ring + (size_t)(y % 3) * stride + 3, ring + (size_t)((y + 1) % 3) * stride + 3,
                                    ring + (size_t)((y + 2) % 3) * stride + 3};
        uint8_t *to = out->pixels + (size_t)y * bytes;
        if (weight == 0)
            k->laplacian((int64_t)bytes, &rows, cut, to);
        else
            k->gradient((int64_t)bytes, &rows, weight, cut, to);
    }
    gr_free(ring);
    return GR_OK;
}

gr_status gr_image_laplacian(const gr_image *in, bool cut, gr_image *out, gr_error *err)
{
    return filter(in, 0, cut, out, err);
}

gr_status gr_image_sobel(const gr_image *in, bool cut, gr_image *out, gr_error *err)
{
    return filter(in, 2, cut, out, err);
}

gr_status gr_image_prewitt(const gr_image *in, bool cut, gr_image *out, gr_error *err)
{
    return filter(in, 1, cut, out, err);
}
