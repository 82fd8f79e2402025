/* OpenCV's bilateral filter: means of near pixels, each weighted by its distance and by the sum of its differences in
 * colour. */
#include <math.h>
#include <string.h>

#include "image/filters.h"
#include "kernels/kernels.h"
#include "kernels/pictures.h"

enum { DIFFERENCES = 3 * 256 };

/* Pixels no further than `radius`, the middle one among them. */
typedef struct disc {
    int count;
    int x[GR_BILATERAL_MAX * GR_BILATERAL_MAX], y[GR_BILATERAL_MAX * GR_BILATERAL_MAX];
    int table[GR_BILATERAL_MAX * GR_BILATERAL_MAX]; /* by squared distance */
} disc;

struct gr_bilateral {
    gr_bilateral_row rows[3];  /* of radius 1; first, where lines of cache begin */
    gr_bilateral_weights near; /* of radius 1 */
    disc around;               /* of others */
    float *weights;            /* of others: DIFFERENCES for each squared distance */
    int diameter;
    double colour, space;
};

/* Polynomials that are off by more would leave too many bytes in doubt. */
#define WORTH 2e-6

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
        double weight = weights->of[d], by = (d < 255 ? d : 255) * weight / (0.25 + weight);
        pulled = by > pulled ? by : pulled;
    }
    double away = fmin(255, weights->near - 1 + pulled);
    return nextafterf((float)(weights->off * 4 * away / (1 + 4 * least) * 1.001), 1);
}

static void put_pixel(const uint8_t *in, int64_t i, gr_bilateral_row *row)
{
    for (int c = 0; c < 3; c++)
        row->planes[c][GR_BILATERAL_FRONT + i] = in[c];
    row->packed[GR_BILATERAL_FRONT + i] = in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16;
}

static const uint8_t *pixel_of(const gr_image *in, int x, int y)
{
    return in->pixels + ((size_t)gr_reflect_101(y, in->height) * (size_t)in->width + (size_t)gr_reflect_101(x, in->width)) * 3;
}

/* One pixel on either side of those from x on. */
static void put_sides(const gr_image *in, int x, int count, int y, gr_bilateral_row *row)
{
    put_pixel(pixel_of(in, x - 1, y), -1, row);
    put_pixel(pixel_of(in, x + count, y), count, row);
}

/* Each pair of neighbours has one weight: those below a row are those above the next. */
static void filter_strip(const gr_image *in, int x, int count, const gr_bilateral_weights *weights, gr_bilateral_row rows[3],
                         gr_image *out)
{
    const gr_picture_kernels *k = gr_kernels_get()->pictures;
    gr_bilateral_row *up = &rows[0], *here = &rows[1], *down = &rows[2];
    k->split(count, pixel_of(in, x, -1), up);
    k->split(count, pixel_of(in, x, 0), here);
    put_sides(in, x, count, 0, here);
    k->pair_weights(count, up->packed + GR_BILATERAL_FRONT, here->packed + GR_BILATERAL_FRONT, weights->of,
                    up->below + GR_BILATERAL_FRONT);
    for (int y = 0; y < in->height; y++) {
        uint8_t *to = out->pixels + ((size_t)y * (size_t)in->width + (size_t)x) * 3;
        k->bilateral(count, up, here, down, pixel_of(in, x, y + 1), weights, to);
        put_sides(in, x, count, y + 1, down);
        gr_bilateral_row *last = up;
        up = here;
        here = down;
        down = last;
    }
}

static void filter_near(gr_bilateral *b, const gr_image *in, gr_image *out)
{
    for (int x = 0; x < in->width; x += GR_BILATERAL_STRIP) {
        int left = in->width - x;
        filter_strip(in, x, left < GR_BILATERAL_STRIP ? left : GR_BILATERAL_STRIP, &b->near, b->rows, out);
    }
}

/* ---- any diameter ---------------------------------------------------------------------------------------------------- */

static void make_disc(int radius, disc *d)
{
    d->count = 0;
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

static void filter_any(const gr_bilateral *b, const gr_image *in, gr_image *out)
{
    for (int y = 0; y < in->height; y++)
        for (int x = 0; x < in->width; x++)
            filter_pixel(in, &b->around, b->weights, x, y, out->pixels + ((size_t)y * (size_t)in->width + (size_t)x) * 3);
}

/* ---- either ---------------------------------------------------------------------------------------------------------- */

static int radius_of(int diameter)
{
    return diameter / 2 > 1 ? diameter / 2 : 1; /* even diameters count up */
}

static bool make_tables(gr_bilateral *b)
{
    int radius = radius_of(b->diameter), tables = radius * radius + 1;
    if (radius == 1) {
        make_weights(b->colour, b->space, 1, b->near.of);
        make_powers(b->colour, b->space, &b->near);
        b->near.moved = most_moved(&b->near);
        return true;
    }
    make_disc(radius, &b->around);
    b->weights = gr_alloc((size_t)tables * DIFFERENCES, sizeof *b->weights);
    for (int t = 0; t < tables && b->weights != NULL; t++)
        make_weights(b->colour, b->space, t, b->weights + t * DIFFERENCES);
    return b->weights != NULL;
}

static gr_bilateral *make(int diameter, double colour, double space)
{
    gr_bilateral *b = gr_alloc_aligned(1, sizeof *b);
    if (b == NULL)
        return NULL;
    memset(b, 0, sizeof *b); /* what lies behind a row's pixels is computed with */
    b->diameter = diameter;
    b->colour = colour;
    b->space = space;
    if (make_tables(b))
        return b;
    gr_bilateral_free(b);
    return NULL;
}

void gr_bilateral_free(gr_bilateral *b)
{
    if (b != NULL)
        gr_free(b->weights);
    gr_free(b);
}

gr_status gr_image_bilateral(const gr_image *in, int diameter, double colour, double space, gr_bilateral **kept, gr_image *out,
                             gr_error *err)
{
    gr_bilateral *b = *kept;
    if (b == NULL || b->diameter != diameter || b->colour != colour || b->space != space) {
        gr_bilateral_free(b);
        *kept = b = make(diameter, colour, space);
    }
    if (b == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a bilateral filter's weights");
    if (radius_of(diameter) == 1)
        filter_near(b, in, out);
    else
        filter_any(b, in, out);
    return GR_OK;
}
