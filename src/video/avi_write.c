/* Motion JPEG in AVI 1.0, after Microsoft's "AVI RIFF File Reference": headers, the list `movi` with a chunk a frame, and
 * the index `idx1`. */
#include "video/avi_write.h"

#include <string.h>

static void put32(gr_text *out, uint32_t value)
{
    const uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24)};
    gr_text_add(out, (const char *)bytes, 4);
}

static void put16(gr_text *out, unsigned value)
{
    const uint8_t bytes[2] = {(uint8_t)value, (uint8_t)(value >> 8)};
    gr_text_add(out, (const char *)bytes, 2);
}

static void put_name(gr_text *out, const char *name)
{
    gr_text_add(out, name, 4);
}

static void put_list(gr_text *out, size_t bytes, const char *name)
{
    put_name(out, "LIST");
    put32(out, (uint32_t)bytes);
    put_name(out, name);
}

enum { MAIN = 56, STREAM = 56, FORMAT = 40, CHUNK = 8, ENTRY = 16 };
enum { HAS_INDEX = 0x10, KEY_FRAME = 0x10 };

static void put_main(gr_text *out, int count, size_t largest, int width, int height, uint32_t num, uint32_t den)
{
    put_name(out, "avih");
    put32(out, MAIN);
    put32(out, (uint32_t)((uint64_t)1000000 * den / num)); /* microseconds a frame */
    put32(out, (uint32_t)((uint64_t)largest * num / den));
    put32(out, 0);
    put32(out, HAS_INDEX);
    put32(out, (uint32_t)count);
    put32(out, 0);
    put32(out, 1); /* streams */
    put32(out, (uint32_t)largest);
    put32(out, (uint32_t)width);
    put32(out, (uint32_t)height);
    for (int i = 0; i < 4; i++)
        put32(out, 0);
}

static void put_stream(gr_text *out, int count, size_t largest, int width, int height, uint32_t num, uint32_t den)
{
    put_list(out, 4 + CHUNK + STREAM + CHUNK + FORMAT, "strl");
    put_name(out, "strh");
    put32(out, STREAM);
    put_name(out, "vids");
    put_name(out, "MJPG");
    for (int i = 0; i < 3; i++)
        put32(out, 0);
    put32(out, den);
    put32(out, num);
    put32(out, 0);
    put32(out, (uint32_t)count);
    put32(out, (uint32_t)largest);
    put32(out, UINT32_MAX); /* quality: not said */
    put32(out, 0);
    put16(out, 0);
    put16(out, 0);
    put16(out, (unsigned)width);
    put16(out, (unsigned)height);
    put_name(out, "strf");
    put32(out, FORMAT);
    put32(out, FORMAT);
    put32(out, (uint32_t)width);
    put32(out, (uint32_t)height);
    put16(out, 1);
    put16(out, 24);
    put_name(out, "MJPG");
    put32(out, (uint32_t)(width * height * 3));
    for (int i = 0; i < 4; i++)
        put32(out, 0);
}

gr_status gr_avi_encode(const uint8_t *const *frames, const size_t *size, int count, int width, int height,
                        uint32_t rate_num, uint32_t rate_den, gr_text *out, gr_error *err)
{
    size_t movi = 4, largest = 0;
    for (int i = 0; i < count && movi < (size_t)1 << 30; i++) {
        movi += CHUNK + size[i] + size[i] % 2;
        largest = size[i] > largest ? size[i] : largest;
    }
    if (count < 1 || movi >= (size_t)1 << 30 || rate_num == 0 || rate_den == 0)
        return gr_fail(err, GR_INVALID, "a film of %d frames cannot be written; 1 frame to 1 GB would be right", count);
    const size_t stream = 4 + CHUNK + STREAM + CHUNK + FORMAT, head = 4 + CHUNK + MAIN + CHUNK + stream;
    put_name(out, "RIFF");
    put32(out, (uint32_t)(4 + CHUNK + head + CHUNK + movi + CHUNK + (size_t)count * ENTRY));
    put_name(out, "AVI ");
    put_list(out, head, "hdrl");
    put_main(out, count, largest, width, height, rate_num, rate_den);
    put_stream(out, count, largest, width, height, rate_num, rate_den);
    put_list(out, movi, "movi");
    for (int i = 0; i < count; i++) {
        put_name(out, "00dc");
        put32(out, (uint32_t)size[i]);
        gr_text_add(out, (const char *)frames[i], size[i]);
        gr_text_add(out, "", size[i] % 2);
    }
    put_name(out, "idx1");
    put32(out, (uint32_t)((size_t)count * ENTRY));
    for (size_t i = 0, at = 4; i < (size_t)count; at += CHUNK + size[i] + size[i] % 2, i++) {
        put_name(out, "00dc");
        put32(out, KEY_FRAME);
        put32(out, (uint32_t)at);
        put32(out, (uint32_t)size[i]);
    }
    if (!out->failed)
        return GR_OK;
    gr_text_free(out);
    return gr_fail(err, GR_NOMEM, "no memory for a film of %d frames", count);
}
