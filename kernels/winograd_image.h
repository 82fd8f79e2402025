/* Winograd for a 7x7 convolution at stride 2 over an image, by phases. Private to kernels/K_winograd_image*.c.
 *
 * Along an axis y[o] = sum over k < 7 of w[k] x[2o + k]: the even numbers of x meet four taps at stride 1, the odd ones three, to
 * which a zero is put. Both are F(4,4), 7 products for four results, at the same points, so that the sums over phases and channels
 * are taken of products, before the results are transformed. The points are +-1/4, +-13/16, +-7/4 and infinity, at which the zero
 * alone stands: there the odd numbers have no products.
 *
 *   V[i][j][phase of rows][phase of columns][C] = B x B^T,   U likewise = G w G^T,   y = A^T (the sum of U V) A
 *
 * The weight gradient turns the roles: y's gradient is what the taps were, dw = A^T (the sum over tiles of V (G dy G^T)) A. */
#ifndef GR_WINOGRAD_IMAGE_H
#define GR_WINOGRAD_IMAGE_H

#include "image_lines.h"
#include "parts.h"

enum {
    GR_IMAGE_TAPS = 7,
    GR_IMAGE_POINTS = 7,  /* of an axis; the last is infinity */
    GR_IMAGE_TILE = 4,    /* results of an axis */
    GR_IMAGE_TILES = 32,  /* room for tiles of a row at once */
    GR_IMAGE_MOST = 28,   /* tiles of a row at once */
    GR_IMAGE_LINES = 14,  /* of the image under a row of tiles */
    GR_IMAGE_PAIRS = 3,   /* of points, one the other's negative */
    GR_IMAGE_ROWS = 169   /* of V for each channel: 36 points of 4 phases, 12 of 2, one of one */
};

static const double GR_IMAGE_AT[GR_IMAGE_PAIRS] = {0.25, 0.8125, 1.75};

/* How the work is cut, which follows from the shape. */
typedef struct gr_image_cut {
    int64_t high, rows;           /* rows of tiles: of an image; of all */
    int64_t wide, chunks, chunk;  /* tiles of a row; stretches that a row is taken in; tiles of a stretch */
    int64_t panels, k;            /* of GR_NR channels of results; rows of V */
} gr_image_cut;

static inline gr_image_cut gr_image_cut_of(const gr_conv_problem *p)
{
    gr_image_cut c = {.high = gr_blocks(p->oh, GR_IMAGE_TILE), .wide = gr_blocks(p->ow, GR_IMAGE_TILE)};
    c.rows = p->n * c.high;
    c.chunks = gr_blocks(c.wide, GR_IMAGE_MOST);
    c.chunk = gr_blocks(c.wide, c.chunks);
    c.panels = gr_blocks(p->oc, GR_NR);
    c.k = GR_IMAGE_ROWS * p->c;
    return c;
}

/* What no direction takes. */
static inline const char *gr_winograd_image_refuses(const gr_conv_problem *p, const gr_conv_fusion *fusion)
{
    if (p->kh != GR_IMAGE_TAPS || p->kw != GR_IMAGE_TAPS || p->stride_h != 2 || p->stride_w != 2)
        return "the kernel is not 7x7 at stride 2";
    if (p->exact)
        return "its transforms round";
    if (p->bf16 && GR_PAIR_STEP > 1)
        return "matrix registers multiply pairs of bfloat16 faster";
    if (p->oc < 16)
        return "few output channels";
    if (4 * p->oh * p->ow < 3 * gr_round_up(p->oh, GR_IMAGE_TILE) * gr_round_up(p->ow, GR_IMAGE_TILE))
        return "tiles of 4x4 results would be half empty";
    return gr_image_source_refuses(p, fusion);
}

static inline int64_t gr_image_phases(int point)
{
    return point == GR_IMAGE_POINTS - 1 ? 1 : 2;
}

/* Rows of V at a point, and its first. */
static inline int64_t gr_image_depth(int64_t channels, int i, int j)
{
    return gr_image_phases(i) * gr_image_phases(j) * channels;
}

static inline int64_t gr_image_row(int64_t channels, int i, int j)
{
    return (26 * i + 2 * gr_image_phases(i) * j) * channels;
}

/* B of one axis; what the point at infinity gives is left out where nobody asks for it. */
GR_INLINE void gr_image_input(const gr_vf *x, const bool infinity, gr_vf *out)
{
#pragma GCC unroll 3
    for (int k = 0; k < GR_IMAGE_PAIRS; k++) {
        const double at = GR_IMAGE_AT[k], q = GR_IMAGE_AT[(k + 1) % 3], r = GR_IMAGE_AT[(k + 2) % 3];
        const double none = q * q * r * r, two = -(q * q + r * r);
        const gr_vf even = gr_vfma(gr_vset((float)(at * none)), x[0],
                                   gr_vfma(gr_vset((float)(at * two)), x[2], gr_vset((float)at) * x[4]));
        const gr_vf odd = gr_vfma(gr_vset((float)none), x[1], gr_vfma(gr_vset((float)two), x[3], x[5]));
        out[2 * k] = odd + even, out[2 * k + 1] = odd - even;
    }
    if (!infinity)
        return;
    const double a = GR_IMAGE_AT[0] * GR_IMAGE_AT[0], b = GR_IMAGE_AT[1] * GR_IMAGE_AT[1], c = GR_IMAGE_AT[2] * GR_IMAGE_AT[2];
    const gr_vf last = gr_vfma(gr_vset((float)-(a + b + c)), x[4], x[6]);
    out[6] = gr_vfma(gr_vset((float)-(a * b * c)), x[0], gr_vfma(gr_vset((float)(a * b + b * c + c * a)), x[2], last));
}

/* What G divides by at point +at; at -at by the same with its sign turned. */
static inline double gr_image_divisor(int k)
{
    const double at = GR_IMAGE_AT[k], q = GR_IMAGE_AT[(k + 1) % 3], r = GR_IMAGE_AT[(k + 2) % 3];
    return 2.0 * at * (at * at - q * q) * (at * at - r * r);
}

/* G of one axis, of four numbers. */
GR_INLINE void gr_image_spread(const gr_vf *x, gr_vf *out)
{
#pragma GCC unroll 3
    for (int k = 0; k < GR_IMAGE_PAIRS; k++) {
        const double at = GR_IMAGE_AT[k], one = 1.0 / gr_image_divisor(k);
        const gr_vf even = gr_vfma(gr_vset((float)(at * at * one)), x[2], gr_vset((float)one) * x[0]);
        const gr_vf odd = gr_vfma(gr_vset((float)(at * at * at * one)), x[3], gr_vset((float)(at * one)) * x[1]);
        out[2 * k] = odd + even, out[2 * k + 1] = odd - even;
    }
    out[6] = x[3];
}

/* A^T of one axis: four numbers of seven. */
GR_INLINE void gr_image_results(const gr_vf *m, gr_vf *out)
{
    gr_vf sum[GR_IMAGE_PAIRS], difference[GR_IMAGE_PAIRS];
#pragma GCC unroll 3
    for (int k = 0; k < GR_IMAGE_PAIRS; k++)
        sum[k] = m[2 * k] + m[2 * k + 1], difference[k] = m[2 * k] - m[2 * k + 1];
    out[0] = sum[0] + sum[1] + sum[2];
    out[1] = gr_vset((float)GR_IMAGE_AT[0]) * difference[0], out[2] = gr_vzero(), out[3] = m[6];
#pragma GCC unroll 3
    for (int k = 0; k < GR_IMAGE_PAIRS; k++) {
        const double at = GR_IMAGE_AT[k];
        if (k > 0)
            out[1] = gr_vfma(gr_vset((float)at), difference[k], out[1]);
        out[2] = k > 0 ? gr_vfma(gr_vset((float)(at * at)), sum[k], out[2]) : gr_vset((float)(at * at)) * sum[k];
        out[3] = gr_vfma(gr_vset((float)(at * at * at)), difference[k], out[3]);
    }
}

/* Floats of the room that making V takes. */
size_t GR_KERNEL(gr_image_room)(const gr_conv_problem *p);

/* Some tiles of a row of them, and where their V goes: `group` tiles at a time stand side by side, their rows `row_step` floats
 * apart; the next group begins `group_step` floats behind. Whole vectors are written, finite behind the last tile. */
typedef struct gr_image_stretch {
    int64_t row, first, count; /* of all rows; the first tile in it; how many, at most GR_IMAGE_MOST */
    int64_t group, group_step, row_step;
} gr_image_stretch;

void GR_KERNEL(gr_image_tiles)(const gr_conv_problem *p, const gr_image_cut *c, const float *x, const gr_image_stretch *s,
                               float *room, float *v);

extern const gr_conv_algorithm GR_KERNEL(gr_winograd_image), GR_KERNEL(gr_winograd_image_weight);

#endif
