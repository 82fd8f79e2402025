/* Pillow's resize by any of its filters, in its own arithmetic (resize.c: bilinear, the default, made for speed). Output
 * pixel i looks at the input around center = (i + 1/2) s, s = in / out; the kernel is max(1, s) times as wide; weights are
 * normalised in double and rounded to 22 bits; rows first, into 8 bits, then columns. nearest takes the pixel at (i + 1/2)
 * s. */
#include "image/resizers.h"

#include <math.h>
#include <string.h>

enum { WEIGHT_BITS = 22, HALF = 1 << (WEIGHT_BITS - 1) };
static const double PI = 3.14159265358979323846;

static double box(double x)
{
    return x > -0.5 && x <= 0.5 ? 1.0 : 0.0;
}

static double triangle(double x)
{
    x = fabs(x);
    return x < 1.0 ? 1.0 - x : 0.0;
}

static double cubic(double x)
{
    const double a = -0.5;
    x = fabs(x);
    if (x < 1.0)
        return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
    return x < 2.0 ? (((x - 5) * x + 8) * x - 4) * a : 0.0;
}

static double sinc(double x)
{
    if (x == 0.0)
        return 1.0;
    x *= PI;
    return sin(x) / x;
}

static double lanczos(double x)
{
    return x >= -3.0 && x < 3.0 ? sinc(x) * sinc(x / 3) : 0.0;
}

typedef struct kernel {
    double (*value)(double x);
    double support;
} kernel;
static const kernel kernels[GR_FILTERS] = {
    [GR_FILTER_BILINEAR] = {triangle, 1},
    [GR_FILTER_BICUBIC] = {cubic, 2},
    [GR_FILTER_LANCZOS] = {lanczos, 3},
    [GR_FILTER_AREA] = {box, 0.5},
};

/* The weights of one axis: output i is the sum of weights[i * taps + k] * in[first[i] + k] over k < count[i]. */
typedef struct axis {
    int *first, *count, size, taps;
    int32_t *weights;
} axis;

static void axis_free(axis *a)
{
    gr_free(a->first);
    gr_free(a->count);
    gr_free(a->weights);
    *a = (axis){0};
}

static void fill_one(axis *a, int i, int in, double scale, const kernel *k, double *row)
{
    double wide = scale < 1 ? 1 : scale, support = k->support * wide, center = (i + 0.5) * scale, sum = 0,
           inverse = 1 / wide;
    int first = (int)(center - support + 0.5), end = (int)(center + support + 0.5);
    first = first < 0 ? 0 : first;
    end = end > in ? in : end;
    for (int j = 0; j < end - first; j++) {
        row[j] = k->value((j + first - center + 0.5) * inverse);
        sum += row[j];
    }
    a->first[i] = first;
    a->count[i] = end - first;
    for (int j = 0; j < end - first; j++) {
        double weight = (sum != 0 ? row[j] / sum : row[j]) * (1 << WEIGHT_BITS);
        a->weights[(size_t)i * (size_t)a->taps + (size_t)j] = (int32_t)(weight < 0 ? weight - 0.5 : weight + 0.5);
    }
}

static bool axis_make(axis *a, int in, int out, gr_filter filter)
{
    double scale = (double)in / out;
    const kernel *k = &kernels[filter];
    *a = (axis){.size = out, .taps = (int)ceil(k->support * (scale < 1 ? 1 : scale)) * 2 + 1};
    a->first = gr_alloc((size_t)out, sizeof(int));
    a->count = gr_alloc((size_t)out, sizeof(int));
    a->weights = gr_alloc((size_t)out * (size_t)a->taps, sizeof(int32_t));
    double *row = gr_alloc((size_t)a->taps, sizeof(double));
    bool good = a->first != NULL && a->count != NULL && a->weights != NULL && row != NULL;
    for (int i = 0; good && i < out; i++)
        fill_one(a, i, in, scale, k, row);
    if (!good)
        axis_free(a);
    gr_free(row);
    return good;
}

static uint8_t to_byte(int32_t sum)
{
    int32_t value = sum >> WEIGHT_BITS;
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* Each of `lines` lines of pixels [size] `step` bytes apart becomes one of a->size; lines are `line` and `out_line` bytes
 * apart. */
static void resize_axis(const uint8_t *in, size_t line, size_t step, int lines, const axis *a, uint8_t *out, size_t out_line,
                        size_t out_step)
{
    for (int l = 0; l < lines; l++, in += line, out += out_line)
        for (int i = 0; i < a->size; i++) {
            const int32_t *w = a->weights + (size_t)i * (size_t)a->taps;
            const uint8_t *p = in + (size_t)a->first[i] * step;
            int32_t sums[3] = {HALF, HALF, HALF};
            for (int k = 0; k < a->count[i]; k++, p += step)
                for (int c = 0; c < 3; c++)
                    sums[c] += p[c] * w[k];
            for (int c = 0; c < 3; c++)
                out[(size_t)i * out_step + (size_t)c] = to_byte(sums[c]);
        }
}

/* Pillow adds the step up in double from pixel to pixel. */
static void nearest(gr_image_part in, gr_image *out)
{
    double across = (double)in.width / out->width, down = (double)in.height / out->height, y = down * 0.5;
    uint8_t *to = out->pixels;
    for (int j = 0; j < out->height; j++, y += down) {
        int row = (int)y < in.height ? (int)y : in.height - 1;
        double x = across * 0.5;
        for (int i = 0; i < out->width; i++, to += 3, x += across) {
            int column = (int)x < in.width ? (int)x : in.width - 1;
            memcpy(to, in.pixels + (size_t)row * in.stride + (size_t)column * 3, 3);
        }
    }
}

gr_status gr_image_resize_pillow(gr_image_part in, int width, int height, gr_filter filter, gr_image *out, gr_error *err)
{
    axis across = {0}, down = {0};
    gr_status status = gr_image_make(width, height, out, err);
    if (status != GR_OK)
        return status;
    if (filter == GR_FILTER_NEAREST) {
        nearest(in, out);
        return GR_OK;
    }
    size_t row = (size_t)width * 3;
    uint8_t *between = gr_alloc((size_t)in.height * row, 1);
    bool good =
        between != NULL && axis_make(&across, in.width, width, filter) && axis_make(&down, in.height, height, filter);
    if (good) {
        resize_axis(in.pixels, in.stride, 3, in.height, &across, between, row, 3);
        resize_axis(between, 3, row, width, &down, out->pixels, 3, row);
    }
    axis_free(&across);
    axis_free(&down);
    gr_free(between);
    if (good)
        return GR_OK;
    gr_image_free(out);
    return gr_fail(err, GR_NOMEM, "no memory to resize an image");
}

gr_status gr_image_resize_by(const gr_transform *t, gr_image_part in, gr_image *out, gr_error *err)
{
    int side = (int)t->a;
    gr_filter filter = (gr_filter)(int)t->b;
    if (t->c == GR_LIKE_OPENCV)
        return gr_image_resize_opencv(in, side, side, filter, out, err);
    return filter == GR_FILTER_BILINEAR ? gr_image_resize_part(in, side, side, out, err)
                                        : gr_image_resize_pillow(in, side, side, filter, out, err);
}
