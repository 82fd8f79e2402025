/* Numbers that say whether a picture is worth keeping: sharp, neither black nor white, another one than the last. */
#include "image/image.h"

gr_status gr_image_grey(const gr_image *image, uint8_t **grey, gr_error *err)
{
    size_t count = (size_t)image->width * (size_t)image->height;
    *grey = gr_alloc(count, 1);
    if (*grey == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a picture of %d x %d pixels", image->width, image->height);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *p = image->pixels + 3 * i;
        (*grey)[i] = (uint8_t)((4899u * p[0] + 9617u * p[1] + 1868u * p[2] + 8192u) >> 14);
    }
    return GR_OK;
}

/* The neighbour behind an edge is the one before it; a picture of one pixel is its own. */
static int mirrored(int at, int count)
{
    int last = count - 1;
    if (count == 1)
        return 0;
    return at < 0 ? -at : at > last ? 2 * last - at : at;
}

double gr_grey_sharpness(const uint8_t *grey, int width, int height)
{
    int64_t sum = 0, squares = 0; /* |Laplacian| is at most 1020: 2^63 is far beyond 10^8 squares */
    for (int y = 0; y < height; y++) {
        const uint8_t *row = grey + (size_t)y * (size_t)width;
        const uint8_t *above = grey + (size_t)mirrored(y - 1, height) * (size_t)width;
        const uint8_t *below = grey + (size_t)mirrored(y + 1, height) * (size_t)width;
        for (int x = 0; x < width; x++) {
            int left = row[mirrored(x - 1, width)], right = row[mirrored(x + 1, width)];
            int l = above[x] + below[x] + left + right - 4 * row[x];
            sum += l;
            squares += l * l;
        }
    }
    double n = (double)width * height, mean = (double)sum / n;
    return (double)squares / n - mean * mean;
}

double gr_grey_mean(const uint8_t *grey, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += grey[i];
    return (double)sum / (double)count;
}

double gr_grey_difference(const uint8_t *a, const uint8_t *b, size_t count)
{
    size_t other = 0;
    for (size_t i = 0; i < count; i++) {
        int d = a[i] - b[i];
        other += d > GR_GREY_NOISE || d < -GR_GREY_NOISE;
    }
    return (double)other / (double)count;
}
