#include "data/picture_print.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIDE = GR_PRINT_SIDE,
    LOW = 8,
    ALL = LOW + 1,
    SAMPLES = 192 /* rows and columns of a large picture that are looked at */
};

static const double flat = 1.5; /* grey levels: a picture that varies less has no shape */

/* Where cell `i` of SIDE begins on an edge from `from` on, `length` pixels long. */
static int edge(int from, int length, int i)
{
    return from + (int)((int64_t)length * i / SIDE);
}

/* Means of the cells; cells of less than a pixel take the nearest one. */
static void shrink(const gr_image *image, int x, int y, int width, int height, uint8_t *grey)
{
    int step_x = width / SAMPLES > 1 ? width / SAMPLES : 1, step_y = height / SAMPLES > 1 ? height / SAMPLES : 1;
    for (int i = 0; i < SIDE; i++) {
        int top = edge(y, height, i), bottom = edge(y, height, i + 1);
        for (int j = 0; j < SIDE; j++) {
            int left = edge(x, width, j), right = edge(x, width, j + 1);
            uint64_t sum = 0, count = 0;
            for (int r = top; r < bottom || r == top; r += step_y) {
                const uint8_t *row = image->pixels + ((size_t)r * (size_t)image->width + (size_t)left) * 3;
                for (int c = left; c < right || c == left; c += step_x, row += 3 * step_x) {
                    sum += 77u * row[0] + 150u * row[1] + 29u * row[2];
                    count++;
                }
            }
            grey[i * SIDE + j] = (uint8_t)((sum / count + 128) >> 8);
        }
    }
}

static int lowest_first(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static uint64_t bits_of(const double *c)
{
    double sorted[LOW * LOW];
    uint64_t bits = 0;
    memcpy(sorted, c, sizeof sorted);
    qsort(sorted, LOW * LOW, sizeof *sorted, lowest_first);
    double median = 0.5 * (sorted[LOW * LOW / 2 - 1] + sorted[LOW * LOW / 2]);
    for (int i = 0; i < LOW * LOW; i++)
        bits |= (uint64_t)(c[i] > median) << i;
    return bits;
}

/* The frequencies 0 to LOW of both directions: out[down * ALL + across]. */
static void transform(const uint8_t *grey, double *out)
{
    double waves[ALL][SIDE], rows[SIDE][ALL];
    for (int k = 0; k < ALL; k++)
        for (int i = 0; i < SIDE; i++)
            waves[k][i] = cos(3.14159265358979323846 * k * (2 * i + 1) / (2.0 * SIDE));
    for (int i = 0; i < SIDE; i++)
        for (int k = 0; k < ALL; k++) {
            double sum = 0.0;
            for (int j = 0; j < SIDE; j++)
                sum += waves[k][j] * grey[i * SIDE + j];
            rows[i][k] = sum;
        }
    for (int l = 0; l < ALL; l++)
        for (int k = 0; k < ALL; k++) {
            double sum = 0.0;
            for (int i = 0; i < SIDE; i++)
                sum += waves[l][i] * rows[i][k];
            out[l * ALL + k] = sum;
        }
}

/* Those that the hash looks at: the mean and what runs along one edge alone are left out. */
static void hashed(const uint8_t *grey, double *out)
{
    double all[ALL * ALL];
    transform(grey, all);
    for (int l = 0; l < LOW; l++)
        memcpy(out + l * LOW, all + (l + 1) * ALL + 1, LOW * sizeof *out);
}

static bool is_flat(const uint8_t *grey)
{
    double sum = 0.0, squares = 0.0, n = SIDE * SIDE;
    for (int i = 0; i < SIDE * SIDE; i++) {
        sum += grey[i];
        squares += (double)grey[i] * grey[i];
    }
    return squares / n - (sum / n) * (sum / n) < flat * flat;
}

static int within(double value, int most)
{
    return value < 0.0 ? 0 : value > (double)most ? most : (int)value;
}

void gr_print_make(const gr_image *image, const double box[4], gr_print *out)
{
    double c[LOW * LOW];
    int x = 0, y = 0, width = image->width, height = image->height;
    if (box != NULL && box[2] > 0.0) {
        x = within(box[0], image->width - 1);
        y = within(box[1], image->height - 1);
        width = within(box[0] + box[2], image->width) - x;
        height = within(box[1] + box[3], image->height) - y;
        width = width < 1 ? 1 : width;
        height = height < 1 ? 1 : height;
    }
    shrink(image, x, y, width, height, out->grey);
    out->known = !is_flat(out->grey);
    hashed(out->grey, c);
    out->hash = bits_of(c);
    for (int i = 0; i < LOW * LOW; i += 2) /* odd frequencies change their sign */
        c[i] = -c[i];
    out->mirrored = bits_of(c);
}

int gr_print_distance(const gr_print *a, const gr_print *b)
{
    int plain = __builtin_popcountll(a->hash ^ b->hash), mirrored = __builtin_popcountll(a->hash ^ b->mirrored);
    return plain < mirrored ? plain : mirrored;
}

double gr_print_correlation(const gr_print *a, const gr_print *b)
{
    enum { N = SIDE * SIDE };
    int64_t sa = 0, sb = 0, aa = 0, bb = 0, ab = 0, mirrored = 0;
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) {
            int x = a->grey[i * SIDE + j], y = b->grey[i * SIDE + j];
            sa += x;
            sb += y;
            aa += x * x;
            bb += y * y;
            ab += x * y;
            mirrored += x * b->grey[i * SIDE + SIDE - 1 - j];
        }
    double scale = sqrt((double)(N * aa - sa * sa) * (double)(N * bb - sb * sb));
    int64_t best = ab > mirrored ? ab : mirrored;
    return scale > 0.0 ? (double)(N * best - sa * sb) / scale : 0.0;
}

void gr_print_shape(const gr_print *print, gr_shape *out)
{
    double c[ALL * ALL], sum = 0.0, squares = 0.0, n = SIDE * SIDE, kept = 0.0;
    int straight = 0, turned = 0;
    memset(out, 0, sizeof *out);
    for (int i = 0; i < SIDE * SIDE; i++) {
        sum += print->grey[i];
        squares += (double)print->grey[i] * print->grey[i];
    }
    double length = sqrt(squares - sum * sum / n);
    transform(print->grey, c);
    for (int i = 1; i < ALL * ALL && length > 0.0; i++) { /* 0 is the mean */
        int across = i % ALL;
        double wave = (i / ALL == 0 ? 1.0 : 2.0) * (across == 0 ? 1.0 : 2.0) / n; /* 1 / its squares' sum */
        double value = c[i] * sqrt(wave) / length;
        kept += value * value;
        if (across % 2 == 0)
            out->straight[straight++] = (float)value;
        else
            out->turned[turned++] = (float)value;
    }
    out->rest = (float)sqrt(kept < 1.0 ? 1.0 - kept : 0.0);
}

/* Eight sums, which the compiler keeps side by side. */
static float product(const float *a, const float *b, int count)
{
    float sums[8] = {0.0f};
    for (int i = 0; i < count; i += 8)
        for (int j = 0; j < 8; j++)
            sums[j] += a[i + j] * b[i + j];
    return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

float gr_shape_bound(const gr_shape *a, const gr_shape *b)
{
    const float rounding = 1e-4f;
    float straight = product(a->straight, b->straight, GR_SHAPE_STRAIGHT);
    float turned = product(a->turned, b->turned, GR_SHAPE_TURNED);
    return straight + fabsf(turned) + a->rest * b->rest + rounding;
}
