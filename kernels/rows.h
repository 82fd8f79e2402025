/* Tools for kernels over rows of length c, and for sums over those rows. Private to kernels/K_*.c.
 *
 * A sum over rows is cut twice, by the shape alone: channels into groups of at most GR_GROUP, so that all partial sums of
 * a group fit on the caller's stack; rows into at most GR_ROW_BLOCKS blocks, which the threads share. Within a block,
 * panels that fit the first-level cache are added in float, and panels and blocks in double and in order. */
#ifndef GR_ROWS_H
#define GR_ROWS_H

#include "base/base.h"
#include "simd.h"

enum {
    GR_GROUP = 256,       /* channels summed at once; a multiple of every GR_VL */
    GR_ROW_BLOCKS = 64,   /* blocks of rows at most */
    GR_PANEL = 4096,      /* floats of one panel at most: 16 KiB */
    GR_PANEL_ROWS = 128,  /* rows of one panel at most: a float sum of more would lose digits */
    GR_FLAT_BLOCK = 16384 /* floats of one block of an elementwise kernel */
};

#define GR_INLINE static inline __attribute__((always_inline))

static inline int64_t gr_least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}
static inline int64_t gr_most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}
static inline int64_t gr_blocks(int64_t count, int64_t size)
{
    return (count + size - 1) / size;
}

/* Loads and stores of the `left` lanes that are left, at most a whole vector. */
GR_INLINE gr_vf gr_vload_upto(const float *p, int64_t left)
{
    return left >= GR_VL ? gr_vload(p) : gr_vload_part(p, left);
}

GR_INLINE void gr_vstore_upto(float *p, gr_vf v, int64_t left)
{
    if (left >= GR_VL)
        gr_vstore(p, v);
    else
        gr_vstore_part(p, v, left);
}

/* How many rows of length c make one block of an elementwise kernel. */
static inline int64_t gr_rows_per_block(int64_t c)
{
    return gr_most(1, GR_FLAT_BLOCK / c);
}

/* The cut of a sum over rows of one group of `width` channels. */
typedef struct gr_row_cut {
    int64_t rows, panel, block, blocks; /* all rows, rows of a panel, of a block; number of blocks */
} gr_row_cut;

static inline gr_row_cut gr_cut_rows(int64_t rows, int64_t width)
{
    gr_row_cut cut = {rows, gr_most(4, gr_least(GR_PANEL_ROWS, GR_PANEL / width)), 0, 0};
    cut.block = gr_most(cut.panel, gr_blocks(rows, GR_ROW_BLOCKS));
    cut.blocks = gr_blocks(rows, cut.block);
    return cut;
}

/* sum[i] = x[0][i] + ... + x[rows-1][i] for i < width, rows `stride` floats apart. sum has room for whole vectors. */
static inline void gr_panel_sum(int64_t rows, int64_t width, int64_t stride, const float *x, float *sum)
{
    for (int64_t i = 0; i < width; i += GR_VL)
        gr_vstore(sum + i, gr_vzero());
    int64_t r = 0;
    for (; r + 4 <= rows; r += 4, x += 4 * stride)
        for (int64_t i = 0; i < width; i += GR_VL) {
            int64_t left = width - i;
            gr_vf a = gr_vload_upto(x + i, left) + gr_vload_upto(x + stride + i, left);
            gr_vf b = gr_vload_upto(x + 2 * stride + i, left) + gr_vload_upto(x + 3 * stride + i, left);
            gr_vstore(sum + i, gr_vload(sum + i) + (a + b));
        }
    for (; r < rows; r++, x += stride)
        for (int64_t i = 0; i < width; i += GR_VL)
            gr_vstore(sum + i, gr_vload(sum + i) + gr_vload_upto(x + i, width - i));
}

/* total[i] = the sum over `rows` rows, panel by panel, in double. */
static inline void gr_rows_sum(int64_t rows, int64_t panel, int64_t width, int64_t stride, const float *x, double *total)
{
    float sum[GR_GROUP];
    for (int64_t i = 0; i < width; i++)
        total[i] = 0;
    for (int64_t r = 0; r < rows; r += panel) {
        gr_panel_sum(gr_least(panel, rows - r), width, stride, x + r * stride, sum);
        for (int64_t i = 0; i < width; i++)
            total[i] += (double)sum[i];
    }
}

#endif
