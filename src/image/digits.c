/* Numbers in a picture by letters of 5 x 7 pixels: a scale beside thousands of maps needs no font. */
#include "image/digits.h"

#include <string.h>

enum { ROWS = 7, COLUMNS = 5, STEP = 6 };

static const char letters[] = "0123456789.-+e";
/* Rows from the top, the leftmost pixel the highest bit. */
static const uint8_t shapes[][ROWS] = {
    {0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e},
    {0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e},
    {0x0e, 0x11, 0x01, 0x06, 0x08, 0x10, 0x1f},
    {0x0e, 0x11, 0x01, 0x06, 0x01, 0x11, 0x0e},
    {0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02},
    {0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e},
    {0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e},
    {0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08},
    {0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e},
    {0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c},
    {0x00, 0x00, 0x00, 0x00, 0x00, 0x0c, 0x0c},
    {0x00, 0x00, 0x00, 0x1f, 0x00, 0x00, 0x00},
    {0x00, 0x04, 0x04, 0x1f, 0x04, 0x04, 0x00},
    {0x00, 0x00, 0x0e, 0x11, 0x1f, 0x10, 0x0e}};

int gr_digits_width(const char *text)
{
    size_t length = strlen(text);
    return length > 0 ? (int)length * STEP - 1 : 0;
}

static void put(const uint8_t shape[ROWS], int left, int top, const uint8_t colour[3], gr_image *image)
{
    for (int y = 0; y < ROWS; y++)
        for (int x = 0; x < COLUMNS; x++) {
            int at_x = left + x, at_y = top + y;
            bool inside = at_x >= 0 && at_y >= 0 && at_x < image->width && at_y < image->height;
            if (inside && (shape[y] >> (COLUMNS - 1 - x) & 1) != 0)
                memcpy(image->pixels + 3 * ((size_t)at_y * (size_t)image->width + (size_t)at_x), colour, 3);
        }
}

void gr_digits_put(const char *text, int left, int top, const uint8_t colour[3], gr_image *image)
{
    for (; *text != '\0'; text++, left += STEP) {
        const char *found = strchr(letters, *text);
        if (found != NULL)
            put(shapes[found - letters], left, top, colour, image);
    }
}
