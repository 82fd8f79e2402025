/* Functions of vectors that need more than a few instructions. Private to kernels/K_*.c. */
#ifndef GR_SIMD_MATH_H
#define GR_SIMD_MATH_H

#include "simd.h"

/* exp(x) for x <= 0, within 1 ulp of the float nearest to the truth; 0 below -104; NaN stays NaN.
 * x = n ln 2 + r with |r| <= ln 2 / 2; the polynomial for exp(r) is Cephes' expf (Moshier 1989). */
static inline gr_vf gr_vexp_negative(gr_vf x)
{
    const float shift = 0x1.8p23f; /* adding it rounds to a whole number, which then stands in the low bits */
    x = gr_vselect((gr_vi)(x < gr_vset(-104.0f)), gr_vset(-104.0f), x);
    gr_vf shifted = gr_vfma(x, gr_vset(0x1.715476p+0f), gr_vset(shift));
    gr_vf n = shifted - gr_vset(shift);
    gr_vf r = gr_vfma(n, gr_vset(-0.693359375f), x);
    r = gr_vfma(n, gr_vset(2.12194440e-4f), r);
    gr_vf p = gr_vset(1.9875691500e-4f);
    p = gr_vfma(p, r, gr_vset(1.3981999507e-3f));
    p = gr_vfma(p, r, gr_vset(8.3334519073e-3f));
    p = gr_vfma(p, r, gr_vset(4.1665795894e-2f));
    p = gr_vfma(p, r, gr_vset(1.6666665459e-1f));
    p = gr_vfma(p, r, gr_vset(5.0000001201e-1f));
    p = gr_vfma(p, r * r, r) + gr_vset(1.0f);
    /* 2^n in two factors: n reaches -150, where only the product is (sub)normal. */
    gr_vi whole = (gr_vi)shifted - (gr_vi)gr_vset(shift);
    gr_vi half = whole >> 1;
    gr_vf low = (gr_vf)((half + 127) << 23), high = (gr_vf)((whole - half + 127) << 23);
    return p * low * high;
}

/* 1 / (1 + exp(-x)), from exp(-|x|), which cannot overflow. */
static inline gr_vf gr_vsigmoid(gr_vf x)
{
    gr_vi negative = (gr_vi)(x < gr_vzero());
    gr_vf t = gr_vexp_negative(gr_vselect(negative, x, -x));
    return gr_vselect(negative, t, gr_vset(1.0f)) / (gr_vset(1.0f) + t);
}

#endif
