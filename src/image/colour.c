/* What the decoders share: pixels with alpha and pixels of printers' inks to R G B. */
#include "image/image.h"

void gr_rgb_of_rgba(const uint8_t *rgba, size_t count, uint8_t *rgb)
{
    for (size_t i = 0; i < count; i++)
        for (int c = 0; c < 3; c++)
            rgb[3 * i + c] = gr_mul_div_255(rgba[4 * i + c], rgba[4 * i + 3]);
}

void gr_rgb_of_cmyk(const uint8_t *cmyk, size_t count, bool inverted, uint8_t *rgb)
{
    uint8_t turn = inverted ? 255 : 0; /* x ^ 255 is 255 - x */
    for (size_t i = 0; i < count; i++) {
        unsigned light = (uint8_t)(cmyk[4 * i + 3] ^ turn ^ 255);
        for (int c = 0; c < 3; c++)
            rgb[3 * i + c] = (uint8_t)(light - gr_mul_div_255((uint8_t)(cmyk[4 * i + c] ^ turn), light));
    }
}
