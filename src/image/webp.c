/* WebP to 8-bit RGB by libwebp. */
#include "image/decoders.h"

#include <string.h>

#include <webp/decode.h>

static uint32_t u32(const uint8_t *at)
{
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

/* A RIFF file: "RIFF", the length of what follows, "WEBP", then chunks: a name, a length, bytes up to an even number. */
static int orientation_of(const uint8_t *bytes, size_t size)
{
    for (size_t at = 12; at + 8 <= size;) {
        size_t length = u32(bytes + at + 4);
        if (length > size - at - 8)
            break;
        if (memcmp(bytes + at, "EXIF", 4) == 0)
            return gr_exif_orientation(bytes + at + 8, length);
        at += 8 + length + length % 2;
    }
    return 1;
}

static gr_status fail(VP8StatusCode code, const char *name, size_t size, gr_error *err)
{
    if (code == VP8_STATUS_OUT_OF_MEMORY) /* what libwebp 1.6 says of some damage, too */
        return gr_fail(err, GR_INVALID, "%s: is a damaged WebP, or there is no memory to decode it", name);
    if (code == VP8_STATUS_NOT_ENOUGH_DATA)
        return gr_fail(err, GR_INVALID, "%s: is a WebP that ends early, after %zu bytes; the whole file would be right",
                       name, size);
    return gr_fail(err, GR_INVALID, "%s: is a damaged WebP, an undamaged copy would be right", name);
}

/* Decodes into image->pixels, by way of an R G B A plane where there is alpha. */
static gr_status read_pixels(const uint8_t *bytes, size_t size, const char *name, bool alpha, gr_image *image, gr_error *err)
{
    size_t count = (size_t)image->width * (size_t)image->height, channels = alpha ? 4 : 3;
    uint8_t *rgba = alpha ? gr_alloc_aligned(count, 4) : NULL;
    WebPDecoderConfig config;
    if ((alpha && rgba == NULL) || !WebPInitDecoderConfig(&config)) {
        gr_free(rgba);
        return gr_fail(err, GR_NOMEM, "%s: no memory for its %d x %d pixels", name, image->width, image->height);
    }
    config.output.colorspace = alpha ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = alpha ? rgba : image->pixels;
    config.output.u.RGBA.stride = (int)((size_t)image->width * channels);
    config.output.u.RGBA.size = count * channels;
    VP8StatusCode code = WebPDecode(bytes, size, &config);
    if (code == VP8_STATUS_OK && alpha)
        gr_rgb_of_rgba(rgba, count, image->pixels);
    gr_free(rgba);
    return code == VP8_STATUS_OK ? GR_OK : fail(code, name, size, err);
}

gr_status gr_webp_decode(const uint8_t *bytes, size_t size, const char *name, gr_image *out, gr_error *err)
{
    WebPBitstreamFeatures features;
    *out = (gr_image){0};
    if ((uint64_t)u32(bytes + 4) + 8 > size)
        return fail(VP8_STATUS_NOT_ENOUGH_DATA, name, size, err);
    VP8StatusCode code = WebPGetFeatures(bytes, size, &features);
    if (code != VP8_STATUS_OK)
        return fail(code, name, size, err);
    if (features.has_animation)
        return gr_image_refuse_as(name, "an animated WebP", GR_CONVERT_FIRST, err);
    gr_status status = gr_image_check_size(name, (uint64_t)features.width, (uint64_t)features.height, err);
    if (status == GR_OK)
        status = gr_image_make(features.width, features.height, out, err);
    if (status == GR_OK)
        status = read_pixels(bytes, size, name, features.has_alpha, out, err);
    if (status == GR_OK)
        status = gr_image_orient(out, orientation_of(bytes, size), err);
    if (status != GR_OK)
        gr_image_free(out);
    return status;
}
