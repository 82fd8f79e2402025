#include "video/whole.h"

#include <string.h>

static uint64_t big(const uint8_t *bytes, int count)
{
    uint64_t value = 0;
    for (int i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

static bool at(FILE *file, uint64_t place, uint8_t *bytes, size_t count)
{
    return place <= INT64_MAX && fseeko(file, (off_t)place, SEEK_SET) == 0 && fread(bytes, 1, count, file) == count;
}

/* ISO boxes: a length of 4 bytes that counts itself, a name; 1: the length follows in 8 bytes; 0: up to the end. */
static bool boxes_cut(FILE *file, uint64_t size)
{
    for (uint64_t place = 0; place < size;) {
        uint8_t head[16];
        if (size - place < 8 || !at(file, place, head, 8))
            return false;
        uint64_t length = big(head, 4);
        if (length == 0)
            return false;
        if (length == 1) {
            if (!at(file, place, head, 16))
                return true;
            length = big(head + 8, 8);
        }
        if (length < 8)
            return false; /* no box: what it is, its reader says */
        if (length > size - place)
            return true;
        place += length;
    }
    return false;
}

/* An EBML number of 1 to 8 bytes: the zeros in front say how many. All ones: not known. 0: none is here. */
static int ebml_number(const uint8_t *bytes, size_t count, uint64_t *value, bool *known)
{
    int length = 1;
    while (length <= 8 && (bytes[0] & 0x80 >> (length - 1)) == 0)
        length++;
    if (length > 8 || (size_t)length > count)
        return 0;
    uint64_t mask = ((uint64_t)1 << 7 * length) - 1;
    *value = big(bytes, length) & mask;
    *known = *value != mask;
    return length;
}

/* The head, then one segment with everything. */
static bool elements_cut(FILE *file, uint64_t size)
{
    uint8_t bytes[16];
    uint64_t length;
    bool known;
    if (!at(file, 4, bytes, 8))
        return false;
    int digits = ebml_number(bytes, 8, &length, &known);
    if (digits == 0 || !known || length > size)
        return false;
    uint64_t place = 4 + (uint64_t)digits + length;
    if (!at(file, place, bytes, 12) || big(bytes, 4) != 0x18538067)
        return false;
    digits = ebml_number(bytes + 4, 8, &length, &known);
    place += 4 + (uint64_t)digits;
    return digits > 0 && known && (place > size || length > size - place);
}

/* RIFF: chunks of a name and a length, little end first. Long files have several. */
static bool chunks_cut(FILE *file, uint64_t size)
{
    for (uint64_t place = 0; place + 12 <= size;) {
        uint8_t head[8];
        if (!at(file, place, head, 8) || memcmp(head, "RIFF", 4) != 0)
            return false;
        uint64_t length = (uint64_t)head[4] | (uint64_t)head[5] << 8 | (uint64_t)head[6] << 16 | (uint64_t)head[7] << 24;
        if (length == 0)
            return false; /* never closed: a recorder that was switched off */
        if (length > size - place - 8)
            return true;
        place += 8 + length + (length & 1);
    }
    return false;
}

bool gr_video_cut_off(FILE *file)
{
    uint8_t head[12];
    if (fseeko(file, 0, SEEK_END) != 0)
        return false;
    off_t size = ftello(file);
    if (size < 12 || !at(file, 0, head, 12))
        return false;
    static const char *const boxes[] = {"ftyp", "moov", "mdat", "wide", "free", "skip", "styp"};
    for (size_t i = 0; i < sizeof boxes / sizeof boxes[0]; i++)
        if (memcmp(head + 4, boxes[i], 4) == 0)
            return boxes_cut(file, (uint64_t)size);
    if (big(head, 4) == 0x1A45DFA3)
        return elements_cut(file, (uint64_t)size);
    return memcmp(head, "RIFF", 4) == 0 && chunks_cut(file, (uint64_t)size);
}
