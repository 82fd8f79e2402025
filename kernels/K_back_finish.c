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

enum { VECTORS = 2, LINE = 16 }; /* of a pixel at once, at most; floats */

/* Inlined once for each kind. Of `vectors` vectors all are whole, or the one has p->lanes. */
GR_INLINE void run_part(const gr_back_finish *b, const part *p, const int vectors, const bool whole, const bool masked,
                        const gr_act act)
{
    const gr_conv_fusion *f = b->f;
    const int64_t c = b->channels, lanes = whole ? GR_VL : p->lanes;
    const bool add = b->accumulate, stream = b->stream;
    const float *from = p->from, *mask_x = masked ? f->mask_x + p->at : NULL;
    float *out = b->out + p->at;
    gr_vf scale[VECTORS], shift[VECTORS], sum[VECTORS], products[VECTORS];
    for (int v = 0; v < vectors; v++) {
        const int64_t channel = p->channel + v * GR_VL;
        scale[v] = gr_vset(1.0f), shift[v] = sum[v] = products[v] = gr_vzero();
        if (masked && f->mask_scale != NULL)
            scale[v] = gr_vload_upto(f->mask_scale + channel, lanes), shift[v] = gr_vload_upto(f->mask_shift + channel, lanes);
    }
    const float *fetch = b->fetch != NULL ? b->fetch + p->at + b->ahead : from;
    const int64_t fetch_step = b->fetch != NULL ? c : 0;
    for (int64_t i = 0; i < p->pixels; i++, from += p->step, out += c, fetch += fetch_step) {
        __builtin_prefetch(fetch, 0, 2);
        if (vectors * GR_VL > LINE)
            __builtin_prefetch(fetch + LINE, 0, 2);
        for (int v = 0; v < vectors; v++) {
            gr_vf dx = gr_vload(from + v * GR_VL);
            if (add)
                dx += gr_vload_upto(out + v * GR_VL, lanes);
            if (masked) {
                const gr_vf x = gr_vload_upto(mask_x + v * GR_VL, lanes);
                dx = gate(dx, gr_vfma(x, scale[v], shift[v]), act);
                sum[v] += dx;
                products[v] = gr_vfma(dx, x, products[v]);
            }
            if (stream)
                gr_vstream(out + v * GR_VL, dx);
            else
                gr_vstore_upto(out + v * GR_VL, dx, lanes);
        }
        if (masked)
            mask_x += c;
    }
    for (int v = 0; v < vectors && masked && b->stats != NULL; v++) {
        float *sums = b->stats + p->channel + v * GR_VL, *of_products = sums + c;
        gr_vstore_upto(sums, gr_vload_upto(sums, lanes) + sum[v], lanes);
        gr_vstore_upto(of_products, gr_vload_upto(of_products, lanes) + products[v], lanes);
    }
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

void GR_KERNEL(gr_back_finish_run)(const gr_back_finish *b, const float *from, int64_t step, int64_t pixel, int64_t pixels,
                                   int64_t channel, int64_t lanes)
{
    const part p = {from, step, pixel * b->channels + channel, pixels, channel, lanes};
    if (lanes >= GR_VL)
        run_kind(b, &p, 1, true);
    else
        run_kind(b, &p, 1, false);
}

void GR_KERNEL(gr_back_finish_pair)(const gr_back_finish *b, const float *from, int64_t step, int64_t pixel, int64_t pixels,
                                    int64_t channel)
{
    const part p = {from, step, pixel * b->channels + channel, pixels, channel, GR_VL};
    run_kind(b, &p, VECTORS, true);
}

void GR_KERNEL(gr_back_finish_end)(const gr_back_finish *b)
{
    if (b->stream)
        gr_vstream_end();
}
