/* First convolution with a max pool behind it: what it takes, and its forward direction. */
#include <stdio.h>

#include "first.h"
#include "parts.h"
#include "pooled.h"

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *fusion)
{
    if (fusion == NULL || fusion->pool.kh == 0)
        return "no max pool stands behind";
    if (d == GR_BACKDATA)
        return "it has no data direction";
    if (p->c > 4)
        return "more than 4 input channels";
    if (p->groups != 1 || p->dil_h != 1 || p->dil_w != 1 || p->kh > 7 || p->kw > 7 || p->stride_h > 2 || p->stride_w > 2)
        return "groups, dilation, a large kernel or stride";
    if (p->stride_w * p->c > 7)
        return "neighbouring outputs read from too far apart";
    if (fusion->in_scale != NULL || fusion->in_act != GR_ACT_NONE)
        return "what it reads would have to be changed";
    return gr_pooled_refuses(p, fusion);
}

static gr_pool_problem any_pool(const gr_conv_problem *p)
{
    return (gr_pool_problem){.n = p->n, .oh = p->oh / 2, .ow = p->ow / 2};
}

static size_t packed_size(const gr_conv_problem *p, gr_direction d)
{
    int64_t panels = gr_blocks(p->oc, GR_FIRST_PANEL);
    return d == GR_FORWARD ? sizeof(float) * (size_t)(p->kh * p->kw * p->c * panels * GR_FIRST_PANEL) : 0;
}

static size_t scratch_size(const gr_conv_problem *p, gr_direction d, int threads)
{
    if (d == GR_BACKWEIGHT)
        return GR_KERNEL(gr_first_weight_scratch)(p, threads);
    gr_pool_problem pool = any_pool(p);
    gr_first_cut cut = GR_KERNEL(gr_first_cut)(p, &pool);
    return gr_first_floats(&cut) * sizeof(float) * (size_t)threads;
}

static int64_t stat_blocks(const gr_conv_problem *p, gr_direction d)
{
    (void)p, (void)d;
    return 0;
}

/* [panel][k][GR_FIRST_PANEL], zero behind the last channel */
static void pack(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed)
{
    if (d != GR_FORWARD)
        return;
    float *out = packed;
    int64_t k = p->kh * p->kw * p->c;
    memset(packed, 0, packed_size(p, d));
    for (int64_t i = 0; i < k; i++)
        for (int64_t oc = 0; oc < p->oc; oc++)
            out[(oc / GR_FIRST_PANEL * k + i) * GR_FIRST_PANEL + oc % GR_FIRST_PANEL] = weights[i * p->oc + oc];
}

typedef struct job {
    const gr_conv_problem *p;
    const gr_conv_args *args;
    const gr_conv_fusion *f;
    gr_first_cut cut;
} job;

typedef gr_vf tile_sums[2][GR_FIRST_COLUMNS][GR_FIRST_VECTORS];

/* Sums of 2 x GR_FIRST_COLUMNS outputs. The counts are no constants: over nine taps unrolled, the compiler would carry
 * pixels from tap to tap, for which there are no registers. */
GR_INLINE void sum_tile(const float *x, int64_t row, int64_t below, const float *w, const int64_t kh_count,
                        const int64_t taps, const int64_t step, tile_sums sums)
{
#pragma GCC unroll 2
    for (int r = 0; r < 2; r++)
#pragma GCC unroll 6
        for (int j = 0; j < GR_FIRST_COLUMNS; j++)
#pragma GCC unroll 2
            for (int v = 0; v < GR_FIRST_VECTORS; v++)
                sums[r][j][v] = gr_vzero();
    for (int64_t kh = 0; kh < kh_count; kh++, x += row)
        for (int64_t t = 0; t < taps; t++, w += GR_FIRST_PANEL) {
            gr_vf weight[GR_FIRST_VECTORS];
#pragma GCC unroll 2
            for (int v = 0; v < GR_FIRST_VECTORS; v++)
                weight[v] = gr_vload(w + v * GR_VL);
#pragma GCC unroll 2
            for (int r = 0; r < 2; r++)
#pragma GCC unroll 6
                for (int j = 0; j < GR_FIRST_COLUMNS; j++) {
                    gr_vf pixel = gr_vset(x[r * below + j * step + t]);
#pragma GCC unroll 2
                    for (int v = 0; v < GR_FIRST_VECTORS; v++)
                        sums[r][j][v] = gr_vfma(pixel, weight[v], sums[r][j][v]);
                }
        }
}

GR_INLINE void pool_window(const job *j, tile_sums sums, const int column, const int v, int64_t at, int64_t channel)
{
    const gr_conv_fusion *f = j->f;
    const int64_t lanes = gr_least(GR_VL, j->p->oc - channel);
    const gr_vf four[4] = {sums[0][2 * column][v], sums[0][2 * column + 1][v], sums[1][2 * column][v],
                           sums[1][2 * column + 1][v]};
    gr_pooled_write(four, f->bias != NULL ? gr_vload_upto(f->bias + channel, lanes) : gr_vzero(), f->act, lanes,
                    j->args->out + at + channel, f->pool_index + at + channel);
}

static void run_row(const job *j, int64_t task, const float *rows)
{
    const gr_first_cut *cut = &j->cut;
    const gr_pool_problem *pool = &j->f->pool;
    for (int64_t tile = 0; tile < cut->tiles; tile++)
        for (int64_t panel = 0; panel < cut->panels; panel++) {
            tile_sums sums;
            sum_tile(rows + tile * GR_FIRST_COLUMNS * cut->step, cut->row, j->p->stride_h * cut->row,
                     (const float *)j->args->packed + panel * cut->k * GR_FIRST_PANEL, j->p->kh, cut->taps, cut->step, sums);
#pragma GCC unroll 3
            for (int i = 0; i < GR_FIRST_COLUMNS / 2; i++) {
                int64_t column = tile * GR_FIRST_COLUMNS / 2 + i, channel = panel * GR_FIRST_PANEL;
                if (column >= pool->ow)
                    break;
#pragma GCC unroll 2
                for (int v = 0; v < GR_FIRST_VECTORS; v++, channel += GR_VL)
                    if (channel < j->p->oc)
                        pool_window(j, sums, i, v, (task * pool->ow + column) * j->p->oc, channel);
            }
        }
}

static void run_task(void *ctx, int64_t task, int thread)
{
    const job *j = ctx;
    float *rows = (float *)j->args->scratch + (size_t)thread * gr_first_floats(&j->cut);
    GR_KERNEL(gr_first_gather)(j->p, &j->f->pool, &j->cut, task, j->args->x, rows);
    run_row(j, task, rows);
}

static void run(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    if (d == GR_BACKWEIGHT) {
        GR_KERNEL(gr_first_weight)(p, args);
        return;
    }
    job j = {.p = p, .args = args, .f = args->fusion, .cut = GR_KERNEL(gr_first_cut)(p, &args->fusion->pool)};
    gr_parallel_for(j.cut.tasks, run_task, &j);
}

static void describe(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    if (d == GR_BACKWEIGHT)
        GR_KERNEL(gr_first_weight_describe)(p, text, size);
    else
        snprintf(text, size, "pooled in registers, 2 x %d pixels x %d channels, one row of the pool a block",
                 GR_FIRST_COLUMNS, GR_FIRST_PANEL);
}

const gr_conv_algorithm GR_KERNEL(gr_first) = {
    .name = "first",
    .pools = true,
    .wants_pool = true,
    .sums_bias = true,
    .refuses = refuses,
    .packed_size = packed_size,
    .scratch_size = scratch_size,
    .stat_blocks = stat_blocks,
    .pack = pack,
    .run = run,
    .describe = describe,
};
