/* What Winograd at stride 1 and at stride 2 have in common: how results are cut into tiles, and F(4,2) with its points. Private to
 * K_winograd*.c. */
#ifndef GR_WINOGRAD_FOURS_H
#define GR_WINOGRAD_FOURS_H

#include "rows.h"

/* `count` results in tiles of four and then of three, no more tiles than of four alone: so many have four. 14 are 4 + 4 + 3 + 3, 7
 * are 4 + 3; the last tile of 1, 2 and 5 hangs over. */
static inline int64_t gr_fours(int64_t count)
{
    return gr_most(0, count - 3 * gr_blocks(count, 4));
}

/* The first result of a tile, where the first `fours` have four. */
static inline int64_t gr_fours_begin(int64_t fours, int64_t tile)
{
    return 3 * tile + gr_least(tile, fours);
}

/* F(4,2) and F(2,4) have the points +-GR_SMALL, +-GR_LARGE and infinity, which are exact in binary, as is what they make of the
 * transforms. G's row of a finite point is (1, point) over the product of its distances to the other ones: */
#define GR_SMALL 0.5f
#define GR_LARGE 1.25f
#define GR_SMALL_OVER (1.0f / (2.0f * GR_SMALL * (GR_SMALL * GR_SMALL - GR_LARGE * GR_LARGE)))
#define GR_LARGE_OVER (1.0f / (2.0f * GR_LARGE * (GR_LARGE * GR_LARGE - GR_SMALL * GR_SMALL)))

/* Four numbers of a line, two of them apart, at the finite points: GR_SMALL, -GR_SMALL, GR_LARGE, -GR_LARGE. */
GR_INLINE void gr_finite_points(gr_vf d0, gr_vf d1, gr_vf d2, gr_vf d3, gr_vf v[4])
{
    const gr_vf small = gr_vset(-GR_SMALL * GR_SMALL), large = gr_vset(-GR_LARGE * GR_LARGE);
    gr_vf even = gr_vset(GR_SMALL) * gr_vfma(large, d0, d2), odd = gr_vfma(large, d1, d3);
    v[0] = odd + even, v[1] = odd - even;
    even = gr_vset(GR_LARGE) * gr_vfma(small, d0, d2), odd = gr_vfma(small, d1, d3);
    v[2] = odd + even, v[3] = odd - even;
}

#endif
