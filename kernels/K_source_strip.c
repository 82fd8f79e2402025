/* Pixels of a tensor as a convolution reads them, a strip of channels at a time: what changes by channel stays in registers while
 * the pixels go by. */
#include "conv_source.h"

/* `vectors` vectors of channels of each pixel; of the last one `lanes` are real, and zeros stand for the others. Inlined once for
 * each kind of source, so that the choice stands outside the loop. */
GR_INLINE void strip(const gr_source *s, gr_strip t, const int vectors, int64_t lanes, const bool affine, const gr_act act)
{
    gr_vf scale[2], shift[2];
    for (int k = 0; k < vectors && affine; k++) {
        const int64_t at = t.channel + k * GR_VL, count = k < vectors - 1 ? GR_VL : lanes;
        scale[k] = gr_vload_upto(s->scale + at, count);
        shift[k] = gr_vload_upto(s->shift + at, count);
    }
    const bool asks = t.fetch != NULL;
    const int64_t apart = t.apart != 0 ? t.apart : GR_VL;
    const float *x = s->data + t.at, *fetch = t.fetch;
    for (int64_t i = 0; i < t.pixels; i++, x += t.step, t.out += t.out_step) {
        if (asks) {
            __builtin_prefetch(fetch, 0, 2);
            fetch += t.step;
        }
        for (int k = 0; k < vectors; k++) {
            gr_vf v = gr_vload_upto(x + k * GR_VL, k < vectors - 1 ? GR_VL : lanes);
            if (affine)
                v = gr_vfma(v, scale[k], shift[k]);
            gr_vstore(t.out + k * apart, gr_vact(act, v));
        }
    }
}

/* data * a + other * b + c */
GR_INLINE void strip_of_two(const gr_source *s, gr_strip t, const int vectors, int64_t lanes)
{
    gr_vf a[2], b[2], c[2];
    for (int k = 0; k < vectors; k++) {
        const int64_t at = t.channel + k * GR_VL, count = k < vectors - 1 ? GR_VL : lanes;
        a[k] = gr_vload_upto(s->a + at, count);
        b[k] = gr_vload_upto(s->b + at, count);
        c[k] = gr_vload_upto(s->c + at, count);
    }
    const int64_t apart = t.apart != 0 ? t.apart : GR_VL;
    const float *x = s->data + t.at, *other = s->other + t.at;
    for (int64_t i = 0; i < t.pixels; i++, x += t.step, other += t.step, t.out += t.out_step)
        for (int k = 0; k < vectors; k++) {
            const int64_t count = k < vectors - 1 ? GR_VL : lanes;
            gr_vf rest = gr_vfma(gr_vload_upto(other + k * GR_VL, count), b[k], c[k]);
            gr_vstore(t.out + k * apart, gr_vfma(gr_vload_upto(x + k * GR_VL, count), a[k], rest));
        }
}

GR_INLINE void strip_of_one(const gr_source *s, gr_strip t, const int vectors, int64_t lanes, const bool affine)
{
    switch (s->act) {
    case GR_ACT_NONE: strip(s, t, vectors, lanes, affine, GR_ACT_NONE); break;
    case GR_ACT_RELU: strip(s, t, vectors, lanes, affine, GR_ACT_RELU); break;
    case GR_ACT_RELU6: strip(s, t, vectors, lanes, affine, GR_ACT_RELU6); break;
    case GR_ACT_HARD_SIGMOID: strip(s, t, vectors, lanes, affine, GR_ACT_HARD_SIGMOID); break;
    case GR_ACT_HARD_SWISH: strip(s, t, vectors, lanes, affine, GR_ACT_HARD_SWISH); break;
    case GR_ACT_SILU: strip(s, t, vectors, lanes, affine, GR_ACT_SILU); break;
    }
}

GR_INLINE void any_strip(const gr_source *s, gr_strip t, const int vectors, int64_t lanes)
{
    if (s->a != NULL)
        strip_of_two(s, t, vectors, lanes);
    else if (s->scale != NULL)
        strip_of_one(s, t, vectors, lanes, true);
    else
        strip_of_one(s, t, vectors, lanes, false);
}

void GR_KERNEL(gr_source_strip)(const gr_source *s, const gr_strip *t)
{
    const int64_t left = t->count;
    if (left == 2 * GR_VL)
        any_strip(s, *t, 2, GR_VL);
    else if (left > GR_VL)
        any_strip(s, *t, 2, left - GR_VL);
    else if (left == GR_VL)
        any_strip(s, *t, 1, GR_VL);
    else
        any_strip(s, *t, 1, left);
}
