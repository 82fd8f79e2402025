/* Winograd convolution as a plan sees it: what it takes, and the record that says so. */
#include <stdio.h>

#include "one_pass.h"
#include "panel.h"
#include "pooled.h"
#include "winograd.h"

/* The activations that the transforms know. */
static bool only_relu(const gr_conv_fusion *f)
{
    return f == NULL ||
           (f->in_act <= GR_ACT_RELU && f->act <= GR_ACT_RELU && (f->mask_x == NULL || f->mask_act == GR_ACT_RELU));
}

enum {
    MATRIX_CHANNELS = 128, /* with fewer, copying each number nine times costs more than the transforms */
    FEW_TILES = 16         /* whose products on AVX-512 would wait for weights of 36 numbers, where F(2x2,3x3) reads 16 */
};

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *fusion)
{
    if (p->bf16 && GR_PAIR_STEP > 1 && p->c >= MATRIX_CHANNELS && p->oc >= MATRIX_CHANNELS)
        return "matrix registers multiply bfloat16 faster still";
    if (p->exact)
        return "its transforms round more than an exact plan allows";
    if (p->kh != 3 || p->kw != 3)
        return "the kernel is not 3x3";
    if (p->stride_h != 1 || p->stride_w != 1)
        return "the stride is not 1";
    if (p->dil_h != 1 || p->dil_w != 1)
        return "the kernel is dilated";
    if (p->groups != 1)
        return "the convolution is grouped";
    if (p->pad_top < 0 || p->pad_top > 2 || p->pad_left < 0 || p->pad_left > 2)
        return "the padding is beyond 2";
    if (p->c < 8 || p->oc < 8)
        return "fewer than 8 channels would leave the vectors mostly empty";
    if (!only_relu(fusion))
        return "an activation is not ReLU";
    if (fusion != NULL && fusion->pool.kh != 0 && gr_pooled_refuses(p, fusion) != NULL)
        return gr_pooled_refuses(p, fusion);
    int64_t out_h = d == GR_BACKDATA ? p->h : p->oh, out_w = d == GR_BACKDATA ? p->w : p->ow;
    int64_t tiles = gr_blocks(out_h, 4) * gr_blocks(out_w, 4);
    if (4 * tiles >= out_h * out_w)
        return "the outputs fill so little of their 4x4 tiles that nothing is saved";
    if (tiles * p->n < 8 && p->c * p->oc > 128 * 128)
        return "with fewer than 8 tiles, reading the transformed weights would cost more than it saves";
    if (GR_VL == 16 && tiles * p->n <= FEW_TILES && p->c * p->oc >= 256 * 256 &&
        GR_KERNEL(gr_winograd_small).refuses(p, d, fusion) == NULL)
        return "so few tiles take less time than their transformed weights are on their way";
    return NULL;
}

static size_t packed_size(const gr_conv_problem *p, gr_direction d)
{
    if (d == GR_BACKWEIGHT)
        return 0;
    return (size_t)(GR_POSITIONS * GR_KERNEL(gr_wino_plan)(p, d, true).u_stride) * sizeof(float);
}

static size_t scratch_size(const gr_conv_problem *p, gr_direction d, int threads)
{
    if (d == GR_BACKWEIGHT)
        return GR_KERNEL(gr_wino_weight_scratch)(p, threads);
    gr_wino_plan plan = GR_KERNEL(gr_wino_plan)(p, d, false), whole = GR_KERNEL(gr_wino_plan)(p, d, true);
    size_t size = GR_KERNEL(gr_wino_convolve_scratch)(&plan, threads);
    size_t pooled = GR_KERNEL(gr_wino_convolve_scratch)(&whole, threads);
    return size > pooled ? size : pooled;
}

static int64_t stat_blocks(const gr_conv_problem *p, gr_direction d)
{
    return GR_KERNEL(gr_wino_plan)(p, d, false).tasks; /* what is pooled has no sums */
}

static void run(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    if (d == GR_BACKWEIGHT)
        GR_KERNEL(gr_wino_weight)(p, args);
    else
        GR_KERNEL(gr_wino_convolve)(p, d, args);
}

static void describe(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    if (d == GR_BACKWEIGHT) {
        GR_KERNEL(gr_wino_weight_describe)(p, text, size);
        return;
    }
    gr_wino_plan plan = GR_KERNEL(gr_wino_plan)(p, d, false);
    snprintf(text, size, "F(4x4,3x3), %lld tiles, register block %d tiles x %d channels, %s in %lld blocks of %lld tiles",
             (long long)plan.grid.tiles, GR_STRIP, GR_PANEL, plan.staged ? "staged" : "fused", (long long)plan.blocks,
             (long long)(plan.block * GR_STRIP));
}

const gr_conv_algorithm GR_KERNEL(gr_winograd) = {
    .name = "winograd",
    .pools = true,
    .refuses = refuses,
    .packed_size = packed_size,
    .scratch_size = scratch_size,
    .stat_blocks = stat_blocks,
    .pack = GR_KERNEL(gr_wino_pack),
    .run = run,
    .describe = describe,
};
