/* Convolutions of several taps through matrix registers, as a plan sees them. */
#include "matrix_taps.h"
#include "parts.h"

#if GR_PAIR_STEP > 1

static const char *refuses_view(const gr_view *v)
{
    gr_taps t = GR_KERNEL(gr_taps_make)(v, v->h.results);
    if (v->h.taps * v->w.taps > GR_TAPS_MOST)
        return "it has more than 49 taps";
    if (v->groups != 1)
        return "the convolution is grouped";
    if (v->in_c % GR_TAPS_RUN != 0 || v->out_c % GR_NR != 0)
        return "its channels do not fill matrix registers";
    if (2 * v->h.results * v->w.results < t.results)
        return "so small a map would leave matrix registers half empty";
    return NULL;
}

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *fusion)
{
    (void)fusion;
    if (!p->bf16)
        return "its factors are not bfloat16";
    if (p->kh * p->kw == 1)
        return "a single tap moves nothing";
    gr_view v = GR_KERNEL(gr_view_make)(p, d, 0);
    return refuses_view(&v);
}

static size_t packed_size(const gr_conv_problem *p, gr_direction d)
{
    return GR_KERNEL(gr_implicit_gemm).packed_size(p, d);
}

static size_t scratch_size(const gr_conv_problem *p, gr_direction d, int threads)
{
    return d == GR_BACKWEIGHT ? GR_KERNEL(gr_taps_weight_scratch)(p, threads) : GR_KERNEL(gr_taps_product_scratch)(p, d, threads);
}

static int64_t stat_blocks(const gr_conv_problem *p, gr_direction d)
{
    return d == GR_BACKWEIGHT ? 0 : GR_KERNEL(gr_taps_product_stat_blocks)(p, d);
}

static void pack(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed)
{
    GR_KERNEL(gr_implicit_gemm).pack(p, d, weights, packed);
}

static void run(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    if (d == GR_BACKWEIGHT)
        GR_KERNEL(gr_taps_weight_run)(p, args);
    else
        GR_KERNEL(gr_taps_product_run)(p, d, args);
}

static void describe(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    if (d == GR_BACKWEIGHT)
        GR_KERNEL(gr_taps_weight_describe)(p, text, size);
    else
        GR_KERNEL(gr_taps_product_describe)(p, d, text, size);
}

const gr_conv_algorithm GR_KERNEL(gr_matrix_taps) = {
    .name = "matrix_taps",
    .refuses = refuses,
    .packed_size = packed_size,
    .scratch_size = scratch_size,
    .stat_blocks = stat_blocks,
    .pack = pack,
    .run = run,
    .describe = describe,
};

#endif
