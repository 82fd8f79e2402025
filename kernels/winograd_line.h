/* Winograd convolution along one axis, F(4,7) and F(4,3), for kernels of 1x7, 7x1, 1x3 and 3x1: four neighbouring results of a line
 * cost 10 or 6 products for each pair of channels instead of 28 or 12. Private to kernels/K_winograd_line*.c.
 *
 *   y = A [(G w) . (B x)]        x: the 10 or 6 numbers of the line under a tile of four results y
 *
 * The points are 0, +-1/2, +-3/4, +-5/4, +-2 and infinity for seven taps; 0, +-sqrt(1/2), +-sqrt(2) and infinity for three. Each
 * row of B is multiplied, and that of G divided, by a power of two that leaves both about as large. On random numbers of 192
 * channels the worst error is 3 times that of plain float32 sums for seven taps, 1.3 times for three. */
#ifndef GR_WINOGRAD_LINE_H
#define GR_WINOGRAD_LINE_H

#include "implicit_gemm.h"

enum { GR_LINE_POINTS = 10, GR_LINE_OUTS = 4 }; /* points: at most */

static const float gr_line_b7[10][10] = {
    {0.2197265625f, 0, -1.465087890625f, 0, 2.7275390625f, 0, -1.59375f, 0, 0.25f, 0},
    {0, -0.87890625f, -1.7578125f, 2.3447265625f, 4.689453125f, -1.53125f, -3.0625f, 0.25f, 0.5f, 0},
    {0, 0.87890625f, -1.7578125f, -2.3447265625f, 4.689453125f, 1.53125f, -3.0625f, -0.25f, 0.5f, 0},
    {0, -0.29296875f, -0.390625f, 1.4326171875f, 1.91015625f, -1.08984375f, -1.453125f, 0.1875f, 0.25f, 0},
    {0, 0.29296875f, -0.390625f, -1.4326171875f, 1.91015625f, 1.08984375f, -1.453125f, -0.1875f, 0.25f, 0},
    {0, -0.17578125f, -0.140625f, 1.0595703125f, 0.84765625f, -1.50390625f, -1.203125f, 0.3125f, 0.25f, 0},
    {0, 0.17578125f, -0.140625f, -1.0595703125f, 0.84765625f, 1.50390625f, -1.203125f, -0.3125f, 0.25f, 0},
    {0, -0.10986328125f, -0.054931640625f, 0.705078125f, 0.3525390625f, -1.1875f, -0.59375f, 0.5f, 0.25f, 0},
    {0, 0.10986328125f, -0.054931640625f, -0.705078125f, 0.3525390625f, 1.1875f, -0.59375f, -0.5f, 0.25f, 0},
    {0, 0.2197265625f, 0, -1.465087890625f, 0, 2.7275390625f, 0, -1.59375f, 0, 0.25f},
};
static const float gr_line_a7[4][10] = {
    {1, 1, 1, 1, 1, 1, 1, 1, 1, 0},
    {0, 0.5f, -0.5f, 0.75f, -0.75f, 1.25f, -1.25f, 2, -2, 0},
    {0, 0.25f, 0.25f, 0.5625f, 0.5625f, 1.5625f, 1.5625f, 4, 4, 0},
    {0, 0.125f, -0.125f, 0.421875f, -0.421875f, 1.953125f, -1.953125f, 8, -8, 1},
};

#define GR_LINE_ROOT 0.70710678118654752
static const float gr_line_b3[6][6] = {
    {0.5f, 0, -1.25f, 0, 0.5f, 0},
    {0, -(float)GR_LINE_ROOT, -1, (float)GR_LINE_ROOT / 2, 0.5f, 0},
    {0, (float)GR_LINE_ROOT, -1, -(float)GR_LINE_ROOT / 2, 0.5f, 0},
    {0, -(float)GR_LINE_ROOT / 2, -0.25f, (float)GR_LINE_ROOT, 0.5f, 0},
    {0, (float)GR_LINE_ROOT / 2, -0.25f, -(float)GR_LINE_ROOT, 0.5f, 0},
    {0, 0.5f, 0, -1.25f, 0, 0.5f},
};
static const float gr_line_a3[4][6] = {
    {1, 1, 1, 1, 1, 0},
    {0, (float)GR_LINE_ROOT, -(float)GR_LINE_ROOT, 2 * (float)GR_LINE_ROOT, -2 * (float)GR_LINE_ROOT, 0},
    {0, 0.5f, 0.5f, 2, 2, 0},
    {0, (float)GR_LINE_ROOT / 2, -(float)GR_LINE_ROOT / 2, 4 * (float)GR_LINE_ROOT, -4 * (float)GR_LINE_ROOT, 1},
};

/* The points, the last of which is infinity, and what G's rows begin with. */
static const double gr_line_point7[9] = {0, 0.5, -0.5, 0.75, -0.75, 1.25, -1.25, 2, -2};
static const double gr_line_lead7[10] = {1024. / 225,     -4096. / 1575,  -4096. / 1575, 8192. / 2475, 8192. / 2475,
                                         -8192. / 20475, -8192. / 20475, 512. / 32175, 512. / 32175, 4};
static const double gr_line_point3[5] = {0, GR_LINE_ROOT, -GR_LINE_ROOT, 2 * GR_LINE_ROOT, -2 * GR_LINE_ROOT};
static const double gr_line_lead3[6] = {2, -4. / 3, -4. / 3, 1. / 3, 1. / 3, 2};

/* Numbers of the matrices; those of B and A are constants where these are inlined. */
GR_INLINE float gr_line_b(const int taps, int point, int i)
{
    return taps == 7 ? gr_line_b7[point][i] : gr_line_b3[point][i];
}

GR_INLINE float gr_line_a(const int taps, int out, int point)
{
    return taps == 7 ? gr_line_a7[out][point] : gr_line_a3[out][point];
}

static inline float gr_line_g(int64_t taps, int64_t point, int64_t tap)
{
    const double *points = taps == 7 ? gr_line_point7 : gr_line_point3, *leads = taps == 7 ? gr_line_lead7 : gr_line_lead3;
    double g = leads[point];
    if (point == taps + GR_LINE_OUTS - 2)
        return tap == taps - 1 ? (float)g : 0.0f;
    for (int64_t i = 0; i < tap; i++)
        g *= points[point];
    return (float)g;
}

/* How a direction's lines are cut up; all of it follows from the shape. A line is a row of the image for 1xR, a column for Rx1. */
typedef struct gr_lines {
    gr_view v;
    bool rows;                   /* lines are rows */
    int64_t taps, points;
    int64_t lines, tiles;        /* lines of all images; tiles of a line */
    int64_t block, blocks;       /* lines of a block; blocks */
    int64_t results, reads;      /* pixels of a line of the tensor that is written; of the one that is read */
    int64_t first;               /* the line's pixel under tap 0 of its first result */
    int64_t patch;               /* pixels that a line's tiles read, padding and all */
    int64_t in_lda;              /* of the tensor read: from pixel to pixel in cache */
} gr_lines;

gr_lines GR_KERNEL(gr_lines_make)(const gr_conv_problem *p, gr_direction d);
/* Where line `line` begins, in pixels of a tensor whose lines have `pixels` of them; and how far apart these are. */
static inline int64_t gr_line_begin(const gr_lines *l, int64_t line, int64_t pixels)
{
    const int64_t columns = l->v.w.results;
    return l->rows ? line * pixels : line / columns * pixels * columns + line % columns;
}

static inline int64_t gr_line_step(const gr_lines *l)
{
    return l->rows ? 1 : l->v.w.results;
}

/* Reads channels [channel, channel + count) of a line into patch[pixel][in_lda], whose places outside the image are zero already,
 * and transforms its tiles: v[(point * tiles + tile) * in_lda + c], `tiles` the number of tiles that v has room for. */
void GR_KERNEL(gr_line_read)(const gr_lines *l, const gr_source *s, int64_t line, int64_t channel, int64_t count, float *patch,
                             int64_t tiles, float *v);

/* Weight direction. */
size_t GR_KERNEL(gr_line_weight_scratch)(const gr_conv_problem *p, int threads);
void GR_KERNEL(gr_line_weight)(const gr_conv_problem *p, const gr_conv_args *args);

extern const gr_conv_algorithm GR_KERNEL(gr_winograd_line);

#endif
