/* Contrast, colour and sharpness as Pillow's ImageEnhance has them: a mixture of the image with a flat, grey or smooth one.
 */
#include <string.h>

#include "image/filters.h"
#include "kernels/kernels.h"
#include "kernels/pictures.h"

static size_t row_bytes(const gr_image *image)
{
    return (size_t)image->width * 3;
}

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for a row of pixels");
}

/* The flat image is one grey: the mean of L, rounded. So each byte goes its way alone. */
gr_status gr_image_contrast(const gr_image *in, double factor, gr_image *out, gr_error *err)
{
    (void)err;
    const gr_picture_kernels *k = gr_kernels_get()->pictures;
    int64_t pixels = (int64_t)in->width * in->height;
    double mean = (double)k->luma_sum(pixels, in->pixels) / (double)pixels;
    uint8_t flat[256], bytes[256], table[256];
    memset(flat, (int)(mean + 0.5), sizeof flat);
    for (int i = 0; i < 256; i++)
        bytes[i] = (uint8_t)i;
    k->blend(256, flat, bytes, (float)factor, table);
    k->look_up(3 * pixels, table, in->pixels, out->pixels);
    return GR_OK;
}

gr_status gr_image_colour(const gr_image *in, double factor, gr_image *out, gr_error *err)
{
    const gr_picture_kernels *k = gr_kernels_get()->pictures;
    size_t bytes = row_bytes(in);
    uint8_t *grey = gr_alloc(bytes, 1);
    if (grey == NULL)
        return no_memory(err);
    for (int y = 0; y < in->height; y++) {
        const uint8_t *row = in->pixels + (size_t)y * bytes;
        k->luma(in->width, row, grey);
        k->blend((int64_t)bytes, grey, row, (float)factor, out->pixels + (size_t)y * bytes);
    }
    gr_free(grey);
    return GR_OK;
}

/* Pillow's SMOOTH leaves the outermost pixels, and images that are smaller than its kernel, as they are. */
gr_status gr_image_sharpness(const gr_image *in, double factor, gr_image *out, gr_error *err)
{
    const gr_picture_kernels *k = gr_kernels_get()->pictures;
    size_t bytes = row_bytes(in);
    uint8_t *smooth = gr_alloc(bytes, 1);
    if (smooth == NULL)
        return no_memory(err);
    for (int y = 0; y < in->height; y++) {
        const uint8_t *row = in->pixels + (size_t)y * bytes;
        uint8_t *to = out->pixels + (size_t)y * bytes;
        memcpy(to, row, bytes);
        if (y == 0 || y + 1 == in->height || in->width < 3)
            continue;
        k->smooth((int64_t)bytes - 6, &(gr_three_rows){row + 3 - bytes, row + 3, row + 3 + bytes}, smooth);
        k->blend((int64_t)bytes - 6, smooth, row + 3, (float)factor, to + 3);
    }
    gr_free(smooth);
    return GR_OK;
}
