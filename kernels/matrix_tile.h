/* Tiles of 32 x 32 sums in matrix registers 0 to 3; 4 to 7 hold the factors. Private to kernels/K_matrix_*.c. */
#ifndef GR_MATRIX_TILE_H
#define GR_MATRIX_TILE_H

#include "panel.h"

#if GR_PAIR_STEP > 1

enum {
    GR_TILE_HALF = GR_NR / 2,
    GR_TILE_FLOATS = GR_PAIR_ROWS * GR_NR,            /* of sums [32][GR_NR] */
    GR_TILE_LINE = GR_NR * (int)sizeof(float),        /* bytes from row to row of sums and of a right factor */
    GR_TILE_RUN = GR_PAIR_STEP * (int)sizeof(float),  /* bytes of a left factor's row in one step */
    GR_TILE_STEP = GR_PAIR_STEP * GR_NR               /* floats of either factor in one step, where rows are neighbours */
};

GR_INLINE void gr_matrix_zero(void)
{
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
}

GR_INLINE void gr_matrix_load(const float *sums)
{
    _tile_loadd(0, sums, GR_TILE_LINE);
    _tile_loadd(1, sums + GR_TILE_HALF, GR_TILE_LINE);
    _tile_loadd(2, sums + GR_TILE_HALF * GR_NR, GR_TILE_LINE);
    _tile_loadd(3, sums + GR_TILE_HALF * GR_NR + GR_TILE_HALF, GR_TILE_LINE);
}

GR_INLINE void gr_matrix_store(float *sums)
{
    _tile_stored(0, sums, GR_TILE_LINE);
    _tile_stored(1, sums + GR_TILE_HALF, GR_TILE_LINE);
    _tile_stored(2, sums + GR_TILE_HALF * GR_NR, GR_TILE_LINE);
    _tile_stored(3, sums + GR_TILE_HALF * GR_NR + GR_TILE_HALF, GR_TILE_LINE);
}

/* One step: 32 rows of a, `step` bytes apart, (or 16, not `low`) times 16 pairs of 32 columns of b. */
GR_INLINE void gr_matrix_step(const void *a, int64_t step, const float *b, const bool low)
{
    _tile_loadd(4, a, step);
    _tile_loadd(6, b, GR_TILE_LINE);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(7, b + GR_TILE_HALF, GR_TILE_LINE);
    _tile_dpbf16ps(1, 4, 7);
    if (low) {
        _tile_loadd(5, (const char *)a + GR_TILE_HALF * step, step);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
}

/* Sums over `runs` runs of `pixels` pixels: a, turned tiles one behind another, and b, pairs of pixels, b_step floats from run to
 * run. */
GR_INLINE void gr_matrix_sum_pixels(const float *a, const float *b, int64_t b_step, int64_t runs, int64_t pixels, const bool add,
                                    float *sums)
{
    if (add)
        gr_matrix_load(sums);
    else
        gr_matrix_zero();
    for (int64_t i = 0; i < runs; i++, b += b_step)
        for (int64_t k = 0; k < pixels; k += 2 * GR_PAIR_STEP, a += GR_TILE_STEP)
            gr_matrix_step(a, GR_TILE_RUN, b + k / 2 * GR_NR, true);
    gr_matrix_store(sums);
}

/* Tiles of 32 pixels x 32 channels one behind another, `count` floats, each turned. */
static inline void gr_matrix_turn(int64_t count, const float *from, float *to)
{
    for (int64_t at = 0; at < count; at += GR_TILE_STEP)
        GR_KERNEL(gr_turn_pairs)(GR_PAIR_ROWS, GR_NR, from + at, GR_PAIR_STEP, to + at, GR_PAIR_STEP);
}

/* The sums [OC][numbers] of slices, `apart` floats apart, added in their order, to `rows` rows to[number][OC], ldo apart. */
static inline void gr_matrix_add_slices(const float *from, int64_t slices, int64_t apart, int64_t rows, float *to, int64_t ldo,
                                        bool accumulate)
{
    float sums[GR_TILE_FLOATS] __attribute__((aligned(64))), turned[GR_TILE_FLOATS] __attribute__((aligned(64)));
    for (int64_t i = 0; i < GR_TILE_FLOATS; i += GR_VL) {
        gr_vf sum = gr_vload(from + i);
        for (int64_t slice = 1; slice < slices; slice++)
            sum += gr_vload(from + slice * apart + i);
        gr_vstore(sums + i, sum);
    }
    gr_panel_transpose(GR_NR, GR_NR, sums, GR_NR, turned);
    for (int64_t r = 0; r < rows; r++, to += ldo)
        for (int64_t i = 0; i < GR_NR; i += GR_VL) {
            gr_vf sum = gr_vload(turned + r * GR_NR + i);
            gr_vstore(to + i, accumulate ? gr_vload(to + i) + sum : sum);
        }
}

#endif
#endif
