/* From chunks to rows of bytes. libdeflate inflates a buffer at once, two to three times as fast as zlib a stream. */
#include "image/png_rows.h"

#include <libdeflate.h>
#include <string.h>

#include "image/image.h"

/* Rows beyond this, and metadata beyond this, are left to the decoder; no known filter has a higher number. */
enum { ROWS_MAX = 64 << 20, METADATA_MAX = 1 << 20, LAST_FILTER = 4, HEAD = 8 + 25, CHUNK = 12 };

/* Deflate's own bound, as in png.c: no room is made for rows that so many bytes cannot hold. */
enum { DEFLATE_RATIO_MAX = 1032 };

typedef struct reader {
    const uint8_t *bytes;
    size_t size, at;
    size_t size_of_rows;
    uint8_t *packed; /* the data of all IDAT chunks */
    size_t packed_size;
} reader;

static uint32_t u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Is the chunk at the place whole, with its checksum? Then its data and their length. */
static bool is_whole(const reader *r, const uint8_t **data, size_t *length)
{
    if (r->size - r->at < CHUNK)
        return false;
    const uint8_t *chunk = r->bytes + r->at;
    *length = u32(chunk);
    *data = chunk + 8;
    return *length <= r->size - r->at - CHUNK && libdeflate_crc32(0, chunk + 4, *length + 4) == u32(*data + *length);
}

/* Eight bits a channel, without palette, not interlaced. */
static bool read_head(reader *r, gr_png_rows *out)
{
    static const uint8_t CHANNELS[7] = {[0] = 1, [2] = 3, [4] = 2, [6] = 4}; /* by colour type */
    const uint8_t *data;
    size_t length;
    if (r->size < HEAD || memcmp(r->bytes, "\x89PNG\r\n\x1a\n", 8) != 0)
        return false;
    r->at = 8;
    if (memcmp(r->bytes + 12, "IHDR", 4) != 0 || !is_whole(r, &data, &length) || length != 13)
        return false;
    uint64_t w = u32(data), h = u32(data + 4);
    int channels = data[9] < 7 ? CHANNELS[data[9]] : 0;
    if (data[8] != 8 || channels == 0 || data[10] != 0 || data[11] != 0 || data[12] != 0 ||
        gr_image_check_size("", w, h, NULL) != GR_OK)
        return false;
    uint64_t row = 1 + w * (uint64_t)channels;
    if (row * h > ROWS_MAX || row * h > (uint64_t)DEFLATE_RATIO_MAX * r->size)
        return false;
    *out = (gr_png_rows){.width = (int)w, .height = (int)h, .channels = channels, .stride = (size_t)row};
    r->size_of_rows = (size_t)(row * h);
    r->at = HEAD;
    return true;
}

/* Metadata that the decoder skips unread, too. */
static bool is_skipped(const uint8_t *type)
{
    static const char SKIPPED[] = "bKGDcHRMeXIfgAMAhISTiCCPiTXtoFFspCALpHYssBITsCALsPLTsRGBsTERtEXttIMEzTXt";
    for (const char *name = SKIPPED; *name != '\0'; name += 4)
        if (memcmp(type, name, 4) == 0)
            return true;
    return false;
}

/* Everything up to the end; IDAT chunks follow each other, and their data are gathered. */
static bool read_chunks(reader *r)
{
    enum { BEFORE, WITHIN, BEHIND } place = BEFORE;
    for (;;) {
        const uint8_t *data;
        size_t length;
        if (!is_whole(r, &data, &length))
            return false;
        const uint8_t *type = data - 4;
        r->at += length + CHUNK;
        if (memcmp(type, "IDAT", 4) == 0) {
            if (place == BEHIND || length > r->size_of_rows + METADATA_MAX)
                return false;
            place = WITHIN;
            memcpy(r->packed + r->packed_size, data, length);
            r->packed_size += length;
            continue;
        }
        place = place == WITHIN ? BEHIND : place;
        if (memcmp(type, "IEND", 4) == 0)
            return length == 0 && place == BEHIND;
        if (length > METADATA_MAX || !is_skipped(type))
            return false;
    }
}

/* Do the data inflate to all rows, nothing being left over, each with a filter that there is? */
static bool inflate_rows(const reader *r, const gr_png_rows *rows)
{
    struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
    size_t used = 0;
    bool good = inflater != NULL && libdeflate_zlib_decompress_ex(inflater, r->packed, r->packed_size, rows->bytes,
                                                                  r->size_of_rows, &used, NULL) == LIBDEFLATE_SUCCESS;
    libdeflate_free_decompressor(inflater);
    good = good && used == r->packed_size;
    for (size_t at = 0; good && at < r->size_of_rows; at += rows->stride)
        good = rows->bytes[at] <= LAST_FILTER;
    return good;
}

bool gr_png_read_rows(const uint8_t *bytes, size_t size, gr_png_rows *out)
{
    reader r = {.bytes = bytes, .size = size};
    *out = (gr_png_rows){0};
    if (!read_head(&r, out))
        return false;
    r.packed = gr_alloc_aligned(size, 1);
    out->bytes = gr_alloc_aligned(r.size_of_rows, 1);
    bool good = r.packed != NULL && out->bytes != NULL && read_chunks(&r) && inflate_rows(&r, out);
    gr_free(r.packed);
    if (!good)
        gr_free(out->bytes);
    return good;
}
