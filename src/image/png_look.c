/* The chunks and the compressed data are checked whole, which finds all damage that can be found; rows stay filtered, and no pixel is
 * made. libdeflate inflates a buffer at once, two to three times as fast as zlib a stream. */
#include "image/png_look.h"

#include <libdeflate.h>
#include <string.h>

#include "image/image.h"

/* Rows beyond this, and metadata beyond this, are left to the decoder; no known filter has a higher number. */
enum { ROWS_MAX = 64 << 20, METADATA_MAX = 1 << 20, LAST_FILTER = 4, HEAD = 8 + 25, CHUNK = 12 };

/* Deflate's own bound, as in png.c: no room is made for rows that so many bytes cannot hold. */
enum { DEFLATE_RATIO_MAX = 1032 };

typedef struct looker {
    const uint8_t *bytes;
    size_t size, at;
    size_t row, rows; /* bytes of a row with its filter, and of all */
    bool has_palette, needs_palette;
    unsigned depth;
    uint8_t *packed; /* the data of all IDAT chunks */
    size_t packed_size;
} looker;

static uint32_t u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Is the chunk at the place whole, with its checksum? Then its data and their length. */
static bool is_whole(const looker *l, const uint8_t **data, size_t *length)
{
    if (l->size - l->at < CHUNK)
        return false;
    const uint8_t *chunk = l->bytes + l->at;
    *length = u32(chunk);
    *data = chunk + 8;
    return *length <= l->size - l->at - CHUNK && libdeflate_crc32(0, chunk + 4, *length + 4) == u32(*data + *length);
}

/* Kinds of pixels: bits a channel, channels by colour type; 0: no such. */
static unsigned bits_of(unsigned depth, unsigned colour)
{
    static const uint8_t CHANNELS[7] = {1, 0, 3, 1, 2, 0, 4};
    unsigned channels = colour < 7 ? CHANNELS[colour] : 0;
    bool small = depth == 1 || depth == 2 || depth == 4;
    bool known = depth == 8 || (depth == 16 && colour != 3) || (small && (colour == 0 || colour == 3));
    return known ? depth * channels : 0;
}

static bool read_head(looker *l, int *width, int *height)
{
    const uint8_t *data;
    size_t length;
    if (l->size < HEAD || memcmp(l->bytes, "\x89PNG\r\n\x1a\n", 8) != 0)
        return false;
    l->at = 8;
    if (memcmp(l->bytes + 12, "IHDR", 4) != 0 || !is_whole(l, &data, &length) || length != 13)
        return false;
    uint64_t w = u32(data), h = u32(data + 4);
    unsigned bits = bits_of(data[8], data[9]);
    if (bits == 0 || data[10] != 0 || data[11] != 0 || data[12] != 0 || gr_image_check_size("", w, h, NULL) != GR_OK)
        return false;
    uint64_t row = 1 + (w * bits + 7) / 8;
    if (row * h > ROWS_MAX || row * h > (uint64_t)DEFLATE_RATIO_MAX * l->size)
        return false;
    l->row = (size_t)row;
    l->rows = (size_t)(row * h);
    l->depth = data[8];
    l->needs_palette = data[9] == 3;
    *width = (int)w;
    *height = (int)h;
    l->at = HEAD;
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

/* One chunk that stands alone, before the data or behind them. */
static bool pass_chunk(looker *l, const uint8_t *type, size_t length, bool before)
{
    if (is_skipped(type))
        return length <= METADATA_MAX;
    if (!before || !l->needs_palette || l->has_palette || memcmp(type, "PLTE", 4) != 0)
        return false;
    l->has_palette = true;
    return length > 0 && length % 3 == 0 && length / 3 <= (size_t)1 << l->depth;
}

/* Everything up to the end; IDAT chunks follow each other, and their data are gathered. */
static bool read_chunks(looker *l)
{
    enum { BEFORE, WITHIN, BEHIND } place = BEFORE;
    for (;;) {
        const uint8_t *data;
        size_t length;
        if (!is_whole(l, &data, &length))
            return false;
        const uint8_t *type = data - 4;
        l->at += length + CHUNK;
        if (memcmp(type, "IDAT", 4) == 0) {
            if (place == BEHIND || length > l->rows + METADATA_MAX || (l->needs_palette && !l->has_palette))
                return false;
            place = WITHIN;
            memcpy(l->packed + l->packed_size, data, length);
            l->packed_size += length;
            continue;
        }
        place = place == WITHIN ? BEHIND : place;
        if (memcmp(type, "IEND", 4) == 0)
            return length == 0 && place == BEHIND;
        if (!pass_chunk(l, type, length, place == BEFORE))
            return false;
    }
}

/* Do the data inflate to all rows, nothing being left over, each with a filter that there is? */
static bool check_rows(const looker *l, uint8_t *rows)
{
    struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
    size_t used = 0;
    bool good = inflater != NULL && libdeflate_zlib_decompress_ex(inflater, l->packed, l->packed_size, rows, l->rows, &used, NULL) ==
                                        LIBDEFLATE_SUCCESS;
    libdeflate_free_decompressor(inflater);
    good = good && used == l->packed_size;
    for (size_t at = 0; good && at < l->rows; at += l->row)
        good = rows[at] <= LAST_FILTER;
    return good;
}

bool gr_png_look(const void *bytes, size_t size, int *width, int *height)
{
    looker l = {.bytes = bytes, .size = size};
    if (!read_head(&l, width, height))
        return false;
    l.packed = gr_alloc_aligned(size, 1);
    uint8_t *rows = gr_alloc_aligned(l.rows, 1);
    bool good = l.packed != NULL && rows != NULL && read_chunks(&l) && check_rows(&l, rows);
    gr_free(l.packed);
    gr_free(rows);
    if (good && gr_png_orientation(bytes, size) >= 5) {
        int kept = *width;
        *width = *height;
        *height = kept;
    }
    return good;
}
