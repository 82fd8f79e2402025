/* The first convolution of a small network with the max pool and the ReLU behind it: few input channels, a large map of
 * which only the pool's quarter is wanted. The map is never written: a tile of outputs is pooled where its sums are, in
 * registers, and the weight gradient reads the pool's gradient and the taps that were chosen. Private to kernels/K_first*.c.
 *
 * A task is one row of the pool, that is two rows of outputs. It copies the input rows that they read, padding included, to
 * `rows` rows of scratch, so that every tap of every output is there. */
#ifndef GR_FIRST_H
#define GR_FIRST_H

#include "kernels.h"
#include "rows.h"

enum {
    GR_FIRST_COLUMNS = 6, /* outputs side by side in a tile of two rows */
    GR_FIRST_VECTORS = GR_REGISTERS == 32 ? 2 : 1,
    GR_FIRST_PANEL = GR_FIRST_VECTORS * GR_VL, /* output channels of a tile */
    GR_FIRST_SLACK = 32 /* floats behind the last row: taps are read a vector, and several, at a time */
};

typedef struct gr_first_cut {
    int64_t taps, k;   /* KW * C, which lie side by side; KH * taps */
    int64_t step;      /* floats from one output's taps to the next one's */
    int64_t row, rows; /* floats from row to row in scratch; rows */
    int64_t tiles;     /* in a row */
    int64_t panels;    /* of output channels */
    int64_t tasks;     /* rows of the pool in all images */
} gr_first_cut;

gr_first_cut GR_KERNEL(gr_first_cut)(const gr_conv_problem *p, const gr_pool_problem *pool);
/* Copies what row `task` of the pool reads. */
void GR_KERNEL(gr_first_gather)(const gr_conv_problem *p, const gr_pool_problem *pool, const gr_first_cut *cut, int64_t task,
                                const float *x, float *rows);

size_t GR_KERNEL(gr_first_weight_scratch)(const gr_conv_problem *p, int threads);
void GR_KERNEL(gr_first_weight)(const gr_conv_problem *p, const gr_conv_args *args);
void GR_KERNEL(gr_first_weight_describe)(const gr_conv_problem *p, char *text, size_t size);

/* Rows of scratch and the slack behind them. */
static inline size_t gr_first_floats(const gr_first_cut *cut)
{
    return (size_t)(gr_blocks(cut->rows * cut->row + GR_FIRST_SLACK, 16) * 16);
}

#endif
