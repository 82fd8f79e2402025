/* Pillow's antialiased bilinear resize, in its own arithmetic, so that pixels are equal bit for bit.
 *
 * One axis: output pixel i looks at the input around center = (i + 1/2) s, s = in / out. Input pixel j weighs
 * t((j + 1/2 - center) / max(1, s)) with the triangle t(x) = max(0, 1 - |x|); the weights are normalised in double, then
 * rounded to 22-bit fixed point. Rows first, into 8 bits; then columns. */
#include "image/image.h"

#include <math.h>
#include <string.h>

enum { WEIGHT_BITS = 22, HALF = 1 << (WEIGHT_BITS - 1) };

/* The weights of one axis: output i is the sum of weights[i * taps + k] * in[first[i] + k] over k < count[i]. */
typedef struct axis {
    int *first, *count;
    int32_t *weights;
    int taps;
} axis;

static void axis_free(axis *a)
{
    gr_free(a->first);
    gr_free(a->count);
    gr_free(a->weights);
    *a = (axis){0};
}

static void axis_fill(axis *a, int in, int out, double *row)
{
    double scale = (double)in / out, wide = scale < 1 ? 1 : scale;
    for (int i = 0; i < out; i++) {
        double center = (i + 0.5) * scale, sum = 0, inverse = 1 / wide;
        int first = (int)(center - wide + 0.5), end = (int)(center + wide + 0.5);
        first = first < 0 ? 0 : first;
        end = end > in ? in : end;
        for (int k = 0; k < end - first; k++) {
            double distance = fabs((k + first - center + 0.5) * inverse);
            row[k] = distance < 1 ? 1 - distance : 0;
            sum += row[k];
        }
        a->first[i] = first;
        a->count[i] = end - first;
        for (int k = 0; k < end - first; k++)
            a->weights[(size_t)i * (size_t)a->taps + (size_t)k] =
                (int32_t)(0.5 + (sum != 0 ? row[k] / sum : row[k]) * (1 << WEIGHT_BITS));
    }
}

static bool axis_make(axis *a, int in, int out)
{
    double scale = (double)in / out;
    *a = (axis){.taps = (int)ceil(scale < 1 ? 1 : scale) * 2 + 1};
    a->first = gr_alloc((size_t)out, sizeof(int));
    a->count = gr_alloc((size_t)out, sizeof(int));
    a->weights = gr_alloc((size_t)out * (size_t)a->taps, sizeof(int32_t));
    double *row = gr_alloc((size_t)a->taps, sizeof(double));
    bool good = a->first != NULL && a->count != NULL && a->weights != NULL && row != NULL;
    if (good)
        axis_fill(a, in, out, row);
    else
        axis_free(a);
    gr_free(row);
    return good;
}

/* Weights are not negative and add up to 1 within rounding: only the top can be passed. */
static uint8_t to_byte(int32_t sum)
{
    int32_t value = sum >> WEIGHT_BITS;
    return (uint8_t)(value > 255 ? 255 : value);
}

static void resize_rows(gr_image_part in, const axis *a, int width, uint8_t *out)
{
    for (int y = 0; y < in.height; y++, out += (size_t)width * 3) {
        const uint8_t *row = in.pixels + (size_t)y * in.stride;
        for (int x = 0; x < width; x++) {
            const int32_t *w = a->weights + (size_t)x * (size_t)a->taps;
            const uint8_t *p = row + (size_t)a->first[x] * 3;
            int32_t red = HALF, green = HALF, blue = HALF;
            for (int k = 0; k < a->count[x]; k++, p += 3) {
                red += p[0] * w[k];
                green += p[1] * w[k];
                blue += p[2] * w[k];
            }
            out[3 * x] = to_byte(red);
            out[3 * x + 1] = to_byte(green);
            out[3 * x + 2] = to_byte(blue);
        }
    }
}

/* Whole rows are added up in `sums`, so that the inner loop runs over memory in order and vectorises. */
static void resize_columns(gr_image_part in, const axis *a, int height, int32_t *restrict sums, uint8_t *restrict out)
{
    size_t row = (size_t)in.width * 3;
    for (int y = 0; y < height; y++, out += row) {
        for (size_t i = 0; i < row; i++)
            sums[i] = HALF;
        for (int k = 0; k < a->count[y]; k++) {
            const uint8_t *restrict p = in.pixels + (size_t)(a->first[y] + k) * in.stride;
            int32_t w = a->weights[(size_t)y * (size_t)a->taps + (size_t)k];
            for (size_t i = 0; i < row; i++)
                sums[i] += p[i] * w;
        }
        for (size_t i = 0; i < row; i++)
            out[i] = to_byte(sums[i]);
    }
}

static bool columns_to(gr_image_part in, int height, uint8_t *out)
{
    axis a;
    if (!axis_make(&a, in.height, height))
        return false;
    int32_t *sums = gr_alloc_aligned((size_t)in.width * 3, sizeof(int32_t));
    if (sums != NULL)
        resize_columns(in, &a, height, sums, out);
    axis_free(&a);
    gr_free(sums);
    return sums != NULL;
}

static bool rows_to(gr_image_part in, int width, uint8_t *out)
{
    axis a;
    if (!axis_make(&a, in.width, width))
        return false;
    resize_rows(in, &a, width, out);
    axis_free(&a);
    return true;
}

gr_status gr_image_resize_part(gr_image_part in, int width, int height, gr_image *out, gr_error *err)
{
    gr_status status = gr_image_make(width, height, out, err);
    if (status != GR_OK)
        return status;
    uint8_t *between = NULL;
    bool good = true;
    size_t row = (size_t)width * 3;
    if (in.width != width && in.height != height) {
        between = gr_alloc_aligned(row, (size_t)in.height);
        good = between != NULL && rows_to(in, width, between);
        in = (gr_image_part){between, row, width, in.height};
    }
    if (in.width != width)
        good = good && rows_to(in, width, out->pixels);
    else if (in.height != height)
        good = good && columns_to(in, height, out->pixels);
    else
        for (int y = 0; y < height; y++)
            memcpy(out->pixels + (size_t)y * row, in.pixels + (size_t)y * in.stride, row);
    gr_free(between);
    if (!good) {
        gr_image_free(out);
        return gr_fail(err, GR_NOMEM, "image: no memory to resize it to %d x %d", width, height);
    }
    return GR_OK;
}

gr_status gr_image_resize(const gr_image *in, int width, int height, gr_image *out, gr_error *err)
{
    *out = (gr_image){0};
    gr_status status =
        gr_image_check_size("resize", width < 0 ? 0 : (uint64_t)width, height < 0 ? 0 : (uint64_t)height, err);
    if (status == GR_OK)
        status = gr_image_check_size("resize", (uint64_t)width, (uint64_t)in->height, err); /* the image in between */
    if (status != GR_OK)
        return status;
    return gr_image_resize_part((gr_image_part){in->pixels, (size_t)in->width * 3, in->width, in->height}, width, height,
                                out, err);
}
