/* Winograd for 3x3 convolutions of stride 2, weight direction. Of one row, taps 0 and 2 meet the samples that are an even number of
 * places behind the first one, tap 1 meets the odd ones:
 *
 *     dw0 = sum e[i] dy[i]      dw2 = sum e[i + 1] dy[i]      dw1 = sum o[i] dy[i]
 *
 * dw0 and dw2 of four results dy are F(2,4): 5 products (B e) . (A dy) instead of 8, summed over all tiles before G^T makes two
 * taps of the 5 sums; dw1 is 4 products into one sum. In two dimensions that makes 81 products instead of 144 for each tile of
 * 4 x 4 results and pair of channels, into 36 matrices of sums [C][OC].
 *
 * The points are +-1/2, +-5/4 and infinity. At infinity a tile's value is dy[3] alone: a tile of three results has none, and is
 * otherwise one of four with dy[3] = 0. So a row of seven is 4 + 3 without a product that is lost.
 *
 * A `kind` is one of the 5 points (infinity last) or, the sixth, the plain products; a matrix is a kind of rows times a kind of
 * columns. A tile adds an `entry` (a row of V and of W) to a matrix for each product of its kinds: 1, 4 (or 3), 16 (12, 9).
 *
 *     V [group of C][matrix][entry][group]      W [panel of OC][matrix][entry][GR_PANEL]
 *     dU [matrix][panel][C of a group][GR_PANEL] = sum over entries of V^T W
 *
 * Private to kernels/K_winograd_strided_weight*.c. */
#ifndef GR_WINOGRAD_STRIDED_WEIGHT_H
#define GR_WINOGRAD_STRIDED_WEIGHT_H

#include "winograd.h"

enum {
    GR_PHASE_KINDS = 6, /* points +-1/2, +-5/4, infinity; plain */
    GR_PHASE_INFINITY = 4,
    GR_PHASE_PLAIN = 5,
    GR_PHASE_MATRICES = GR_PHASE_KINDS * GR_PHASE_KINDS,
    GR_PHASE_PAD = 3 * 16 /* floats between matrices, so that they do not compete for the same places in a cache */
};

/* The results of one axis, cut into tiles of four, then tiles of three. */
typedef struct gr_phase_axis {
    int64_t size, pad, results; /* of x; of dy */
    int64_t tiles, full;        /* the first `full` have four */
    int64_t lines[GR_PHASE_KINDS]; /* entries of all tiles along this axis, by kind */
} gr_phase_axis;

/* A round is some rows of tiles, called bands, of all images one behind the other. */
typedef struct gr_phase_grid {
    gr_phase_axis h, w;
    int64_t bands;
    int64_t at[GR_PHASE_MATRICES + 1]; /* entries that stand before a matrix, where a round is as large as they get */
} gr_phase_grid;

/* Lines of a kind in front of tile `tile`. */
static inline int64_t gr_phase_before(const gr_phase_axis *a, int kind, int64_t tile)
{
    if (kind < GR_PHASE_INFINITY)
        return tile;
    return kind == GR_PHASE_INFINITY ? gr_least(tile, a->full) : gr_fours_begin(a->full, tile);
}

/* The same in front of band `band` of all images. */
static inline int64_t gr_phase_lines(const gr_phase_grid *g, int kind, int64_t band)
{
    return band / g->h.tiles * g->h.lines[kind] + gr_phase_before(&g->h, kind, band % g->h.tiles);
}

/* V of a band, blocks of GR_VL channels cb0 .. cb1 - 1, in a round that begins with band `first`: rows of `width` floats from v on;
 * the next `width` channels follow `group` floats further. */
void GR_KERNEL(gr_phase_x)(const gr_wino_image *x, const gr_phase_grid *g, int64_t first, int64_t band, int64_t cb0, int64_t cb1,
                           int64_t width, int64_t group, float *v);
/* W likewise; blocks that the tensor has not are zeros. */
void GR_KERNEL(gr_phase_dy)(const gr_wino_image *dy, const gr_phase_grid *g, int64_t first, int64_t band, int64_t cb0,
                            int64_t cb1, int64_t width, int64_t group, float *w);
/* dw (+)= G^T dU G of `rows` input and `cols` output channels, cols <= GR_PANEL; du[36][rows][GR_PANEL], matrices du_matrix floats
 * apart. dw stands at its first number, taps tap_step and input channels oc floats apart. */
void GR_KERNEL(gr_phase_finish)(int64_t rows, int64_t cols, const float *du, int64_t du_matrix, int64_t oc, int64_t tap_step,
                                bool accumulate, float *dw);

extern const gr_conv_algorithm GR_KERNEL(gr_winograd_strided_weight);

#endif
