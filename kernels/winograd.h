/* Winograd convolution F(4x4,3x3) and its weight gradient F(3x3,4x4): what the K_winograd*.c files share.
 *
 * Lavin and Gray 2016, "Fast algorithms for convolutional neural networks", with the interpolation points 0, +-sqrt(1/2),
 * +-sqrt(2) and infinity, whose transforms lose about three times less precision than the usual 0, +-1, +-2:
 *
 *     y = A^T [ (G g G^T) * (B^T d B) ] A        d: 6x6 patch in, g: 3x3 filter, y: 4x4 tile out, * elementwise
 *     dg = G^T [ sum over tiles (B^T d B) * (A dy A^T) ] G
 *
 * The 36 elementwise products, taken over all channels and many tiles, are 36 matrix products: V (tiles x IC) times U
 * (IC x OC) gives M (tiles x OC). Data direction: dy takes the place of x and the filter is turned by 180 degrees.
 *
 * Letters here: IC, OC are the channels that a direction reads and writes (data direction: IC counts dy's). Tiles are
 * numbered image by image, row by row. A strip is up to GR_STRIP tiles that one register block multiplies; a panel is
 * GR_PANEL output channels. Channels are padded with zeros to whole vectors (V) and panels (U, M).
 *
 *     V  [strip][IC / GR_VL][36][GR_STRIP][GR_VL]    so that the register block walks it with constant offsets
 *     U  [36][panel][IC][GR_PANEL]                   read front to back; positions u_stride apart
 *     M  [strip][panel][36][GR_STRIP][GR_PANEL] */
#ifndef GR_WINOGRAD_H
#define GR_WINOGRAD_H

#include "parts.h"

/* For loops whose count is known once their function is inlined: without these the sums would not stay in registers. */
#define GR_INLINE static inline __attribute__((always_inline))
#if defined(__clang__)
#define GR_UNROLL _Pragma("clang loop unroll(full)")
#else
#define GR_UNROLL _Pragma("GCC unroll 36")
#endif

enum {
    GR_POSITIONS = 36,
    GR_STRIP = GR_REGISTERS == 32 ? 14 : 6, /* times two vectors of sums, two of B and a broadcast fill the registers */
    GR_PANEL = 2 * GR_VL,
    GR_V_BLOCK = GR_POSITIONS * GR_STRIP * GR_VL, /* floats of V for a strip and GR_VL channels */
    GR_M_BLOCK = GR_POSITIONS * GR_STRIP * GR_PANEL
};

/* How outputs are cut into 4x4 tiles. The 6x6 patch behind a tile starts pad_top, pad_left before its first output. */
typedef struct gr_wino_grid {
    int64_t rows, cols, tiles; /* of one image; of all images */
    int64_t pad_top, pad_left;
} gr_wino_grid;

/* How the tensor behind the tiles is read. Outside of it everything is 0. */
typedef enum gr_wino_reading {
    GR_READ_PLAIN,
    GR_READ_RELU,        /* max(x, 0) */
    GR_READ_AFFINE,      /* x * a + b */
    GR_READ_AFFINE_RELU, /* max(x * a + b, 0) */
    GR_READ_TWO          /* x * a + (y * b + c) */
} gr_wino_reading;

typedef struct gr_wino_source {
    gr_wino_reading reading;
    const float *x, *y, *a, *b, *c;
    int64_t h, w, channels;
} gr_wino_source;

/* What happens to outputs before they are stored, in this order. */
enum {
    GR_ADD_OLD = 1,      /* out += */
    GR_ADD_BIAS = 2,     /* bias[oc] */
    GR_MASK = 4,         /* 0 unless mask_x * mask_scale + mask_shift > 0 */
    GR_SUM_SQUARES = 8,  /* stats: sums of y and y * y */
    GR_SUM_PRODUCTS = 16, /* stats: sums of dx and dx * mask_x */
    GR_ADD_RESIDUAL = 32,
    GR_CLIP = 64 /* max(y, 0) */
};

typedef struct gr_wino_target {
    float *out;
    int64_t h, w, channels;
    unsigned features; /* of the list above */
    const float *bias, *residual, *mask_x, *mask_scale, *mask_shift;
    float *stats; /* [task][2][channels] */
} gr_wino_target;

/* A forward or data convolution, in the letters above; follows from the problem and the instruction set alone. */
typedef struct gr_wino_plan {
    gr_wino_grid grid;
    int64_t ic, oc, ic_blocks, panels, strips;
    int64_t u_stride;      /* floats from one position of U to the next */
    bool staged;           /* the three steps one after the other for `block` strips, each in parallel; else each task does
                              all three for its blocks of `block` strips, which stay in its core's cache */
    int64_t block, blocks; /* strips in a block; how many blocks */
    int64_t tasks;         /* fused: over which the blocks are spread; rows of statistics */
} gr_wino_plan;

/* The first of `count` things that belongs to part `part` of `parts`: parts differ by one at most. */
static inline int64_t gr_wino_cut(int64_t count, int64_t parts, int64_t part)
{
    return count * part / parts;
}

static inline int64_t gr_wino_divide_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

static inline int64_t gr_wino_min(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The first output pixel of a tile. */
typedef struct gr_wino_corner {
    int64_t image, row, col;
} gr_wino_corner;

static inline gr_wino_corner gr_wino_corner_of(const gr_wino_grid *grid, int64_t tile)
{
    int64_t image = tile / (grid->rows * grid->cols), rest = tile % (grid->rows * grid->cols);
    return (gr_wino_corner){image, rest / grid->cols * 4, rest % grid->cols * 4};
}

static inline gr_wino_corner gr_wino_next_corner(const gr_wino_grid *grid, gr_wino_corner at)
{
    at.col += 4;
    if (at.col == grid->cols * 4) {
        at.col = 0;
        at.row += 4;
    }
    if (at.row == grid->rows * 4) {
        at.row = 0;
        at.image++;
    }
    return at;
}

/* ---- K_winograd.c ---- */
gr_wino_plan GR_KERNEL(gr_wino_plan)(const gr_conv_problem *p, gr_direction d);
/* x and dy as a convolution with this fusion (may be NULL) reads them. */
gr_wino_source GR_KERNEL(gr_wino_source_x)(const gr_conv_problem *p, const gr_conv_args *args);
gr_wino_source GR_KERNEL(gr_wino_source_dy)(const gr_conv_problem *p, const gr_conv_args *args);

/* ---- K_winograd_tiles.c ---- */

/* V = B^T d B for tiles first .. first + count - 1 and the GR_VL channels of block `cb`: v[36][count][GR_VL], tiles v_tile
 * and positions v_position floats apart. */
void GR_KERNEL(gr_wino_input)(const gr_wino_source *source, const gr_wino_grid *grid, int64_t first, int64_t count,
                              int64_t cb, float *v, int64_t v_tile, int64_t v_position);
/* The same with A dy A^T for 4x4 tiles of dy. */
void GR_KERNEL(gr_wino_gradient)(const gr_wino_source *source, const gr_wino_grid *grid, int64_t first, int64_t count,
                                 int64_t cb, float *v, int64_t v_tile, int64_t v_position);
/* y = A^T m A for tiles first .. first + count - 1 and the channels of `panel`, m[36][GR_STRIP][GR_PANEL]. stats
 * [2][channels] gains this panel's sums when the target's features ask for them. */
void GR_KERNEL(gr_wino_output)(const gr_wino_target *target, const gr_wino_grid *grid, int64_t first, int64_t count,
                               int64_t panel, const float *m, float *stats);

/* ---- K_winograd_multiply.c ---- */

/* m[rows][GR_PANEL] = a * b with a[block][GR_STRIP][GR_VL], blocks a_block floats apart, and b[blocks * GR_VL][GR_PANEL].
 * 0 < rows <= GR_STRIP. */
void GR_KERNEL(gr_wino_multiply)(int64_t rows, int64_t blocks, const float *a, int64_t a_block, const float *b, float *m);
/* m[rows][GR_PANEL] += a^T * b with a[depth][rows] and b[depth][GR_PANEL]; rows are a_row, b_row, m_row floats apart.
 * first: m is written, not read. 0 < rows <= GR_STRIP. */
void GR_KERNEL(gr_wino_multiply_transposed)(int64_t rows, int64_t depth, const float *a, int64_t a_row, const float *b,
                                            int64_t b_row, float *m, int64_t m_row, bool first);

/* ---- K_winograd_filter.c ---- */

/* U = G g G^T of all filters, into `packed` as the plan of (p, d) lays it out. */
void GR_KERNEL(gr_wino_pack)(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed);
/* dw (+)= G^T du G for input channels c0 .. c0 + rows - 1 and output channels oc0 .. oc0 + cols - 1, cols <= GR_PANEL;
 * du[36][rows][GR_PANEL], positions and rows du_position and du_row floats apart. */
void GR_KERNEL(gr_wino_filter_gradient)(const gr_conv_problem *p, int64_t c0, int64_t rows, int64_t oc0, int64_t cols,
                                        const float *du, int64_t du_position, int64_t du_row, bool accumulate, float *dw);

/* ---- K_winograd_convolve.c ---- */
size_t GR_KERNEL(gr_wino_convolve_scratch)(const gr_wino_plan *plan, int threads);
void GR_KERNEL(gr_wino_convolve)(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args);

/* ---- K_winograd_weight.c ---- */
size_t GR_KERNEL(gr_wino_weight_scratch)(const gr_conv_problem *p, int threads);
void GR_KERNEL(gr_wino_weight)(const gr_conv_problem *p, const gr_conv_args *args);
void GR_KERNEL(gr_wino_weight_describe)(const gr_conv_problem *p, char *text, size_t size);

#endif
