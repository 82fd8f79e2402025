/* Implicit GEMM's record in the list of convolutions: it takes every problem, in all directions, with every fusion. */
#include "implicit_gemm.h"
#include "parts.h"

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *fusion)
{
    (void)p, (void)d, (void)fusion;
    return NULL;
}

static size_t packed_size(const gr_conv_problem *p, gr_direction d)
{
    if (d == GR_BACKWEIGHT)
        return 0;
    gr_view v = GR_KERNEL(gr_view_make)(p, d, 0);
    return sizeof(float) * (size_t)(p->kh * p->kw * v.in_c * v.panels * GR_NR);
}

static size_t scratch_size(const gr_conv_problem *p, gr_direction d, int threads)
{
    if (p->bf16)
        return d == GR_BACKWEIGHT ? GR_KERNEL(gr_pairs_weight_scratch)(p, threads)
                                  : GR_KERNEL(gr_pairs_product_scratch)(p, d, threads);
    return d == GR_BACKWEIGHT ? GR_KERNEL(gr_weight_scratch)(p, threads) : GR_KERNEL(gr_product_scratch)(p, d, threads);
}

static int64_t stat_blocks(const gr_conv_problem *p, gr_direction d)
{
    if (d == GR_BACKWEIGHT)
        return 0;
    return p->bf16 ? GR_KERNEL(gr_pairs_product_stat_blocks)(p, d) : GR_KERNEL(gr_product_stat_blocks)(p, d);
}

static void pack(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed)
{
    if (d != GR_BACKWEIGHT)
        GR_KERNEL(gr_view_pack)(p, d, weights, packed);
}

static void run(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    if (d == GR_BACKWEIGHT)
        (p->bf16 ? GR_KERNEL(gr_pairs_weight_run) : GR_KERNEL(gr_weight_run))(p, args);
    else
        (p->bf16 ? GR_KERNEL(gr_pairs_product_run) : GR_KERNEL(gr_product_run))(p, d, args);
}

static void describe(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    if (d == GR_BACKWEIGHT)
        (p->bf16 ? GR_KERNEL(gr_pairs_weight_describe) : GR_KERNEL(gr_weight_describe))(p, text, size);
    else
        (p->bf16 ? GR_KERNEL(gr_pairs_product_describe) : GR_KERNEL(gr_product_describe))(p, d, text, size);
}

const gr_conv_algorithm GR_KERNEL(gr_implicit_gemm) = {
    .name = "implicit_gemm",
    .refuses = refuses,
    .packed_size = packed_size,
    .scratch_size = scratch_size,
    .stat_blocks = stat_blocks,
    .pack = pack,
    .run = run,
    .describe = describe,
};
