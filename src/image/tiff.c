/* TIFF to 8-bit RGB by libtiff: the first page of grey, RGB, palette or CMYK samples, in strips or tiles, however
 * compressed.
 *
 * libtiff is asked for samples and not for finished pixels (its own conversion drops bits of 16-bit grey and of palettes).
 * Everything that it allocates by what the file says is bounded: sizes are checked before the first row is read, a tile may
 * not be larger than a picture, and no block above GR_IMAGE_FILE_MAX is given. Only one directory is read: no loops. */
#include "image/tiff_pixels.h"

#include <string.h>

#include <tiffio.h>

#include "base/library.h"

/* libtiff is loaded by the first TIFF that is read (base/library.h). */
#define LIBTIFF(FUNCTION)                                                                                                  \
    FUNCTION(TIFFOpenOptionsAlloc)                                                                                         \
    FUNCTION(TIFFOpenOptionsFree)                                                                                          \
    FUNCTION(TIFFOpenOptionsSetMaxSingleMemAlloc)                                                                          \
    FUNCTION(TIFFOpenOptionsSetErrorHandlerExtR)                                                                           \
    FUNCTION(TIFFOpenOptionsSetWarningHandlerExtR)                                                                         \
    FUNCTION(TIFFClientOpenExt)                                                                                            \
    FUNCTION(TIFFClose)                                                                                                    \
    FUNCTION(TIFFGetField)                                                                                                 \
    FUNCTION(TIFFGetFieldDefaulted)                                                                                        \
    FUNCTION(TIFFSetField)                                                                                                 \
    FUNCTION(TIFFIsCODECConfigured)                                                                                        \
    FUNCTION(TIFFIsTiled)                                                                                                  \
    FUNCTION(TIFFScanlineSize64)                                                                                           \
    FUNCTION(TIFFTileSize64)                                                                                               \
    FUNCTION(TIFFReadScanline)                                                                                             \
    FUNCTION(TIFFReadTile)
typedef struct library {
    LIBTIFF(GR_LIBRARY_POINTER)
} library;
static const char *const library_names[] = {LIBTIFF(GR_LIBRARY_NAME)};
enum { LIBRARY_NAMES = sizeof library_names / sizeof library_names[0] };
_Static_assert(sizeof(library) == LIBRARY_NAMES * sizeof(void *), "pointers and nothing else");


typedef struct reader {
    const uint8_t *bytes;
    size_t size, at;
    const char *name;
    gr_error *err;
    library lib;
    TIFF *tiff;
    gr_tiff_layout layout;
    int width, height;
    bool separate; /* each sample in a plane of its own */
    gr_image image;
    uint8_t *raw;     /* one row or tile as libtiff gives it */
    uint8_t *samples; /* 8 bits: one row of pixels, or all of them when planes are separate */
    char why[160];    /* libtiff's first complaint */
} reader;

/* ---- what libtiff asks for ---- */

static int on_error(TIFF *tiff, void *user, const char *module, const char *format, va_list words)
{
    (void)tiff;
    (void)module;
    reader *r = user;
    if (r->why[0] == '\0')
        vsnprintf(r->why, sizeof(r->why), format, words);
    return 1; /* nothing is printed */
}

/* Warnings are about tags that are not needed. */
static int on_warning(TIFF *tiff, void *user, const char *module, const char *format, va_list words)
{
    (void)tiff;
    (void)user;
    (void)module;
    (void)format;
    (void)words;
    return 1;
}

static tmsize_t on_read(thandle_t handle, void *to, tmsize_t count)
{
    reader *r = handle;
    size_t left = r->at < r->size ? r->size - r->at : 0, taken = (size_t)count < left ? (size_t)count : left;
    memcpy(to, r->bytes + (r->size - left), taken);
    r->at += taken;
    return (tmsize_t)taken;
}

static tmsize_t on_write(thandle_t handle, void *from, tmsize_t count)
{
    (void)handle;
    (void)from;
    (void)count;
    return 0;
}

static toff_t on_seek(thandle_t handle, toff_t to, int from)
{
    reader *r = handle;
    r->at = from == SEEK_SET ? to : from == SEEK_CUR ? r->at + to : r->size + to;
    return r->at;
}

static int on_close(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t on_size(thandle_t handle)
{
    return ((reader *)handle)->size;
}

static int on_map(thandle_t handle, void **bytes, toff_t *size)
{
    reader *r = handle;
    *bytes = (void *)r->bytes; /* libtiff does not write to it: what it changes it copies first */
    *size = r->size;
    return 1;
}

static void on_unmap(thandle_t handle, void *bytes, toff_t size)
{
    (void)handle;
    (void)bytes;
    (void)size;
}

static gr_status damaged(const reader *r)
{
    return gr_fail(r->err, GR_INVALID, "%s: is a damaged TIFF (%s), an undamaged copy would be right", r->name,
                   r->why[0] != '\0' ? r->why : "its sizes do not fit each other");
}

static gr_status no_memory(const reader *r)
{
    return gr_fail(r->err, GR_NOMEM, "%s: no memory for its %d x %d pixels", r->name, r->width, r->height);
}

static gr_status open_tiff(reader *r)
{
    gr_status status = gr_library_find(GR_LIBTIFF, library_names, LIBRARY_NAMES, &r->lib, r->err);
    if (status != GR_OK) {
        gr_error_prefix(r->err, "%s: a TIFF", r->name);
        return status;
    }
    TIFFOpenOptions *options = r->lib.TIFFOpenOptionsAlloc();
    if (options == NULL)
        return no_memory(r);
    r->lib.TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)GR_IMAGE_FILE_MAX);
    r->lib.TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, r);
    r->lib.TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, r);
    r->tiff = r->lib.TIFFClientOpenExt(r->name, "r", r, on_read, on_write, on_seek, on_close, on_size, on_map, on_unmap, options);
    r->lib.TIFFOpenOptionsFree(options);
    return r->tiff != NULL ? GR_OK : damaged(r);
}

/* ---- what the file says ---- */

static unsigned tag(const reader *r, uint32_t number)
{
    uint16_t value = 0;
    return r->lib.TIFFGetFieldDefaulted(r->tiff, number, &value) ? value : 0;
}

static gr_status check_size(reader *r)
{
    uint32_t width = 0, height = 0;
    (void)r->lib.TIFFGetField(r->tiff, TIFFTAG_IMAGEWIDTH, &width);
    (void)r->lib.TIFFGetField(r->tiff, TIFFTAG_IMAGELENGTH, &height);
    gr_status status = gr_image_check_size(r->name, width, height, r->err);
    if (status != GR_OK)
        return status;
    r->width = (int)width;
    r->height = (int)height;
    return GR_OK;
}

/* A camera's raw file begins with a thumbnail, which would pass for the picture. */
static gr_status check_whole(const reader *r)
{
    uint32_t kind = 0;
    uint16_t count;
    const void *version;
    (void)r->lib.TIFFGetField(r->tiff, TIFFTAG_SUBFILETYPE, &kind);
    if ((kind & FILETYPE_REDUCEDIMAGE) != 0 || r->lib.TIFFGetField(r->tiff, TIFFTAG_DNGVERSION, &count, &version))
        return gr_image_refuse_as(r->name, "a camera's raw file or begins with a thumbnail", GR_CONVERT_NONE, r->err);
    return GR_OK;
}

static gr_status unknown(const reader *r, const char *what)
{
    char words[100];
    snprintf(words, sizeof(words), "a TIFF of %s", what);
    return gr_image_refuse_as(r->name, words, GR_CONVERT_ANY, r->err);
}

/* Whole numbers of up to 16 bits: of others only the program that wrote them knows which are black and white. */
static gr_status read_depth(reader *r)
{
    unsigned bits = tag(r, TIFFTAG_BITSPERSAMPLE), format = tag(r, TIFFTAG_SAMPLEFORMAT);
    r->layout.bits = (int)bits;
    if (format != SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_VOID)
        return gr_image_refuse_as(
            r->name, format == SAMPLEFORMAT_INT ? "a TIFF of numbers with a sign" : "a TIFF of floating-point numbers",
            GR_CONVERT_NONE, r->err);
    if (bits < 1 || bits > 16) {
        char what[40];
        snprintf(what, sizeof(what), "a TIFF of %u bits a sample", bits);
        return gr_image_refuse_as(r->name, what, GR_CONVERT_NONE, r->err);
    }
    return GR_OK;
}

static gr_status read_palette(reader *r)
{
    uint16_t *maps[3];
    if (r->layout.bits > 8 || !r->lib.TIFFGetField(r->tiff, TIFFTAG_COLORMAP, &maps[0], &maps[1], &maps[2]))
        return damaged(r);
    for (int i = 0; i < 1 << r->layout.bits; i++)
        for (int c = 0; c < 3; c++)
            r->layout.palette[i][c] = (uint8_t)(maps[c][i] >> 8);
    return GR_OK;
}

static gr_status read_colour(reader *r)
{
    gr_tiff_layout *layout = &r->layout;
    uint16_t photometric = 0;
    if (!r->lib.TIFFGetField(r->tiff, TIFFTAG_PHOTOMETRIC, &photometric))
        return damaged(r);
    switch (photometric) {
    case PHOTOMETRIC_MINISWHITE: layout->colour = GR_TIFF_GREY_INVERTED; return GR_OK;
    case PHOTOMETRIC_MINISBLACK: layout->colour = GR_TIFF_GREY; return GR_OK;
    case PHOTOMETRIC_RGB: layout->colour = GR_TIFF_RGB; return GR_OK;
    case PHOTOMETRIC_PALETTE: layout->colour = GR_TIFF_PALETTE; return read_palette(r);
    case PHOTOMETRIC_SEPARATED:
        layout->colour = GR_TIFF_CMYK;
        return tag(r, TIFFTAG_INKSET) == INKSET_CMYK ? GR_OK : unknown(r, "inks that are not C, M, Y and K");
    case PHOTOMETRIC_YCBCR:
        layout->colour = GR_TIFF_RGB; /* libjpeg, below libtiff, makes it so */
        if (tag(r, TIFFTAG_COMPRESSION) == COMPRESSION_JPEG && !r->separate)
            return r->lib.TIFFSetField(r->tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB) ? GR_OK : damaged(r);
        return unknown(r, "YCbCr pixels without JPEG");
    case PHOTOMETRIC_CFA: return gr_image_refuse_as(r->name, "a camera's raw file", GR_CONVERT_NONE, r->err);
    default: return unknown(r, "colours other than grey, RGB, a palette and CMYK");
    }
}

/* Which sample is alpha. Without a word about them, the fourth of RGB is (as for Pillow). */
static gr_status read_alpha(reader *r)
{
    gr_tiff_layout *layout = &r->layout;
    int colours = layout->colour == GR_TIFF_RGB ? 3 : layout->colour == GR_TIFF_CMYK ? 4 : 1;
    uint16_t count = 0, *kinds = NULL;
    layout->samples = (int)tag(r, TIFFTAG_SAMPLESPERPIXEL);
    if (layout->samples < colours)
        return damaged(r);
    if (layout->samples > GR_TIFF_SAMPLES_MAX)
        return unknown(r, "more than six samples a pixel");
    bool said = r->lib.TIFFGetField(r->tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds) && count > 0;
    bool alpha = said ? kinds[0] == EXTRASAMPLE_UNASSALPHA : layout->colour == GR_TIFF_RGB && layout->samples == 4;
    if (alpha && layout->samples > colours && layout->colour != GR_TIFF_CMYK && layout->colour != GR_TIFF_PALETTE)
        layout->alpha = colours;
    return GR_OK;
}

static gr_status read_layout(reader *r)
{
    unsigned compression = tag(r, TIFFTAG_COMPRESSION);
    r->separate = tag(r, TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE && tag(r, TIFFTAG_SAMPLESPERPIXEL) > 1;
    if (compression == COMPRESSION_OJPEG)
        return unknown(r, "the JPEG compression of before 1995");
    if (!r->lib.TIFFIsCODECConfigured((uint16_t)compression)) {
        char what[60];
        snprintf(what, sizeof(what), "compression %u, which libtiff does not know", compression);
        return unknown(r, what);
    }
    gr_status status = read_depth(r);
    if (status == GR_OK)
        status = read_colour(r);
    return status == GR_OK ? read_alpha(r) : status;
}

/* ---- pixels ---- */

/* Takes `count` pixels (of one plane: samples) that begin at (x, y) of the image. */
static void put(reader *r, int plane, int x, int y, size_t count, const uint8_t *raw)
{
    const gr_tiff_layout *layout = &r->layout;
    size_t step = (size_t)layout->samples, at = (size_t)y * (size_t)r->width + (size_t)x;
    if (r->separate) {
        gr_tiff_unpack(layout, raw, count, step, r->samples + at * step + plane);
        return;
    }
    if (layout->bits != 8) {
        gr_tiff_unpack(layout, raw, count * step, 1, r->samples);
        raw = r->samples;
    }
    gr_tiff_rgb(layout, raw, count, r->image.pixels + 3 * at);
}

/* Bytes of a row of `width` pixels, or of one plane's samples of them. */
static size_t row_bytes(const reader *r, size_t width)
{
    size_t samples = r->separate ? 1 : (size_t)r->layout.samples;
    return (width * samples * (size_t)r->layout.bits + 7) / 8;
}

static gr_status read_strips(reader *r)
{
    size_t row = row_bytes(r, (size_t)r->width);
    if (r->lib.TIFFScanlineSize64(r->tiff) != row)
        return damaged(r);
    r->raw = gr_alloc(row, 1);
    if (r->raw == NULL)
        return no_memory(r);
    for (int plane = 0; plane < (r->separate ? r->layout.samples : 1); plane++)
        for (int y = 0; y < r->height; y++) {
            if (r->lib.TIFFReadScanline(r->tiff, r->raw, (uint32_t)y, (uint16_t)plane) != 1)
                return damaged(r);
            put(r, plane, 0, y, (size_t)r->width, r->raw);
        }
    return GR_OK;
}

static gr_status read_tile(reader *r, int plane, int x, int y, int side_x, int side_y)
{
    size_t row = row_bytes(r, (size_t)side_x);
    if (r->lib.TIFFReadTile(r->tiff, r->raw, (uint32_t)x, (uint32_t)y, 0, (uint16_t)plane) < 0)
        return damaged(r);
    int width = r->width - x < side_x ? r->width - x : side_x, height = r->height - y < side_y ? r->height - y : side_y;
    for (int i = 0; i < height; i++)
        put(r, plane, x, y + i, (size_t)width, r->raw + (size_t)i * row);
    return GR_OK;
}

static gr_status read_tiles(reader *r)
{
    uint32_t side_x = 0, side_y = 0;
    (void)r->lib.TIFFGetField(r->tiff, TIFFTAG_TILEWIDTH, &side_x);
    (void)r->lib.TIFFGetField(r->tiff, TIFFTAG_TILELENGTH, &side_y);
    gr_status status = gr_image_check_size(r->name, side_x, side_y, NULL);
    uint64_t bytes = status == GR_OK ? (uint64_t)row_bytes(r, side_x) * side_y : 0;
    if (status != GR_OK || bytes > GR_IMAGE_FILE_MAX || r->lib.TIFFTileSize64(r->tiff) != bytes)
        return damaged(r);
    r->raw = gr_alloc((size_t)bytes, 1);
    if (r->raw == NULL)
        return no_memory(r);
    for (int plane = 0; plane < (r->separate ? r->layout.samples : 1); plane++)
        for (int y = 0; y < r->height; y += (int)side_y)
            for (int x = 0; x < r->width && status == GR_OK; x += (int)side_x)
                status = read_tile(r, plane, x, y, (int)side_x, (int)side_y);
    return status;
}

static gr_status read_pixels(reader *r)
{
    size_t width = (size_t)r->width, height = (size_t)r->height, samples = (size_t)r->layout.samples;
    gr_status status = gr_image_make(r->width, r->height, &r->image, r->err);
    if (status != GR_OK)
        return status;
    r->samples = gr_alloc(r->separate ? width * height : width, samples);
    if (r->samples == NULL)
        return no_memory(r);
    status = r->lib.TIFFIsTiled(r->tiff) ? read_tiles(r) : read_strips(r);
    for (size_t y = 0; status == GR_OK && r->separate && y < height; y++)
        gr_tiff_rgb(&r->layout, r->samples + y * width * samples, width, r->image.pixels + 3 * y * width);
    return status;
}

gr_status gr_tiff_decode(const uint8_t *bytes, size_t size, const char *name, gr_image *out, gr_error *err)
{
    reader r = {.bytes = bytes, .size = size, .name = name, .err = err};
    gr_status status = open_tiff(&r);
    if (status == GR_OK)
        status = check_size(&r);
    if (status == GR_OK)
        status = check_whole(&r);
    if (status == GR_OK)
        status = read_layout(&r);
    if (status == GR_OK)
        status = read_pixels(&r);
    if (status == GR_OK)
        status = gr_image_orient(&r.image, (int)tag(&r, TIFFTAG_ORIENTATION), err);
    if (r.tiff != NULL)
        r.lib.TIFFClose(r.tiff);
    gr_free(r.raw);
    gr_free(r.samples);
    if (status != GR_OK)
        gr_image_free(&r.image);
    *out = r.image;
    return status;
}
