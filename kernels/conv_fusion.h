/* What gr_conv_fusion means for one number, in one place for all convolution kernels. Private to kernels/. */
#ifndef GR_CONV_FUSION_H
#define GR_CONV_FUSION_H

#include "kernels.h"
#include "simd_math.h"

static const gr_conv_fusion gr_no_fusion = {0};

/* a * b + c with gr_vfma's rounding, so that tails agree with whole vectors. */
static inline float gr_fma1(float a, float b, float c)
{
#if defined(__FMA__) || defined(__ARM_NEON)
    return __builtin_fmaf(a, b, c);
#else
    return a * b + c;
#endif
}

static inline float gr_act1(gr_act act, float x)
{
    return gr_vact(act, gr_vset(x))[0];
}

/* x of channel c as the convolution reads it (forward, weight). */
static inline float gr_read_x(const gr_conv_fusion *f, float x, int64_t c)
{
    if (f->in_scale != NULL)
        x = gr_fma1(x, f->in_scale[c], f->in_shift[c]);
    return gr_act1(f->in_act, x);
}

/* dy[at], at = pixel * OC + oc, as the convolution reads it (data, weight). */
static inline float gr_read_dy(const gr_conv_fusion *f, const float *dy, int64_t at, int64_t oc)
{
    if (f->out_a == NULL)
        return dy[at];
    return gr_fma1(dy[at], f->out_a[oc], gr_fma1(f->y[at], f->out_b[oc], f->out_c[oc]));
}

/* What the gradient of element `at` of channel c is multiplied by (data; mask_x is not NULL). */
static inline float gr_mask_slope(const gr_conv_fusion *f, int64_t at, int64_t c)
{
    float x = f->mask_x[at];
    if (f->mask_scale != NULL)
        x = gr_fma1(x, f->mask_scale[c], f->mask_shift[c]);
    return gr_vact_slope(f->mask_act, gr_vset(x))[0];
}

#endif
