#include "detect/grey.h"

#include "base/base.h"

enum { BEHIND = 64 };

gr_status gr_grey_of(const gr_image *image, gr_grey *out, gr_error *err)
{
    size_t count = (size_t)image->width * (size_t)image->height;
    *out = (gr_grey){image->width, image->height, gr_alloc(count + BEHIND, 1)};
    if (out->pixels == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a grey picture of %d x %d", image->width, image->height);
    const uint8_t *rgb = image->pixels;
    for (size_t i = 0; i < count; i++, rgb += 3)
        out->pixels[i] = (uint8_t)((rgb[0] * 9798u + rgb[1] * 19235u + rgb[2] * 3735u + 16384u) >> 15);
    return GR_OK;
}

void gr_grey_free(gr_grey *grey)
{
    gr_free(grey->pixels);
    *grey = (gr_grey){0};
}
