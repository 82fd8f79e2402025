/* Polyphase Winograd for kernels of 3x3 that move by two pixels: forward and data direction. Private to K_winograd_strided*.c.
 *
 * Along one axis y[o] = w0 x[2o] + w1 x[2o+1] + w2 x[2o+2]. The even numbers meet two taps at stride 1, which is F(4,2): 5 products
 * for four results; the odd ones meet one tap, 4 products. In two dimensions 81 products for each pair of channels make a tile of
 * 4x4 results instead of 144. Backward the roles are turned: of a tile of 8x8 pixels of dx the even ones are F(4,2) of dy.
 *
 *   F(4,2)  points +-1/2, +-5/4 and infinity; F(3,2) all but the last, with the same transforms: tiles of 4 and of 3 share their
 *           weights, and 7 results are 4 + 3, not 4 + 4. On random numbers the mean error is at most 1.8 times that of plain
 *           float32 sums.
 *
 * An axis has 9 places, where products stand: 5 points, and the middle tap's 4 numbers. The transformed weights of these 4 are the
 * same, so that 81 pairs of places share 36 matrices, "points" here.
 *
 *   V  [rows][lda]      a row is a tile at a pair of places; rows of one point stand together
 *   U  [panel][36][IC][GR_NR]
 *   M  [rows][columns]  of some panels */
#ifndef GR_WINOGRAD_STRIDED_H
#define GR_WINOGRAD_STRIDED_H

#include "conv_finish.h"
#include "conv_source.h"
#include "panel.h"
#include "parts.h"
#include "winograd_fours.h"

enum {
    GR_PLACES = 9,        /* of an axis: points 0 to 4, the last of which tiles of 3 lack, and 5 to 8, likewise */
    GR_AXIS_POINTS = 6,   /* the middle tap's is the last */
    GR_STRIDED_POINTS = GR_AXIS_POINTS * GR_AXIS_POINTS,
    GR_STRIDED_TILES = 48 /* of a block at most */
};

/* How one axis is cut. A tile has 4 or 3 `units`: results forward, pairs of neighbouring results backward. */
typedef struct gr_strided_axis {
    int64_t units, tiles, fours; /* the first `fours` tiles have 4 units, the others 3 (the last may hang over) */
    int64_t size, first;         /* of the tensor read; its pixel where the first tile's patch begins */
    int64_t full;                /* of the tensor written */
    int64_t even;                /* backward: which of a pair is F's (0 or 1) */
} gr_strided_axis;

typedef struct gr_strided_plan {
    bool data;
    gr_strided_axis h, w;
    int64_t n, ic, oc, panels, lda; /* lda: floats of a row of V */
    int64_t tiles, blocks, group;   /* group: panels whose M is made at once */
    bool staged;                    /* V of many blocks first, then all products; else a block at a time */
    int64_t round;                  /* staged: blocks of which V is there at one time */
} gr_strided_plan;

typedef struct gr_strided_tile {
    int64_t image, row, col; /* the tensor written: units */
    int64_t rows, cols;      /* 4 or 3 */
} gr_strided_tile;

/* The tiles of a block, ordered by their sizes (rows x columns: 4x3, 4x4, 3x4, 3x3), so that those that have a place stand
 * together. */
typedef struct gr_strided_block {
    int64_t count;
    gr_strided_tile tiles[GR_STRIDED_TILES];
    int64_t at[GR_PLACES * GR_PLACES];    /* the row of tile 0 at a pair of places, were it there */
    int64_t begin[GR_STRIDED_POINTS + 1]; /* the rows of each point */
} gr_strided_block;

/* ---- K_winograd_strided_plan.c ----------------------------------------------------------------------------------------- */
gr_strided_plan GR_KERNEL(gr_strided_plan_make)(const gr_conv_problem *p, gr_direction d);
/* The first tile of a block; tiles count image by image, row by row. */
static inline int64_t gr_strided_first(const gr_strided_plan *plan, int64_t block)
{
    return plan->tiles * block / plan->blocks;
}

gr_strided_tile GR_KERNEL(gr_strided_tile_of)(const gr_strided_plan *plan, int64_t tile);
gr_strided_block GR_KERNEL(gr_strided_block_make)(const gr_strided_plan *plan, int64_t block);
/* Rows that any block of the plan may have. */
int64_t GR_KERNEL(gr_strided_rows)(const gr_strided_plan *plan);

/* ---- K_winograd_strided_tiles.c ---------------------------------------------------------------------------------------- */

/* V of one tile of the block. */
void GR_KERNEL(gr_strided_read)(const gr_strided_plan *plan, const gr_source *s, const gr_strided_block *block, int64_t tile,
                                float *v);
/* Asks for part `part` of `parts` of the pixels that block `block` will read. */
void GR_KERNEL(gr_strided_ask)(const gr_strided_plan *plan, const gr_source *s, int64_t block, int64_t part, int64_t parts);
/* The results of one tile for two vectors of channels, from m[rows][step]: y[rows][cols][GR_NR], rows and columns of the tensor
 * written, those that lie beyond it included. */
void GR_KERNEL(gr_strided_results)(const gr_strided_plan *plan, const gr_strided_block *block, int64_t tile, const float *m,
                                   int64_t step, float *y);

/* ---- K_winograd_strided_run.c ------------------------------------------------------------------------------------------ */
size_t GR_KERNEL(gr_strided_scratch)(const gr_strided_plan *plan, int threads);
void GR_KERNEL(gr_strided_run)(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args);

extern const gr_conv_algorithm GR_KERNEL(gr_winograd_strided);

#endif
