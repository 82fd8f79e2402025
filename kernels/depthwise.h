/* What the directions of the depthwise convolution share: how rows are cut into blocks, and rows of a tensor as the
 * convolution reads them. Private to kernels/K_depthwise*.c. */
#ifndef GR_DEPTHWISE_H
#define GR_DEPTHWISE_H

#include "implicit_gemm.h"

enum {
    GR_DW_BLOCKS = 128, /* of rows at most */
    GR_DW_WIDE = 4      /* results, or vectors of channels, that share what is loaded */
};

/* Rows that blocks are cut of: of the tensor that is written, or of dy in the weight direction. */
static inline int64_t gr_dw_rows(const gr_conv_problem *p, gr_direction d)
{
    return p->n * (d == GR_BACKDATA ? p->h : p->oh);
}

static inline int64_t gr_dw_block_rows(const gr_conv_problem *p, gr_direction d)
{
    return gr_blocks(gr_dw_rows(p, d), GR_DW_BLOCKS);
}

static inline int64_t gr_dw_blocks(const gr_conv_problem *p, gr_direction d)
{
    return gr_blocks(gr_dw_rows(p, d), gr_dw_block_rows(p, d));
}

/* Rows of a tensor [rows][width][c], as they are read. Where reading changes the numbers, a row is changed once and kept for
 * all taps: the last `kept` of them, neighbours, so that a row's place follows from its index. */
typedef struct gr_dw_reader {
    const gr_source *source; /* NULL data: nothing is read */
    int64_t width, c, kept;
    int64_t *held; /* [kept], which row stands in a place; NULL when nothing changes */
    float *rows;   /* [kept][width * c] */
} gr_dw_reader;

/* Floats of scratch for one reader. */
static inline size_t gr_dw_reader_floats(int64_t width, int64_t c, int64_t kept)
{
    return (size_t)gr_round_up(2 * kept + kept * width * c, 16);
}

static inline gr_dw_reader gr_dw_reader_make(const gr_source *s, int64_t width, int64_t c, int64_t kept, float *scratch)
{
    gr_dw_reader r = {.source = s, .width = width, .c = c, .kept = kept};
    if (!gr_source_changes(s))
        return r;
    r.held = (int64_t *)(void *)scratch;
    r.rows = scratch + 2 * kept;
    for (int64_t i = 0; i < kept; i++)
        r.held[i] = -1;
    return r;
}

static inline const float *gr_dw_row(const gr_dw_reader *r, int64_t row)
{
    const int64_t size = r->width * r->c, begin = row * size;
    if (r->held == NULL)
        return r->source->data + begin;
    float *out = r->rows + row % r->kept * size;
    if (r->held[row % r->kept] != row) {
        for (int64_t i = 0; i < size; i += r->c)
            GR_KERNEL(gr_source_copy)(r->source, begin + i, 0, r->c, out + i);
        r->held[row % r->kept] = row;
    }
    return out;
}

/* The weight direction (K_depthwise_weight.c). */
size_t GR_KERNEL(gr_dw_weight_scratch)(const gr_conv_problem *p, int threads);
void GR_KERNEL(gr_dw_weight_run)(const gr_conv_problem *p, const gr_conv_args *args);

#endif
