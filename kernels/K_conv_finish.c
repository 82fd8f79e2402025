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

static void finish_forward(const gr_finish *finish, float *const *out, int64_t rows, int64_t offset, int64_t channel,
                           int64_t count)
{
    const gr_conv_fusion *f = finish->f;
    gr_vf bias = f->bias != NULL ? gr_vload_upto(f->bias + channel, count) : gr_vzero(), sum = gr_vzero(),
          squares = gr_vzero();
    for (int64_t r = 0; r < rows; r++) {
        float *at = out[r] + offset;
        gr_vf y = gr_vload_upto(at, count) + bias;
        sum += y;
        squares = gr_vfma(y, y, squares);
        if (f->residual != NULL)
            y += gr_vload_upto(f->residual + (at - finish->base), count);
        gr_vstore_upto(at, gr_vact_of(f->act, y), count);
    }
    add_stats(finish, channel, count, sum, squares);
}

/* Inlined once for each kind of activation, so that the choice stands outside the loop. */
GR_INLINE void finish_masked(const gr_finish *finish, float *const *out, int64_t rows, int64_t offset, int64_t channel,
                             int64_t count, const gr_act act)
{
    const gr_conv_fusion *f = finish->f;
    gr_vf scale = gr_vset(1.0f), shift = gr_vzero(), sum = gr_vzero(), products = gr_vzero();
    if (f->mask_scale != NULL)
        scale = gr_vload_upto(f->mask_scale + channel, count), shift = gr_vload_upto(f->mask_shift + channel, count);
    for (int64_t r = 0; r < rows; r++) {
        float *at = out[r] + offset;
        gr_vf x = gr_vload_upto(f->mask_x + (at - finish->base), count), dx = gr_vload_upto(at, count);
        gr_vf z = gr_vfma(x, scale, shift);
        if (act == GR_ACT_RELU)
            dx = gr_vselect((gr_vi)(z > gr_vzero()), dx, gr_vzero());
        else if (act != GR_ACT_NONE)
            dx = gr_vgate(dx, gr_vact_slope(act, z));
        sum += dx;
        products = gr_vfma(dx, x, products);
        gr_vstore_upto(at, dx, count);
    }
    add_stats(finish, channel, count, sum, products);
}

static void finish_data(const gr_finish *finish, float *const *out, int64_t rows, int64_t offset, int64_t channel,
                        int64_t count)
{
    switch (finish->f->mask_act) {
    case GR_ACT_NONE: finish_masked(finish, out, rows, offset, channel, count, GR_ACT_NONE); break;
    case GR_ACT_RELU: finish_masked(finish, out, rows, offset, channel, count, GR_ACT_RELU); break;
    case GR_ACT_RELU6: finish_masked(finish, out, rows, offset, channel, count, GR_ACT_RELU6); break;
    case GR_ACT_HARD_SIGMOID: finish_masked(finish, out, rows, offset, channel, count, GR_ACT_HARD_SIGMOID); break;
    case GR_ACT_HARD_SWISH: finish_masked(finish, out, rows, offset, channel, count, GR_ACT_HARD_SWISH); break;
    case GR_ACT_SILU: finish_masked(finish, out, rows, offset, channel, count, GR_ACT_SILU); break;
    }
}

void GR_KERNEL(gr_finish_tile)(const gr_finish *finish, float *const *out, int64_t rows, int64_t offset, int64_t channel,
                               int64_t count)
{
    for (int64_t at = 0; at < count; at += GR_VL) {
        int64_t left = gr_least(GR_VL, count - at);
        if (finish->d == GR_FORWARD)
            finish_forward(finish, out, rows, offset + at, channel + at, left);
        else
            finish_data(finish, out, rows, offset + at, channel + at, left);
    }
}
