/* The orientation of a PNG, where cameras' notes stand in it: in an eXIf chunk, or as ImageMagick wrote them before there
 * was one, in hexadecimal digits in a text chunk. The chunks' lengths have been checked by a whole decode. */
#include "image/image.h"

#include <string.h>
#include <zlib.h>

/* EXIF in a JPEG holds at most 64 KB; two digits a byte, some line ends. */
enum { EXIF_MAX = 65536, TEXT_MAX = 3 * EXIF_MAX };

static uint32_t u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "\nexif\n    1234\n45786966..." */
static int orientation_of_text(const char *text, size_t size)
{
    int lines = 0, high = -1;
    size_t at = 0, count = 0;
    while (at < size && lines < 3)
        lines += text[at++] == '\n';
    uint8_t *bytes = gr_alloc(EXIF_MAX, 1);
    for (; bytes != NULL && at < size && count < EXIF_MAX; at++) {
        int value = digit(text[at]);
        if (value >= 0 && high >= 0)
            bytes[count++] = (uint8_t)(high << 4 | value);
        if (value >= 0)
            high = high >= 0 ? -1 : value;
    }
    int orientation = bytes != NULL ? gr_exif_orientation(bytes, count) : 1;
    gr_free(bytes);
    return orientation;
}

static int orientation_of_packed(const uint8_t *packed, size_t size)
{
    char *text = gr_alloc(TEXT_MAX, 1);
    uLongf length = TEXT_MAX;
    int status = text != NULL ? uncompress((Bytef *)text, &length, packed, (uLong)size) : Z_MEM_ERROR;
    int orientation = status == Z_OK ? orientation_of_text(text, length) : 1;
    gr_free(text);
    return orientation;
}

/* tEXt: the keyword, a NUL, the text; zTXt: a 0 for the method stands before it, and it is packed. */
static int orientation_of_profile(const uint8_t *data, size_t size, bool packed)
{
    static const char *const KEYS[] = {"Raw profile type exif", "Raw profile type APP1"};
    for (size_t k = 0; k < 2; k++) {
        size_t length = strlen(KEYS[k]) + 1;
        if (size <= length + 1 || memcmp(data, KEYS[k], length) != 0)
            continue;
        return packed ? orientation_of_packed(data + length + 1, size - length - 1)
                      : orientation_of_text((const char *)data + length, size - length);
    }
    return 1;
}

int gr_png_orientation(const uint8_t *bytes, size_t size)
{
    int of_profile = 1;
    for (size_t at = 8; at + 12 <= size;) {
        const uint8_t *type = bytes + at + 4, *data = bytes + at + 8;
        size_t length = u32(bytes + at);
        if (length > size - at - 12)
            break;
        if (memcmp(type, "eXIf", 4) == 0)
            return gr_exif_orientation(data, length);
        bool text = memcmp(type, "tEXt", 4) == 0, packed = memcmp(type, "zTXt", 4) == 0;
        if ((text || packed) && of_profile == 1)
            of_profile = orientation_of_profile(data, length, packed);
        at += 12 + length;
    }
    return of_profile;
}
