/* Which kind of JPEG a file is: the standard has more of them than programs read. */
#include "image/image.h"

#include <string.h>

enum { JPEG_LS = 0xf7 };

/* The frame header: its marker, and what stands behind its length. NULL when there is none before the first scan. */
static const uint8_t *find_frame(const uint8_t *bytes, size_t size, uint8_t *marker)
{
    enum { SOI = 0xd8, RST0 = 0xd0, SOS = 0xda, TEM = 0x01, FRAME = 6 };
    for (size_t at = 2; at + 4 <= size;) {
        if (bytes[at] != 0xff) {
            at++;
            continue;
        }
        uint8_t code = bytes[at + 1];
        bool bare = code == 0xff || code == 0 || code == TEM || (code >= RST0 && code <= SOI);
        if (code == SOS)
            return NULL;
        bool frame = (code >= 0xc0 && code <= 0xcf && code != 0xc4 && code != 0xc8 && code != 0xcc) || code == JPEG_LS;
        if (frame) {
            *marker = code;
            return size - at >= 4 + FRAME ? bytes + at + 4 : NULL;
        }
        size_t length = (size_t)bytes[at + 2] << 8 | bytes[at + 3];
        at += code == 0xff ? 1 : bare ? 2 : 2 + length;
    }
    return NULL;
}

gr_convert gr_jpeg_kind(const uint8_t *bytes, size_t size, char what[GR_JPEG_KIND_MAX])
{
    uint8_t marker = 0;
    const uint8_t *frame = find_frame(bytes, size, &marker);
    what[0] = '\0';
    if (frame == NULL)
        return GR_CONVERT_NONE;
    int precision = frame[0], components = frame[5];
    bool lossless = (marker & 3) == 3, differences = (marker & 7) >= 5, arithmetic = marker > 0xc8;
    if (marker == JPEG_LS)
        snprintf(what, GR_JPEG_KIND_MAX, "a JPEG-LS");
    else if (differences)
        snprintf(what, GR_JPEG_KIND_MAX, "a hierarchical JPEG");
    else if (precision != 8)
        snprintf(what, GR_JPEG_KIND_MAX, "a %sJPEG of %d bits", lossless ? "lossless " : "", precision);
    else if (components == 2 || components > 4)
        snprintf(what, GR_JPEG_KIND_MAX, "a JPEG of %d components", components);
    else if (lossless || arithmetic)
        snprintf(what, GR_JPEG_KIND_MAX, "%s JPEG", lossless ? "a lossless" : "an arithmetic-coded");
    return marker == JPEG_LS || differences ? GR_CONVERT_NONE : GR_CONVERT_FFMPEG;
}
