/* What the fuzzers of pictures share: bytes of one kind, decoded to full size or refused, with every pixel there; the quick looks
 * call nothing good that is refused, and libpng's pixels are ours. */
#ifndef GR_FUZZ_PICTURE_H
#define GR_FUZZ_PICTURE_H

#include <stdint.h>
#include <string.h>

#include "image/decoders.h"
#include "image/image.h"
#include "image/jpeg_look.h"
#include "image/png_look.h"

static inline void fuzz_compare_with_libpng(const uint8_t *data, size_t size, const gr_image *image)
{
    gr_image theirs = {0};
    if (gr_png_decode_any(data, size, "x", &theirs, NULL) == GR_OK &&
        (gr_image_orient(&theirs, gr_png_orientation(data, size), NULL) != GR_OK || theirs.width != image->width ||
         memcmp(theirs.pixels, image->pixels, 3 * (size_t)image->width * (size_t)image->height) != 0))
        __builtin_trap();
    gr_image_free(&theirs);
}

static inline void fuzz_decode(const uint8_t *data, size_t size)
{
    int width = 0, height = 0;
    bool good = gr_jpeg_look(data, size, &width, &height) || gr_png_look(data, size, &width, &height);
    gr_image image;
    gr_error err = {0};
    gr_status status = gr_image_decode(data, size, "x", &image, &err);
    if (good && (status != GR_OK || image.width != width || image.height != height))
        __builtin_trap();
    if (status == GR_OK && gr_image_kind_of(data, size) == GR_IMAGE_PNG)
        fuzz_compare_with_libpng(data, size, &image);
    if (status == GR_OK) {
        unsigned sum = 0; /* reads the whole: an image that is half there is met by AddressSanitizer */
        for (size_t i = 0; i < 3 * (size_t)image.width * (size_t)image.height; i++)
            sum += image.pixels[i];
        if (sum == 0xffffffff || image.width < 1 || image.height < 1)
            __builtin_trap();
    } else if (image.pixels != NULL || err.status != status || strncmp(err.text, "x: ", 3) != 0) {
        __builtin_trap();
    }
    gr_image_free(&image);
}

/* What a fuzzer gives back: -1 keeps bytes of another kind out of its corpus, so that time is spent on its own. */
static inline int fuzz_picture(gr_image_kind kind, const uint8_t *data, size_t size)
{
    if (gr_image_kind_of(data, size) != kind)
        return -1;
    fuzz_decode(data, size);
    return 0;
}

#endif
