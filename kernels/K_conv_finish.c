/* Bias, statistics, residual and activation behind a convolution; the activation in front of it, and its sums, on the way
 * back. */
#include "conv_finish.h"

#include "rows.h"

gr_finish GR_KERNEL(gr_finish_begin)(const gr_conv_fusion *f, gr_direction d, const float *base, int64_t channels,
                                     int64_t block, int64_t channel, int64_t count)
{
    gr_finish finish = {.f = f, .d = d, .base = base, .channels = channels};
    float *stats = d == GR_FORWARD ? f->stats : f->mask_x != NULL ? f->mask_stats : NULL;
    if (stats != NULL) {
        finish.stats = stats + block * 2 * channels;
        memset(finish.stats + channel, 0, sizeof(float) * (size_t)count);
        memset(finish.stats + channels + channel, 0, sizeof(float) * (size_t)count);
    }
    return finish;
}

bool GR_KERNEL(gr_finish_needed)(const gr_finish *finish)
{
    const gr_conv_fusion *f = finish->f;
    if (finish->d == GR_BACKDATA)
        return f->mask_x != NULL;
    return f->bias != NULL || f->residual != NULL || f->act != GR_ACT_NONE || f->stats != NULL;
}

static void add_stats(const gr_finish *finish, int64_t channel, int64_t count, gr_vf sum, gr_vf product)
{
    if (finish->stats == NULL)
        return;
    float *sums = finish->stats + channel, *products = sums + finish->channels;
    gr_vstore_upto(sums, gr_vload_upto(sums, count) + sum, count);
    gr_vstore_upto(products, gr_vload_upto(products, count) + product, count);
}

/* Where a tile's sums stand, and where they go: rows `from_step` apart; out[r] + offset of each row. */
typedef struct place {
    const float *from;
    int64_t from_step;
    float *const *out;
    int64_t rows, offset, channel;
    bool stream; /* past the caches */
} place;

GR_INLINE void put(const place *p, float *at, gr_vf value, int64_t count)
{
    if (p->stream)
        gr_vstream(at, value);
    else
        gr_vstore_upto(at, value, count);
}

/* Forward in training as it mostly is: sums for the batch norm behind, and nothing else. All vectors of a row are written together,
 * a line of cache where one is half of it. */
GR_INLINE void move_with_sums(const gr_finish *finish, const place *p, const int vectors, const bool stream)
{
    const float *from = p->from;
    gr_vf sum[2] = {gr_vzero(), gr_vzero()}, squares[2] = {gr_vzero(), gr_vzero()};
    for (int64_t r = 0; r < p->rows; r++, from += p->from_step) {
        float *at = p->out[r] + p->offset;
#pragma GCC unroll 2
        for (int k = 0; k < vectors; k++) {
            const gr_vf y = gr_vload(from + k * GR_VL);
            sum[k] += y;
            squares[k] = gr_vfma(y, y, squares[k]);
            if (stream)
                gr_vstream(at + k * GR_VL, y);
            else
                gr_vstore(at + k * GR_VL, y);
        }
    }
    for (int k = 0; k < vectors; k++)
        add_stats(finish, p->channel + k * GR_VL, GR_VL, sum[k], squares[k]);
}

static bool only_sums(const gr_finish *finish, int64_t count)
{
    const gr_conv_fusion *f = finish->f;
    return finish->d == GR_FORWARD && f->stats != NULL && f->bias == NULL && f->residual == NULL && f->act == GR_ACT_NONE &&
           count % GR_VL == 0;
}

static void finish_forward(const gr_finish *finish, const place *p, int64_t count)
{
    const gr_conv_fusion *f = finish->f;
    const float *from = p->from;
    int64_t channel = p->channel;
    gr_vf bias = f->bias != NULL ? gr_vload_upto(f->bias + channel, count) : gr_vzero(), sum = gr_vzero(),
          squares = gr_vzero();
    for (int64_t r = 0; r < p->rows; r++, from += p->from_step) {
        float *at = p->out[r] + p->offset;
        gr_vf y = gr_vload_upto(p->from != NULL ? from : at, count) + bias;
        sum += y;
        squares = gr_vfma(y, y, squares);
        if (f->residual != NULL)
            y += gr_vload_upto(f->residual + (at - finish->base), count);
        put(p, at, gr_vact_of(f->act, y), count);
    }
    add_stats(finish, channel, count, sum, squares);
}

/* Inlined once for each kind of activation, so that the choice stands outside the loop. */
GR_INLINE void finish_masked(const gr_finish *finish, const place *p, int64_t count, const gr_act act)
{
    const gr_conv_fusion *f = finish->f;
    const float *from = p->from;
    int64_t channel = p->channel;
    gr_vf scale = gr_vset(1.0f), shift = gr_vzero(), sum = gr_vzero(), products = gr_vzero();
    if (f->mask_scale != NULL)
        scale = gr_vload_upto(f->mask_scale + channel, count), shift = gr_vload_upto(f->mask_shift + channel, count);
    for (int64_t r = 0; r < p->rows; r++, from += p->from_step) {
        float *at = p->out[r] + p->offset;
        gr_vf x = gr_vload_upto(f->mask_x + (at - finish->base), count);
        gr_vf dx = gr_vload_upto(p->from != NULL ? from : at, count);
        gr_vf z = gr_vfma(x, scale, shift);
        if (act == GR_ACT_RELU)
            dx = gr_vselect((gr_vi)(z > gr_vzero()), dx, gr_vzero());
        else if (act != GR_ACT_NONE)
            dx = gr_vgate(dx, gr_vact_slope(act, z));
        sum += dx;
        products = gr_vfma(dx, x, products);
        put(p, at, dx, count);
    }
    add_stats(finish, channel, count, sum, products);
}

static void finish_data(const gr_finish *finish, const place *p, int64_t count)
{
    switch (finish->f->mask_act) {
    case GR_ACT_NONE: finish_masked(finish, p, count, GR_ACT_NONE); break;
    case GR_ACT_RELU: finish_masked(finish, p, count, GR_ACT_RELU); break;
    case GR_ACT_RELU6: finish_masked(finish, p, count, GR_ACT_RELU6); break;
    case GR_ACT_HARD_SIGMOID: finish_masked(finish, p, count, GR_ACT_HARD_SIGMOID); break;
    case GR_ACT_HARD_SWISH: finish_masked(finish, p, count, GR_ACT_HARD_SWISH); break;
    case GR_ACT_SILU: finish_masked(finish, p, count, GR_ACT_SILU); break;
    }
}

static void finish_place(const gr_finish *finish, place p, int64_t count)
{
    for (int64_t at = 0; at < count; at += GR_VL, p.offset += GR_VL, p.channel += GR_VL) {
        int64_t left = gr_least(GR_VL, count - at);
        if (finish->d == GR_FORWARD)
            finish_forward(finish, &p, left);
        else
            finish_data(finish, &p, left);
        if (p.from != NULL)
            p.from += GR_VL;
    }
}

void GR_KERNEL(gr_finish_tile)(const gr_finish *finish, float *const *out, int64_t rows, int64_t offset, int64_t channel,
                               int64_t count)
{
    finish_place(finish, (place){.out = out, .rows = rows, .offset = offset, .channel = channel}, count);
}

void GR_KERNEL(gr_finish_move)(const gr_finish *finish, const float *from, int64_t step, float *const *out, int64_t rows,
                               int64_t offset, int64_t channel, int64_t count, bool stream)
{
    const place p = {from, step, out, rows, offset, channel, stream};
    if (!only_sums(finish, count))
        finish_place(finish, p, count);
    else if (count == GR_VL)
        stream ? move_with_sums(finish, &p, 1, true) : move_with_sums(finish, &p, 1, false);
    else
        stream ? move_with_sums(finish, &p, 2, true) : move_with_sums(finish, &p, 2, false);
}
