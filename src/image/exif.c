/* The one EXIF entry that changes what an image looks like. Trusts no offset. */
#include "image/image.h"

#include <string.h>

typedef struct tiff {
    const uint8_t *bytes;
    size_t size;
    bool big_endian;
} tiff;

static unsigned u16(const tiff *t, size_t at)
{
    const uint8_t *p = t->bytes + at;
    return t->big_endian ? (unsigned)p[0] << 8 | p[1] : (unsigned)p[1] << 8 | p[0];
}

static uint32_t u32(const tiff *t, size_t at)
{
    uint32_t first = u16(t, at), second = u16(t, at + 2);
    return t->big_endian ? first << 16 | second : second << 16 | first;
}

int gr_exif_orientation(const uint8_t *bytes, size_t size)
{
    enum { PREFIX = 6, HEADER = 8, ENTRY = 12, TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3, TYPE_LONG = 4 };
    size_t prefix = size >= PREFIX && memcmp(bytes, "Exif\0\0", PREFIX) == 0 ? PREFIX : 0;
    if (size < prefix + HEADER)
        return 1;
    tiff t = {bytes + prefix, size - prefix, bytes[prefix] == 'M'};
    if (memcmp(t.bytes, "II*\0", 4) != 0 && memcmp(t.bytes, "MM\0*", 4) != 0)
        return 1;
    size_t at = u32(&t, 4); /* the first directory: a count of entries, then the entries */
    if (at > t.size || t.size - at < 2)
        return 1;
    size_t count = u16(&t, at);
    at += 2;
    for (size_t i = 0; i < count && t.size - at >= ENTRY; i++, at += ENTRY) {
        if (u16(&t, at) != TAG_ORIENTATION)
            continue;
        unsigned type = u16(&t, at + 2);
        uint32_t value = type == TYPE_SHORT ? u16(&t, at + 8) : type == TYPE_LONG ? u32(&t, at + 8) : 1;
        return value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}
