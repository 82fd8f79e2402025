/* dx on its way out of a backward that computes both directions at once. */
#include "back_finish.h"

enum { LARGE = 16 << 20 /* bytes: nothing of so much would be left in the caches for its reader */ };

gr_back_finish GR_KERNEL(gr_back_finish_make)(const gr_conv_args *args, int64_t pixels, int64_t channels)
{
    const gr_conv_fusion *f = args->fusion != NULL ? args->fusion : &gr_no_fusion;
    gr_back_finish b = {.f = f, .out = args->out, .channels = channels, .accumulate = args->accumulate};
    /* Only where whole lines of cache are written together: halves would be written twice. */
    b.stream = GR_TOGETHER * GR_VL == 16 && channels % 16 == 0 && (uintptr_t)args->out % 64 == 0 && !args->accumulate &&
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
    int64_t step, apart, at, pixels, channel, lanes;
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

/* What a vector of channels has of its own. */
typedef struct lane {
    gr_vf scale, shift, sum, products;
} lane;

static void add_sums(const gr_back_finish *b, int64_t channel, int64_t lanes, const lane *l)
{
    float *sums = b->stats + channel, *of_products = sums + b->channels;
    gr_vstore_upto(sums, gr_vload_upto(sums, lanes) + l->sum, lanes);
    gr_vstore_upto(of_products, gr_vload_upto(of_products, lanes) + l->products, lanes);
}

/* Inlined once for each kind; several vectors are whole ones. */
GR_INLINE void run_part(const gr_back_finish *b, const part *p, const int vectors, const bool whole, const bool masked,
                        const gr_act act)
{
    const gr_conv_fusion *f = b->f;
    const int64_t c = b->channels, lanes = whole ? GR_VL : p->lanes, step = p->step, apart = p->apart;
    const bool add = b->accumulate, stream = b->stream;
    const float *from = p->from, *mask_x = masked ? f->mask_x + p->at : NULL;
    float *out = b->out + p->at;
    lane l[GR_TOGETHER];
    for (int k = 0; k < vectors; k++) {
        l[k] = (lane){gr_vset(1.0f), gr_vzero(), gr_vzero(), gr_vzero()};
        if (masked && f->mask_scale != NULL) {
            l[k].scale = gr_vload_upto(f->mask_scale + p->channel + k * GR_VL, lanes);
            l[k].shift = gr_vload_upto(f->mask_shift + p->channel + k * GR_VL, lanes);
        }
    }
    const float *fetch = b->fetch != NULL ? b->fetch + p->at + b->ahead : from;
    const int64_t fetch_step = b->fetch != NULL ? c : 0;
    for (int64_t i = p->pixels; i > 0; i--, from += step, out += c, fetch += fetch_step) {
        __builtin_prefetch(fetch, 0, 2);
#pragma GCC unroll 2
        for (int k = 0; k < vectors; k++) {
            gr_vf dx = gr_vload(from + k * apart);
            if (add)
                dx += gr_vload_upto(out + k * GR_VL, lanes);
            if (masked) {
                const gr_vf x = gr_vload_upto(mask_x + k * GR_VL, lanes);
                dx = gate(dx, gr_vfma(x, l[k].scale, l[k].shift), act);
                l[k].sum += dx;
                l[k].products = gr_vfma(dx, x, l[k].products);
            }
            if (stream)
                gr_vstream(out + k * GR_VL, dx);
            else
                gr_vstore_upto(out + k * GR_VL, dx, lanes);
        }
        if (masked)
            mask_x += c;
    }
    for (int k = 0; k < vectors && masked && b->stats != NULL; k++)
        add_sums(b, p->channel + k * GR_VL, lanes, &l[k]);
}

GR_INLINE void run_kind(const gr_back_finish *b, const part *p, const int vectors, const bool whole)
{
    if (b->f->mask_x == NULL) {
        run_part(b, p, vectors, whole, false, GR_ACT_NONE);
        return;
    }
    switch (b->f->mask_act) {
    case GR_ACT_NONE: run_part(b, p, vectors, whole, true, GR_ACT_NONE); break;
    case GR_ACT_RELU: run_part(b, p, vectors, whole, true, GR_ACT_RELU); break;
    case GR_ACT_RELU6: run_part(b, p, vectors, whole, true, GR_ACT_RELU6); break;
    case GR_ACT_HARD_SIGMOID: run_part(b, p, vectors, whole, true, GR_ACT_HARD_SIGMOID); break;
    case GR_ACT_HARD_SWISH: run_part(b, p, vectors, whole, true, GR_ACT_HARD_SWISH); break;
    case GR_ACT_SILU: run_part(b, p, vectors, whole, true, GR_ACT_SILU); break;
    }
}

void GR_KERNEL(gr_back_finish_run)(const gr_back_finish *b, const float *from, int64_t step, int64_t apart, int64_t pixel,
                                   int64_t pixels, int64_t channel, int64_t lanes)
{
    part p = {from, step, apart, pixel * b->channels + channel, pixels, channel, lanes};
    if (GR_TOGETHER > 1 && lanes >= GR_TOGETHER * GR_VL) {
        run_kind(b, &p, GR_TOGETHER, true);
        return;
    }
    for (int k = 0; k < GR_TOGETHER && p.lanes > 0; k++) {
        if (p.lanes >= GR_VL)
            run_kind(b, &p, 1, true);
        else
            run_kind(b, &p, 1, false);
        p.from += apart, p.at += GR_VL, p.channel += GR_VL, p.lanes -= GR_VL;
    }
}

void GR_KERNEL(gr_back_finish_end)(const gr_back_finish *b)
{
    if (b->stream)
        gr_vstream_end();
}
