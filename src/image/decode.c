/* Reading images: which decoder a file needs, told by its first bytes. */
#include "image/decoders.h"

#include <string.h>

/* A file beyond this is not opened: far above any image within the limits that is not padding. */
#define GR_IMAGE_FILE_MAX ((size_t)512 << 20)

typedef struct signature {
    const char *bytes;
    size_t length;
    const char *format;
} signature;

/* Formats that people do have lying in image folders under any name. */
static const signature FOREIGN[] = {
    {"GIF8", 4, "a GIF"},   {"BM", 2, "a BMP"},         {"II*\0", 4, "a TIFF"},
    {"MM\0*", 4, "a TIFF"}, {"RIFF", 4, "a WebP"},      {"\0\0\0\x0cjP  ", 8, "a JPEG 2000"},
    {"%PDF", 4, "a PDF"},   {"P6", 2, "a PPM"},         {"P5", 2, "a PGM"},
    {"<svg", 4, "an SVG"},  {"PK\x03\x04", 4, "a ZIP"}, {"\x1f\x8b", 2, "a gzip"},
};

static gr_status refuse(const uint8_t *bytes, size_t size, const char *name, gr_error *err)
{
    if (size == 0)
        return gr_fail(err, GR_INVALID, "%s: is empty (0 bytes), a PNG or JPEG image would be right", name);
    for (size_t i = 0; i < sizeof(FOREIGN) / sizeof(FOREIGN[0]); i++)
        if (size >= FOREIGN[i].length && memcmp(bytes, FOREIGN[i].bytes, FOREIGN[i].length) == 0)
            return gr_fail(err, GR_INVALID, "%s: is %s file, a PNG or JPEG image would be right", name, FOREIGN[i].format);
    bool text = true;
    for (size_t i = 0; i < size && i < 64; i++)
        text = text && (bytes[i] >= 32 || bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] == '\t');
    return gr_fail(err, GR_INVALID, "%s: is not an image%s, a PNG or JPEG image would be right", name,
                   text ? " (it looks like text)" : "");
}

gr_status gr_image_decode(const void *bytes, size_t size, const char *name, gr_image *out, gr_error *err)
{
    static const uint8_t PNG[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'}, JPEG[3] = {0xff, 0xd8, 0xff};
    *out = (gr_image){0};
    if (size >= sizeof(PNG) && memcmp(bytes, PNG, sizeof(PNG)) == 0)
        return gr_png_decode(bytes, size, name, out, err);
    if (size >= sizeof(JPEG) && memcmp(bytes, JPEG, sizeof(JPEG)) == 0)
        return gr_jpeg_decode(bytes, size, name, out, err);
    return refuse(bytes, size, name, err);
}

gr_status gr_image_read(const char *path, gr_image *out, gr_error *err)
{
    char *bytes;
    size_t size;
    *out = (gr_image){0};
    gr_status status = gr_file_read(path, GR_IMAGE_FILE_MAX, &bytes, &size, err);
    if (status != GR_OK)
        return status;
    status = gr_image_decode(bytes, size, path, out, err);
    gr_free(bytes);
    return status;
}
