/* 8-bit RGB to PNG by libdeflate, which packs a buffer at once. Each row has the one of three filters that leaves the
 * smallest numbers; that is where libpng's time goes otherwise, with five. */
#include "image/image.h"

#include <string.h>

#include <libdeflate.h>

enum { LEVEL = 3, CHUNK = 12 };

static void put_u32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* A byte's distance from 0, as a signed one. */
static inline unsigned weight(uint8_t value)
{
    return value < 128 ? value : 256u - value;
}

/* The filtered row, its filter's number first. above: the row before; NULL: the first row. */
static void filter_row(const uint8_t *row, const uint8_t *above, size_t size, uint8_t *out)
{
    unsigned left = 0, up = 0;
    for (size_t i = 3; i < size; i++)
        left += weight((uint8_t)(row[i] - row[i - 3]));
    for (size_t i = 3; above != NULL && i < size; i++)
        up += weight((uint8_t)(row[i] - above[i]));
    if (above != NULL && up <= left) {
        *out++ = 2;
        for (size_t i = 0; i < size; i++)
            out[i] = (uint8_t)(row[i] - above[i]);
        return;
    }
    *out++ = 1;
    memcpy(out, row, size < 3 ? size : 3);
    for (size_t i = 3; i < size; i++)
        out[i] = (uint8_t)(row[i] - row[i - 3]);
}

static uint8_t *put_chunk(uint8_t *to, const char name[4], size_t size)
{
    put_u32(to, (uint32_t)size);
    memcpy(to + 4, name, 4);
    put_u32(to + 8 + size, libdeflate_crc32(0, to + 4, size + 4));
    return to + CHUNK + size;
}

/* The file around what `packer` makes of the filtered rows. */
static gr_status assemble(const gr_image *image, struct libdeflate_compressor *packer, const uint8_t *rows, size_t count,
                          uint8_t **bytes, size_t *size, gr_error *err)
{
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    size_t most = libdeflate_zlib_compress_bound(packer, count);
    uint8_t *file = gr_alloc(most + sizeof signature + 3 * CHUNK + 13, 1), *at = file;
    if (file == NULL)
        return gr_fail(err, GR_NOMEM, "no memory to make a PNG of %d x %d pixels", image->width, image->height);
    memcpy(at, signature, sizeof signature);
    at += sizeof signature;
    put_u32(at + 8, (uint32_t)image->width);
    put_u32(at + 12, (uint32_t)image->height);
    memcpy(at + 16, (const uint8_t[5]){8, 2, 0, 0, 0}, 5); /* bits, RGB, deflate, its filters, not interlaced */
    at = put_chunk(at, "IHDR", 13);
    at = put_chunk(at, "IDAT", libdeflate_zlib_compress(packer, rows, count, at + 8, most));
    at = put_chunk(at, "IEND", 0);
    *bytes = file;
    *size = (size_t)(at - file);
    return GR_OK;
}

gr_status gr_png_encode_quick(const gr_image *image, uint8_t **bytes, size_t *size, gr_error *err)
{
    *bytes = NULL;
    *size = 0;
    gr_status status = gr_image_check_size("image", image->width < 0 ? 0 : (uint64_t)image->width,
                                           image->height < 0 ? 0 : (uint64_t)image->height, err);
    if (status != GR_OK)
        return status;
    size_t row = (size_t)image->width * 3, count = (row + 1) * (size_t)image->height;
    uint8_t *rows = gr_alloc_aligned(count, 1);
    struct libdeflate_compressor *packer = libdeflate_alloc_compressor(LEVEL);
    if (rows == NULL || packer == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory to make a PNG of %d x %d pixels", image->width, image->height);
    for (int y = 0; status == GR_OK && y < image->height; y++) {
        const uint8_t *from = image->pixels + (size_t)y * row;
        filter_row(from, y > 0 ? from - row : NULL, row, rows + (size_t)y * (row + 1));
    }
    if (status == GR_OK)
        status = assemble(image, packer, rows, count, bytes, size, err);
    if (packer != NULL)
        libdeflate_free_compressor(packer);
    gr_free(rows);
    return status;
}
