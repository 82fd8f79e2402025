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
    int64_t pixels = d == GR_FORWARD ? p->n * p->oh * p->ow : p->n * p->h * p->w;
    finish.stream = (features & GR_PAIRS_NARROW) && !(features & GR_PAIRS_OLD) && p->groups == 1 &&
                    gr_streams_narrow(args->out, pixels * finish.channels, finish.channels);
    return finish;
}

/* A vector of channels: what belongs to them, and their sums. Never in an array, or it would not stay in registers. */
typedef struct lanes {
    int64_t left; /* how many of them are real */
    gr_vf bias, scale, shift, sum, product;
} lanes;

GR_INLINE lanes lanes_of(const gr_pairs_finish *finish, int64_t channel, int64_t left, const unsigned features)
{
    const gr_conv_fusion *f = finish->f;
    lanes l = {.left = left, .bias = gr_vzero(), .scale = gr_vset(1.0f), .shift = gr_vzero(), .sum = gr_vzero(),
               .product = gr_vzero()};
    if (features & GR_PAIRS_BIAS)
        l.bias = gr_vload_upto(f->bias + channel, left);
    if ((features & GR_PAIRS_MASK) && f->mask_scale != NULL) {
        l.scale = gr_vload_upto(f->mask_scale + channel, left);
        l.shift = gr_vload_upto(f->mask_shift + channel, left);
    }
    return l;
}

/* `at`: the first number's place in out. */
GR_INLINE gr_vf finished(const gr_pairs_finish *finish, lanes *l, gr_vf y, int64_t at, const unsigned features)
{
    const gr_conv_fusion *f = finish->f;
    gr_vf x = gr_vzero();
    if (features & GR_PAIRS_OLD)
        y += gr_vload_as(finish->out, at, l->left, (features & GR_PAIRS_NARROW) != 0);
    if (features & GR_PAIRS_BIAS)
        y += l->bias;
    if (features & GR_PAIRS_MASK) {
        x = gr_vload_as(f->mask_x, at, l->left, (features & GR_PAIRS_NARROW_X) != 0);
        gr_vf z = gr_vfma(x, l->scale, l->shift);
        if (features & GR_PAIRS_RELU)
            y = gr_vselect((gr_vi)(z > gr_vzero()), y, gr_vzero());
        else if (f->mask_act != GR_ACT_NONE)
            y = gr_vgate(y, gr_vact_slope(f->mask_act, z));
    }
    if (features & (GR_PAIRS_SQUARES | GR_PAIRS_PRODUCTS)) {
        l->sum += y;
        l->product = gr_vfma(y, features & GR_PAIRS_PRODUCTS ? x : y, l->product);
    }
    if (features & GR_PAIRS_RESIDUAL)
        y += gr_vload_upto(f->residual + at, l->left);
    if (features & GR_PAIRS_ACT)
        y = gr_vact_of(f->act, y);
    return y;
}

GR_INLINE void add_sums(const gr_pairs_finish *finish, const lanes *l, float *stats, int64_t channel, const unsigned features)
{
    if (!(features & (GR_PAIRS_SQUARES | GR_PAIRS_PRODUCTS)))
        return;
    float *sums = stats + channel, *products = sums + finish->channels;
    gr_vstore_upto(sums, gr_vload_upto(sums, l->left) + l->sum, l->left);
    gr_vstore_upto(products, gr_vload_upto(products, l->left) + l->product, l->left);
}

/* All of a tile's columns, narrow: whole stores of neighbours. */
GR_INLINE void finish_whole(const gr_pairs_finish *finish, const float *acc, const int64_t *at, int64_t rows, int64_t channel,
                            float *stats, const unsigned features, const bool stream)
{
    lanes low = lanes_of(finish, channel, GR_VL, features), high = lanes_of(finish, channel + GR_VL, GR_VL, features);
    for (int64_t r = 0; r < rows; r++, acc += GR_NR) {
        int64_t place = at[r] + channel;
        gr_vf first = finished(finish, &low, gr_vload(acc), place, features);
        gr_vf second = finished(finish, &high, gr_vload(acc + GR_VL), place + GR_VL, features);
        gr_vstore_words_pair((uint16_t *)finish->out + place, first, second, stream);
    }
    add_sums(finish, &low, stats, channel, features);
    add_sums(finish, &high, stats, channel + GR_VL, features);
}

GR_INLINE void finish_part(const gr_pairs_finish *finish, const float *acc, const int64_t *at, int64_t rows, int64_t channel,
                           int64_t left, float *stats, const unsigned features)
{
    lanes l = lanes_of(finish, channel, left, features);
    for (int64_t r = 0; r < rows; r++, acc += GR_NR) {
        int64_t place = at[r] + channel;
        gr_vf y = finished(finish, &l, gr_vload(acc), place, features);
        gr_vstore_as(finish->out, place, y, left, (features & GR_PAIRS_NARROW) != 0);
    }
    add_sums(finish, &l, stats, channel, features);
}

GR_INLINE void finish_tile(const gr_pairs_finish *finish, const float *acc, const int64_t *at, int64_t rows, int64_t channel,
                           int64_t count, float *stats, const unsigned features)
{
    if (count == GR_NR && (features & GR_PAIRS_NARROW) && finish->stream) {
        finish_whole(finish, acc, at, rows, channel, stats, features, true);
        return;
    }
    if (count == GR_NR && (features & GR_PAIRS_NARROW)) {
        finish_whole(finish, acc, at, rows, channel, stats, features, false);
        return;
    }
    for (int64_t i = 0; i < count; i += GR_VL)
        finish_part(finish, acc + i, at, rows, channel + i, gr_least(GR_VL, count - i), stats, features);
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
