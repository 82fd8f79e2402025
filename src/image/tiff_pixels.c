/* A TIFF's samples to 8-bit RGB: what libtiff has unpacked, of any depth and colour. */
#include "image/tiff_pixels.h"

#include <string.h>

static uint8_t scale_16(unsigned v)
{
    return (uint8_t)((v * 255 + 32895) >> 16); /* v / 257, rounded: what libpng does */
}

void gr_tiff_unpack(const gr_tiff_layout *layout, const uint8_t *row, size_t count, size_t step, uint8_t *to)
{
    unsigned bits = (unsigned)layout->bits, max = (1u << bits) - 1, held = 0, have = 0;
    bool scaled = layout->colour != GR_TIFF_PALETTE;
    for (size_t i = 0; i < count; i++, to += step) {
        if (bits == 8) {
            *to = row[i];
        } else if (bits == 16) {
            uint16_t v;
            memcpy(&v, row + 2 * i, 2);
            *to = scale_16(v);
        } else {
            for (; have < bits; have += 8)
                held = (held << 8 | *row++) & 0xffffff;
            have -= bits;
            unsigned v = held >> have & max;
            *to = (uint8_t)(scaled ? (v * 510 + max) / (2 * max) : v);
        }
    }
}

/* The colours alone, without a look at alpha. */
static void put_colours(const gr_tiff_layout *layout, const uint8_t *samples, size_t count, uint8_t *rgb)
{
    size_t step = (size_t)layout->samples;
    uint8_t turn = layout->colour == GR_TIFF_GREY_INVERTED ? 255 : 0;
    if (layout->colour == GR_TIFF_RGB && step == 3) {
        memcpy(rgb, samples, 3 * count);
        return;
    }
    for (size_t i = 0; i < count; i++, samples += step, rgb += 3)
        switch (layout->colour) {
        case GR_TIFF_RGB: memcpy(rgb, samples, 3); break;
        case GR_TIFF_PALETTE: memcpy(rgb, layout->palette[samples[0]], 3); break;
        case GR_TIFF_CMYK: gr_rgb_of_cmyk(samples, 1, false, rgb); break;
        default: memset(rgb, samples[0] ^ turn, 3); break;
        }
}

void gr_tiff_rgb(const gr_tiff_layout *layout, const uint8_t *samples, size_t count, uint8_t *rgb)
{
    put_colours(layout, samples, count, rgb);
    const uint8_t *alpha = samples + layout->alpha;
    for (size_t i = 0; layout->alpha != 0 && i < count; i++, alpha += layout->samples, rgb += 3)
        for (int c = 0; c < 3; c++)
            rgb[c] = gr_mul_div_255(rgb[c], *alpha);
}
