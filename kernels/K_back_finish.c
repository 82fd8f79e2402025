/* dx on its way out of a backward that computes both directions at once. */
#include "back_finish.h"

enum { LARGE = 16 << 20 /* bytes: nothing of so much would be left in the caches for its reader */ };

gr_back_finish GR_KERNEL(gr_back_finish_make)(const gr_conv_args *args, int64_t pixels, int64_t channels)
{
    const gr_conv_fusion *f = args->fusion != NULL ? args->fusion : &gr_no_fusion;
    gr_back_finish b = {.f = f, .out = args->out, .channels = channels, .accumulate = args->accumulate};
    /* Only where a vector is a line of cache: half lines would be written twice. */
    b.stream = GR_VL == 16 && channels % GR_VL == 0 && (uintptr_t)args->out % 64 == 0 && !args->accumulate &&
               pixels * channels * (int64_t)sizeof(float) >= LARGE;
    return b;
}

void GR_KERNEL(gr_back_finish_begin)(gr_back_finish *b, int64_t block, int64_t channel, int64_t count)
{
    if (b->f->mask_x == NULL || b->f->mask_stats == NULL)
        return;
    b->stats = b->f->mask_stats + block * 2 * b->channels;
    memset(b->stats + channel, 0, sizeof(float) * (size_t)count);
    memset(b->stats + b->channels + channel, 0, sizeof(float) * (size_t)count);
}

typedef struct part {
    const float *from;
    int64_t step, at, pixels, channel, lanes;
} part;

/* dx is 0 where the activation is flat, whatever it was. */
GR_INLINE gr_vf gate(gr_vf dx, gr_vf z, const gr_act act)
{
    const gr_vf zero = gr_vzero();
    if (act == GR_ACT_NONE)
        return dx;
    if (act == GR_ACT_RELU)
        return gr_vselect((gr_vi)(z > zero), dx, zero);
    if (act == GR_ACT_RELU6)
        return gr_vselect((gr_vi)(z > zero) & (gr_vi)(z < gr_vset(6.0f)), dx, zero);
    return gr_vgate(dx, gr_vact_slope(act, z));
}

/* Inlined once for each kind. */
GR_INLINE void run_part(const gr_back_finish *b, const part *p, const bool whole, const bool masked, const gr_act act)
{
    const gr_conv_fusion *f = b->f;
    const int64_t c = b->channels, lanes = whole ? GR_VL : p->lanes;
    const bool add = b->accumulate, stream = b->stream;
    const float *from = p->from, *mask_x = masked ? f->mask_x + p->at : NULL;
    float *out = b->out + p->at;
    gr_vf scale = gr_vset(1.0f), shift = gr_vzero(), sum = gr_vzero(), products = gr_vzero();
    if (masked && f->mask_scale != NULL)
        scale = gr_vload_upto(f->mask_scale + p->channel, lanes), shift = gr_vload_upto(f->mask_shift + p->channel, lanes);
    const float *fetch = b->fetch != NULL ? b->fetch + p->at + b->ahead : from;
    const int64_t fetch_step = b->fetch != NULL ? c : 0;
    for (int64_t i = 0; i < p->pixels; i++, from += p->step, out += c, fetch += fetch_step) {
        __builtin_prefetch(fetch, 0, 2);
        gr_vf dx = gr_vload(from);
        if (add)
            dx += gr_vload_upto(out, lanes);
        if (masked) {
            const gr_vf x = gr_vload_upto(mask_x, lanes);
            mask_x += c;
            dx = gate(dx, gr_vfma(x, scale, shift), act);
            sum += dx;
            products = gr_vfma(dx, x, products);
        }
        if (stream)
            gr_vstream(out, dx);
        else
            gr_vstore_upto(out, dx, lanes);
    }
    if (masked && b->stats != NULL) {
        float *sums = b->stats + p->channel, *of_products = sums + c;
        gr_vstore_upto(sums, gr_vload_upto(sums, lanes) + sum, lanes);
        gr_vstore_upto(of_products, gr_vload_upto(of_products, lanes) + products, lanes);
    }
}

GR_INLINE void run_kind(const gr_back_finish *b, const part *p, const bool whole)
{
    if (b->f->mask_x == NULL) {
        run_part(b, p, whole, false, GR_ACT_NONE);
        return;
    }
    switch (b->f->mask_act) {
    case GR_ACT_NONE: run_part(b, p, whole, true, GR_ACT_NONE); break;
    case GR_ACT_RELU: run_part(b, p, whole, true, GR_ACT_RELU); break;
    case GR_ACT_RELU6: run_part(b, p, whole, true, GR_ACT_RELU6); break;
    case GR_ACT_HARD_SIGMOID: run_part(b, p, whole, true, GR_ACT_HARD_SIGMOID); break;
    case GR_ACT_HARD_SWISH: run_part(b, p, whole, true, GR_ACT_HARD_SWISH); break;
    case GR_ACT_SILU: run_part(b, p, whole, true, GR_ACT_SILU); break;
    }
}

void GR_KERNEL(gr_back_finish_run)(const gr_back_finish *b, const float *from, int64_t step, int64_t pixel, int64_t pixels,
                                   int64_t channel, int64_t lanes)
{
    const part p = {from, step, pixel * b->channels + channel, pixels, channel, lanes};
    if (lanes >= GR_VL)
        run_kind(b, &p, true);
    else
        run_kind(b, &p, false);
}

void GR_KERNEL(gr_back_finish_end)(const gr_back_finish *b)
{
    if (b->stream)
        gr_vstream_end();
}
