/* Local binary patterns in the arithmetic of scikit-image, operation for operation: on flat ground a code hangs on the last
 * bit of an interpolated value. */
#include "grimace/lbp.h"

#include <math.h>
#include <string.h>

#include "base/base.h"

enum { MOST_POINTS = 16, MOST_GRID = 64, MOST_RADIUS = 64 };

static const double pi = 3.14159265358979323846;

/* Where a point lies from the centre, and the share of the next row and column in it. */
typedef struct point {
    double row, column;
} point;

static const char *const method_names[] = {
    [GR_LBP_UNIFORM] = "uniform", [GR_LBP_DEFAULT] = "default", [GR_LBP_ROR] = "ror"};
enum { METHODS = sizeof method_names / sizeof *method_names };

const char *gr_lbp_method_name(gr_lbp_method method)
{
    return (int)method >= 0 && (int)method < METHODS ? method_names[method] : NULL;
}

bool gr_lbp_method_of(const char *name, gr_lbp_method *out)
{
    for (int i = 0; i < METHODS; i++)
        if (strcmp(name, method_names[i]) == 0) {
            *out = (gr_lbp_method)i;
            return true;
        }
    return false;
}

int gr_lbp_bins(const gr_lbp *lbp)
{
    return lbp->method == GR_LBP_UNIFORM ? lbp->points + 2 : 1 << lbp->points;
}

size_t gr_lbp_features(const gr_lbp *lbp)
{
    return (size_t)lbp->grid * (size_t)lbp->grid * (size_t)gr_lbp_bins(lbp);
}

static gr_status check(const gr_lbp *lbp, int width, int height, gr_error *err)
{
    if (!(lbp->radius > 0 && lbp->radius <= MOST_RADIUS))
        return gr_fail(err, GR_INVALID, "the radius of a local binary pattern is %g, above 0 and at most %d would be right",
                       lbp->radius, MOST_RADIUS);
    if (lbp->points < 4 || lbp->points > MOST_POINTS)
        return gr_fail(err, GR_INVALID, "a local binary pattern has %d points, 4 to %d would be right", lbp->points,
                       MOST_POINTS);
    if (width < 1 || height < 1)
        return gr_fail(err, GR_INVALID, "an image of %d x %d has no local binary patterns", width, height);
    return GR_OK;
}

static double round5(double value)
{
    return rint(value * 1e5) / 1e5;
}

static void place_points(const gr_lbp *lbp, point *points)
{
    for (int i = 0; i < lbp->points; i++) {
        double angle = 2 * pi * i / lbp->points;
        points[i].row = round5(-lbp->radius * sin(angle));
        points[i].column = round5(lbp->radius * cos(angle));
    }
}

static double pixel(const uint8_t *grey, int width, int height, long row, long column)
{
    return row < 0 || row >= height || column < 0 || column >= width ? 0 : grey[row * width + column];
}

static double interpolate(const uint8_t *grey, int width, int height, double row, double column)
{
    long top = (long)floor(row), left = (long)floor(column), bottom = (long)ceil(row), right = (long)ceil(column);
    double dr = row - (double)top, dc = column - (double)left;
    double above = (1 - dc) * pixel(grey, width, height, top, left) + dc * pixel(grey, width, height, top, right);
    double below = (1 - dc) * pixel(grey, width, height, bottom, left) + dc * pixel(grey, width, height, bottom, right);
    return (1 - dr) * above + dr * below;
}

/* The code that a pattern, its first point the lowest bit, has under the method. */
static uint16_t code_of(unsigned pattern, const gr_lbp *lbp)
{
    int points = lbp->points;
    if (lbp->method == GR_LBP_DEFAULT)
        return (uint16_t)pattern;
    if (lbp->method == GR_LBP_ROR) {
        unsigned least = pattern;
        for (int i = 1; i < points; i++) {
            pattern = pattern >> 1 | (pattern & 1) << (points - 1);
            least = pattern < least ? pattern : least;
        }
        return (uint16_t)least;
    }
    int changes = 0, ones = 0;
    for (int i = 0; i < points; i++) {
        ones += pattern >> i & 1;
        /* from the last point to the first is not looked at, as in scikit-image; it cannot raise two changes to three */
        changes += i + 1 < points && (pattern >> i & 1) != (pattern >> (i + 1) & 1);
    }
    return (uint16_t)(changes <= 2 ? ones : points + 1);
}

gr_status gr_lbp_codes(const uint8_t *grey, int width, int height, const gr_lbp *lbp, uint16_t *codes, gr_error *err)
{
    gr_status status = check(lbp, width, height, err);
    if (status != GR_OK)
        return status;
    point points[MOST_POINTS];
    place_points(lbp, points);
    for (int r = 0; r < height; r++)
        for (int c = 0; c < width; c++) {
            double centre = grey[(size_t)r * (size_t)width + (size_t)c];
            unsigned pattern = 0;
            for (int i = 0; i < lbp->points; i++) {
                double value = interpolate(grey, width, height, r + points[i].row, c + points[i].column);
                pattern |= (unsigned)(value - centre >= 0) << i;
            }
            codes[(size_t)r * (size_t)width + (size_t)c] = code_of(pattern, lbp);
        }
    return GR_OK;
}

static void count_cell(const uint16_t *codes, int width, const int rows[2], const int columns[2], int bins, float *out)
{
    memset(out, 0, (size_t)bins * sizeof *out);
    for (int r = rows[0]; r < rows[1]; r++)
        for (int c = columns[0]; c < columns[1]; c++)
            out[codes[(size_t)r * (size_t)width + (size_t)c]] += 1;
    float pixels = (float)(rows[1] - rows[0]) * (float)(columns[1] - columns[0]);
    for (int b = 0; b < bins; b++)
        out[b] /= pixels;
}

gr_status gr_lbp_histograms(const uint8_t *grey, int width, int height, const gr_lbp *lbp, float *out, gr_error *err)
{
    int grid = lbp->grid, bins;
    if (grid < 1 || grid > MOST_GRID || width < grid || height < grid)
        return gr_fail(err, GR_INVALID,
                       "an image of %d x %d has no grid of %d x %d cells; 1 to %d cells of a pixel or more "
                       "would be right",
                       width, height, grid, grid, MOST_GRID);
    size_t count;
    uint16_t *codes = gr_mul_size((size_t)width, (size_t)height, &count) ? gr_alloc(count, sizeof *codes) : NULL;
    if (codes == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the patterns of an image of %d x %d", width, height);
    gr_status status = gr_lbp_codes(grey, width, height, lbp, codes, err);
    bins = gr_lbp_bins(lbp);
    for (int i = 0; status == GR_OK && i < grid * grid; i++) {
        int64_t y = i / grid, x = i % grid;
        int rows[2] = {(int)(y * height / grid), (int)((y + 1) * height / grid)};
        int columns[2] = {(int)(x * width / grid), (int)((x + 1) * width / grid)};
        count_cell(codes, width, rows, columns, bins, out + (size_t)i * (size_t)bins);
    }
    gr_free(codes);
    return status;
}
