/* What a file is, by its first bytes and by its name's end; and the command that makes a PNG of what no decoder here reads.
 */
#include "image/image.h"

#include <string.h>
#include <strings.h>

typedef struct kind {
    const char *name;
    const char *endings; /* each with its dot, and a blank behind it */
    gr_convert convert;
} kind;

enum { GIF = GR_IMAGE_FOREIGN, BMP, HEIC, AVIF, JP2, JXL, PNM, PSD, ICO, RAW, SVG, PDF, DICOM, VIDEO, ZIP, GZIP, KINDS };

static const kind KIND[KINDS] = {
    [GR_IMAGE_PNG] = {"a PNG", ".png .apng ", GR_CONVERT_NONE},
    [GR_IMAGE_JPEG] = {"a JPEG", ".jpg .jpeg .jpe .jfif .jif .jfi .pjpeg .pjp .mpo ", GR_CONVERT_NONE},
    [GR_IMAGE_WEBP] = {"a WebP", ".webp ", GR_CONVERT_NONE},
    [GR_IMAGE_TIFF] = {"a TIFF", ".tif .tiff ", GR_CONVERT_NONE},
    [GIF] = {"a GIF", ".gif ", GR_CONVERT_FIRST},
    [BMP] = {"a BMP", ".bmp .dib ", GR_CONVERT_ANY},
    [HEIC] = {"a HEIC", ".heic .heif .hif ", GR_CONVERT_ANY},
    [AVIF] = {"an AVIF", ".avif ", GR_CONVERT_ANY},
    [JP2] = {"a JPEG 2000", ".jp2 .j2k .jpf .jpx ", GR_CONVERT_ANY},
    [JXL] = {"a JPEG XL", ".jxl ", GR_CONVERT_FFMPEG},
    [PNM] = {"a PNM", ".pnm .pbm .pgm .ppm .pam ", GR_CONVERT_ANY},
    [PSD] = {"a Photoshop", ".psd ", GR_CONVERT_FIRST},
    [ICO] = {"an icon", ".ico ", GR_CONVERT_NONE},
    [RAW] = {"a camera's raw", ".dng .cr2 .cr3 .nef .nrw .arw .sr2 .orf .rw2 .raf .pef .srw ", GR_CONVERT_NONE},
    [SVG] = {"an SVG", ".svg ", GR_CONVERT_NONE},
    [PDF] = {"a PDF", "", GR_CONVERT_NONE},
    [DICOM] = {"a DICOM", ".dcm .dicom ", GR_CONVERT_NONE},
    [VIDEO] = {"a video", "", GR_CONVERT_NONE},
    [ZIP] = {"a ZIP", "", GR_CONVERT_NONE},
    [GZIP] = {"a gzip", "", GR_CONVERT_NONE},
};

typedef struct signature {
    const char *bytes;
    uint8_t length, at;
    int kind;
} signature;

/* The first that fits is it. */
static const signature SIGNATURES[] = {
    {"\x89PNG\r\n\x1a\n", 8, 0, GR_IMAGE_PNG},
    {"\xff\xd8\xff", 3, 0, GR_IMAGE_JPEG},
    {"WEBP", 4, 8, GR_IMAGE_WEBP},
    {"CR\2", 3, 8, RAW}, /* Canon's: a TIFF by its first bytes */
    {"II*\0", 4, 0, GR_IMAGE_TIFF},
    {"MM\0*", 4, 0, GR_IMAGE_TIFF},
    {"II+\0", 4, 0, GR_IMAGE_TIFF}, /* BigTIFF */
    {"MM\0+", 4, 0, GR_IMAGE_TIFF},
    {"GIF8", 4, 0, GIF},
    {"BM", 2, 0, BMP},
    {"\0\0\0\x0cjP  ", 8, 0, JP2},
    {"\xff\x4f\xff\x51", 4, 0, JP2},
    {"\0\0\0\x0cJXL ", 8, 0, JXL},
    {"\xff\x0a", 2, 0, JXL},
    {"8BPS", 4, 0, PSD},
    {"IIRO", 4, 0, RAW},
    {"IIRS", 4, 0, RAW},
    {"IIU\0", 4, 0, RAW},
    {"FUJIFILM", 8, 0, RAW},
    {"\0\0\1\0", 4, 0, ICO},
    {"%PDF", 4, 0, PDF},
    {"<svg", 4, 0, SVG},
    {"DICM", 4, 128, DICOM},
    {"AVI ", 4, 8, VIDEO},
    {"\x1a\x45\xdf\xa3", 4, 0, VIDEO},
    {"PK\x03\x04", 4, 0, ZIP},
    {"\x1f\x8b", 2, 0, GZIP},
};

/* The ISO container of HEIC, AVIF, Canon's newer raw and videos: a brand, a version, and the brands that it agrees with. */
static int kind_of_container(const uint8_t *bytes, size_t size)
{
    size_t end = (size_t)bytes[2] << 8 | bytes[3];
    end = end < size ? end : size;
    int found = memcmp(bytes + 8, "crx ", 4) == 0 ? RAW : VIDEO;
    for (size_t at = 8; at + 4 <= end; at += 4) {
        const char *brand = (const char *)bytes + at;
        if (memcmp(brand, "avif", 4) == 0 || memcmp(brand, "avis", 4) == 0)
            return AVIF;
        if (memcmp(brand, "hei", 3) == 0 || memcmp(brand, "hev", 3) == 0 || memcmp(brand, "mif1", 4) == 0)
            found = HEIC;
    }
    return found;
}

static int kind_of(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < sizeof(SIGNATURES) / sizeof(SIGNATURES[0]); i++) {
        const signature *s = &SIGNATURES[i];
        if (size >= (size_t)s->at + s->length && memcmp(bytes + s->at, s->bytes, s->length) == 0)
            return s->kind;
    }
    if (size >= 12 && memcmp(bytes + 4, "ftyp", 4) == 0)
        return kind_of_container(bytes, size);
    if (size >= 3 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '7' && strchr(" \t\r\n#", bytes[2]) != NULL)
        return bytes[2] != '\0' ? PNM : GR_IMAGE_UNKNOWN;
    return GR_IMAGE_UNKNOWN;
}

gr_image_kind gr_image_kind_of(const uint8_t *bytes, size_t size)
{
    int found = kind_of(bytes, size);
    return found < GR_IMAGE_FOREIGN ? (gr_image_kind)found : GR_IMAGE_FOREIGN;
}

/* ---- sentences ---- */

/* `name` as a shell's word, between quotes where `bare` does not do. False when it does not fit or holds a quote itself. */
static bool quote(const char *name, bool bare, const char *end, char *word, size_t size)
{
    for (const char *c = name; *c != '\0'; c++)
        bare = bare && ((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
                        strchr("/._+,=@-", *c) != NULL);
    const char *mark = bare ? "" : "'", *here = name[0] == '-' ? "./" : "";
    int length = snprintf(word, size, "%s%s%s%s%s", mark, here, name, end, mark);
    return strchr(name, '\'') == NULL && (size_t)length < size;
}

/* Each was run on Debian 12, 13 and unstable, on files under a wrong name too. -auto-orient: mogrify turns a picture as its
 * camera noted, and does not always keep the note. */
static void put_command(gr_convert how, const char *name, const char *what, gr_text *text)
{
    char in[400], out[400];
    bool first = how == GR_CONVERT_FIRST;
    if (!quote(name, !first, first ? "[0]" : "", in, sizeof(in)) || !quote(name, true, ".png", out, sizeof(out))) {
        snprintf(in, sizeof(in), first ? "'FILE[0]'" : "FILE");
        snprintf(out, sizeof(out), "FILE.png");
    }
    if (how == GR_CONVERT_FFMPEG)
        gr_text_printf(text, "; this makes %s: ffmpeg -i %s %s (Debian's package ffmpeg)", what, in, out);
    else if (how != GR_CONVERT_NONE)
        gr_text_printf(text, "; this makes %s: mogrify -auto-orient -format png %s (Debian's package imagemagick)", what,
                       in);
}

gr_status gr_image_refuse_as(const char *name, const char *what, gr_convert how, gr_error *err)
{
    gr_text command = {0};
    put_command(how, name, "one", &command);
    gr_status status = gr_fail(err, GR_INVALID, "%s: is %s, a PNG, JPEG, WebP or TIFF image would be right%s", name, what,
                               command.failed || command.data == NULL ? "" : command.data);
    gr_text_free(&command);
    return status;
}

gr_status gr_image_refuse(const uint8_t *bytes, size_t size, const char *name, gr_error *err)
{
    if (size == 0)
        return gr_image_refuse_as(name, "empty (0 bytes)", GR_CONVERT_NONE, err);
    int found = kind_of(bytes, size);
    if (found != GR_IMAGE_UNKNOWN) {
        char what[40];
        snprintf(what, sizeof(what), "%s file", KIND[found].name);
        return gr_image_refuse_as(name, what, KIND[found].convert, err);
    }
    bool text = true;
    for (size_t i = 0; i < size && i < 64; i++)
        text = text && (bytes[i] >= 32 || bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] == '\t');
    return gr_image_refuse_as(name, text ? "not an image (it looks like text)" : "not an image", GR_CONVERT_NONE, err);
}

/* ---- names ---- */

static int kind_of_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    size_t length = dot != NULL ? strlen(dot) : 0;
    for (int k = 0; length > 1 && k < KINDS; k++)
        for (const char *e = KIND[k].endings; e != NULL && *e != '\0'; e = strchr(e, ' ') + 1)
            if (strncasecmp(e, dot, length) == 0 && e[length] == ' ')
                return k;
    return GR_IMAGE_UNKNOWN;
}

bool gr_image_ending(const char *name)
{
    int found = kind_of_name(name);
    return found != GR_IMAGE_UNKNOWN && found < GR_IMAGE_FOREIGN;
}

bool gr_image_foreign(const char *name, gr_text *advice)
{
    int found = kind_of_name(name);
    if (found < GR_IMAGE_FOREIGN)
        return false;
    if (advice != NULL) {
        gr_text_printf(advice, "%s file is not read", KIND[found].name);
        put_command(KIND[found].convert, name, "a PNG of it", advice);
    }
    return true;
}
