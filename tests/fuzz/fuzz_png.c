/* PNG pictures. Chunks get right checksums, so that what lies behind them is met too. */
#include "picture.h"

#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Gives whether a checksum was wrong. */
static bool repair_checksums(uint8_t *png, size_t size)
{
    bool wrong = false;
    for (size_t at = 8; at + 12 <= size;) {
        size_t length = u32(png + at);
        if (length > size - at - 12)
            break;
        uint32_t sum = (uint32_t)crc32(0, png + at + 4, (uInt)length + 4);
        wrong = wrong || u32(png + at + 8 + length) != sum;
        for (size_t i = 0; i < 4; i++)
            png[at + 8 + length + i] = (uint8_t)(sum >> (24 - 8 * i));
        at += 12 + length;
    }
    return wrong;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int taken = fuzz_picture(GR_IMAGE_PNG, data, size);
    uint8_t *copy = taken == 0 ? gr_alloc(size, 1) : NULL;
    if (copy != NULL) {
        memcpy(copy, data, size);
        if (repair_checksums(copy, size))
            fuzz_decode(copy, size);
        gr_free(copy);
    }
    return taken;
}
