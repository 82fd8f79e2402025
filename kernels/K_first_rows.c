/* First convolution with a max pool behind it: how it is cut up, and the rows that a task reads. */
#include "first.h"

gr_first_cut GR_KERNEL(gr_first_cut)(const gr_conv_problem *p, const gr_pool_problem *pool)
{
    gr_first_cut cut = {.taps = p->kw * p->c, .step = p->stride_w * p->c, .rows = p->stride_h + p->kh};
    cut.k = p->kh * cut.taps;
    cut.tiles = gr_blocks(2 * pool->ow, GR_FIRST_COLUMNS);
    cut.row = ((cut.tiles * GR_FIRST_COLUMNS - 1) * p->stride_w + p->kw) * p->c;
    cut.panels = gr_blocks(p->oc, GR_FIRST_PANEL);
    cut.tasks = pool->n * pool->oh;
    return cut;
}

void GR_KERNEL(gr_first_gather)(const gr_conv_problem *p, const gr_pool_problem *pool, const gr_first_cut *cut, int64_t task,
                                const float *x, float *rows)
{
    int64_t n = task / pool->oh, first = task % pool->oh * 2 * p->stride_h - p->pad_top;
    int64_t left = gr_least(p->pad_left * p->c, cut->row), copied = gr_least(p->w * p->c, cut->row - left);
    for (int64_t r = 0; r < cut->rows; r++, rows += cut->row) {
        int64_t h = first + r;
        bool inside = h >= 0 && h < p->h;
        int64_t from = inside ? left : cut->row;
        memset(rows, 0, (size_t)from * sizeof *rows);
        if (!inside)
            continue;
        memcpy(rows + left, x + (n * p->h + h) * p->w * p->c, (size_t)copied * sizeof *rows);
        memset(rows + left + copied, 0, (size_t)(cut->row - left - copied) * sizeof *rows);
    }
    memset(rows, 0, GR_FIRST_SLACK * sizeof *rows);
}
