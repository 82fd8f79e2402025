/* PNG to 8-bit RGB: usual ones from their rows, all others and what is damaged by libpng. libpng reports errors by longjmp:
 * everything that a jump must not lose lives in the reader object, which outlives decode(), so that no local variable has to
 * survive the jump. */
#include "image/decoders.h"
#include "image/png_rows.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>

/* Deflate cannot blow a byte up to more than this many (RFC 1951: 258 bytes from two bits): the reason why the size of a
 * decoded image is bounded by the file's before any pixel is allocated. */
enum { DEFLATE_RATIO_MAX = 1032, HEADER_BYTES = 8 + 8 + 13 + 4 };

typedef struct reader {
    const uint8_t *bytes;
    size_t size, at;
    const char *name;
    gr_error *err;
    gr_status status;
    png_structp png;
    png_infop info;
    gr_image image;
    uint8_t *rgba;   /* [height, width, 4] when there is alpha */
    png_bytepp rows; /* [height] */
} reader;

static void on_error(png_structp png, png_const_charp why)
{
    reader *r = png_get_error_ptr(png);
    if (r->status == GR_OK)
        r->status = gr_fail(r->err, GR_INVALID, "%s: is a damaged PNG (%s), an undamaged copy would be right", r->name, why);
    png_longjmp(png, 1);
}

/* Warnings are about what does not touch the pixels: bytes behind the last row, say. */
static void on_warning(png_structp png, png_const_charp why)
{
    (void)png;
    (void)why;
}

static void on_read(png_structp png, png_bytep to, size_t count)
{
    reader *r = png_get_io_ptr(png);
    if (count > r->size - r->at) {
        r->status =
            gr_fail(r->err, GR_INVALID, "%s: is a PNG that ends early, after %zu bytes; the whole file would be right",
                    r->name, r->size);
        png_longjmp(png, 1);
    }
    memcpy(to, r->bytes + r->at, count);
    r->at += count;
}

static png_voidp on_alloc(png_structp png, png_alloc_size_t size)
{
    void *block = gr_alloc(size, 1);
    reader *r = png_get_mem_ptr(png);
    if (block == NULL && r->status == GR_OK)
        r->status = gr_fail(r->err, GR_NOMEM, "%s: no memory to decode it", r->name);
    return block;
}

static void on_free(png_structp png, png_voidp block)
{
    (void)png;
    gr_free(block);
}

/* Looks at width, height, bit depth and colour type where they stand in every PNG, before libpng allocates by them. */
static gr_status check_header(const uint8_t *bytes, size_t size, const char *name, gr_error *err)
{
    if (size < HEADER_BYTES)
        return gr_fail(err, GR_INVALID, "%s: is a PNG that ends early, after %zu bytes; the whole file would be right", name,
                       size);
    if (memcmp(bytes + 12, "IHDR", 4) != 0)
        return gr_fail(err, GR_INVALID, "%s: is a damaged PNG (no IHDR chunk), an undamaged copy would be right", name);
    static const uint8_t CHANNELS[7] = {1, 0, 3, 1, 2, 0, 4}; /* by colour type; 0: libpng will refuse it */
    uint64_t width = png_get_uint_32(bytes + 16), height = png_get_uint_32(bytes + 20);
    uint64_t bits = bytes[25] < 7 ? (uint64_t)bytes[24] * CHANNELS[bytes[25]] : 0;
    gr_status status = gr_image_check_size(name, width, height, err);
    if (status == GR_OK && height * (1 + (width * bits + 7) / 8) > DEFLATE_RATIO_MAX * (uint64_t)size)
        status = gr_fail(err, GR_INVALID,
                         "%s: is a damaged PNG (its %zu bytes cannot hold %llu x %llu pixels), "
                         "an undamaged copy would be right",
                         name, size, (unsigned long long)width, (unsigned long long)height);
    return status;
}

static void open_png(reader *r)
{
    png_set_read_fn(r->png, r, on_read);
    png_set_user_limits(r->png, GR_IMAGE_SIDE_MAX, GR_IMAGE_SIDE_MAX);
    /* Metadata is skipped unread: comments, profiles and the like need neither memory nor trust. Checksums still count. */
    static const uint8_t SKIPPED[] = "bKGD\0cHRM\0eXIf\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0sRGB\0"
                                     "sTER\0tEXt\0tIME\0zTXt";
    png_set_keep_unknown_chunks(r->png, PNG_HANDLE_CHUNK_NEVER, SKIPPED, sizeof(SKIPPED) / 5);
    /* Some encoders note a smaller window than they used; every reader goes on with the largest, as zlib's own cost is
     * small. */
    png_set_option(r->png, PNG_MAXIMUM_INFLATE_WINDOW, PNG_OPTION_ON);
    png_set_crc_action(r->png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_read_info(r->png, r->info);
    png_set_expand(r->png);
    png_set_scale_16(r->png);
    png_set_gray_to_rgb(r->png);
    png_set_interlace_handling(r->png);
    png_read_update_info(r->png, r->info);
}

/* Allocates the image, the RGBA plane when there is alpha, and the rows. */
static void make_rows(reader *r)
{
    size_t width = png_get_image_width(r->png, r->info), height = png_get_image_height(r->png, r->info);
    size_t channels = png_get_channels(r->png, r->info);
    if ((channels != 3 && channels != 4) || png_get_rowbytes(r->png, r->info) != width * channels)
        png_error(r->png, "unknown pixel layout");
    r->status = gr_image_make((int)width, (int)height, &r->image, r->err);
    r->rows = r->status == GR_OK ? gr_alloc(height, sizeof(*r->rows)) : NULL;
    if (channels == 4 && r->rows != NULL)
        r->rgba = gr_alloc_aligned(width * height, 4);
    if (r->status == GR_OK && (r->rows == NULL || (channels == 4 && r->rgba == NULL)))
        r->status = gr_fail(r->err, GR_NOMEM, "%s: no memory for its %zu x %zu pixels", r->name, width, height);
    if (r->status != GR_OK)
        png_longjmp(r->png, 1);
    for (size_t y = 0; y < height; y++)
        r->rows[y] = (r->rgba != NULL ? r->rgba : r->image.pixels) + y * width * channels;
}

static void decode(reader *r)
{
    if (setjmp(png_jmpbuf(r->png)) != 0) {
        if (r->status == GR_OK)
            r->status = gr_fail(r->err, GR_INVALID, "%s: is a damaged PNG, an undamaged copy would be right", r->name);
        return;
    }
    open_png(r);
    make_rows(r);
    png_read_image(r->png, r->rows);
    png_read_end(r->png, NULL); /* so that a file cut off behind its pixels is refused too */
}

gr_status gr_png_decode_any(const uint8_t *bytes, size_t size, const char *name, gr_image *out, gr_error *err)
{
    gr_status status = check_header(bytes, size, name, err);
    if (status != GR_OK)
        return status;
    reader r = {.bytes = bytes, .size = size, .name = name, .err = err};
    r.png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &r, on_error, on_warning, &r, on_alloc, on_free);
    r.info = r.png != NULL ? png_create_info_struct(r.png) : NULL;
    if (r.info != NULL)
        decode(&r);
    else if (r.status == GR_OK) /* libpng's headers and library do not fit each other */
        r.status = gr_fail(err, GR_INTERNAL, "%s: libpng cannot be used, a matching libpng would be right", name);
    if (r.status == GR_OK && r.rgba != NULL)
        gr_rgb_of_rgba(r.rgba, (size_t)r.image.width * (size_t)r.image.height, r.image.pixels);
    png_destroy_read_struct(&r.png, &r.info, NULL);
    gr_free(r.rows);
    gr_free(r.rgba);
    if (r.status != GR_OK)
        gr_image_free(&r.image);
    *out = r.image;
    return r.status;
}

gr_status gr_png_decode(const uint8_t *bytes, size_t size, const char *name, gr_image *out, gr_error *err)
{
    gr_png_rows rows;
    bool usual = gr_png_read_rows(bytes, size, &rows);
    gr_status status = usual ? gr_png_unfilter(&rows, name, out, err) : gr_png_decode_any(bytes, size, name, out, err);
    if (usual)
        gr_free(rows.bytes);
    if (status == GR_OK)
        status = gr_image_orient(out, gr_png_orientation(bytes, size), err);
    if (status != GR_OK)
        gr_image_free(out);
    return status;
}
