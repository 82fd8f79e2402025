/* OpenCV's bilateral filter: means of near pixels, each weighted by its distance and by the sum of its differences in
 * colour. */
#include <math.h>
#include <string.h>

#include "image/filters.h"
#include "kernels/kernels.h"
#include "kernels/pictures.h"

enum { DIFFERENCES = 3 * 256, LINE = 16 };

/* Polynomials that are off by more would leave too many bytes in doubt. */
#define WORTH 2e-6

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for rows of pixels");
}

/* Exponents are rounded to float32, both weights, and their product, as the package opencv-python does it on x86. */
static void make_weights(double colour, double space, int squared_distance, float weights[DIFFERENCES])
{
    float falls = (float)(-0.5 / (colour * colour)), near = (float)exp(squared_distance * (-0.5 / (space * space)));
    for (int i = 0; i < DIFFERENCES; i++)
        weights[i] = near * (float)exp((double)((float)(i * i) * falls));
}

/* ---- diameter 3: four neighbours, in vectors ------------------------------------------------------------------------- */

/* e^-t for t from 0 to 0.82, to 1.5e-7: its Chebyshev interpolation, as powers of t. */
static const double falling[6] = {0.999999854086,  -0.999987166262, 0.499815801656,
                                  -0.165690754105, 0.0392908981041, -0.00556370835859};
#define FALLING_TO 0.82

/* The weights of differences d below a power of two as powers of d^2, and how far off these are, computed as kernels do. Where
 * that is too far, it is the one weight of equal pixels. */
static void make_powers(double colour, double space, gr_bilateral_weights *weights)
{
    double near = exp(-0.5 / (space * space)), scale = 0.5 / (colour * colour), power = near, off = 0;
    for (int k = 0; k < 6; k++, power *= scale)
        weights->powers[k] = (float)(falling[k] * power);
    double end = sqrt(FALLING_TO / scale);
    for (weights->near = 1; weights->near < 512 && 2 * weights->near - 1 <= end;)
        weights->near *= 2;
    for (int d = 0; d < weights->near; d++) {
        float sum = weights->powers[5];
        for (int k = 4; k >= 0; k--)
            sum = fmaf(sum, (float)(d * d), weights->powers[k]);
        double gap = fabs((double)sum - (double)weights->of[d]);
        off = gap <= off ? off : gap; /* no number: neither is what follows */
    }
    weights->off = nextafterf((float)off, 1);
    if (!(off < WORTH)) {
        memset(weights->powers, 0, sizeof weights->powers);
        weights->powers[0] = weights->of[0];
        weights->near = 1;
        weights->off = 0;
    }
}

/* Where w_k are off by e_k, the mean m moves by the sum of e_k (v_k - m) over the weights' total. Of near pixels v_k is no further
 * from the middle one than near - 1, and m than the greatest d w(d) / (1/4 + w(d)), for there are four neighbours. */
static float most_moved(const gr_bilateral_weights *weights)
{
    double pulled = 0, least = weights->of[weights->near - 1];
    for (int d = 0; d < DIFFERENCES; d++) {
        double weight = weights->of[d], by = fmin(d, 255) * weight / (0.25 + weight);
        pulled = fmax(pulled, by);
    }
    double away = fmin(255, weights->near - 1 + pulled);
    return nextafterf((float)(weights->off * 4 * away / (1 + 4 * least) * 1.001), 1);
}

static void split_row(const gr_picture_kernels *k, const gr_image *in, int y, const gr_bilateral_row *row)
{
    int w = in->width, before = gr_reflect_101(-1, w), behind = gr_reflect_101(w, w);
    k->split(w, in->pixels + (size_t)gr_reflect_101(y, in->height) * (size_t)w * 3, row->planes, row->packed);
    for (int c = 0; c < 3; c++) {
        row->planes[c][-1] = row->planes[c][before];
        row->planes[c][w] = row->planes[c][behind];
    }
    row->packed[-1] = row->packed[before];
    row->packed[w] = row->packed[behind];
}

/* Each pair of neighbours has one weight: those below a row are those above the next. */
static void filter_rows(const gr_image *in, const gr_bilateral_weights *weights, const gr_bilateral_row rows[3],
                        float *const sides[3], gr_image *out)
{
    const gr_picture_kernels *k = gr_kernels_get()->pictures;
    float *above = sides[0], *below = sides[1], *beside = sides[2];
    split_row(k, in, -1, &rows[0]);
    split_row(k, in, 0, &rows[1]);
    k->pair_weights(in->width, rows[0].packed, rows[1].packed, weights->of, above);
    for (int y = 0; y < in->height; y++) {
        const gr_bilateral_row three[3] = {rows[y % 3], rows[(y + 1) % 3], rows[(y + 2) % 3]};
        split_row(k, in, y + 1, &three[2]);
        k->bilateral(in->width, three, weights, above, beside, below, out->pixels + (size_t)y * (size_t)in->width * 3);
        float *last = above;
        above = below;
        below = last;
    }
}

static gr_status filter_three(const gr_image *in, const gr_bilateral_weights *weights, gr_image *out, gr_error *err)
{
    size_t stride = 4 * LINE + ((size_t)in->width + LINE - 1) / LINE * LINE; /* rows begin with a line of the cache */
    float *memory = gr_alloc_aligned(12 * stride, sizeof *memory);
    uint32_t *packed = gr_alloc_aligned(3 * stride, sizeof *packed);
    gr_status status = memory != NULL && packed != NULL ? GR_OK : no_memory(err);
    if (status == GR_OK) {
        memset(memory, 0, 12 * stride * sizeof *memory); /* what lies behind the rows is computed with */
        memset(packed, 0, 3 * stride * sizeof *packed);
        gr_bilateral_row rows[3];
        float *sides[3];
        for (size_t i = 0; i < 3; i++) {
            for (size_t c = 0; c < 3; c++)
                rows[i].planes[c] = memory + (3 * i + c) * stride + LINE;
            rows[i].packed = packed + i * stride + LINE;
            sides[i] = memory + (9 + i) * stride + LINE;
        }
        filter_rows(in, weights, rows, sides, out);
    }
    gr_free(memory);
    gr_free(packed);
    return status;
}

/* ---- any diameter ---------------------------------------------------------------------------------------------------- */

typedef struct disc {
    int radius, count;
    int x[GR_BILATERAL_MAX * GR_BILATERAL_MAX], y[GR_BILATERAL_MAX * GR_BILATERAL_MAX];
    int table[GR_BILATERAL_MAX * GR_BILATERAL_MAX]; /* by squared distance */
} disc;

static void make_disc(int radius, disc *d)
{
    *d = (disc){.radius = radius};
    for (int y = -radius; y <= radius; y++)
        for (int x = -radius; x <= radius; x++)
            if (x * x + y * y <= radius * radius) {
                d->x[d->count] = x;
                d->y[d->count] = y;
                d->table[d->count++] = x * x + y * y;
            }
}

static void filter_pixel(const gr_image *in, const disc *d, const float *weights, int x, int y, uint8_t *to)
{
    const uint8_t *middle = in->pixels + ((size_t)y * (size_t)in->width + (size_t)x) * 3;
    float total = 0, sum[3] = {0};
    for (int k = 0; k < d->count; k++) {
        size_t row = (size_t)gr_reflect_101(y + d->y[k], in->height),
               column = (size_t)gr_reflect_101(x + d->x[k], in->width);
        const uint8_t *p = in->pixels + (row * (size_t)in->width + column) * 3;
        int difference = 0;
        for (int c = 0; c < 3; c++)
            difference += p[c] > middle[c] ? p[c] - middle[c] : middle[c] - p[c];
        float weight = weights[(size_t)d->table[k] * DIFFERENCES + (size_t)difference];
        total += weight;
        for (int c = 0; c < 3; c++)
            sum[c] += (float)p[c] * weight;
    }
    for (int c = 0; c < 3; c++)
        to[c] = (uint8_t)lrintf(sum[c] * (1 / total));
}

static gr_status filter_any(const gr_image *in, int radius, double colour, double space, gr_image *out, gr_error *err)
{
    size_t tables = (size_t)(radius * radius) + 1;
    disc *d = gr_alloc(1, sizeof *d);
    float *weights = gr_alloc(tables * DIFFERENCES, sizeof *weights);
    gr_status status = d != NULL && weights != NULL ? GR_OK : no_memory(err);
    if (status == GR_OK) {
        make_disc(radius, d);
        for (size_t t = 0; t < tables; t++)
            make_weights(colour, space, (int)t, weights + t * DIFFERENCES);
        for (int y = 0; y < in->height; y++)
            for (int x = 0; x < in->width; x++)
                filter_pixel(in, d, weights, x, y, out->pixels + ((size_t)y * (size_t)in->width + (size_t)x) * 3);
    }
    gr_free(d);
    gr_free(weights);
    return status;
}

gr_status gr_image_bilateral(const gr_image *in, int diameter, double colour, double space, gr_image *out, gr_error *err)
{
    int radius = diameter / 2 > 1 ? diameter / 2 : 1; /* even diameters count up */
    if (radius > 1)
        return filter_any(in, radius, colour, space, out, err);
    gr_bilateral_weights weights = {.near = 0};
    make_weights(colour, space, 1, weights.of);
    make_powers(colour, space, &weights);
    weights.moved = most_moved(&weights);
    return filter_three(in, &weights, out, err);
}
