/* Reading images: which decoder a file needs, told by its first bytes. */
#include "image/decoders.h"

static gr_status decode(const void *bytes, size_t size, const char *name, bool fast_dct, gr_image *out, gr_error *err)
{
    *out = (gr_image){0};
    switch (gr_image_kind_of(bytes, size)) {
    case GR_IMAGE_PNG: return gr_png_decode(bytes, size, name, out, err);
    case GR_IMAGE_JPEG: return gr_jpeg_decode(bytes, size, name, fast_dct, out, err);
    case GR_IMAGE_WEBP: return gr_webp_decode(bytes, size, name, out, err);
    case GR_IMAGE_TIFF: return gr_tiff_decode(bytes, size, name, out, err);
    default: return gr_image_refuse(bytes, size, name, err);
    }
}

gr_status gr_image_decode(const void *bytes, size_t size, const char *name, gr_image *out, gr_error *err)
{
    return decode(bytes, size, name, false, out, err);
}

gr_status gr_image_read(const char *path, gr_image *out, gr_error *err)
{
    return gr_image_read_by(path, false, out, err);
}

gr_status gr_image_read_by(const char *path, bool fast_dct, gr_image *out, gr_error *err)
{
    char *bytes;
    size_t size;
    *out = (gr_image){0};
    gr_status status = gr_file_read(path, GR_IMAGE_FILE_MAX, &bytes, &size, err);
    if (status != GR_OK)
        return status;
    status = decode(bytes, size, path, fast_dct, out, err);
    gr_free(bytes);
    return status;
}
