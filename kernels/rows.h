/* Tools for kernels over rows of length c, and for sums over those rows. Private to kernels/K_*.c.
 *
 * A sum over rows is cut twice, by the shape alone: channels into groups of at most GR_GROUP, so that all partial sums of
 * a group fit on the caller's stack; rows into at most GR_ROW_BLOCKS blocks, which the threads share. Within a block,
 * panels of a few rows are added in float, and panels and blocks in double and in order. */
#ifndef GR_ROWS_H
#define GR_ROWS_H

#include "base/base.h"
#include "simd.h"

enum {
    GR_GROUP = 256,       /* channels summed at once; a multiple of every GR_VL */
    GR_ROW_BLOCKS = 64,   /* blocks of rows at most */
    GR_PANEL_ROWS = 64,   /* rows of one panel: a float sum of more would lose digits */
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

/* The cut of a sum over rows. */
typedef struct gr_row_cut {
    int64_t rows, block, blocks; /* all rows, rows of a block, number of blocks */
} gr_row_cut;

static inline gr_row_cut gr_cut_rows(int64_t rows)
{
    gr_row_cut cut = {rows, 0, 0};
    cut.block = gr_most(GR_PANEL_ROWS, gr_blocks(rows, GR_ROW_BLOCKS));
    cut.blocks = gr_blocks(rows, cut.block);
    return cut;
}

/* Adds what stands `at` floats behind the panel's first, in lanes [i, i + GR_VL) of which `left` exist, to s and q. */
typedef void gr_step_fn(const void *panel, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q);

enum { GR_NARROW = 4 }; /* vectors of a row whose sums stay in registers */

GR_INLINE void gr_panel_narrow(const void *panel, int64_t rows, int64_t width, int64_t stride, int vectors, gr_step_fn *step,
                               float *s, float *q)
{
    gr_vf sums[GR_NARROW] = {gr_vzero()}, others[GR_NARROW] = {gr_vzero()};
    int64_t last = width - (vectors - 1) * GR_VL;
    for (int64_t r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++)
            step(panel, r * stride + v * GR_VL, v * GR_VL, v < vectors - 1 ? GR_VL : last, &sums[v], &others[v]);
    for (int v = 0; v < vectors; v++) {
        gr_vstore(s + v * GR_VL, sums[v]);
        gr_vstore(q + v * GR_VL, others[v]);
    }
}

/* Adds a panel's rows [begin, end) to two sums that hold others'. */
GR_INLINE void gr_panel_add(const void *panel, int64_t begin, int64_t end, int64_t width, int64_t stride, gr_step_fn *step,
                            float *s, float *q)
{
    for (int64_t r = begin; r < end; r++)
        for (int64_t i = 0; i < width; i += GR_VL) {
            gr_vf sum = gr_vload(s + i), other = gr_vload(q + i);
            step(panel, r * stride + i, i, width - i, &sum, &other);
            gr_vstore(s + i, sum);
            gr_vstore(q + i, other);
        }
}

GR_INLINE void gr_panel_clear(int64_t width, float *s, float *q)
{
    for (int64_t i = 0; i < width; i += GR_VL) {
        gr_vstore(s + i, gr_vzero());
        gr_vstore(q + i, gr_vzero());
    }
}

/* Two sums over a panel's rows, `stride` floats apart, into s[width] and q[width], which have room for whole vectors. Memory
 * is walked strictly forward: several rows at a time would halve the speed at which it streams in. */
GR_INLINE void gr_panel_sums(const void *panel, int64_t rows, int64_t width, int64_t stride, gr_step_fn *step, float *s,
                             float *q)
{
    switch (gr_blocks(width, GR_VL)) {
    case 1: gr_panel_narrow(panel, rows, width, stride, 1, step, s, q); return;
    case 2: gr_panel_narrow(panel, rows, width, stride, 2, step, s, q); return;
    case 3: gr_panel_narrow(panel, rows, width, stride, 3, step, s, q); return;
    case 4: gr_panel_narrow(panel, rows, width, stride, 4, step, s, q); return;
    default: break;
    }
    gr_panel_clear(width, s, q);
    gr_panel_add(panel, 0, rows, width, stride, step, s, q);
}

GR_INLINE void gr_step_sum(const void *panel, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    (void)i, (void)q;
    *s += gr_vload_upto((const float *)panel + at, left);
}

/* sum[i] = x[0][i] + ... + x[rows-1][i] for i < width, rows `stride` floats apart. sum has room for whole vectors. */
static inline void gr_panel_sum(int64_t rows, int64_t width, int64_t stride, const float *x, float *sum)
{
    float unused[GR_GROUP];
    gr_panel_sums(x, rows, width, stride, gr_step_sum, sum, unused);
}

/* total[i] = the sum over `rows` rows, panel by panel, in double. */
static inline void gr_rows_sum(int64_t rows, int64_t width, int64_t stride, const float *x, double *total)
{
    float sum[GR_GROUP];
    for (int64_t i = 0; i < width; i++)
        total[i] = 0;
    for (int64_t r = 0; r < rows; r += GR_PANEL_ROWS) {
        gr_panel_sum(gr_least(GR_PANEL_ROWS, rows - r), width, stride, x + r * stride, sum);
        for (int64_t i = 0; i < width; i++)
            total[i] += (double)sum[i];
    }
}

#endif
