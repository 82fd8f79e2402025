/* Any bytes as a picture file: decoded to its full size or refused, with every pixel there; the quick looks call nothing good
 * that is refused, and libpng's pixels are ours. PNG's chunks get right checksums, so that what lies behind them is met too. */
#include <stdint.h>
#include <string.h>

#include <zlib.h>

#include "image/decoders.h"
#include "image/image.h"
#include "image/jpeg_look.h"
#include "image/png_look.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void repair_checksums(uint8_t *png, size_t size)
{
    for (size_t at = 8; at + 12 <= size;) {
        size_t length = u32(png + at);
        if (length > size - at - 12)
            return;
        uint32_t sum = (uint32_t)crc32(0, png + at + 4, (uInt)length + 4);
        for (size_t i = 0; i < 4; i++)
            png[at + 8 + length + i] = (uint8_t)(sum >> (24 - 8 * i));
        at += 12 + length;
    }
}

static void compare_with_libpng(const uint8_t *data, size_t size, const gr_image *image)
{
    gr_image theirs = {0};
    if (gr_png_decode_any(data, size, "x", &theirs, NULL) == GR_OK &&
        (gr_image_orient(&theirs, gr_png_orientation(data, size), NULL) != GR_OK || theirs.width != image->width ||
         memcmp(theirs.pixels, image->pixels, 3 * (size_t)image->width * (size_t)image->height) != 0))
        __builtin_trap();
    gr_image_free(&theirs);
}

static void decode(const uint8_t *data, size_t size)
{
    int width = 0, height = 0;
    bool good = gr_jpeg_look(data, size, &width, &height) || gr_png_look(data, size, &width, &height);
    gr_image image;
    gr_error err = {0};
    gr_status status = gr_image_decode(data, size, "x", &image, &err);
    if (good && (status != GR_OK || image.width != width || image.height != height))
        __builtin_trap();
    if (status == GR_OK && gr_image_kind_of(data, size) == GR_IMAGE_PNG)
        compare_with_libpng(data, size, &image);
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decode(data, size);
    if (size > 8 && memcmp(data, "\x89PNG\r\n\x1a\n", 8) == 0) {
        uint8_t *copy = gr_alloc(size, 1);
        if (copy != NULL) {
            memcpy(copy, data, size);
            repair_checksums(copy, size);
            decode(copy, size);
            gr_free(copy);
        }
    }
    return 0;
}
