/* What the fuzzers of pictures share: bytes of one kind, decoded to full size or refused, with every pixel there. */
#ifndef GR_FUZZ_PICTURE_H
#define GR_FUZZ_PICTURE_H

#include <stdint.h>
#include <string.h>

#include "image/image.h"

static inline void fuzz_decode(const uint8_t *data, size_t size)
{
    gr_image image;
    gr_error err = {0};
    gr_status status = gr_image_decode(data, size, "x", &image, &err);
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
