/* Old values, bias, statistics, residual and activation behind a convolution in bfloat16; the activation in front of it, and its
 * sums, on the way back. */
#include "pairs_finish.h"

gr_pairs_finish GR_KERNEL(gr_pairs_finish_make)(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    const gr_conv_fusion *f = args->fusion != NULL ? args->fusion : &gr_no_fusion;
    gr_pairs_finish finish = {.f = f, .out = args->out, .channels = d == GR_FORWARD ? p->oc : p->c};
    unsigned features = args->accumulate ? GR_PAIRS_OLD : 0u;
    if (d == GR_FORWARD) {
        finish.stats = f->stats;
        features |= (f->bias != NULL ? GR_PAIRS_BIAS : 0u) | (f->stats != NULL ? GR_PAIRS_SQUARES : 0u) |
                    (f->residual != NULL ? GR_PAIRS_RESIDUAL : 0u) | (f->act != GR_ACT_NONE ? GR_PAIRS_ACT : 0u) |
                    (p->narrow.y ? GR_PAIRS_NARROW : 0u);
    } else {
        features |= p->narrow.dx ? GR_PAIRS_NARROW : 0u;
        if (f->mask_x != NULL) {
            finish.stats = f->mask_stats;
            features |= GR_PAIRS_MASK | (f->mask_stats != NULL ? GR_PAIRS_PRODUCTS : 0u) |
                        (p->narrow.x ? GR_PAIRS_NARROW_X : 0u) | (f->mask_act == GR_ACT_RELU ? GR_PAIRS_RELU : 0u);
        }
    }
    finish.features = features;
    return finish;
}

/* The vectors of one tile's columns: what belongs to the channels, and their sums. */
typedef struct columns {
    gr_vf bias[2], scale[2], shift[2], sum[2], product[2];
} columns;

GR_INLINE columns columns_of(const gr_pairs_finish *finish, int64_t channel, int64_t count, const unsigned features)
{
    const gr_conv_fusion *f = finish->f;
    columns c = {.scale = {gr_vset(1.0f), gr_vset(1.0f)}};
    for (int v = 0; v < 2 && count > v * GR_VL; v++) {
        int64_t at = channel + v * GR_VL, left = count - v * GR_VL;
        if (features & GR_PAIRS_BIAS)
            c.bias[v] = gr_vload_upto(f->bias + at, left);
        if ((features & GR_PAIRS_MASK) && f->mask_scale != NULL) {
            c.scale[v] = gr_vload_upto(f->mask_scale + at, left);
            c.shift[v] = gr_vload_upto(f->mask_shift + at, left);
        }
    }
    return c;
}

/* One vector, `left` of whose lanes are real; `at` is its first number's place in out. */
GR_INLINE gr_vf finished(const gr_pairs_finish *finish, columns *c, const int v, gr_vf y, int64_t at, int64_t left,
                         const unsigned features)
{
    const gr_conv_fusion *f = finish->f;
    gr_vf x = gr_vzero();
    if (features & GR_PAIRS_OLD)
        y += gr_vload_as(finish->out, at, left, (features & GR_PAIRS_NARROW) != 0);
    if (features & GR_PAIRS_BIAS)
        y += c->bias[v];
    if (features & GR_PAIRS_MASK) {
        x = gr_vload_as(f->mask_x, at, left, (features & GR_PAIRS_NARROW_X) != 0);
        gr_vf z = gr_vfma(x, c->scale[v], c->shift[v]);
        if (features & GR_PAIRS_RELU)
            y = gr_vselect((gr_vi)(z > gr_vzero()), y, gr_vzero());
        else if (f->mask_act != GR_ACT_NONE)
            y = gr_vgate(y, gr_vact_slope(f->mask_act, z));
    }
    if (features & (GR_PAIRS_SQUARES | GR_PAIRS_PRODUCTS)) {
        c->sum[v] += y;
        c->product[v] = gr_vfma(y, features & GR_PAIRS_PRODUCTS ? x : y, c->product[v]);
    }
    if (features & GR_PAIRS_RESIDUAL)
        y += gr_vload_upto(f->residual + at, left);
    if (features & GR_PAIRS_ACT)
        y = gr_vact_of(f->act, y);
    return y;
}

GR_INLINE void finish_tile(const gr_pairs_finish *finish, const float *acc, const int64_t *at, int64_t rows, int64_t channel,
                           int64_t count, float *stats, const unsigned features)
{
    columns c = columns_of(finish, channel, count, features);
    for (int64_t r = 0; r < rows; r++, acc += GR_NR) {
        int64_t place = at[r] + channel;
        if (count == GR_NR && (features & GR_PAIRS_NARROW)) {
            gr_vf first = finished(finish, &c, 0, gr_vload(acc), place, GR_VL, features);
            gr_vf second = finished(finish, &c, 1, gr_vload(acc + GR_VL), place + GR_VL, GR_VL, features);
            gr_vf pairs = gr_vpair_neighbours(first, second);
            memcpy((uint16_t *)finish->out + place, &pairs, sizeof pairs);
            continue;
        }
        for (int v = 0; v < 2; v++) {
            int64_t left = gr_least(GR_VL, count - v * GR_VL);
            if (left > 0)
                gr_vstore_as(finish->out, place + v * GR_VL,
                             finished(finish, &c, v, gr_vload(acc + v * GR_VL), place + v * GR_VL, left, features), left,
                             (features & GR_PAIRS_NARROW) != 0);
        }
    }
    for (int v = 0; (features & (GR_PAIRS_SQUARES | GR_PAIRS_PRODUCTS)) && v < 2 && count > v * GR_VL; v++) {
        float *sums = stats + channel + v * GR_VL, *products = sums + finish->channels;
        int64_t left = count - v * GR_VL;
        gr_vstore_upto(sums, gr_vload_upto(sums, left) + c.sum[v], left);
        gr_vstore_upto(products, gr_vload_upto(products, left) + c.product[v], left);
    }
}

/* The common ones get a copy of their own, without a test for each number. */
#define COPY(features)                                                                                                      \
    case features:                                                                                                          \
        finish_tile(finish, acc, at, rows, channel, count, stats, features);                                                \
        return;

void GR_KERNEL(gr_pairs_finish_tile)(const gr_pairs_finish *finish, const float *acc, const int64_t *at, int64_t rows,
                                     int64_t channel, int64_t count, float *stats)
{
    enum {
        BACK = GR_PAIRS_MASK | GR_PAIRS_PRODUCTS | GR_PAIRS_RELU,
        BACK_NARROW = BACK | GR_PAIRS_NARROW | GR_PAIRS_NARROW_X
    };
    switch (finish->features) {
        COPY(0)
        COPY(GR_PAIRS_OLD)
        COPY(GR_PAIRS_SQUARES)
        COPY(BACK)
        COPY(GR_PAIRS_NARROW)
        COPY(GR_PAIRS_NARROW | GR_PAIRS_OLD)
        COPY(GR_PAIRS_NARROW | GR_PAIRS_SQUARES)
        COPY(BACK_NARROW)
    default: finish_tile(finish, acc, at, rows, channel, count, stats, finish->features); return;
    }
}
