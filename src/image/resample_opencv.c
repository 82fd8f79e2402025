/* cv2.resize of uint8 in OpenCV's own arithmetic: weights of 11 bits, rows into 32-bit sums, columns rounded once. Places
 * are (i + 1/2) in / out - 1/2, edges repeated; nearest looks at i in / out; the cubic has a = -0.75; lanczos is LANCZOS4.
 * area is the mean over the pixel's own part of the input where it shrinks, and else linear at OpenCV's own places. */
#include "image/resizers.h"

#include <math.h>
#include <string.h>

enum { BITS = 11, ONE = 1 << BITS, MOST_TAPS = 8 };
static const double PI = 3.14159265358979323846;

/* ---- weights
 * ----------------------------------------------------------------------------------------------------------------- */

static void linear(float x, float w[MOST_TAPS])
{
    w[0] = 1.0f - x;
    w[1] = x;
}

static void cubic(float x, float w[MOST_TAPS])
{
    const float a = -0.75f;
    w[0] = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a;
    w[1] = ((a + 2) * x - (a + 3)) * x * x + 1;
    w[2] = ((a + 2) * (1 - x) - (a + 3)) * (1 - x) * (1 - x) + 1;
    w[3] = 1.0f - w[0] - w[1] - w[2];
}

static void lanczos4(float x, float w[MOST_TAPS])
{
    static const double half = 0.70710678118654752440084436210485;
    static const double turn[8][2] = {{1, 0},  {-half, -half}, {0, 1},  {half, -half},
                                      {-1, 0}, {half, half},   {0, -1}, {-half, half}};
    double at = -(x + 3) * PI * 0.25, s = sin(at), c = cos(at);
    float sum = 0;
    for (int i = 0; i < 8; i++) {
        float from = x + 3 - (float)i;
        double y = -(double)from * PI * 0.25;
        w[i] = fabsf(from) >= 1e-6f ? (float)((turn[i][0] * s + turn[i][1] * c) / (y * y)) : 1e30f;
        sum += w[i];
    }
    for (int i = 0; i < 8; i++)
        w[i] *= 1.0f / sum;
}

typedef struct kernel {
    void (*weights)(float x, float w[MOST_TAPS]);
    int taps;
} kernel;
static const kernel kernels[GR_FILTERS] = {
    [GR_FILTER_BILINEAR] = {linear, 2},
    [GR_FILTER_BICUBIC] = {cubic, 4},
    [GR_FILTER_LANCZOS] = {lanczos4, 8},
    [GR_FILTER_AREA] = {linear, 2},
};

/* One axis: output i is the sum of weights[i][k] * in[index[i][k]]. */
typedef struct axis {
    int (*index)[MOST_TAPS];
    int16_t (*weights)[MOST_TAPS];
    int size, taps;
} axis;

static void axis_free(axis *a)
{
    gr_free(a->index);
    gr_free(a->weights);
}

/* Where output i looks: the pixel at or before it, and how far behind that. */
static int place_of(int i, int in, int out, bool area, float *share)
{
    double scale = 1.0 / ((double)out / in);
    if (area) {
        int at = (int)floor(i * scale);
        float behind = (float)((i + 1) - (at + 1) * ((double)out / in));
        *share = behind <= 0 ? 0.0f : behind - floorf(behind);
        return at;
    }
    float at = (float)((i + 0.5) * scale - 0.5);
    int pixel = (int)floorf(at);
    *share = at - (float)pixel;
    return pixel;
}

/* At the edges of a row the linear filter takes one pixel whole; between rows the same one twice, which is rounded
 * otherwise. */
static bool axis_make(axis *a, int in, int out, gr_filter filter, bool row)
{
    const kernel *k = &kernels[filter];
    *a = (axis){gr_alloc((size_t)out, sizeof *a->index), gr_alloc((size_t)out, sizeof *a->weights), out, k->taps};
    if (a->index == NULL || a->weights == NULL) {
        axis_free(a);
        return false;
    }
    for (int i = 0; i < out; i++) {
        float share, w[MOST_TAPS];
        int at = place_of(i, in, out, filter == GR_FILTER_AREA, &share);
        if (row && k->taps == 2 && (at < 0 || at >= in - 1)) {
            share = 0;
            at = at < 0 ? 0 : in - 1;
        }
        k->weights(share, w);
        for (int t = 0; t < k->taps; t++) {
            int index = at - (k->taps / 2 - 1) + t;
            a->index[i][t] = index < 0 ? 0 : index >= in ? in - 1 : index;
            a->weights[i][t] = (int16_t)lrintf(w[t] * ONE);
        }
    }
    return true;
}

/* ---- by weights
 * -------------------------------------------------------------------------------------------------------------- */

static uint8_t to_byte(int32_t value)
{
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static void sum_row(const uint8_t *in, const axis *a, int32_t *out)
{
    for (int x = 0; x < a->size; x++, out += 3) {
        out[0] = out[1] = out[2] = 0;
        for (int t = 0; t < a->taps; t++)
            for (int c = 0; c < 3; c++)
                out[c] += in[3 * a->index[x][t] + c] * a->weights[x][t];
    }
}

/* OpenCV's vector code adds the cubic's columns up in floats, four bytes at a time; what is left over, in whole numbers. */
static uint8_t cubic_of(const int32_t *sums, size_t row, const axis *a, int y, size_t i)
{
    const float scale = 1.0f / (ONE * ONE);
    float f[4];
    for (int t = 0; t < 4; t++)
        f[t] = (float)sums[(size_t)a->index[y][t] * row + i] * ((float)a->weights[y][t] * scale);
    return to_byte((int32_t)lrintf(f[0] + (f[1] + (f[2] + f[3]))));
}

/* The linear filter cuts its sums to 16 bits on the way. */
static uint8_t column_of(const int32_t *sums, size_t row, const axis *a, int y, size_t i)
{
    const int16_t *w = a->weights[y];
    if (a->taps == 2) {
        int32_t first = (w[0] * (sums[(size_t)a->index[y][0] * row + i] >> 4)) >> 16;
        int32_t second = (w[1] * (sums[(size_t)a->index[y][1] * row + i] >> 4)) >> 16;
        return to_byte((first + second + 2) >> 2);
    }
    if (a->taps == 4 && i < row - row % 4)
        return cubic_of(sums, row, a, y, i);
    int64_t sum = 1 << (2 * BITS - 1);
    for (int t = 0; t < a->taps; t++)
        sum += (int64_t)sums[(size_t)a->index[y][t] * row + i] * w[t];
    return to_byte((int32_t)(sum >> (2 * BITS)));
}

static bool weighted(gr_image_part in, gr_filter filter, gr_image *out)
{
    axis across = {0}, down = {0};
    size_t row = (size_t)out->width * 3;
    int32_t *sums = gr_alloc((size_t)in.height * row, sizeof *sums);
    bool good = sums != NULL && axis_make(&across, in.width, out->width, filter, true);
    if (good && !axis_make(&down, in.height, out->height, filter, false)) {
        axis_free(&across);
        good = false;
    }
    for (int y = 0; good && y < in.height; y++)
        sum_row(in.pixels + (size_t)y * in.stride, &across, sums + (size_t)y * row);
    for (int y = 0; good && y < out->height; y++)
        for (size_t i = 0; i < row; i++)
            out->pixels[(size_t)y * row + i] = column_of(sums, row, &down, y, i);
    if (good) {
        axis_free(&across);
        axis_free(&down);
    }
    gr_free(sums);
    return good;
}

/* ---- nearest and area
 * -------------------------------------------------------------------------------------------------------- */

static void nearest(gr_image_part in, gr_image *out)
{
    double across = 1.0 / ((double)out->width / in.width), down = 1.0 / ((double)out->height / in.height);
    uint8_t *to = out->pixels;
    for (int y = 0; y < out->height; y++) {
        int row = (int)floor(y * down);
        row = row < in.height ? row : in.height - 1;
        for (int x = 0; x < out->width; x++, to += 3) {
            int column = (int)floor(x * across);
            memcpy(to, in.pixels + (size_t)row * in.stride + (size_t)(column < in.width ? column : in.width - 1) * 3, 3);
        }
    }
}

/* Whole steps: the mean of a block, of 2 x 2 rounded up at a half. */
static void mean_of_blocks(gr_image_part in, gr_image *out)
{
    int wide = in.width / out->width, high = in.height / out->height;
    float share = 1.0f / (float)(wide * high);
    uint8_t *to = out->pixels;
    for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x++, to += 3)
            for (int c = 0; c < 3; c++) {
                int sum = 0;
                for (int j = 0; j < high; j++)
                    for (int i = 0; i < wide; i++)
                        sum += in.pixels[(size_t)(y * high + j) * in.stride + (size_t)(x * wide + i) * 3 + (size_t)c];
                to[c] = wide == 2 && high == 2 ? (uint8_t)((sum + 2) >> 2) : to_byte((int32_t)lrintf((float)sum * share));
            }
}

/* The shares of the input's pixels in each of the output's. */
static bool area_taps(gr_taps *t, int in, int out)
{
    double scale = 1.0 / ((double)out / in);
    if (!gr_taps_make(t, out, (int)ceil(scale) + 3))
        return false;
    for (int i = 0; i < out; i++) {
        double from = i * scale, to = from + scale, cell = fmin(scale, in - from);
        int first = (int)ceil(from), last = (int)floor(to);
        last = last < in - 1 ? last : in - 1;
        first = first < last ? first : last;
        size_t at = (size_t)i * (size_t)t->taps;
        int n = 0;
        if (first - from > 1e-3) {
            t->index[at + (size_t)n] = first - 1;
            t->weights[at + (size_t)n++] = (float)((first - from) / cell);
        }
        for (int k = first; k < last; k++) {
            t->index[at + (size_t)n] = k;
            t->weights[at + (size_t)n++] = (float)(1.0 / cell);
        }
        if (to - last > 1e-3) {
            t->index[at + (size_t)n] = last;
            t->weights[at + (size_t)n++] = (float)(fmin(fmin(to - last, 1.0), cell) / cell);
        }
        t->count[i] = n;
    }
    return true;
}

static bool mean_of_areas(gr_image_part in, gr_image *out)
{
    gr_taps across = {0}, down = {0};
    bool good = area_taps(&across, in.width, out->width) && area_taps(&down, in.height, out->height);
    uint8_t *to = out->pixels;
    for (int y = 0; good && y < out->height; y++)
        for (int x = 0; x < out->width; x++, to += 3)
            for (int c = 0; c < 3; c++) {
                float sum = 0;
                for (int j = 0; j < down.count[y]; j++) {
                    size_t at = (size_t)y * (size_t)down.taps + (size_t)j;
                    const uint8_t *row = in.pixels + (size_t)down.index[at] * in.stride;
                    float part = 0;
                    for (int i = 0; i < across.count[x]; i++)
                        part += (float)row[3 * across.index[x * across.taps + i] + c] * across.weights[x * across.taps + i];
                    sum += part * down.weights[at];
                }
                to[c] = to_byte((int32_t)lrintf(sum));
            }
    gr_taps_free(&across);
    gr_taps_free(&down);
    return good;
}

gr_status gr_image_resize_opencv(gr_image_part in, int width, int height, gr_filter filter, gr_image *out, gr_error *err)
{
    gr_status status = gr_image_make(width, height, out, err);
    if (status != GR_OK)
        return status;
    bool whole = in.width % width == 0 && in.height % height == 0,
         halves = whole && in.width == 2 * width && in.height == 2 * height;
    bool good = true;
    if (filter == GR_FILTER_NEAREST)
        nearest(in, out);
    else if ((filter == GR_FILTER_AREA && whole) || (filter == GR_FILTER_BILINEAR && halves))
        mean_of_blocks(in, out);
    else if (filter == GR_FILTER_AREA && in.width >= width && in.height >= height)
        good = mean_of_areas(in, out);
    else
        good = weighted(in, filter, out);
    if (good)
        return GR_OK;
    gr_image_free(out);
    return gr_fail(err, GR_NOMEM, "no memory to resize an image");
}
